#pragma once
// Advances the marks after a verdict, where that may be written.

#include <optional>
#include <string>
#include <vector>

#include "verifier/chain.h"

namespace oak {

/// A time mark need not be on the disk each second: a product that checks in a loop would wear out a flash card.
inline constexpr std::uint64_t time_step_s = 60;

struct Seen {
  const OpenedActivation* active = nullptr;  ///< the activation that is active, where one is
  std::optional<std::uint64_t> now_unix_s;   ///< set where the clock was read
};

/// `marks` is what the verdict was judged by. Once an activation has been active, older ones of its licence are taken
/// out of the store, but for those whose receipt is still to be made. Returns warnings: what could not be written and mattered.
/// `is_root`: state is root's, so that root is always told of a store that takes no marks.
std::vector<std::string> record(Store& store, const Chain& chain, const Marks& marks, const Seen& seen, bool is_root);

/// Writes that the grace of `opened` begins. Whoever was first, the start that is written counts. Errors: those of the
/// store; superseded where a newer activation has been active meanwhile.
Status record_grace(Store& store, const OpenedActivation& opened, std::uint64_t now_unix_s);

}  // namespace oak
