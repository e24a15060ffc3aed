#pragma once
// A checkpoint (C2SP tlog-checkpoint): what a ledger was at one moment, in three lines of a signed note. And the companion file
// that the desk hands out beside it: its key, and proofs that this ledger begins with each of the desk's earlier
// checkpoints, for witnesses that work offline (docs/format-desk.md, "Tree and checkpoints").

#include <optional>
#include <string>
#include <vector>

#include "core/crypto.h"

namespace oak {

struct Checkpoint {
  std::string origin;  ///< names the log, and by the hash in it the key that speaks for it
  std::uint64_t size = 0;
  Digest root{};
  bool operator==(const Checkpoint&) const = default;
};

/// The note's text: origin, size and Base64 of the root, a line each.
std::string encode_checkpoint(const Checkpoint& checkpoint);
/// bad_note for anything that encode_checkpoint would not write; extension lines are refused.
Result<Checkpoint> decode_checkpoint(std::string_view text);

/// The desk's key for checkpoints, derived from its ledger key: it needs no file, and outlives every issuer.
KeyPair checkpoint_key_of(const SymmetricKey& ledger_key);
/// "oak-desk/" and the first 16 bytes of SHA-256 of the key in hex. Names the key of its notes too.
std::string desk_origin(const PublicKey& key);
/// "oak-witness/" and the same.
std::string witness_name(const PublicKey& key);

inline constexpr std::size_t max_proofs = 64, max_proofs_file_bytes = 1 << 20;

struct CheckpointProofs {
  std::string verifier_key;  ///< of the desk, as C2SP writes one
  struct Proof {
    std::uint64_t old_size = 0;
    std::vector<Digest> hashes;
    bool operator==(const Proof&) const = default;
  };
  std::vector<Proof> proofs;  ///< ascending by size
  bool operator==(const CheckpointProofs&) const = default;
};
std::string encode_checkpoint_proofs(const CheckpointProofs& proofs);
/// bad_note for anything that encode_checkpoint_proofs would not write.
Result<CheckpointProofs> decode_checkpoint_proofs(std::string_view text);

}  // namespace oak
