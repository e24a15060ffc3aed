#pragma once
// The Merkle tree over the ledger's leaves (RFC 6962, section 2.1): one root for any number of entries, and short proofs
// that a longer ledger begins with a shorter one. Pure.

#include <vector>

#include "core/crypto.h"

namespace oak {

/// SHA-256(0x00 ‖ leaf).
Digest merkle_leaf_hash(ByteView leaf);
/// SHA-256(0x01 ‖ left ‖ right).
Digest merkle_node_hash(const Digest& left, const Digest& right);

/// Keeps the hashes of all complete subtrees: about 64 bytes an entry.
class MerkleTree {
 public:
  void append(ByteView leaf) { append_leaf_hash(merkle_leaf_hash(leaf)); }
  void append_leaf_hash(const Digest& leaf_hash);
  std::uint64_t size() const { return levels_.empty() ? 0 : levels_.front().size(); }
  /// Of the first `size` leaves; without leaves the hash of nothing. `size` is at most size().
  Digest root_at(std::uint64_t size) const;
  Digest root() const { return root_at(size()); }
  /// That the tree of `newer` leaves begins with that of `older` (section 2.1.2); older <= newer <= size().
  /// Empty where they are equal, or `older` is 0.
  std::vector<Digest> consistency_proof(std::uint64_t older, std::uint64_t newer) const;

 private:
  Digest hash_of(std::uint64_t begin, std::uint64_t end) const;
  void prove(std::uint64_t older, std::uint64_t begin, std::uint64_t end, bool is_whole, std::vector<Digest>& out) const;

  std::vector<std::vector<Digest>> levels_;  ///< levels_[k][i]: of the leaves from i · 2^k on, 2^k of them
};

/// Whether the proof shows it (RFC 9162, section 2.1.4.2).
bool is_consistent(std::uint64_t older, const Digest& older_root, std::uint64_t newer, const Digest& newer_root,
                   const std::vector<Digest>& proof);

}  // namespace oak
