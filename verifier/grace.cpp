#include "verifier/grace.h"

#include <algorithm>

#include "core/text.h"
#include "verifier/judge.h"

namespace oak {
namespace {

constexpr std::uint64_t day_s = 86400;

bool is_before(std::uint64_t now_unix_s, std::uint64_t seen_unix_s, std::uint64_t tolerance_s) {
  return now_unix_s < seen_unix_s && seen_unix_s - now_unix_s > tolerance_s;
}

}  // namespace

bool is_near(const Judgement& hardware, const Policy& policy) {
  const auto holds = [&](Factor factor) { return hardware.factors[static_cast<std::size_t>(factor)].holds; };
  if (holds(Factor::platform) || holds(Factor::tpm)) return true;
  unsigned enrolled = 0, held = 0;
  for (const Factor factor : {Factor::platform, Factor::network, Factor::disks, Factor::tpm}) {
    const std::size_t i = static_cast<std::size_t>(factor);
    enrolled += hardware.factors[i].enrolled > 0 ? policy.weights[i] : 0U;
    held += hardware.factors[i].holds ? policy.weights[i] : 0U;
  }
  return held > 0 && 2 * held >= enrolled;
}

Grace judge_grace(const Activation& activation, const ActivationId& id, const Judgement& hardware, const Marks& marks,
                  std::uint64_t now_unix_s) {
  if (activation.grace_days == 0 || !is_near(hardware, activation.policy)) return {};
  const LicenceMarks* licence = marks.find_licence(activation.licence);
  if (licence == nullptr || licence->active_once != id) return {};
  const std::uint64_t moment = std::max(now_unix_s, marks.time_unix_s);
  const std::uint64_t start = licence->grace_start_unix_s.value_or(moment), until = start + activation.grace_days * day_s;
  if (licence->grace_start_unix_s && moment > until) return {GraceState::over, until};
  // A clock behind what has been seen stands still, and so would grace: that mark may have been made on purpose.
  if (is_before(now_unix_s, marks.time_unix_s, set_back_tolerance_s)) return {GraceState::clock_set_back, marks.time_unix_s};
  // A start in a past that never was would let grace be over as soon as the clock is right.
  if (is_before(now_unix_s, activation.issued_at_unix_s, early_tolerance_s))
    return {GraceState::clock_set_back, activation.issued_at_unix_s};
  return {licence->grace_start_unix_s ? GraceState::runs : GraceState::may_start, until};
}

std::string grace_warning(const Grace& grace) {
  return "the hardware is not what was activated: by grace this machine stays active until " + utc_text(grace.until_unix_s) +
         ", once; send the vendor a request before then";
}

std::string grace_detail(const Grace& grace, const Activation& activation, std::uint64_t now_unix_s) {
  switch (grace.state) {
    case GraceState::over: return "grace: it ended at " + utc_text(grace.until_unix_s);
    case GraceState::clock_set_back:
      return "grace: the clock shows " + utc_text(now_unix_s) + ", but it was " + utc_text(grace.until_unix_s) +
             " before that: set the clock, then its days count";
    case GraceState::may_start:
      return "grace: " + std::to_string(activation.grace_days) +
             " days are to be had, but their start can't be written into the state: run oak-verifier check once as root, where the "
             "state can be written";
    case GraceState::none:
    case GraceState::runs: break;
  }
  return {};
}

}  // namespace oak
