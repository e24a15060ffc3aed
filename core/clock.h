#pragma once
// Time, handed in: no rule reads the clock.

#include <array>
#include <cstdint>
#include <optional>

namespace oak {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Seconds since 1970-01-01 UTC; 0 where the clock stands before that.
  virtual std::uint64_t now_unix_s() = 0;
};

class SystemClock final : public Clock {
 public:
  std::uint64_t now_unix_s() override;
};

/// Time that no one can set, and that goes on while the machine sleeps (CLOCK_BOOTTIME).
class BootClock {
 public:
  virtual ~BootClock() = default;
  /// Milliseconds since this boot.
  virtual std::uint64_t now_boot_ms() = 0;
  /// Which boot it is (random(4), boot_id); nullopt where the system does not say.
  virtual std::optional<std::array<std::uint8_t, 16>> boot_id() = 0;
};

class SystemBootClock final : public BootClock {
 public:
  std::uint64_t now_boot_ms() override;
  std::optional<std::array<std::uint8_t, 16>> boot_id() override;
};

}  // namespace oak
