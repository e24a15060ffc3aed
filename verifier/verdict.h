#pragma once
// The verifier's answer in one word. Numbers are those of verifier/oak_verifier.h and never change; ascending, they
// go from best to worst, against the order in which a check finds them.

#include <string_view>

namespace oak {

enum class Verdict : int {
  not_verified = 0,
  active = 1,
  rebind = 2,
  clock_set_back = 3,
  expired = 4,
  not_yet_valid = 5,
  revoked = 6,
  superseded = 7,
  returned = 8,
  untrusted = 9,
  malformed = 10,
  not_activated = 11,
};
inline constexpr int verdict_count = 12;

/// "active", "clock-set-back" …; "not-verified" for 0 and for numbers that are none. Ends in a NUL.
std::string_view verdict_name(Verdict verdict);

}  // namespace oak
