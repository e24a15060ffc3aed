#pragma once
// Grace: the days that an activation gives a machine after its hardware has changed, once, for the request to travel.
// The rule is pure; its start is kept in the marks.

#include <cstdint>
#include <string>

#include "core/activation.h"
#include "verifier/marks.h"

namespace oak {

enum class GraceState {
  none,            ///< not given, never active here before, or too little of the machine is left
  may_start,       ///< once its start is written
  runs,            ///< active until `until_unix_s`
  over,            ///< it ended at `until_unix_s`
  clock_set_back,  ///< days can't be counted: `until_unix_s` is the time that has been seen already
};
struct Grace {
  GraceState state = GraceState::none;
  std::uint64_t until_unix_s = 0;
};

/// Enough of the old machine is left that a stranger is not given a present: the platform or the TPM, or half of the
/// enrolled weight outside operating system and model, which every copy of the disk brings along.
bool is_near(const Judgement& hardware, const Policy& policy);
/// For hardware that is not accepted. Needs an earlier `active` of this very activation; counts at max(now, mark).
Grace judge_grace(const Activation& activation, const ActivationId& id, const Judgement& hardware, const Marks& marks,
                  std::uint64_t now_unix_s);

/// What to do while it runs.
std::string grace_warning(const Grace& grace);
/// Why the machine is not active by it; empty for `none`.
std::string grace_detail(const Grace& grace, const Activation& activation, std::uint64_t now_unix_s);

}  // namespace oak
