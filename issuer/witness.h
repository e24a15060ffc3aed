#pragma once
// A witness: somebody apart from the desk who remembers the last checkpoint of each desk, and cosigns a newer one only where a
// proof shows that the ledger goes on from there. It keeps its own folder and key, and never sees the ledger.

#include <optional>
#include <string>

#include "issuer/desk.h"

namespace oak {

struct WitnessInput {
  std::string folder;
  std::string checkpoint;  ///< path of the note; its proofs are beside it
  std::string desk_key;    ///< the desk's verifier key; empty: what the witness knows, or for a new desk what the proofs say
};

struct Witnessed {
  std::string note;         ///< with the cosignature
  std::string witness_key;  ///< verifier key of the witness
  std::string desk_key;
  std::string origin;
  std::uint64_t entries = 0;
  std::optional<std::uint64_t> entries_before;  ///< of its last checkpoint; nullopt: the first of this desk
};
/// Refused (exit 1): a note that the desk did not sign, one without a proof from the last, and with ledger_rolled_back one that
/// contradicts the last: then both are kept in the folder. What is returned is remembered already.
Outcome<Witnessed> witness_checkpoint(const DeskWorld& world, const WitnessInput& input);

}  // namespace oak
