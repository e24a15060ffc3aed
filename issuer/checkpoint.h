#pragma once
// A checkpoint (C2SP tlog-checkpoint): what a ledger was at one moment, in three lines of a signed note. The file that the
// desk hands out also carries proofs that it begins with each of the desk's earlier checkpoints, for witnesses that work offline.

#include <string>
#include <vector>

#include "core/crypto.h"

namespace oak {

struct Checkpoint {
  std::string origin;  ///< names the log: "oak-desk/" and the first 16 hex digits of the SHA-256 of its trust's root keys
  std::uint64_t size = 0;
  Digest root{};
  bool operator==(const Checkpoint&) const = default;
};

/// The note's text: origin, size and Base64 of the root, a line each.
std::string encode_checkpoint(const Checkpoint& checkpoint);
/// bad_note for anything that encode_checkpoint would not write; extension lines are refused.
Result<Checkpoint> decode_checkpoint(std::string_view text);

}  // namespace oak
