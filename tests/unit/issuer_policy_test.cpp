// Goal: who may ask and for what, how each refusal is told and approved, and what an issue grants: generation, what it supersedes, the
// seats it stands for. Other hardware: issuer_policy_hardware_test.cpp; certificates: issuer_policy_certificate_test.cpp.
#include "tests/unit/issuer_policy_scene.h"

namespace oak::desk_test {
namespace {

const Refusal* find(const std::vector<Refusal>& refusals, std::string_view code) {
  for (const Refusal& refusal : refusals)
    if (refusal.code == code) return &refusal;
  return nullptr;
}

}  // namespace

TEST_CASE("a proved request of a strong machine is granted, permanent", "[issuer][policy]") {
  Scene scene;
  const Issued issued = scene.activate(scene.site, {.seats = 2});
  CHECK(issued.grant.generation == 1);
  CHECK_FALSE(issued.grant.supersedes);
  CHECK(issued.grant.kind == Kind::permanent);
  CHECK_FALSE(issued.grant.not_after_unix_s);
  CHECK(issued.grant.counted_seats == 2);
  CHECK_FALSE(issued.grant.uses_quota);
  CHECK(issued.grant.approvals.empty());
  CHECK(scene.desk.live_seats_of("L1") == 2);
}

TEST_CASE("unknown-licence stands alone", "[issuer][policy]") {
  Scene scene;
  CHECK(scene.refusals(scene.site, {.version = "9", .licence = "L9"}) == Codes{"unknown-licence"});
}

TEST_CASE("wrong-licence-key: a wrong proof, or none from a machine that the desk does not know", "[issuer][policy]") {
  Scene scene;
  CHECK(scene.refusals(scene.site, {.with_proof = false}) == Codes{"wrong-licence-key"});
  SeededRandom other(99);
  const SymmetricKey wrong = proof_key_of(make_licence_key("L1", other));
  const OpenedRequest request = arrive(scene.site, request_from(scene.site, {}, scene.random), &wrong);
  CHECK(codes_of(scene.desk.issue(request).refusals) == Codes{"wrong-licence-key"});
  CHECK(codes_of(scene.desk.issue(request, {{"wrong-licence-key"}, std::nullopt}).refusals) == Codes{"wrong-licence-key"});
}

TEST_CASE("the machine key of what is superseded speaks in the licence key's place", "[issuer][policy]") {
  Scene scene;
  const Issued first = scene.activate(scene.site);
  const Issued second = scene.activate(scene.site, {.with_proof = false});
  CHECK(second.grant.supersedes == first.record->id);
  // Another machine's key does not, whatever it names.
  Site thief = make_site(scene.random, "1");
  thief.holds = scene.site.holds;
  const Codes codes = scene.refusals(thief, {.with_proof = false});
  CHECK(std::count(codes.begin(), codes.end(), "wrong-licence-key") == 1);
}

TEST_CASE("wrong-product and version-not-covered name what to sell, and can't be approved", "[issuer][policy]") {
  Scene scene;
  const Terms all{{"wrong-product", "version-not-covered"}, std::nullopt};
  CHECK(scene.refusals(scene.site, {.product = "other"}, all) == Codes{"wrong-product"});
  const Issued issued = scene.desk.issue(scene.ask(scene.site, {.version = "4.0"}), all);
  CHECK(codes_of(issued.refusals) == Codes{"version-not-covered"});
  CHECK(issued.refusals[0].remedy.find("licence change L1 --versions") != std::string::npos);
  // A pre-release counts as its release.
  CHECK(scene.refusals(scene.site, {.version = "4.0-rc1"}) == Codes{"version-not-covered"});
  CHECK(scene.refusals(scene.site, {.version = "3.9-rc1"}) == Codes{});
}

TEST_CASE("not-enough-seats at one too many, with what to buy", "[issuer][policy]") {
  Scene scene(3);
  CHECK(scene.refusals(scene.site, {.seats = 4}) == Codes{"not-enough-seats"});
  scene.activate(scene.site, {.seats = 2});
  Site second = make_site(scene.random, "2");
  const Issued refused = scene.desk.issue(scene.ask(second, {.seats = 2}), {{"not-enough-seats"}, std::nullopt});
  CHECK(codes_of(refused.refusals) == Codes{"not-enough-seats"});
  CHECK(refused.refusals[0].remedy.find("licence change L1 --seats 4") != std::string::npos);
  CHECK(scene.refusals(second, {.seats = 1}) == Codes{});
}

TEST_CASE("what is superseded is replaced in the sum, never added", "[issuer][policy]") {
  Scene scene(3);
  scene.activate(scene.site, {.seats = 3});
  scene.activate(scene.site, {.seats = 3});
  CHECK(scene.desk.live_seats_of("L1") == 3);
  Site second = make_site(scene.random, "2");
  CHECK(scene.refusals(second) == Codes{"not-enough-seats"});
}

TEST_CASE("a reduction stands for the larger number until its receipt is in", "[issuer][policy]") {
  Scene scene(5);
  scene.activate(scene.site, {.seats = 5});
  const Issued less = scene.activate(scene.site, {.seats = 2});
  CHECK(less.record->activation.seats == 2);
  CHECK(less.grant.counted_seats == 5);
  CHECK_FALSE(less.grant.uses_quota);
  CHECK(scene.desk.live_seats_of("L1") == 5);
  Site second = make_site(scene.random, "2");
  CHECK(scene.refusals(second) == Codes{"not-enough-seats"});
  // It stays owed through further rebinds.
  CHECK(scene.activate(scene.site, {.seats = 3}).grant.counted_seats == 5);
}

TEST_CASE("a request that names the one before the last supersedes the last, by the same machine key", "[issuer][policy]") {
  // The answer was lost, and the site made a new request instead of sending the old one again.
  Scene scene(1);
  scene.activate(scene.site);
  const auto known = scene.site.holds;
  const Issued lost = scene.desk.issue(scene.ask(scene.site));
  REQUIRE(lost.record);
  scene.site.holds = known;
  const Issued third = scene.activate(scene.site, {.with_proof = false});
  CHECK(third.grant.supersedes == lost.record->id);
  CHECK(third.grant.generation == 3);
  CHECK(scene.desk.live_seats_of("L1") == 1);
}

TEST_CASE("ledger-rolled-back: the request names an entry that this ledger does not have", "[issuer][policy]") {
  Scene scene;
  Request request = request_from(scene.site, {}, scene.random);
  request.supersedes = Supersedes{ActivationId{1}, 1, 4000};
  const Issued issued = scene.desk.issue(arrive(scene.site, request, &scene.desk.proof_key()), {{"ledger-rolled-back"}, std::nullopt});
  CHECK(codes_of(issued.refusals) == Codes{"ledger-rolled-back"});
}

TEST_CASE("a ledger that was rolled back says so first, and offers nothing to approve", "[issuer][policy]") {
  // The machine's last activation is in none of its entries, and the one before it is still live there: with an operator's
  // word for a reinstallation the same machine would hold two.
  Scene scene(1);
  scene.activate(scene.site);
  scene.site.holds->id = ActivationId{1}, scene.site.holds->activation.index = 4000;
  const Issued issued = scene.desk.issue(scene.ask(scene.site, {.with_proof = false}));
  REQUIRE_FALSE(issued.refusals.empty());
  CHECK(issued.refusals[0].code == "ledger-rolled-back");
  CHECK(codes_of(issued.refusals) == Codes{"ledger-rolled-back", "wrong-licence-key"});
}

TEST_CASE("revoked can't be approved; returned is as if nothing had been", "[issuer][policy]") {
  Scene scene(1);
  scene.activate(scene.site);
  scene.desk.end(LeafKind::revoked, scene.site.holds->id);
  CHECK(scene.refusals(scene.site, {}, {{"revoked"}, std::nullopt}) == Codes{"revoked"});

  Scene other(1);
  other.activate(other.site);
  other.desk.end(LeafKind::returned, other.site.holds->id);
  CHECK(other.refusals(other.site, {.with_proof = false}) == Codes{"wrong-licence-key"});
  const Issued issued = other.activate(other.site);
  CHECK_FALSE(issued.grant.supersedes);
  CHECK(issued.grant.generation == 2);
}

TEST_CASE("the same request gets the same bytes while its answer is live, then it is refused by name", "[issuer][policy]") {
  Scene scene(1);
  const OpenedRequest request = scene.ask(scene.site);
  const Issued first = scene.desk.issue(request);
  const std::uint64_t size = *scene.desk.ledger().size();
  scene.desk.now += 100 * day;
  const Issued again = scene.desk.issue(request);
  CHECK(again.repeat);
  CHECK(again.record->document == first.record->document);
  CHECK(*scene.desk.ledger().size() == size);
  scene.site.holds = first.record;
  scene.activate(scene.site);
  CHECK(codes_of(scene.desk.issue(request).refusals) == Codes{"answer-no-longer-live"});
}

TEST_CASE("all that stands in the way is told at once, and one command approves all that can be", "[issuer][policy]") {
  Scene scene(1);
  scene.activate(scene.site);
  scene.site.hardware = {"", "mac-7", "", "os-7", "model-7"};
  const Issued issued = scene.desk.issue(scene.ask(scene.site, {.version = "9"}));
  CHECK(codes_of(issued.refusals) == Codes{"needs-receipt", "version-not-covered", "weak-fingerprint"});
  const Refusal* weak = find(issued.refusals, "weak-fingerprint");
  REQUIRE(weak);
  CHECK(weak->remedy.find("--approve weak-fingerprint,needs-receipt --reason") != std::string::npos);
  for (const Refusal& refusal : issued.refusals) {
    CHECK_FALSE(refusal.message.empty());
    CHECK_FALSE(refusal.remedy.empty());
  }
}

TEST_CASE("approvals that were not needed are not recorded", "[issuer][policy]") {
  Scene scene;
  const Issued issued = scene.activate(scene.site, {}, {{"weak-fingerprint", "needs-receipt", "rehost-quota"}, std::nullopt});
  CHECK(issued.grant.approvals.empty());
  CHECK_FALSE(issued.grant.uses_quota);
}

TEST_CASE("the contract's words for --approve", "[issuer][policy]") {
  CHECK(refusal_code_of_approval("weak") == "weak-fingerprint");
  CHECK(refusal_code_of_approval("rehost") == "needs-receipt");
  CHECK(refusal_code_of_approval("reinstall") == "hardware-already-active");
  CHECK(refusal_code_of_approval("certificate-limit") == "certificate-limit");
  CHECK_FALSE(refusal_code_of_approval("everything"));
  CHECK_FALSE(refusal_code_of_approval(""));
}

TEST_CASE("the generation only grows", "[issuer][policy]") {
  Scene scene(2);
  Site second = make_site(scene.random, "2");
  CHECK(scene.activate(scene.site).grant.generation == 1);
  CHECK(scene.activate(second).grant.generation == 2);
  CHECK(scene.activate(scene.site).grant.generation == 3);
  scene.desk.end(LeafKind::returned, scene.site.holds->id);
  CHECK(scene.activate(scene.site).grant.generation == 4);
}

}  // namespace oak::desk_test
