// Goal: certificates: how many at a time, when one is renewed, which end it gets, and what a rebind makes of it.
#include "tests/unit/issuer_policy_scene.h"

namespace oak::desk_test {

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

TEST_CASE("the end of a certificate frees its seats", "[issuer][policy]") {
  Scene scene(1);
  scene.activate(scene.site, {}, {{}, 30});
  Site second = make_site(scene.random, "2");
  CHECK(scene.refusals(second) == Codes{"not-enough-seats"});
  scene.desk.now += 30 * day + 1;
  CHECK(scene.refusals(second) == Codes{});
}

}  // namespace oak::desk_test
