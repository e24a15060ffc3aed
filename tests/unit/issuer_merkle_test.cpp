// Goal: the tree is the one of RFC 6962: its published roots, and proofs that show a longer ledger to begin with a shorter
// one and nothing else. Every pair of sizes up to a bound is proved, and every proof is spoiled.
#include <catch2/catch.hpp>

#include "issuer/merkle.h"

namespace oak {
namespace {

Bytes from_hex(std::string_view text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoul(std::string(text.substr(i, 2)), nullptr, 16)));
  return out;
}

MerkleTree tree_of(std::uint64_t size) {
  MerkleTree tree;
  for (std::uint64_t i = 0; i < size; ++i) tree.append(as_bytes("leaf " + std::to_string(i)));
  return tree;
}

/// The definition of section 2.1, word for word.
Digest plain_root(std::uint64_t begin, std::uint64_t end) {
  if (end - begin == 1) return merkle_leaf_hash(as_bytes("leaf " + std::to_string(begin)));
  std::uint64_t split = 1;
  while (split * 2 < end - begin) split *= 2;
  return merkle_node_hash(plain_root(begin, begin + split), plain_root(begin + split, end));
}

}  // namespace

TEST_CASE("the roots published with Certificate Transparency", "[issuer][merkle]") {
  // Source: the reference leaves and roots of google/certificate-transparency, merkle tree tests.
  const std::vector<std::pair<std::string, std::string>> known = {
      {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
      {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
      {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
      {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
      {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
      {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
      {"606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}};
  MerkleTree tree;
  CHECK(to_hex(tree.root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (const auto& [leaf, root] : known) {
    tree.append(from_hex(leaf));
    CHECK(to_hex(tree.root()) == root);
  }
}

TEST_CASE("every root is the one of the definition, and stays so as the tree grows", "[issuer][merkle]") {
  const MerkleTree tree = tree_of(70);
  for (std::uint64_t size = 1; size <= tree.size(); ++size) CHECK(tree.root_at(size) == plain_root(0, size));
}

TEST_CASE("every pair of sizes is proved, and no spoiled proof passes", "[issuer][merkle]") {
  const MerkleTree tree = tree_of(33);
  for (std::uint64_t newer = 1; newer <= tree.size(); ++newer)
    for (std::uint64_t older = 1; older <= newer; ++older) {
      INFO(older << " in " << newer);
      const Digest old_root = tree.root_at(older), new_root = tree.root_at(newer);
      const std::vector<Digest> proof = tree.consistency_proof(older, newer);
      REQUIRE(is_consistent(older, old_root, newer, new_root, proof));
      CHECK(proof.size() <= 7);
      Digest other = old_root;
      other[5] ^= 1;
      CHECK_FALSE(is_consistent(older, other, newer, new_root, proof));
      other = new_root;
      other[31] ^= 0x80;
      CHECK_FALSE(is_consistent(older, old_root, newer, other, proof));
      for (std::size_t i = 0; i < proof.size(); ++i) {
        auto spoiled = proof;
        spoiled[i][0] ^= 1;
        CHECK_FALSE(is_consistent(older, old_root, newer, new_root, spoiled));
        spoiled = proof;
        spoiled.erase(spoiled.begin() + static_cast<std::ptrdiff_t>(i));
        CHECK_FALSE(is_consistent(older, old_root, newer, new_root, spoiled));
      }
      auto longer = proof;
      longer.push_back(new_root);
      CHECK_FALSE(is_consistent(older, old_root, newer, new_root, longer));
    }
}

TEST_CASE("a shorter ledger, or another history, has no proof", "[issuer][merkle]") {
  const MerkleTree tree = tree_of(20);
  MerkleTree other = tree_of(9);
  for (int i = 0; i < 11; ++i) other.append(as_bytes("rewritten"));
  CHECK_FALSE(is_consistent(12, tree.root_at(12), 9, tree.root_at(9), {}));
  CHECK_FALSE(is_consistent(12, tree.root_at(12), 20, other.root(), other.consistency_proof(12, 20)));
  CHECK(is_consistent(9, tree.root_at(9), 20, other.root(), other.consistency_proof(9, 20)));
  CHECK(is_consistent(0, tree.root_at(0), 20, tree.root(), {}));
  CHECK_FALSE(is_consistent(0, tree.root_at(1), 20, tree.root(), {}));
}

}  // namespace oak
