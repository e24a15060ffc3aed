// Goal: grace is off by default, once for an activation, only for a machine of which enough is left and that was active
// before; its days count at max(now, mark), begin only where that can be written, and no clock stretches them.

#include <catch2/catch.hpp>

#include "tests/unit/verifier_world.h"
#include "verifier/grace.h"

using namespace oak;
using namespace oak::test;

namespace {

constexpr std::uint64_t hour = 3600, day = 86400, start = 1'760'000'000;

bool mentions(const std::vector<std::string>& lines, std::string_view word) {
  for (const std::string& line : lines)
    if (line.find(word) != std::string::npos) return true;
  return false;
}

Activation with_grace(const World& world, std::uint64_t days = 14, std::uint64_t generation = 1) {
  Activation out = world.grant(generation);
  out.grace_days = days;
  return out;
}

/// Card, disk and system replaced: 5 of 11, and the platform is still there.
void lose_all_but_platform(World& world) {
  world.host.set_network("3c:52:82:aa:bb:cc");
  world.host.set_disk("NEWDISK00001");
  world.host.set_system("00112233445566778899aabbccddee00");
}

/// Installed, once active, then changed.
struct ChangedWorld : World {
  explicit ChangedWorld(std::uint64_t days = 14) {
    REQUIRE(install_one(with_grace(*this, days)));
    REQUIRE(verdict() == Verdict::active);
    lose_all_but_platform(*this);
  }
  std::optional<std::uint64_t> grace_start() { return marks()->find_licence("L1")->grace_start_unix_s; }
};

}  // namespace

TEST_CASE("without grace days a changed machine is to be rebound, and the clock stays unread") {
  ChangedWorld world(0);
  CHECK(world.verdict() == Verdict::rebind);
  CHECK(world.clock.reads == 0);
  CHECK(!world.grace_start());
}

TEST_CASE("grace lasts its days to the second, says until when, and names what changed and the request") {
  ChangedWorld world;
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(!answer->hardware->accept);
  CHECK(answer->grace_until_unix_s == start + 14 * day);
  CHECK(mentions(answer->details, "score 5 of 11, 7 needed"));
  CHECK(mentions(answer->details, "mac"));
  CHECK(mentions(answer->warnings, "by grace"));
  CHECK(answer->next == "oak-request create --product demo --version 3.5 --seats 3 --state-dir /state");
  CHECK(answer_json(*answer).find("\"grace_until\": 1761209600") != std::string::npos);
  CHECK(answer_text(*answer).find("grace: active until 2025-10-23 08:53:20 UTC\n") != std::string::npos);
  world.clock.now = start + 14 * day;
  CHECK(world.verdict() == Verdict::active);
  world.clock.now = start + 14 * day + 1;
  const auto after = world.check();
  REQUIRE(after);
  CHECK(after->verdict == Verdict::rebind);
  CHECK(!after->grace_until_unix_s);
  CHECK(mentions(after->details, "grace: it ended at 2025-10-23 08:53:20 UTC"));
}

TEST_CASE("grace is once: hardware put back and changed again gets no new days") {
  ChangedWorld world;
  const FakeHost changed = world.host;
  REQUIRE(world.verdict() == Verdict::active);
  world.host = FakeHost();
  world.clock.now = start + 10 * day;
  const auto whole = world.check();
  REQUIRE(whole);
  CHECK(whole->verdict == Verdict::active);
  CHECK(!whole->grace_until_unix_s);
  world.host = changed;
  const auto again = world.check();
  REQUIRE(again);
  CHECK(again->grace_until_unix_s == start + 14 * day);
  world.clock.now = start + 15 * day;
  CHECK(world.verdict() == Verdict::rebind);
  world.host = FakeHost();
  CHECK(world.verdict() == Verdict::active);
}

TEST_CASE("an activation that was never active here gets no grace") {
  World world;
  REQUIRE(world.install_one(with_grace(world)));
  lose_all_but_platform(world);
  CHECK(world.verdict() == Verdict::rebind);
  // Another activation's past does not count for it.
  Marks marks = *world.marks();
  marks.advance_generation("L1", 1, ActivationId{9});
  world.put_marks(marks);
  CHECK(world.verdict() == Verdict::rebind);
  marks.begin_grace("L1", ActivationId{9}, world.clock.now);
  world.put_marks(marks);
  CHECK(world.verdict() == Verdict::rebind);
}

