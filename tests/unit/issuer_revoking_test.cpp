// Goal: what the vendor takes back frees its seats in the ledger at once and counts as a move, and the next bulletin names
// all that must not come back, signed by the key that issued it.
#include <catch2/catch.hpp>

#include "issuer/report_changes.h"
#include "issuer/revoking.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

using Codes = std::vector<std::string>;

struct Scene : OpenDesk {
  Site site = make_site(random);

  explicit Scene(std::uint64_t seats = 5) : OpenDesk(seats) { hold(site, {.seats = 2}); }

  void hold(Site& at, const Wish& wish, IssueTerms terms = {}) {
    auto issued = answer(document(at, wish), std::move(terms));
    REQUIRE(issued);
    REQUIRE(codes_of(issued->refusals) == Codes{});
    at.holds = issued->record;
  }
  Revoked revoke(const ActivationId& id) {
    auto revoked = revoke_activation(*desk, world, "stolen", id);
    REQUIRE(revoked);
    return std::move(*revoked);
  }
  Outcome<MadeBulletin> bulletin(const std::string& product = {}) {
    return make_bulletin(*desk, world, *keys.issuer, keys.certificate, product);
  }
  std::uint64_t moves_left() { return *rehosts_left(desk->ledger(), *find_licence(*desk, "L1"), clock.now); }
};

std::vector<ActivationId> ascending(std::vector<ActivationId> ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

TEST_CASE("revoking ends a live activation, frees its seats and counts as a move", "[issuer][revoking]") {
  Scene scene;
  const std::uint64_t moves = scene.moves_left(), index = *scene.desk->ledger().size();
  const Revoked revoked = scene.revoke(scene.site.holds->id);
  CHECK(revoked.refusals.empty());
  CHECK(revoked.record.state == ActivationState::revoked);
  CHECK(revoked.seats_freed == 2);
  CHECK_FALSE(revoked.repeat);
  CHECK(revoked.rehosts_left == moves - 1);
  CHECK(revoked.next == "oak-issuer bulletin --out FILE --product demo --desk D");
  CHECK(scene.live_seats_of("L1") == 0);
  const Leaf leaf = *scene.desk->ledger().leaf(index);
  CHECK(leaf.kind == LeafKind::revoked);
  CHECK(leaf.reason == "stolen");
  CHECK(leaf.operator_name == "olga");
}

TEST_CASE("revoking again changes nothing", "[issuer][revoking]") {
  Scene scene;
  scene.revoke(scene.site.holds->id);
  const std::uint64_t size = *scene.desk->ledger().size(), moves = scene.moves_left();
  const Revoked again = scene.revoke(scene.site.holds->id);
  CHECK(again.repeat);
  CHECK(again.seats_freed == 0);
  CHECK(scene.moves_left() == moves);
  CHECK(*scene.desk->ledger().size() == size);
}

TEST_CASE("what has ended is not revoked, and the answer says what is to be", "[issuer][revoking]") {
  Scene scene;
  const ActivationId first = scene.site.holds->id;
  scene.hold(scene.site, {.seats = 1});
  const std::string live = activation_id_text(scene.site.holds->id);
  const auto refused = [&](std::string_view code, const std::string& remedy) {
    const Revoked revoked = scene.revoke(first);
    REQUIRE(codes_of(revoked.refusals) == Codes{std::string(code)});
    CHECK(revoked.refusals[0].remedy.find(remedy) != std::string::npos);
  };
  refused("superseded", "oak-issuer revoke " + live + " --reason TEXT --desk D");
  CHECK(scene.live_seats_of("L1") == 2);
  scene.revoke(scene.site.holds->id);
  refused("superseded", "oak-issuer bulletin --out FILE --product demo --desk D");

  Scene given_back;
  REQUIRE(given_back.desk->ledger().append(
      end_of(*given_back.desk->ledger().size(), LeafKind::returned, given_back.clock.now, given_back.site.holds->id)));
  CHECK(codes_of(given_back.revoke(given_back.site.holds->id).refusals) == Codes{"returned"});
  const auto missing = revoke_activation(*scene.desk, scene.world, "stolen", ActivationId{1});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::unknown_activation);
  for (const std::string& reason : {std::string(), std::string(241, 'x'), std::string("two\nlines")})
    CHECK(revoke_activation(*scene.desk, scene.world, reason, first).error().code == Code::usage);
}

