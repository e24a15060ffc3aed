// Goal: what the desk says to hardware: a rebind or a move, copied or reinstalled, too little of it, or where it may not be; and which of
// these count against the quota.
#include "tests/unit/issuer_policy_scene.h"

namespace oak::desk_test {

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

}  // namespace oak::desk_test
