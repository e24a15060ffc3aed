#include "issuer/merkle.h"

#include <bit>

namespace oak {
namespace {

constexpr std::uint8_t leaf_prefix = 0x00, node_prefix = 0x01;

/// The largest power of two below `size`, which is at least 2: where the tree divides.
std::uint64_t split_of(std::uint64_t size) { return std::bit_floor(size - 1); }

}  // namespace

Digest merkle_leaf_hash(ByteView leaf) {
  Bytes input;
  input.reserve(leaf.size() + 1);
  input.push_back(leaf_prefix);
  input.insert(input.end(), leaf.begin(), leaf.end());
  return sha256(input);
}

Digest merkle_node_hash(const Digest& left, const Digest& right) {
  ByteArray<65> input;
  input[0] = node_prefix;
  std::copy(left.begin(), left.end(), input.begin() + 1);
  std::copy(right.begin(), right.end(), input.begin() + 33);
  return sha256(input);
}

void MerkleTree::append_leaf_hash(const Digest& leaf_hash) {
  Digest hash = leaf_hash;
  for (std::size_t level = 0;; ++level) {
    if (level == levels_.size()) levels_.emplace_back();
    std::vector<Digest>& row = levels_[level];
    row.push_back(hash);
    if (row.size() % 2 != 0) return;
    hash = merkle_node_hash(row[row.size() - 2], row[row.size() - 1]);
  }
}

Digest MerkleTree::hash_of(std::uint64_t begin, std::uint64_t end) const {
  const std::uint64_t size = end - begin;
  if (std::has_single_bit(size)) {
    const auto level = static_cast<std::size_t>(std::countr_zero(size));
    return levels_[level][begin >> level];
  }
  const std::uint64_t split = begin + split_of(size);
  return merkle_node_hash(hash_of(begin, split), hash_of(split, end));
}

Digest MerkleTree::root_at(std::uint64_t size) const { return size == 0 ? sha256({}) : hash_of(0, size); }

void MerkleTree::prove(std::uint64_t older, std::uint64_t begin, std::uint64_t end, bool is_whole, std::vector<Digest>& out) const {
  // The older tree's own root is known to whoever checks; any other subtree that it ends with is not.
  if (older == end) {
    if (!is_whole) out.push_back(hash_of(begin, end));
    return;
  }
  const std::uint64_t split = begin + split_of(end - begin);
  if (older <= split) {
    prove(older, begin, split, is_whole, out);
    out.push_back(hash_of(split, end));
    return;
  }
  prove(older, split, end, false, out);
  out.push_back(hash_of(begin, split));
}

std::vector<Digest> MerkleTree::consistency_proof(std::uint64_t older, std::uint64_t newer) const {
  std::vector<Digest> out;
  if (older > 0 && older < newer) prove(older, 0, newer, true, out);
  return out;
}

bool is_consistent(std::uint64_t older, const Digest& older_root, std::uint64_t newer, const Digest& newer_root,
                   const std::vector<Digest>& proof) {
  if (older > newer) return false;
  if (older == newer) return proof.empty() && older_root == newer_root;
  if (older == 0) return proof.empty() && older_root == sha256({});
  // Steps 1 to 7 of the RFC: `position` walks up from the older tree's last leaf, `last` from the newer one's.
  std::vector<Digest> path = proof;
  if (std::has_single_bit(older)) path.insert(path.begin(), older_root);
  if (proof.empty()) return false;
  std::uint64_t position = older - 1, last = newer - 1;
  const int shift = std::countr_one(position);
  position >>= shift;
  last >>= shift;
  Digest old_hash = path.front(), new_hash = path.front();
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (last == 0) return false;
    if ((position & 1) != 0 || position == last) {
      old_hash = merkle_node_hash(path[i], old_hash);
      new_hash = merkle_node_hash(path[i], new_hash);
      while ((position & 1) == 0 && position != 0) {
        position >>= 1;
        last >>= 1;
      }
    } else {
      new_hash = merkle_node_hash(new_hash, path[i]);
    }
    position >>= 1;
    last >>= 1;
  }
  return last == 0 && old_hash == older_root && new_hash == newer_root;
}

}  // namespace oak
