#pragma once
// How much time has gone by since the server was first started, whatever its calendar says: by CLOCK_BOOTTIME while it runs and
// within one boot, by the calendar only from one boot to the next. Pure (docs/format-seats.md, "Time").

#include <cstdint>
#include <optional>

#include "core/crypto.h"

namespace oak::seats {

/// A moment, as it was written down.
struct TimeMark {
  ByteArray<16> boot_id{};
  std::uint64_t boot_ms = 0, unix_s = 0, elapsed_ms = 0;
};

class Elapsed {
 public:
  /// Goes on from the last mark; from nothing where there is none.
  Elapsed(const std::optional<TimeMark>& last, const ByteArray<16>& boot_id, std::uint64_t boot_ms, std::uint64_t unix_s)
      : boot_id_(boot_id), began_boot_ms_(boot_ms) {
    if (!last) return;
    before_ms_ = last->elapsed_ms;
    if (last->boot_id == boot_id)
      before_ms_ += boot_ms > last->boot_ms ? boot_ms - last->boot_ms : 0;
    else
      before_ms_ += unix_s > last->unix_s ? (unix_s - last->unix_s) * 1000 : 0;
  }

  std::uint64_t at(std::uint64_t boot_ms) const { return before_ms_ + (boot_ms > began_boot_ms_ ? boot_ms - began_boot_ms_ : 0); }
  TimeMark mark(std::uint64_t boot_ms, std::uint64_t unix_s) const { return {boot_id_, boot_ms, unix_s, at(boot_ms)}; }

 private:
  ByteArray<16> boot_id_;
  std::uint64_t began_boot_ms_, before_ms_ = 0;
};

}  // namespace oak::seats
