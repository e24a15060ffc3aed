// Goal: rule 5 of the security design at its edges, the precedence of the three clock verdicts, and what a wrong clock
// leaves behind. Time is a number here; nothing waits.

#include <catch2/catch.hpp>

#include "tests/unit/verifier_world.h"

using namespace oak;
using namespace oak::test;

namespace {

constexpr std::uint64_t hour = 3600, day = 86400, start = 1'760'000'000, end = start + 30 * day;

Activation a_certificate() {
  Activation out;
  out.kind = Kind::certificate;
  out.issued_at_unix_s = start;
  out.not_after_unix_s = end;
  return out;
}

}  // namespace

TEST_CASE("the window's edges, to the second") {
  const Activation certificate = a_certificate();
  const auto judge_at = [&](std::uint64_t now, std::uint64_t mark = 0) { return judge_window(certificate, mark, now); };
  CHECK(judge_at(start - 48 * hour - 1) == Verdict::not_yet_valid);
  CHECK(judge_at(start - 48 * hour) == std::nullopt);
  CHECK(judge_at(end) == std::nullopt);
  CHECK(judge_at(end + 1) == Verdict::expired);
  CHECK(judge_at(start + day, start + day + 26 * hour) == std::nullopt);
  CHECK(judge_at(start + day, start + day + 26 * hour + 1) == Verdict::clock_set_back);
  CHECK(judge_at(start, end + 1) == Verdict::expired);
  CHECK(judge_at(start, end) == Verdict::clock_set_back);
  CHECK(judge_at(0, end + 1) == Verdict::not_yet_valid);
  CHECK(judge_at(UINT64_MAX) == Verdict::expired);
}

TEST_CASE("a permanent activation has no window") {
  Activation permanent = a_certificate();
  permanent.kind = Kind::permanent;
  permanent.not_after_unix_s.reset();
  CHECK(judge_window(permanent, UINT64_MAX, 0) == std::nullopt);
}

TEST_CASE("a year of daily checks: active to the end, expired after it, and setting the clock back helps nobody") {
  World world;
  world.clock.now = start;
  REQUIRE(world.install_one(world.certificate(start, end)));
  for (int d = 0; d < 365; ++d) {
    world.clock.now = start + static_cast<std::uint64_t>(d) * day;
    CHECK(world.verdict() == (d <= 30 ? Verdict::active : Verdict::expired));
    CHECK(world.marks()->time_unix_s == world.clock.now);
  }
  world.clock.now = start + day;
  CHECK(world.verdict() == Verdict::expired);
}

TEST_CASE("the mark advances on every verdict, and not each second") {
  World world;
  world.clock.now = start;
  REQUIRE(world.install_one(world.certificate(start, end)));
  CHECK(world.marks()->time_unix_s == start);
  world.clock.now = start + 59;
  CHECK(world.verdict() == Verdict::active);
  REQUIRE(world.verdict("9.9") == Verdict::rebind);
  const std::size_t before = world.disk.changes;
  CHECK(world.verdict() == Verdict::active);
  CHECK(world.disk.changes == before);
  world.clock.now = start + 10 * day;
  REQUIRE(world.verdict("9.9") == Verdict::rebind);
  CHECK(world.marks()->time_unix_s == start + 10 * day);
}

TEST_CASE("a clock set back by more than 26 hours is named, and set right again it holds") {
  World world;
  world.clock.now = start + 10 * day;
  REQUIRE(world.install_one(world.certificate(start, end)));
  world.clock.now = start + 8 * day;
  CHECK(world.verdict() == Verdict::clock_set_back);
  world.clock.now = start + 10 * day;
  CHECK(world.verdict() == Verdict::active);
}

TEST_CASE("a clock once set far ahead is mended by a signed reset, once for each generation") {
  World world;
  world.clock.now = start;
  REQUIRE(world.install_one(world.certificate(start, end, 1)));
  world.clock.now = start + 4000 * day;
  CHECK(world.verdict() == Verdict::expired);
  world.clock.now = start + day;
  CHECK(world.verdict() == Verdict::expired);
  Activation reset = world.certificate(start + day, end, 2);
  reset.reset_clock = true;
  REQUIRE(world.install_one(reset));
  CHECK(world.verdict() == Verdict::active);
  // The same document does not set the clock back again.
  world.clock.now = end + day;
  CHECK(world.verdict() == Verdict::expired);
  REQUIRE(world.install_one(reset));
  world.clock.now = start + 2 * day;
  CHECK(world.verdict() == Verdict::expired);
}

TEST_CASE("an expired certificate stands behind a permanent activation") {
  World world;
  world.clock.now = end + day;
  REQUIRE(world.install_one(world.certificate(start, end, 1)));
  CHECK(world.verdict() == Verdict::expired);
  REQUIRE(world.install_one(world.grant(2)));
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(answer->activation->kind == Kind::permanent);
}
