// Goal: bulletins revoke what their signer may revoke and nothing else, never go back, can't be taken away unnoticed,
// and carry new roots only with the old roots' word.

#include <catch2/catch.hpp>

#include "tests/unit/verifier_world.h"

using namespace oak;
using namespace oak::test;

namespace {

Bytes bulletin_of(const Vendor& vendor, std::uint64_t number, std::vector<ActivationId> revoked, std::string for_product = product) {
  Bulletin bulletin;
  bulletin.product = std::move(for_product);
  bulletin.issued_at_unix_s = 1'760'000'000;
  bulletin.number = number;
  bulletin.revoked = std::move(revoked);
  return seal_bulletin(bulletin, vendor.issuer, vendor.certificate_document);
}

Bytes key_bulletin_of(const Vendor& vendor, std::uint64_t number, std::vector<RevokedIssuer> revoked, Bytes new_trust = {}) {
  KeyBulletin bulletin;
  bulletin.issued_at_unix_s = 1'760'000'000;
  bulletin.number = number;
  bulletin.revoked_issuers = std::move(revoked);
  bulletin.new_trust = std::move(new_trust);
  return vendor.sign_by_roots(DocumentType::key_bulletin, encode_key_bulletin(bulletin));
}

/// `next`'s roots, signed by two of them and two of `old`'s.
Bytes handed_over(const Vendor& old, const Vendor& next) {
  const Bytes payload = encode_trust(next.make_trust(2));
  std::vector<EnvelopeSignature> signatures;
  for (const Vendor* vendor : {&old, &next})
    for (int i = 0; i < 2; ++i)
      signatures.push_back(sign_threshold(DocumentType::trust, payload, vendor->roots[static_cast<std::size_t>(i)]));
  return seal_threshold(DocumentType::trust, payload, signatures);
}

}  // namespace

TEST_CASE("an issuer's bulletin revokes an activation of its own") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  const auto installed = world.try_install(bulletin_of(world.vendor, 1, {world.id_of(activation)}));
  REQUIRE(installed);
  CHECK(installed->type == DocumentType::bulletin);
  CHECK(installed->number == 1);
  CHECK(world.verdict() == Verdict::revoked);
  const auto again = world.try_install(world.seal(activation));
  REQUIRE(!again);
  CHECK(again.error().code == Code::revoked);
  // A later one may take it back; an earlier one may not.
  REQUIRE(world.try_install(bulletin_of(world.vendor, 3, {})));
  CHECK(world.verdict() == Verdict::active);
  const auto older = world.try_install(bulletin_of(world.vendor, 2, {world.id_of(activation)}));
  REQUIRE(!older);
  CHECK(older.error().code == Code::bulletin_too_old);
}

TEST_CASE("another issuer's bulletin does not reach it") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  CountingRandom random(80);
  Vendor second(1);  // the same roots
  second.issuer = make_key_pair(random);
  second.certificate_document = second.certify(second.issuer, 8);
  REQUIRE(world.try_install(bulletin_of(second, 1, {world.id_of(activation)})));
  CHECK(world.verdict() == Verdict::active);
}

TEST_CASE("a bulletin that was taken away or put back older stops the check, until the newest is imported") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  REQUIRE(world.try_install(bulletin_of(world.vendor, 1, {})));
  const FakeDisk first = world.disk;
  REQUIRE(world.try_install(bulletin_of(world.vendor, 2, {world.id_of(activation)})));
  const std::string path = folder + "/bulletin-0000000000000007.oak";
  REQUIRE(world.disk.files.count(path) == 1);
  world.disk.files[path] = first.files.at(path);
  CHECK(world.verdict() == Verdict::malformed);
  world.disk.files.erase(path);
  CHECK(world.verdict() == Verdict::malformed);
  REQUIRE(world.try_install(bulletin_of(world.vendor, 2, {world.id_of(activation)})));
  CHECK(world.verdict() == Verdict::revoked);
}

TEST_CASE("a bulletin that comes in while a newer one does is not put over it") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  const auto newer_comes = [&](std::uint64_t signer, Bytes document) {
    world.disk.while_waiting = [signer, document](FakeDisk& disk) {
      Store store(disk, state_dir, 0);
      Marks marks = **store.marks(product);
      marks.advance_bulletin(signer, 5);
      REQUIRE(store.put_bulletin(product, signer, 5, document));
      REQUIRE(store.put_marks(marks));
    };
  };
  newer_comes(7, bulletin_of(world.vendor, 5, {}));
  const auto older = world.try_install(bulletin_of(world.vendor, 4, {world.id_of(activation)}));
  REQUIRE(!older);
  CHECK(older.error().code == Code::bulletin_too_old);
  newer_comes(0, key_bulletin_of(world.vendor, 5, {}));
  const auto older_of_roots = world.try_install(key_bulletin_of(world.vendor, 4, {{7, {}}}));
  REQUIRE(!older_of_roots);
  CHECK(older_of_roots.error().code == Code::bulletin_too_old);
  CHECK(world.verdict() == Verdict::active);
}

