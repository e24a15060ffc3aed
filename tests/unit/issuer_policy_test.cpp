// Goal: each refusal of the contract that the rules can give, its approval, and what an issue grants: generation, what it
// supersedes, the seats it stands for, the quota. Hardware has platform 4, network 3, disks 2, os 1, model 1: 11 of weight.
#include <catch2/catch.hpp>

#include "tests/unit/issuer_world.h"

namespace oak::desk_test {
namespace {

using Codes = std::vector<std::string>;

/// A desk with licence L1, and one machine that asks.
struct Scene {
  SmallDesk desk;
  SeededRandom random{21};
  Site site = make_site(random, "1");

  explicit Scene(std::uint64_t seats = 3) { desk.add(licence_of(seats)); }

  OpenedRequest ask(const Site& from, const Wish& wish = {}) {
    return arrive(from, request_from(from, wish, random), wish.with_proof ? &desk.proof_key() : nullptr);
  }
  /// Issues and lets the machine import the answer.
  Issued activate(Site& to, const Wish& wish = {}, const Terms& terms = {}) {
    Issued issued = desk.issue(ask(to, wish), terms);
    REQUIRE(codes_of(issued.refusals) == Codes{});
    to.holds = issued.record;
    return issued;
  }
  Codes refusals(const Site& from, const Wish& wish = {}, const Terms& terms = {}) {
    return codes_of(desk.issue(ask(from, wish), terms).refusals);
  }
};

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

TEST_CASE("a rebind is free where the platform matches, or everything enrolled", "[issuer][policy]") {
  Scene scene;
  scene.activate(scene.site);
  scene.site.hardware.mac = "mac-new", scene.site.hardware.disk = "disk-new", scene.site.hardware.os = "os-new";
  const Issued issued = scene.activate(scene.site, {.with_proof = false});
  CHECK_FALSE(issued.grant.uses_quota);
  // Without a platform, all that was enrolled must be there again.
  Site plain = make_site(scene.random, "2");
  plain.hardware.uuid.clear();
  scene.activate(plain);
  CHECK_FALSE(scene.activate(plain).grant.uses_quota);
  plain.hardware.disk = "disk-new";
  CHECK(scene.refusals(plain) == Codes{"needs-receipt"});
}

TEST_CASE("needs-receipt: other hardware, approved by rehost and counted against the quota", "[issuer][policy]") {
  Scene scene(1);
  const Issued old = scene.activate(scene.site);
  scene.site.hardware = make_site(scene.random, "2").hardware;
  const Issued refused = scene.desk.issue(scene.ask(scene.site));
  CHECK(codes_of(refused.refusals) == Codes{"needs-receipt"});
  CHECK(refused.refusals[0].remedy == "oak-issuer issue req.oak --out out.oak --approve needs-receipt --reason TEXT");
  const Issued moved = scene.activate(scene.site, {}, {{"needs-receipt"}, std::nullopt});
  CHECK(moved.grant.uses_quota);
  CHECK(moved.grant.supersedes == old.record->id);
  CHECK(moved.grant.approvals == Codes{"needs-receipt"});
  CHECK(scene.desk.live_seats_of("L1") == 1);
}

TEST_CASE("rehost-quota: the seats, at least two, within a year", "[issuer][policy]") {
  Scene scene(1);
  scene.activate(scene.site);
  const auto move_to = [&](const std::string& name, const Codes& approvals) {
    scene.site.hardware = make_site(scene.random, name).hardware;
    return scene.desk.issue(scene.ask(scene.site), {approvals, std::nullopt});
  };
  for (const std::string name : {"2", "3"}) {
    const Issued moved = move_to(name, {"needs-receipt"});
    REQUIRE(moved.record);
    scene.site.holds = moved.record;
  }
  CHECK(codes_of(move_to("4", {"needs-receipt"}).refusals) == Codes{"rehost-quota"});
  CHECK(codes_of(move_to("4", {}).refusals) == Codes{"needs-receipt", "rehost-quota"});
  const Issued over = move_to("4", {"needs-receipt", "rehost-quota"});
  REQUIRE(over.record);
  CHECK(over.grant.approvals == Codes{"needs-receipt", "rehost-quota"});
  scene.site.holds = over.record;
  scene.desk.now += 366 * day;
  CHECK(codes_of(move_to("5", {"needs-receipt"}).refusals) == Codes{});
}

TEST_CASE("weak-fingerprint is signed with an operator's word only", "[issuer][policy]") {
  Scene scene;
  scene.site.hardware.mac.clear(), scene.site.hardware.disk.clear();
  CHECK(scene.refusals(scene.site) == Codes{"weak-fingerprint"});
  const Issued issued = scene.activate(scene.site, {}, {{"weak-fingerprint"}, std::nullopt});
  CHECK(issued.grant.approvals == Codes{"weak-fingerprint"});
}

TEST_CASE("hardware-already-active: the same hardware without naming what it supersedes", "[issuer][policy]") {
  Scene scene;
  const Issued old = scene.activate(scene.site);
  Site reinstalled = make_site(scene.random, "1");
  reinstalled.hardware.os = "os-new";
  CHECK(scene.refusals(reinstalled) == Codes{"hardware-already-active"});
  // The same machine key makes no difference: only the operator can know why it does not name its activation.
  CHECK(scene.refusals(scene.site, {.names_what_it_holds = false}) == Codes{"hardware-already-active"});
  const Issued again = scene.activate(reinstalled, {}, {{"hardware-already-active"}, std::nullopt});
  CHECK(again.grant.supersedes == old.record->id);
  CHECK_FALSE(again.grant.uses_quota);
  CHECK(scene.desk.live_seats_of("L1") == 1);
}

TEST_CASE("superseding with another machine key is an operator's decision", "[issuer][policy]") {
  Scene scene;
  const Issued old = scene.activate(scene.site);
  Site same_hardware = make_site(scene.random, "1"), other_hardware = make_site(scene.random, "2");
  same_hardware.holds = other_hardware.holds = old.record;
  CHECK(scene.refusals(same_hardware) == Codes{"hardware-already-active"});
  CHECK(scene.refusals(other_hardware) == Codes{"needs-receipt"});
  const Issued moved = scene.activate(other_hardware, {}, {{"needs-receipt"}, std::nullopt});
  CHECK(moved.grant.supersedes == old.record->id);
  CHECK(moved.grant.uses_quota);
}

TEST_CASE("the old board in another machine is a move as well, while the rest of the old machine runs on", "[issuer][policy]") {
  // Platform alone matches, 4 of 11; with a new board the old machine keeps 7 of 11, and stays active.
  Scene scene(1);
  const Issued old = scene.activate(scene.site);
  Site other = make_site(scene.random, "2");
  other.hardware.uuid = scene.site.hardware.uuid, other.hardware.model = "model-2";
  other.holds = old.record;
  CHECK(scene.refusals(other) == Codes{"needs-receipt"});
  const Issued moved = scene.activate(other, {}, {{"needs-receipt"}, std::nullopt});
  CHECK(moved.grant.supersedes == old.record->id);
  CHECK(moved.grant.uses_quota);
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

TEST_CASE("one machine split in two keeps its activation on one half only", "[issuer][policy]") {
  Scene scene(2);
  scene.activate(scene.site);
  Site platform_half = scene.site.copy(), rest = make_site(scene.random, "9");
  platform_half.hardware.mac = "mac-9", platform_half.hardware.disk = "disk-9";
  rest.hardware.mac = "mac-1", rest.hardware.disk = "disk-1";
  rest.holds = scene.site.holds;
  CHECK(scene.refusals(platform_half) == Codes{});
  const Codes codes = scene.refusals(rest, {.with_proof = false});
  CHECK(codes == Codes{"needs-receipt", "wrong-licence-key"});
}

TEST_CASE("digests under another key are not compared", "[issuer][policy]") {
  Scene scene;
  scene.activate(scene.site);
  Request request = request_from(scene.site, {}, scene.random);
  request.fingerprint_key = {1};
  CHECK(codes_of(scene.desk.issue(arrive(scene.site, request, &scene.desk.proof_key())).refusals) == Codes{"needs-receipt"});
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

TEST_CASE("hardware whose activation was revoked gets another one with an operator's word only", "[issuer][policy]") {
  Scene scene(2);
  const Issued old = scene.activate(scene.site);
  scene.desk.end(LeafKind::revoked, old.record->id);
  // It says nothing of what it held, by its own key or a new one.
  scene.site.holds.reset();
  Site wiped = make_site(scene.random, "1");
  wiped.hardware.os = "os-new";
  CHECK(scene.refusals(scene.site) == Codes{"hardware-already-active"});
  CHECK(scene.refusals(wiped) == Codes{"hardware-already-active"});
  Site other = make_site(scene.random, "2");
  CHECK(scene.refusals(other) == Codes{});
  const Issued again = scene.activate(wiped, {}, {{"hardware-already-active"}, std::nullopt});
  CHECK_FALSE(again.grant.supersedes);
  CHECK_FALSE(again.grant.uses_quota);
  // Once approved, it goes on like any other.
  CHECK(scene.refusals(wiped, {.with_proof = false}) == Codes{});
}

TEST_CASE("not-allowed-here: virtual machine and container as the licence says", "[issuer][policy]") {
  Scene scene;
  Request request = request_from(scene.site, {}, scene.random);
  request.environment = {"kvm", "docker"};
  const OpenedRequest opened = arrive(scene.site, request, &scene.desk.proof_key());
  CHECK(decide(scene.desk.question(opened)).refusals.empty());
  Licence strict = licence_of(3);
  strict.forbids_containers = true;
  scene.desk.change(strict);
  CHECK(codes_of(decide(scene.desk.question(opened)).refusals) == Codes{"not-allowed-here"});
  const Decision approved = decide(scene.desk.question(opened, {{"not-allowed-here"}, std::nullopt}));
  CHECK(approved.refusals.empty());
  CHECK(approved.grant.approvals == Codes{"not-allowed-here"});
}

TEST_CASE("a certificate ends after its days, three of a licence at a time", "[issuer][policy]") {
  Scene scene(9);
  const Terms certificate{{}, 30};
  std::vector<Site> sites;
  for (int i = 1; i <= 4; ++i) sites.push_back(make_site(scene.random, "c" + std::to_string(i)));
  for (int i = 0; i < 3; ++i) {
    const Issued issued = scene.activate(sites[static_cast<std::size_t>(i)], {}, certificate);
    CHECK(issued.grant.kind == Kind::certificate);
    CHECK(issued.grant.not_after_unix_s == scene.desk.now + 30 * day);
  }
  CHECK(scene.refusals(sites[3], {}, certificate) == Codes{"certificate-limit"});
  CHECK(scene.refusals(sites[3], {}, {{"certificate-limit"}, 30}) == Codes{});
  scene.desk.now += 31 * day;
  Site after = make_site(scene.random, "c5");
  CHECK(scene.refusals(after, {}, certificate) == Codes{});
}

TEST_CASE("too-early-to-renew up to fourteen days before the end, and not after", "[issuer][policy]") {
  Scene scene;
  const Terms certificate{{}, 30};
  scene.activate(scene.site, {}, certificate);
  const std::uint64_t end = *scene.site.holds->activation.not_after_unix_s;
  scene.desk.now = end - 14 * day - 1;
  CHECK(scene.refusals(scene.site, {}, certificate) == Codes{"too-early-to-renew"});
  CHECK(decide(scene.desk.question(scene.ask(scene.site), {{"too-early-to-renew"}, 30})).refusals.empty());
  scene.desk.now = end - 14 * day;
  const Issued renewed = scene.activate(scene.site, {}, certificate);
  CHECK(renewed.grant.not_after_unix_s == scene.desk.now + 30 * day);
}

TEST_CASE("a rebind of a certificate is exempt and keeps the end", "[issuer][policy]") {
  Scene scene;
  const Terms certificate{{}, 30};
  scene.activate(scene.site, {}, certificate);
  const auto end = scene.site.holds->activation.not_after_unix_s;
  scene.desk.now += day;
  scene.site.hardware.disk = "disk-new";
  CHECK(scene.activate(scene.site, {}, certificate).grant.not_after_unix_s == end);
  scene.desk.now += day;
  CHECK(scene.activate(scene.site, {.seats = 2}, certificate).grant.not_after_unix_s == end);
}

TEST_CASE("a rebind in the last second of a certificate gets no end that is its own beginning", "[issuer][policy]") {
  // Goal: the answer can be signed, and is the same as a second later; the seats are still those of the old one.
  const auto rebound = [](std::uint64_t after_end) {
    Scene scene;
    scene.activate(scene.site, {}, {{}, 30});
    scene.desk.now = *scene.site.holds->activation.not_after_unix_s + after_end;
    const auto end = scene.activate(scene.site, {.seats = 2}).grant.not_after_unix_s;
    CHECK(scene.desk.live_seats_of("L1") == 2);
    return end;
  };
  CHECK(rebound(0) == rebound(1));
}

TEST_CASE("a rebind of a certificate stays a certificate, though nobody says --days", "[issuer][policy]") {
  // Else each rebind of a trial would be a permanent activation by oversight. What changed may be hardware, seats, version or licence.
  const auto rebound = [](auto change) {
    Scene scene;
    scene.activate(scene.site, {}, {{}, 30});
    const auto end = scene.site.holds->activation.not_after_unix_s;
    scene.desk.now += day;
    const Wish wish = change(scene);
    const Issued issued = scene.activate(scene.site, wish);
    CHECK(issued.grant.kind == Kind::certificate);
    CHECK(issued.grant.not_after_unix_s == end);
  };
  rebound([](Scene& scene) { return scene.site.hardware.disk = "disk-new", Wish{}; });
  rebound([](Scene&) { return Wish{.seats = 2}; });
  rebound([](Scene& scene) { return scene.desk.change(licence_of(3, ">=3.0 <5")), Wish{.version = "4.0"}; });
  rebound([](Scene& scene) {
    Licence more = licence_of(3);
    more.features = {"export"};
    return scene.desk.change(more), Wish{};
  });
}

TEST_CASE("a rebind because of the version is exempt from the renewal window", "[issuer][policy]") {
  Scene scene;
  const Terms certificate{{}, 30};
  scene.activate(scene.site, {}, certificate);
  const auto end = scene.site.holds->activation.not_after_unix_s;
  scene.desk.now += day;
  CHECK(scene.refusals(scene.site, {}, certificate) == Codes{"too-early-to-renew"});
  scene.desk.change(licence_of(3, ">=3.0 <5"));
  CHECK(scene.activate(scene.site, {.version = "4.0"}, certificate).grant.not_after_unix_s == end);
}

TEST_CASE("a certificate becomes permanent by the operator's word, or where nothing else changed", "[issuer][policy]") {
  Scene scene;
  scene.activate(scene.site, {}, {{}, 30});
  scene.site.hardware.disk = "disk-new";
  const OpenedRequest changed = scene.ask(scene.site);
  Terms permanent;
  permanent.permanent = true;
  CHECK(decide(scene.desk.question(changed, permanent)).grant.kind == Kind::permanent);
  scene.site.hardware.disk = "disk-1";
  CHECK(decide(scene.desk.question(scene.ask(scene.site))).grant.kind == Kind::permanent);
}

TEST_CASE("a request that asks for a certificate gets one of thirty days, unless the operator says otherwise", "[issuer][policy]") {
  Scene scene;
  Request request = request_from(scene.site, {}, scene.random);
  request.kind = Kind::certificate;
  const OpenedRequest opened = arrive(scene.site, request, &scene.desk.proof_key());
  CHECK(decide(scene.desk.question(opened)).grant.not_after_unix_s == scene.desk.now + 30 * day);
  CHECK(decide(scene.desk.question(opened, {{}, 7})).grant.not_after_unix_s == scene.desk.now + 7 * day);
  Terms permanent;
  permanent.permanent = true;
  CHECK_FALSE(decide(scene.desk.question(opened, permanent)).grant.not_after_unix_s);
}

TEST_CASE("a machine that was reinstalled gives seats back by the operator's word, counted against the quota", "[issuer][policy]") {
  Scene scene(5);
  scene.activate(scene.site, {.seats = 5});
  Site reinstalled = make_site(scene.random, "1");
  const OpenedRequest fewer = scene.ask(reinstalled, {.seats = 2});
  const Grant held = decide(scene.desk.question(fewer, {{"hardware-already-active"}, std::nullopt})).grant;
  CHECK(held.counted_seats == 5);
  CHECK_FALSE(held.uses_quota);
  const Grant freed = decide(scene.desk.question(fewer, {{"hardware-already-active", "needs-receipt"}, std::nullopt})).grant;
  CHECK(freed.counted_seats == 2);
  CHECK(freed.uses_quota);
  CHECK(freed.approvals == Codes{"hardware-already-active", "needs-receipt"});
}

TEST_CASE("only the key that the named activation recorded speaks for its successor", "[issuer][policy]") {
  // Rule 2. The machine that was moved away from names what it held; the successor has another machine's key.
  Scene scene(2);
  scene.activate(scene.site);
  Site moved = make_site(scene.random, "2");
  moved.holds = scene.site.holds;
  const Issued second = scene.activate(moved, {}, {{"needs-receipt"}, std::nullopt});
  CHECK(scene.refusals(scene.site, {.with_proof = false}) == Codes{"needs-receipt", "wrong-licence-key"});
  // The new machine speaks for what it holds, not for what was before it.
  moved.holds = scene.site.holds;
  CHECK(scene.refusals(moved) == Codes{"hardware-already-active"});
  moved.holds = second.record;
  CHECK(scene.refusals(moved, {.with_proof = false}) == Codes{});
}

TEST_CASE("the end of a certificate frees its seats", "[issuer][policy]") {
  Scene scene(1);
  scene.activate(scene.site, {}, {{}, 30});
  Site second = make_site(scene.random, "2");
  CHECK(scene.refusals(second) == Codes{"not-enough-seats"});
  scene.desk.now += 30 * day + 1;
  CHECK(scene.refusals(second) == Codes{});
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