TEST_CASE("a stranger gets no grace, nor does a copy of the disk") {
  ChangedWorld world;
  world.host = FakeHost();
  world.host.become_another_machine();
  CHECK(world.verdict() == Verdict::rebind);
  CHECK(!world.grace_start());
}

TEST_CASE("near is the platform, or the TPM, or half of the weight outside system and model") {
  const auto judgement = [](std::initializer_list<Factor> enrolled, std::initializer_list<Factor> held) {
    Judgement out;
    for (const Factor factor : enrolled) out.factors[static_cast<std::size_t>(factor)].enrolled = 1;
    for (const Factor factor : held) out.factors[static_cast<std::size_t>(factor)].holds = true;
    return out;
  };
  using enum Factor;
  const Policy policy;  // 4 3 2 4 1 1
  CHECK(is_near(judgement({platform, network, disks, os, model}, {platform}), policy));
  CHECK(is_near(judgement({platform, network, disks, tpm, os, model}, {tpm}), policy));
  CHECK(is_near(judgement({platform, network, disks, os, model}, {network, disks}), policy));       // 5 of 9
  CHECK(!is_near(judgement({platform, network, disks, os, model}, {network, os, model}), policy));  // 3 of 9
  CHECK(!is_near(judgement({platform, network, disks, tpm}, {network, disks}), policy));            // 5 of 13
  Policy even = policy;
  even.weights = {2, 2, 0, 0, 1, 1};
  CHECK(is_near(judgement({platform, network}, {network}), even));  // 2 of 4, exactly half
  CHECK(!is_near(judgement({os, model}, {os}), policy));            // nothing there to be half of
}

TEST_CASE("no days are no grace, whatever the marks say") {
  Activation activation = with_grace(World());
  Judgement hardware;
  hardware.factors[static_cast<std::size_t>(Factor::platform)].holds = true;
  Marks marks;
  marks.advance_generation("L1", 1, ActivationId{1});
  CHECK(judge_grace(activation, ActivationId{1}, hardware, marks, start).state == GraceState::may_start);
  activation.grace_days = 0;
  CHECK(judge_grace(activation, ActivationId{1}, hardware, marks, start).state == GraceState::none);
}

TEST_CASE("only hardware is forgiven: seats and version are not") {
  ChangedWorld world;
  CHECK(world.verdict("4.0") == Verdict::rebind);
  CHECK(world.verdict("3.5", 5) == Verdict::rebind);
  CHECK(!world.grace_start());
}

TEST_CASE("an ordinary user starts no grace, is told who can, and then has it") {
  ChangedWorld world;
  world.disk.read_only = true;
  Machine as_user{world.disk, world.host, world.clock, 1000, state_dir};
  const auto check_as_user = [&] {
    return Check::load(as_user, world.source, product).and_then([](Check check) { return check.answer(*make_question("3.5", 0)); });
  };
  auto answer = check_as_user();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::rebind);
  CHECK(mentions(answer->details, "14 days are to be had"));
  world.disk.read_only = false;
  REQUIRE(world.verdict() == Verdict::active);
  world.disk.read_only = true;
  world.clock.now += day;
  answer = check_as_user();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(answer->grace_until_unix_s == start + 14 * day);
  CHECK(world.verdict() == Verdict::active);  // root's too, once it has begun
  world.clock.now = start + 15 * day;
  answer = check_as_user();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::rebind);
}

TEST_CASE("a start that fails to be written is none") {
  ChangedWorld world;
  for (std::size_t n = 0; n < 2; ++n) {
    world.disk.changes = 0;
    world.disk.fail_from = n;
    const auto answer = world.check();
    REQUIRE(answer);
    // The second change gives the file to the group: marks are written by then, and the next check finds them.
    CHECK((answer->verdict == Verdict::rebind) == !answer->grace_until_unix_s.has_value());
    CHECK((answer->verdict == Verdict::rebind || world.grace_start().has_value()));
    CHECK((n == 1 || (answer->verdict == Verdict::rebind && !world.grace_start())));
  }
  world.disk.fail_from.reset();
  CHECK(world.verdict() == Verdict::active);
}

