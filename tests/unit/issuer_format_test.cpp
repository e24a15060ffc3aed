// Goal: the examples of docs/format-desk.md are what the code writes, byte for byte, and what it reads.
#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <numeric>

#include "issuer/checkpoint.h"
#include "issuer/key_file.h"
#include "issuer/leaf.h"
#include "issuer/merkle.h"
#include "tests/unit/issuer_world.h"
#include "tests/unit/folders.h"

namespace oak::desk_test {
namespace {

/// 00 01 02 … from wherever the last call ended.
class AscendingRandom final : public Random {
 public:
  void fill(std::uint8_t* out, std::size_t size) override {
    for (std::size_t i = 0; i < size; ++i) out[i] = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

template <std::size_t N>
ByteArray<N> ascending(std::uint8_t first) {
  ByteArray<N> out;
  std::iota(out.begin(), out.end(), first);
  return out;
}

/// docs/format-desk.md without its white space: hex is broken into lines there.
const std::string& page() {
  static const std::string text = [] {
    std::ifstream file(std::string(test::vectors_folder) + "/../../docs/format-desk.md");
    std::string all(std::istreambuf_iterator<char>(file), {});
    all.erase(std::remove_if(all.begin(), all.end(), [](char c) { return c == ' ' || c == '\n'; }), all.end());
    return all;
  }();
  return text;
}

bool is_on_page(const std::string& text) { return page().find(text) != std::string::npos; }

void check_leaf(const Leaf& leaf, const std::string& hex, MerkleTree& tree) {
  const Bytes bytes = encode_leaf(leaf);
  tree.append(bytes);
  CHECK(to_hex(bytes) == hex);
  CHECK(is_on_page(hex));
  const auto decoded = decode_leaf(bytes);
  REQUIRE(decoded);
  CHECK(encode_leaf(*decoded) == bytes);
}

constexpr std::uint64_t at = 1'800'000'000;

}  // namespace

TEST_CASE("the key file of docs/format-desk.md", "[issuer][format]") {
  const Seed seed(ascending<32>(0));
  AscendingRandom random;
  const auto document =
      seal_key_file({"root-1", KeyPurpose::root, public_key_of(seed)}, seed.view(), as_bytes("correct horse"), {1, 8192}, random);
  REQUIRE(document);
  CHECK(is_on_page(to_hex(*document)));
  CHECK(to_hex(*document) ==
        "a7016a6f616b2f76312f6b65790266726f6f742d31030104582003a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
        "0584010119200050000102030405060708090a0b0c0d0e0f065818101112131415161718191a1b1c1d1e1f20212223242526270758308006"
        "0ea99f97ec961d65716a2be94405130a84fea1f143beb03e1a9e84c8d9d46986db721beb0b9337e204d61a12041b");
  const auto opened = open_key_file(*document, as_bytes("correct horse"));
  REQUIRE(opened);
  CHECK(opened->secret == Bytes(seed.view().begin(), seed.view().end()));
}

TEST_CASE("the leaves, the tree and the checkpoint of docs/format-desk.md", "[issuer][format]") {
  MerkleTree tree;
  check_leaf({0, LeafKind::key_certified, at, "olga", {}, KeyLeaf{Bytes{0xd8, 0x62}}}, "a601000204031a6b49d20004646f6c676105601642d862",
             tree);

  Licence licence = licence_of(3);
  licence.features = {"export"};
  licence.forbids_virtual_machines = true;
  check_leaf({1, LeafKind::licence_added, at, "olga", {}, LicenceLeaf{licence}},
             "af01010201031a6b49d20004646f6c676105600a624c310b694e6f72746877696e640c6464656d6f0d030e63332e2a0f81666578706f727410f6"
             "110312011301",
             tree);

  check_leaf({2, LeafKind::product_changed, at, "olga", {}, ProductLeaf{{"demo", Policy{}, 14}}},
             "a801020203031a6b49d20004646f6c676105600c6464656d6f1482183c86040302040101150e", tree);

  const IssuedLeaf issued{"L1", sha256(as_bytes("request")), Bytes{0xd2}, {"needs-receipt", "weak-fingerprint"}, true, 2};
  check_leaf({3, LeafKind::issued, at, "olga", "board replaced", issued},
             "ab01030205031a6b49d20004646f6c6761056e626f617264207265706c616365640a624c311758201f58b9145b24d108d7ac38887338b3ea3229"
             "833b9c1e418250343f907bfd1047181841d21819826d6e656564732d72656365697074707765616b2d66696e6765727072696e74181af5181b"
             "02",
             tree);

  const auto successor = ascending<16>(16);
  check_leaf(
      {4, LeafKind::superseded, at, "olga", "board replaced", EndedLeaf{ascending<16>(0), Bytes(successor.begin(), successor.end())}},
      "a701040206031a6b49d20004646f6c6761056e626f617264207265706c61636564181c50000102030405060708090a0b0c0d0e0f181d50101112"
      "131415161718191a1b1c1d1e1f",
      tree);

  const ReturnedLeaf returned{ascending<16>(0), Bytes{0xd2}, {"rehost-quota"}, true};
  check_leaf({5, LeafKind::returned, at, "olga", {}, returned},
             "a901050207031a6b49d20004646f6c676105601819816c7265686f73742d71756f7461181af5181c50000102030405060708090a0b0c0d0e0f181e41d2",
             tree);
  check_leaf({6, LeafKind::revoked, at, "olga", "stolen", EndedLeaf{successor, {}}},
             "a701060208031a6b49d20004646f6c6761056673746f6c656e181c50101112131415161718191a1b1c1d1e1f181d40", tree);

  const Digest first = merkle_leaf_hash(encode_leaf({0, LeafKind::key_certified, at, "olga", {}, KeyLeaf{Bytes{0xd8, 0x62}}}));
  CHECK(is_on_page("entry0,hash" + to_hex(first)));
  CHECK(is_on_page("rootofseven" + to_hex(tree.root())));
  std::string checkpoint = encode_checkpoint({"oak-desk/0123456789abcdef0123456789abcdef", 7, tree.root()});
  checkpoint.erase(std::remove(checkpoint.begin(), checkpoint.end(), '\n'), checkpoint.end());
  CHECK(is_on_page(checkpoint));
}

}  // namespace oak::desk_test
