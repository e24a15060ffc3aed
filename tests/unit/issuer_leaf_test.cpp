// Goal: every kind of leaf has one spelling, and decode_leaf takes nothing that encode_leaf would not write.
#include <catch2/catch.hpp>

#include "issuer/leaf.h"
#include "tests/unit/issuer_world.h"

namespace oak::desk_test {
namespace {

Leaf leaf_of(LeafKind kind) {
  Leaf leaf{41, kind, start_of_tests, "olga", "a reason", EndedLeaf{}};
  switch (kind) {
    case LeafKind::licence_added:
    case LeafKind::licence_changed: {
      Licence licence = licence_of(5, ">=3.0 <5");
      licence.features = {"export", "scripting"};
      licence.forbids_containers = true;
      licence.key_number = 2;
      if (kind == LeafKind::licence_changed) licence.rehosts = 4;
      leaf.body = LicenceLeaf{licence};
      break;
    }
    case LeafKind::product_changed: leaf.body = ProductLeaf{{"demo", Policy{70, {4, 3, 2, 4, 1, 0}}, 14}}; break;
    case LeafKind::key_certified: leaf.body = KeyLeaf{Bytes(90, 3)}; break;
    case LeafKind::issued: {
      const Digest request = sha256(as_bytes("request"));
      leaf.body = IssuedLeaf{"L1", request, Bytes(120, 4), {"needs-receipt", "weak-fingerprint"}, true, 7};
      break;
    }
    case LeafKind::returned: leaf.body = ReturnedLeaf{ActivationId{1, 2, 3}, Bytes(90, 5), {"rehost-quota"}, true}; break;
    default: leaf.body = EndedLeaf{ActivationId{1, 2, 3}, kind == LeafKind::revoked ? Bytes{} : Bytes(16, 9)};
  }
  return leaf;
}

std::vector<Leaf> one_of_each() {
  std::vector<Leaf> out;
  for (unsigned kind = 1; kind <= 8; ++kind) out.push_back(leaf_of(static_cast<LeafKind>(kind)));
  return out;
}

}  // namespace

TEST_CASE("each kind of leaf comes back as it was", "[issuer][leaf]") {
  for (const Leaf& leaf : one_of_each()) {
    INFO(leaf_kind_name(leaf.kind));
    const Bytes bytes = encode_leaf(leaf);
    const auto decoded = decode_leaf(bytes);
    REQUIRE(decoded);
    CHECK(decoded->index == leaf.index);
    CHECK(decoded->kind == leaf.kind);
    CHECK(decoded->at_unix_s == leaf.at_unix_s);
    CHECK(decoded->operator_name == leaf.operator_name);
    CHECK(decoded->reason == leaf.reason);
    CHECK(decoded->body.index() == leaf.body.index());
    CHECK(encode_leaf(*decoded) == bytes);
  }
}

TEST_CASE("the terms of a licence survive, the unset quota among them", "[issuer][leaf]") {
  const auto added = decode_leaf(encode_leaf(leaf_of(LeafKind::licence_added)));
  const Licence& licence = std::get<LicenceLeaf>(added->body).licence;
  CHECK_FALSE(licence.rehosts);
  CHECK(licence.rehosts_a_year() == 5);
  CHECK(licence.versions.text() == ">=3.0 <5");
  CHECK(licence.features == std::vector<std::string>{"export", "scripting"});
  CHECK(licence.forbids_containers);
  CHECK_FALSE(licence.forbids_virtual_machines);
  const auto changed = decode_leaf(encode_leaf(leaf_of(LeafKind::licence_changed)));
  CHECK(std::get<LicenceLeaf>(changed->body).licence.rehosts_a_year() == 4);
}

TEST_CASE("the quota left to its default is the seats, and at least two", "[issuer][leaf]") {
  CHECK(licence_of(1).rehosts_a_year() == 2);
  CHECK(licence_of(2).rehosts_a_year() == 2);
  CHECK(licence_of(9).rehosts_a_year() == 9);
}

TEST_CASE("a leaf cut at any length, or with a byte behind it, is damage", "[issuer][leaf]") {
  for (const Leaf& leaf : one_of_each()) {
    Bytes bytes = encode_leaf(leaf);
    for (std::size_t length = 0; length < bytes.size(); ++length)
      CHECK(decode_leaf(ByteView(bytes).first(length)).error().code == Code::ledger_damaged);
    bytes.push_back(0);
    CHECK(decode_leaf(bytes).error().code == Code::ledger_damaged);
  }
}

TEST_CASE("a leaf with values that the desk never writes is damage", "[issuer][leaf]") {
  const auto refused = [](const Leaf& leaf) { return decode_leaf(encode_leaf(leaf)).error().code == Code::ledger_damaged; };
  const auto with_licence = [](auto change) {
    Leaf leaf = leaf_of(LeafKind::licence_added);
    change(std::get<LicenceLeaf>(leaf.body).licence);
    return leaf;
  };
  CHECK(refused(with_licence([](Licence& licence) { licence.seats = 0; })));
  CHECK(refused(with_licence([](Licence& licence) { licence.seats = 1'000'001; })));
  CHECK(refused(with_licence([](Licence& licence) { licence.features = {"b", "a"}; })));
  CHECK(refused(with_licence([](Licence& licence) { licence.features = {"a", "a"}; })));
  CHECK(refused(with_licence([](Licence& licence) { licence.id = "L 1"; })));
  CHECK(refused(with_licence([](Licence& licence) { licence.key_number = 0; })));
  Leaf issued = leaf_of(LeafKind::issued);
  std::get<IssuedLeaf>(issued.body).counted_seats = 0;
  CHECK(refused(issued));
  // A range with two spaces says the same and is not the same bytes.
  Bytes spaced = encode_leaf(with_licence([](Licence& licence) { licence.versions = *VersionRange::parse(">=3.0 <5"); }));
  const std::string_view range = ">=3.0 <5";
  const auto at = std::search(spaced.begin(), spaced.end(), range.begin(), range.end());
  REQUIRE(at != spaced.end());
  *(at - 1) = static_cast<std::uint8_t>(*(at - 1) + 1);
  spaced.insert(at + 5, ' ');
  CHECK(decode_leaf(spaced).error().code == Code::ledger_damaged);
}

TEST_CASE("a leaf with a changed bit is damage, or another leaf with its own one spelling", "[issuer][leaf]") {
  // It does not prove that a change is found: that is what the Merkle tree is for.
  for (const Leaf& leaf : one_of_each()) {
    const Bytes bytes = encode_leaf(leaf);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      Bytes changed = bytes;
      changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << bit % 8));
      const auto decoded = decode_leaf(changed);
      INFO(leaf_kind_name(leaf.kind) << ", bit " << bit);
      if (decoded)
        CHECK(encode_leaf(*decoded) == changed);
      else
        CHECK(decoded.error().code == Code::ledger_damaged);
    }
  }
}

}  // namespace oak::desk_test