TEST_CASE("a clock set back gives no days: counted at the mark, and beyond 26 hours not at all") {
  ChangedWorld world;
  REQUIRE(world.verdict() == Verdict::active);
  world.clock.now = start + 10 * day;
  REQUIRE(world.verdict() == Verdict::active);
  CHECK(world.marks()->time_unix_s == start + 10 * day);
  world.clock.now = start + 10 * day - 26 * hour;
  CHECK(world.verdict() == Verdict::active);
  world.clock.now -= 1;
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::rebind);
  CHECK(mentions(answer->details, "set the clock"));
  world.clock.now = start + 14 * day + 1;
  CHECK(world.verdict() == Verdict::rebind);
  world.clock.now = start + 14 * day;
  CHECK(world.verdict() == Verdict::rebind);
}

TEST_CASE("a clock a little behind the mark begins at the mark") {
  ChangedWorld world;
  Marks marks = *world.marks();
  marks.advance_time(start + 10 * hour);
  world.put_marks(marks);
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->grace_until_unix_s == start + 10 * hour + 14 * day);
  CHECK(world.grace_start() == start + 10 * hour);
  CHECK(world.marks()->time_unix_s == start + 10 * hour);
}

TEST_CASE("a clock set far ahead while grace begins, then set right, does not hold the days still") {
  ChangedWorld world;
  world.clock.now = start + 4000 * day;
  REQUIRE(world.verdict() == Verdict::active);
  world.clock.now = start;
  CHECK(world.verdict() == Verdict::rebind);
}

TEST_CASE("a clock that stands before the activation was made starts nothing, so that nothing is used up") {
  ChangedWorld world;
  world.clock.now = 1'420'000'000;
  CHECK(world.verdict() == Verdict::rebind);
  CHECK(!world.grace_start());
  world.clock.now = start;
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->grace_until_unix_s == start + 14 * day);
}

TEST_CASE("a new activation has its own grace, and an old one is not brought back by it") {
  ChangedWorld world;
  REQUIRE(world.verdict() == Verdict::active);
  world.clock.now = start + 20 * day;
  REQUIRE(world.verdict() == Verdict::rebind);
  REQUIRE(world.install_one(with_grace(world, 14, 2)));
  REQUIRE(world.verdict() == Verdict::active);
  CHECK(!world.grace_start());
  world.host = FakeHost();
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(answer->grace_until_unix_s == start + 34 * day);
  CHECK(answer->activation->generation == 2);
}

TEST_CASE("what fits comes before what is given grace, and then no grace begins") {
  World world;
  REQUIRE(world.install_one(with_grace(world, 14, 2)));
  REQUIRE(world.verdict() == Verdict::active);
  lose_all_but_platform(world);
  Activation other = world.grant(1);
  other.licence = "L2";
  world.slip_in(other);
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(answer->activation->licence == "L2");
  CHECK(!answer->grace_until_unix_s);
  CHECK(!world.marks()->find_licence("L1")->grace_start_unix_s);
}

TEST_CASE("where nothing can be written, grace that runs comes before grace that can't begin") {
  World world;
  Activation other = with_grace(world, 14, 5);
  other.licence = "L2";
  REQUIRE(world.install_one(with_grace(world)));
  world.slip_in(other);
  Marks marks = *world.marks();
  marks.advance_generation("L1", 1, world.id_of(with_grace(world)));
  marks.advance_generation("L2", 5, world.id_of(other));
  marks.begin_grace("L1", world.id_of(with_grace(world)), start);
  world.put_marks(marks);
  lose_all_but_platform(world);
  world.disk.read_only = true;
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(answer->activation->licence == "L1");
}

TEST_CASE("grace does not outlive a certificate") {
  World world;
  world.clock.now = start;
  Activation certificate = world.certificate(start, start + 5 * day);
  certificate.grace_days = 30;
  REQUIRE(world.install_one(certificate));
  REQUIRE(world.verdict() == Verdict::active);
  lose_all_but_platform(world);
  REQUIRE(world.verdict() == Verdict::active);
  world.clock.now = start + 5 * day + 1;
  CHECK(world.verdict() == Verdict::expired);
}

TEST_CASE("a check in grace writes no more than its start") {
  ChangedWorld world;
  REQUIRE(world.verdict() == Verdict::active);
  const std::size_t before = world.disk.changes;
  REQUIRE(world.verdict() == Verdict::active);
  CHECK(world.disk.changes == before);
}
