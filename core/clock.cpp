#include "core/clock.h"

#include <ctime>

namespace oak {

std::uint64_t SystemClock::now_unix_s() {
  const std::time_t now = std::time(nullptr);
  return now > 0 ? static_cast<std::uint64_t>(now) : 0;
}

std::uint64_t SystemBootClock::now_boot_ms() {
  timespec now = {};
  ::clock_gettime(CLOCK_BOOTTIME, &now);  // can't fail: Linux has had it since 2.6.39
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

}  // namespace oak
