#include "core/clock.h"

#include <ctime>

namespace oak {

std::uint64_t SystemClock::now_unix_s() {
  const std::time_t now = std::time(nullptr);
  return now > 0 ? static_cast<std::uint64_t>(now) : 0;
}

}  // namespace oak
