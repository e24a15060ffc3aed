#pragma once
// A seat lease: one seat of an activated host, lent to one computer. Signed by the seat server's key, which the
// activation in its header vouches for. Encoded and decoded here only.

#include <optional>
#include <string>

#include "core/activation.h"

namespace oak {

struct SeatLease {
  std::string product;
  std::string licence;
  std::uint64_t issued_at_unix_s = 0;
  std::optional<std::uint64_t> not_after_unix_s;  ///< of a borrowed seat
  ActivationId activation{};
  PublicKey computer_key{};
  ByteArray<16> lease{};      ///< names the seat's tenancy; stays from heartbeat to heartbeat
  std::uint64_t ttl_s = 0;    ///< 1 to 86400, counted by the computer's monotonic clock
  std::uint64_t counter = 0;  ///< grows with each heartbeat
  Bytes ignorable;
};

Bytes encode_seat_lease(const SeatLease& lease);
Result<SeatLease> decode_seat_lease(ByteView payload);
Bytes seal_seat_lease(const SeatLease& lease, const KeyPair& server, ByteView activation_document);

struct OpenedSeatLease {
  Verified<SeatLease> lease;
  OpenedActivation activation;
};
/// The whole chain: roots, issuer, activation, then the lease under the activation's seat server key.
Result<OpenedSeatLease> open_seat_lease(ByteView document, const Trust& trust, std::string_view product);
/// Against a pinned server key only.
Result<Verified<SeatLease>> open_seat_lease_pinned(ByteView document, const PublicKey& server_key);

}  // namespace oak