TEST_CASE("below the lowest that the release accepts a bulletin is refused, and a stored one is still heeded") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  REQUIRE(world.try_install(bulletin_of(world.vendor, 1, {world.id_of(activation)})));
  Trust newer = world.vendor.trust;
  newer.lowest_bulletin = 5;
  world.source.argument_bytes = world.vendor.sign_by_roots(DocumentType::trust, encode_trust(newer));
  CHECK(world.verdict() == Verdict::revoked);
  const auto installed = world.try_install(bulletin_of(world.vendor, 4, {}));
  REQUIRE(!installed);
  CHECK(installed.error().code == Code::bulletin_too_old);
}

TEST_CASE("the roots take an issuer key back, but for the survivors") {
  World world;
  const Activation first = world.grant(1), second = world.grant(2);
  REQUIRE(world.install_one(first));
  REQUIRE(world.try_install(key_bulletin_of(world.vendor, 1, {{7, {world.id_of(second)}}})));
  CHECK(world.verdict() == Verdict::revoked);
  REQUIRE(world.install_one(second));
  CHECK(world.verdict() == Verdict::active);
  // What the revoked key says from now on is not heard.
  const auto bulletin = world.try_install(bulletin_of(world.vendor, 1, {world.id_of(second)}));
  REQUIRE(!bulletin);
  CHECK(bulletin.error().code == Code::issuer_not_allowed);
}

TEST_CASE("new roots come with the old roots' word, and both generations of activations count then") {
  World world;
  const Vendor next(120, 9);
  REQUIRE(world.install_one(world.grant(1)));
  const Bytes by_next = seal_activation(world.grant(2), next.issuer, next.certificate_document);
  CHECK(!world.try_install(by_next));
  REQUIRE(world.try_install(key_bulletin_of(world.vendor, 1, {}, handed_over(world.vendor, next))));
  CHECK(world.verdict() == Verdict::active);
  REQUIRE(world.try_install(by_next));
  CHECK(world.check()->activation->generation == 2);
  // The next bulletin is the new roots'.
  REQUIRE(world.try_install(key_bulletin_of(next, 2, {{9, {}}})));
  CHECK(world.verdict() == Verdict::revoked);
  // A release that brings the new roots needs no hand-over.
  Trust built = next.make_trust(2);
  built.lowest_bulletin = 2;
  world.source.argument_bytes = next.sign_by_roots(DocumentType::trust, encode_trust(built));
  CHECK(world.verdict() == Verdict::revoked);
}

TEST_CASE("roots that name their successors alone are refused") {
  World world;
  const Vendor next(120, 9);
  REQUIRE(world.install_one(world.grant(1)));
  CHECK(!world.try_install(key_bulletin_of(next, 1, {}, handed_over(world.vendor, next))));
  const Bytes own = next.sign_by_roots(DocumentType::trust, encode_trust(next.make_trust(2)));
  CHECK(!world.try_install(key_bulletin_of(world.vendor, 1, {}, own)));
  CHECK(world.verdict() == Verdict::active);
}

TEST_CASE("a power cut at any change of a bulletin's install leaves a state that answers") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  const FakeDisk before = world.disk;
  const Bytes document = bulletin_of(world.vendor, 1, {world.id_of(activation)});
  world.disk.changes = 0;
  REQUIRE(world.try_install(document));
  const std::size_t changes = world.disk.changes;
  REQUIRE(changes >= 4);
  for (std::size_t cut = 0; cut < changes; ++cut) {
    world.disk = before;
    world.disk.changes = 0;
    world.disk.fail_from = cut;
    CHECK(!world.try_install(document));
    world.disk.fail_from.reset();
    CHECK(world.verdict() == (cut < 2 ? Verdict::active : Verdict::revoked));
    REQUIRE(world.try_install(document));
    CHECK(world.verdict() == Verdict::revoked);
  }
}

TEST_CASE("another product's bulletin needs that product's trust, and does not touch this one") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  REQUIRE(world.try_install(bulletin_of(world.vendor, 1, {world.id_of(activation)}, "other")));
  CHECK(world.verdict() == Verdict::active);
}
