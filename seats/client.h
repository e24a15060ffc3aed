#pragma once
// One computer's side of the seats (docs/format-seats.md): enrolled once, it asks, renews, gives back and borrows. What it is told is on
// its disk before the next request, so that a kill at any moment costs no enrolment and no seat.

#include <string>

#include "core/clock.h"
#include "core/failure.h"
#include "core/http/client.h"
#include "seats/seat_json.h"
#include "verifier/machine.h"
#include "verifier/seat_state.h"
#include "verifier/trust_source.h"

namespace oak::seats {

struct ClientWorld {
  Disk& disk;
  Clock& clock;
  BootClock& boot;
  Random& random;
  std::string state_dir;
  http::ClientLimits limits;
};

struct Enrolment {
  std::string product, url, code;
  std::string name;  ///< by which people know this computer
};
/// Compares the server's key with the code before it says anything, verifies the chain down to that key under `trust`, and pins it. A
/// computer that is enrolled already keeps its key. Failures: wrong_server, unreachable, bad_answer; refused where the code is not good.
Outcome<void> enrol(const ClientWorld& world, const TrustSource& trust, const Enrolment& enrolment);

/// The programs of one computer share its seat. Whoever runs with it takes this, shared, in `Client::folder`; when it stops, the
/// one that can become alone gives the seat back, and nobody begins before it has.
Outcome<FileLock> use_seat(Disk& disk, const std::string& folder);

/// What a server said about this computer's seat, and what is held by it.
struct Seat {
  bool held = false;
  std::uint64_t ttl_ms = 0, heartbeat_ms = 0;  ///< where held
  std::uint64_t until_boot_ms = 0;             ///< where held and not borrowed: the end by CLOCK_BOOTTIME
  std::uint64_t until_unix_s = 0;              ///< the end for people; of a borrowed seat the end
  bool borrowed = false;
  std::uint64_t position = 0, retry_after_ms = 0;  ///< where waiting
};

/// One request and its answer, as http::Client::ask has it.
using Transport = std::function<Result<http::Response>(const std::string& method, const std::string& path, const std::string& body)>;

class Client {
 public:
  /// not_activated where this computer is not enrolled for the product.
  static Outcome<std::unique_ptr<Client>> open(const ClientWorld& world, const std::string& product);
  /// The same over another way to the server.
  static Outcome<std::unique_ptr<Client>> open_over(const ClientWorld& world, const std::string& product, Transport ask);

  // Failures: unreachable, wrong_server, bad_answer; refused with the server's reason. A seat that is held goes on to its end
  // whatever the network does.
  Outcome<Seat> acquire() { return ask("/v1/acquire", 0); }
  Outcome<Seat> heartbeat() { return ask("/v1/heartbeat", 0); }
  /// `use` is the caller's own; where another program of this computer uses the seat, it is refused and goes on.
  Outcome<Seat> release(FileLock& use);
  Outcome<Seat> borrow(std::uint64_t days) { return ask("/v1/borrow", days); }
  Outcome<StatusAnswer> status();

  /// From the disk alone: what is held at this moment.
  Outcome<Seat> held_now();
  const SeatServer& server() const { return server_; }
  const std::string& folder() const { return state_.folder(); }

 private:
  Client(const ClientWorld& world, SeatState state, SeatServer server, KeyPair key, Transport transport);
  Outcome<Seat> ask(const std::string& path, std::uint64_t days);
  /// The moment before a request was sent, and the number that its answer will have.
  struct Sent {
    std::uint64_t boot_ms, unix_s, number;
  };
  Outcome<Seat> take(const SeatAnswer& answer, const Sent& sent);
  Outcome<void> hold(const SeatAnswer& answer, const Sent& sent, Seat& seat);

  ClientWorld world_;
  SeatState state_;
  SeatServer server_;
  KeyPair key_;
  Transport transport_;
};

}  // namespace oak::seats
