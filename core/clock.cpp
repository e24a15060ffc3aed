#include "core/clock.h"

#include <fcntl.h>
#include <unistd.h>

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

std::optional<std::array<std::uint8_t, 16>> SystemBootClock::boot_id() {
  std::array<char, 64> text{};
  const int fd = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  const ssize_t size = fd >= 0 ? ::read(fd, text.data(), text.size()) : -1;
  if (fd >= 0) ::close(fd);
  std::array<std::uint8_t, 16> out{};
  std::size_t digits = 0;
  for (ssize_t i = 0; i < size; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    const int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (value < 0) continue;
    if (digits == 32) return std::nullopt;
    out[digits / 2] = static_cast<std::uint8_t>(out[digits / 2] * 16 + value);
    ++digits;
  }
  return digits == 32 ? std::optional(out) : std::nullopt;
}

}  // namespace oak