TEST_CASE("a thief is stopped though no move is left", "[issuer][revoking]") {
  Scene scene(1 + 1);
  for (int i = 0; i < 3; ++i) {
    const Revoked revoked = scene.revoke(scene.site.holds->id);
    CHECK(revoked.refusals.empty());
    scene.site = make_site(scene.random, "stolen-" + std::to_string(i));
    scene.hold(scene.site, {});
  }
  CHECK(scene.moves_left() == 0);
}

TEST_CASE("a bulletin names all that is revoked, and what that took the place of", "[issuer][revoking]") {
  Scene scene;
  const ActivationId first = scene.site.holds->id;
  scene.hold(scene.site, {.seats = 1});
  const ActivationId second = scene.site.holds->id;
  Site other = make_site(scene.random, "2");
  scene.hold(other, {});
  // With nothing revoked it is empty, and its number is its entry's.
  const std::uint64_t index = *scene.desk->ledger().size();
  const auto none = scene.bulletin();
  REQUIRE(none);
  CHECK(none->bulletin.revoked.empty());
  CHECK(none->bulletin.number == index);
  scene.revoke(second);
  const auto made = scene.bulletin("demo");
  REQUIRE(made);
  const auto opened = open_bulletin(made->document, scene.desk->trust(), "demo");
  REQUIRE(opened);
  CHECK(opened->bulletin->number == index + 2);
  CHECK(opened->bulletin->revoked == ascending({first, second}));
  CHECK(opened->issuer->serial == made->serial);
  CHECK(made->others.empty());
  const Leaf leaf = *scene.desk->ledger().leaf(index + 2);
  CHECK(leaf.kind == LeafKind::bulletin_signed);
  CHECK(std::get<PublishedLeaf>(leaf.body).document == made->document);
  // A later bulletin takes the place of this one at the sites: what was revoked stays in it.
  scene.revoke(other.holds->id);
  CHECK(scene.bulletin()->bulletin.revoked == ascending({first, second, other.holds->id}));
}

TEST_CASE("a bulletin is of one product, which may be left out where there is one", "[issuer][revoking]") {
  Scene scene;
  NewLicence more;
  more.id = "P1", more.customer = "Northwind", more.product = "press", more.versions = "1.*", more.seats = 1;
  REQUIRE(add_licence(*scene.desk, scene.world, scene.ledger_key, more));
  scene.revoke(scene.site.holds->id);
  CHECK(scene.bulletin("press")->bulletin.revoked.empty());
  CHECK(scene.bulletin("demo")->bulletin.revoked.size() == 1);
  const std::uint64_t size = *scene.desk->ledger().size();
  CHECK(scene.bulletin().error().code == Code::usage);
  CHECK(scene.bulletin().error().message.find("demo, press") != std::string::npos);
  CHECK(scene.bulletin("nothing").error().code == Code::not_found);
  CHECK(*scene.desk->ledger().size() == size);
}

