#pragma once
// Keeping a seat while programs use it: when to renew, when to ask again, and whether it is held just now. Time is handed in; nothing
// here waits but for an answer.

#include <optional>
#include <string>

#include "core/failure.h"
#include "seats/client.h"

namespace oak::seats {

/// What a program wants to know of its computer's seat.
struct Standing {
  bool held = false, borrowed = false;
  std::uint64_t until_boot_ms = 0;  ///< where held and not borrowed
  std::uint64_t until_unix_s = 0;   ///< where held: the end, for people; of a borrowed seat the end
  std::uint64_t position = 0;       ///< in the line; 0 where it is not in it
  std::uint64_t changes = 0;        ///< how often `held` has changed
  /// For how long it is held if nothing more is heard; 0 where it is not. A moment later it may be over: whoever keeps this asks again.
  std::uint64_t left_ms(std::uint64_t now_boot_ms, std::uint64_t now_unix_s) const;
  bool operator==(const Standing&) const = default;
};

class Keeping {
 public:
  Keeping(Client& client, Clock& clock, BootClock& boot, Random& random) : client_(client), clock_(clock), boot_(boot), random_(random) {}

  /// Asks now. From then on turn() keeps what was got, or the place in the line.
  Outcome<Seat> acquire();
  Outcome<Seat> borrow(std::uint64_t days);
  /// As Client::release. From then on turn() does nothing.
  Outcome<Seat> release(FileLock& use);
  /// From then on turn() does nothing; the seat stays with the computer to its end.
  void stop();

  /// What is due: renews, asks again, notices an end. What changed: lost, held again, or nothing.
  enum class Change { none, lost, held };
  Change turn();
  /// How long nothing is due; nullopt where nothing ever is.
  std::optional<std::uint64_t> sleep_ms() const;
  /// The moment by CLOCK_BOOTTIME when something is due.
  std::optional<std::uint64_t> next_ms() const;
  const Standing& standing() const { return standing_; }
  /// Why the last question had no answer; nullopt where it had one.
  const std::optional<Failure>& failure() const { return failure_; }
  std::string trouble() const { return failure_ ? failure_->message : std::string(); }

 private:
  Outcome<Seat> take(Outcome<Seat> asked);
  void plan(std::uint64_t after_ms);
  Change stands(bool held);
  Client& client_;
  Clock& clock_;
  BootClock& boot_;
  Random& random_;
  Seat seat_;
  Standing standing_;
  std::optional<Failure> failure_;
  bool wants_it_ = false;
  std::uint64_t next_ms_ = 0;
};

}  // namespace oak::seats
