#include "issuer/leaf.h"

#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {

void run(ByteView input) {
  const auto leaf = decode_leaf(input);
  if (!leaf) return;
  require(encode_leaf(*leaf) == Bytes(input.begin(), input.end()), "a leaf has one spelling");
  require(!leaf_kind_name(leaf->kind).empty(), "a kind has a name");
}

std::vector<Bytes> seeds() {
  Licence licence;
  licence.id = "K7QX2M4A";
  licence.customer = "Northwind";
  licence.product = "turbine";
  licence.seats = 3;
  licence.versions = *VersionRange::parse("3.*");
  licence.features = {"export", "reports"};
  licence.rehosts = 4;
  const std::pair<LeafKind, decltype(Leaf::body)> bodies[] = {
      {LeafKind::licence_added, LicenceLeaf{licence}},
      {LeafKind::licence_changed, LicenceLeaf{licence}},
      {LeafKind::product_changed, ProductLeaf{{"turbine", {}, 14}}},
      {LeafKind::key_certified, KeyLeaf{{1, 2, 3}}},
      {LeafKind::issued, IssuedLeaf{"K7QX2M4A", Digest{1}, {1, 2, 3}, {"needs-receipt", "weak-fingerprint"}, true, 2}},
      {LeafKind::superseded, EndedLeaf{ActivationId{1}, Bytes(16, 2)}},
      {LeafKind::returned, ReturnedLeaf{ActivationId{1}, {1, 2, 3}, {"rehost-quota"}, true}},
      {LeafKind::revoked, EndedLeaf{ActivationId{1}, {}}},
      {LeafKind::bulletin_signed, PublishedLeaf{{1, 2, 3}}},
      {LeafKind::roots_changed, PublishedLeaf{{1, 2, 3}}},
  };
  std::vector<Bytes> made;
  for (const auto& [kind, body] : bodies) made.push_back(encode_leaf({made.size(), kind, 1'800'000'000, "ada", "a reason", body}));
  return made;
}

}  // namespace oak::fuzz