TEST_CASE("what another issuer key signed is not in the bulletin, and it says which key must sign", "[issuer][revoking]") {
  Scene scene;
  Activation foreign = scene.site.holds->activation;
  IssuerCertificate certificate;
  certificate.issued_at_unix_s = scene.clock.now;
  certificate.issuer_key = scene.keys.issuer->public_key;
  certificate.serial = 2;
  certificate.kinds = {1, 2};
  certificate.not_after_unix_s = scene.clock.now + day;
  const KeyPair root = make_key_pair(scene.random);
  const Bytes payload = encode_issuer_certificate(certificate);
  const Bytes second =
      seal_threshold(DocumentType::issuer_certificate, payload, {sign_threshold(DocumentType::issuer_certificate, payload, root)});
  Ledger& ledger = scene.desk->ledger();
  foreign.index = *ledger.size(), ++foreign.generation;
  const Bytes document = seal_activation(foreign, *scene.keys.issuer, second);
  REQUIRE(
      ledger.append({foreign.index, LeafKind::issued, scene.clock.now, "olga", {}, IssuedLeaf{"L1", Digest{1}, document, {}, false, 2}}));
  scene.revoke(read_activation_unverified(document)->id);
  const auto made = scene.bulletin();
  REQUIRE(made);
  CHECK(made->bulletin.revoked.empty());
  REQUIRE(made->others.size() == 1);
  CHECK(made->others[0].serial == 2);
  CHECK(made->others[0].activations == 1);
  CHECK(bulletin_warnings(*made).at(0).find("issuer key 2") != std::string::npos);
  // Nor does the desk hand out a bulletin that sites would refuse.
  const std::uint64_t size = *ledger.size();
  CHECK_FALSE(make_bulletin(*scene.desk, scene.world, *scene.keys.issuer, second, {}));
  CHECK(*ledger.size() == size);
}

TEST_CASE("a release accepts no bulletin below a number that this ledger has reached", "[issuer][revoking]") {
  Scene scene;
  CHECK(check_lowest_bulletin(*scene.desk, "demo", 0)->empty());
  CHECK(check_lowest_bulletin(*scene.desk, "demo", 1).error().code == Code::usage);
  const std::uint64_t number = scene.bulletin()->bulletin.number;
  CHECK(check_lowest_bulletin(*scene.desk, "demo", number)->empty());
  CHECK(check_lowest_bulletin(*scene.desk, "", number)->empty());
  CHECK(check_lowest_bulletin(*scene.desk, "press", number).error().code == Code::usage);
  CHECK(check_lowest_bulletin(*scene.desk, "demo", number + 1).error().code == Code::usage);
  // The roots' bulletins have a signer of their own: an issuer's older one would be refused.
  KeyBulletin roots;
  roots.number = number + 5;
  roots.revoked_issuers = {{9, {}}};
  const KeyPair root = make_key_pair(scene.random);
  const Bytes payload = encode_key_bulletin(roots);
  const Bytes document = seal_threshold(DocumentType::key_bulletin, payload, {sign_threshold(DocumentType::key_bulletin, payload, root)});
  Ledger& ledger = scene.desk->ledger();
  REQUIRE(ledger.append({*ledger.size(), LeafKind::bulletin_signed, scene.clock.now, "olga", {}, PublishedLeaf{document}}));
  const auto warned = check_lowest_bulletin(*scene.desk, "demo", number + 1);
  REQUIRE(warned);
  REQUIRE(warned->size() == 1);
  CHECK(warned->at(0).find("issuer key 1, number " + std::to_string(number)) != std::string::npos);
  const std::uint64_t later = scene.bulletin()->bulletin.number;
  CHECK(check_lowest_bulletin(*scene.desk, "demo", later)->empty());
  const auto trust = open_trust(*make_trust(scene.world, *scene.desk, {{}, {}, {}, false, number}), {});
  REQUIRE(trust);
  CHECK((*trust)->lowest_bulletin == number);
}

TEST_CASE("what is said of a revocation and of a bulletin", "[issuer][revoking]") {
  Scene scene;
  const std::string id = activation_id_text(scene.site.holds->id);
  const Report revoked = revoked_report(scene.revoke(scene.site.holds->id));
  CHECK(revoked.text.find("4 of 5 left this year") != std::string::npos);
  CHECK(revoked.text.find("oak-issuer bulletin --out FILE") != std::string::npos);
  CHECK(revoked.json.find(R"("state": "revoked", "repeat": false, "rehosts_left": 4)") != std::string::npos);
  const Report bulletin = bulletin_report(*scene.bulletin(), "b.oak");
  CHECK(bulletin.json.find("\"revoked\": [\"" + id + "\"]") != std::string::npos);
  CHECK(bulletin.text.find("1 activation revoked") != std::string::npos);
}

}  // namespace oak::desk_test
