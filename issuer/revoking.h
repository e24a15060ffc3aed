#pragma once
// Activations that the vendor takes back: recorded in the ledger first, then told to the sites by a bulletin.

#include <optional>
#include <string>
#include <vector>

#include "core/bulletin.h"
#include "issuer/desk.h"
#include "issuer/policy.h"

namespace oak {

struct Revoked {
  std::vector<Refusal> refusals;  ///< not empty: nothing was recorded, and the rest means nothing
  ActivationRecord record;        ///< as it is now
  std::uint64_t seats_freed = 0;  ///< by this call
  bool repeat = false;            ///< it was revoked already
  std::uint64_t rehosts_left = 0, rehosts_a_year = 0;
  std::string next;  ///< the command that makes the bulletin
};
/// Ends a live activation by the operator's word alone: it counts as a move, and is not refused where none is left, since
/// somebody may be stealing. Usage: the reason is missing, or no short line.
Outcome<Revoked> revoke_activation(Desk& desk, const DeskWorld& world, const std::string& reason, const ActivationId& id);

/// What was revoked and another issuer key signed: only that key's bulletin reaches it, or where the roots took that key back,
/// theirs.
struct OtherSigner {
  std::uint64_t serial = 0, activations = 0;
  bool taken_back = false;
};
struct MadeBulletin {
  Bytes document;
  Bulletin bulletin;
  std::uint64_t serial = 0;  ///< of the issuer key that signed it
  std::vector<OtherSigner> others;
};
/// Signs and records the next bulletin of a product (empty: the desk's only one): all that is revoked of what this issuer
/// key signed, and what those took the place of, which must not come back either. Its number is its entry's index.
Outcome<MadeBulletin> make_bulletin(Desk& desk, const DeskWorld& world, const KeyPair& issuer, ByteView certificate,
                                    const std::string& product);

/// Whether a release may accept no bulletin below `number`: usage where this ledger has none as new, for then the next ones
/// would be refused. Returns warnings: whose newest bulletin such a release would refuse.
Outcome<std::vector<std::string>> check_lowest_bulletin(Desk& desk, const std::string& product, std::uint64_t number);

}  // namespace oak
