// Goal: a computer without an activation of its own is answered for by the seat that it was lent: by the whole chain, its own key,
// and the time; the time that was seen is kept whatever the verdict; no older seat comes back; and no damaged or missing file of it
// ever makes it active. What it does not prove: that the server lends no more seats than there are (seats_pool_test.cpp).

#include <catch2/catch.hpp>

#include "core/seat_lease.h"
#include "tests/unit/verifier_world.h"
#include "verifier/record.h"
#include "verifier/seat_state.h"

using namespace oak;
using namespace oak::test;

namespace {

constexpr std::uint64_t hour = 3600, day = 24 * hour;
const std::string seat_folder = folder + "/seat";

class FakeBoot final : public BootClock {
 public:
  std::uint64_t now_ms = 1'000'000;
  std::optional<std::array<std::uint8_t, 16>> boot{{1}};
  std::uint64_t now_boot_ms() override { return now_ms; }
  std::optional<std::array<std::uint8_t, 16>> boot_id() override { return boot; }
};

/// A host somewhere else, and this computer, which it lent a seat.
struct Lent {
  World world;
  FakeBoot boot;
  KeyPair server, computer;
  Activation activation;  ///< the host's
  SeatState state{world.disk, state_dir, product};

  Lent() {
    world.machine.boot = &boot;
    CountingRandom random(90);
    server = make_key_pair(random);
    computer = make_key_pair(random);
    activation = world.grant();
    activation.seat_server_key = server.public_key;
    REQUIRE(state.put_computer_key(computer.seed));
    REQUIRE(state.put_server({"https://seats.example:7443", server.public_key, world.seal(activation), product}));
    answered(1);
    hold(lease());
  }
  SeatLease lease() const {
    SeatLease out;
    out.product = product;
    out.licence = "L1";
    out.issued_at_unix_s = world.clock.now;
    out.activation = world.id_of(activation);
    out.computer_key = computer.public_key;
    out.ttl_s = 120;
    return out;
  }
  SeatLease borrowed(std::uint64_t days = 3) const {
    SeatLease out = lease();
    out.not_after_unix_s = world.clock.now + days * day;
    return out;
  }
  Bytes seal(const SeatLease& lease) const { return seal_seat_lease(lease, server, world.seal(activation)); }
  void answered(std::uint64_t answers) { REQUIRE(state.put_token({ByteArray<16>{3}, std::nullopt, answers})); }
  /// As the client does with an answer.
  void hold(const SeatLease& lease, std::uint64_t number = 1) {
    if (lease.not_after_unix_s) REQUIRE(state.put_time_mark(lease.issued_at_unix_s));
    REQUIRE(state.put_lease({seal(lease), *boot.boot, boot.now_ms, world.clock.now, number}));
  }
  std::uint64_t mark() { return (*state.time_mark()).value(); }
  Verdict verdict(std::string_view version = "3.5", std::uint64_t seats = 0) { return world.verdict(version, seats); }
  /// The verdict at another time of the wall clock.
  Verdict at(std::uint64_t now, std::string_view version = "3.5") {
    const std::uint64_t before = std::exchange(world.clock.now, now);
    const Verdict out = verdict(version);
    world.clock.now = before;
    return out;
  }
};

Bytes revoking(const World& world, const ActivationId& id) {
  Bulletin bulletin;
  bulletin.product = product;
  bulletin.issued_at_unix_s = 1'760'000'000;
  bulletin.number = 1;
  bulletin.revoked = {id};
  return seal_bulletin(bulletin, world.vendor.issuer, world.vendor.certificate_document);
}

}  // namespace

TEST_CASE("a lent seat is active for its time, in its boot, by the boot's own clock", "[lease]") {
  Lent lent;
  const auto answer = lent.world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(answer->id == lent.world.id_of(lent.activation));
  CHECK(lent.world.clock.reads == 0);
  lent.boot.now_ms += 120'000 - 1;
  CHECK(lent.verdict() == Verdict::active);
  lent.boot.now_ms += 1;
  CHECK(lent.verdict() == Verdict::expired);
  lent.boot.now_ms = 999'999;  // before it was lent: another boot that says that it is this one
  CHECK(lent.verdict() == Verdict::expired);
  lent.boot.now_ms = 1'000'000;
  lent.boot.boot = {{2}};
  CHECK(lent.verdict() == Verdict::expired);
  lent.boot.boot = std::nullopt;
  CHECK(lent.verdict() == Verdict::expired);
  lent.world.machine.boot = nullptr;
  const auto without = lent.world.check();
  REQUIRE(without);
  CHECK(without->verdict == Verdict::expired);
  CHECK(without->next == "oak-seat acquire --product demo --state-dir /state");
  CHECK(lent.world.clock.reads == 0);
}

TEST_CASE("a lent seat is one seat, of the host's versions", "[lease]") {
  Lent lent;
  CHECK(lent.verdict("3.5", 1) == Verdict::active);
  CHECK(lent.verdict("3.5", 2) == Verdict::rebind);
  CHECK(lent.verdict("4.0") == Verdict::rebind);
}

TEST_CASE("nothing held is expired, no server is not activated, and an activation of its own comes first", "[lease]") {
  Lent lent;
  REQUIRE(lent.state.remove_lease());
  CHECK(lent.verdict() == Verdict::expired);
  REQUIRE(lent.world.install_one(lent.world.grant()));
  CHECK(lent.verdict() == Verdict::active);
  CHECK(lent.world.check()->hardware);
  lent.world.disk.files.clear();
  CHECK(lent.verdict() == Verdict::not_activated);
}

TEST_CASE("a seat that was lent to another computer, for another product, or by somebody else does not count", "[lease]") {
  Lent lent;
  CountingRandom random(99);
  SeatLease foreign = lent.lease();
  foreign.computer_key = make_key_pair(random).public_key;
  lent.hold(foreign);
  CHECK(lent.verdict() == Verdict::malformed);
  SeatLease other = lent.lease();
  other.product = "other";
  lent.hold(other);
  CHECK(lent.verdict() == Verdict::untrusted);
  Lent whole;
  whole.server = make_key_pair(random);  // not the one that the activation vouches for
  whole.hold(whole.lease());
  CHECK(whole.verdict() == Verdict::untrusted);
  Lent stranger;
  stranger.world.source.argument_bytes = Vendor(40).trust_document;
  CHECK(stranger.verdict() == Verdict::untrusted);
  stranger.world.source.argument_bytes = std::nullopt;
  const auto answer = stranger.world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::untrusted);
  CHECK(answer->next == "sudo install -D -m 0644 trust.oak /etc/oak/trust/demo.oak");
}

TEST_CASE("a borrowed seat is judged as a certificate: window, mark, and their tolerances", "[lease]") {
  Lent lent;
  const std::uint64_t start = lent.world.clock.now, end = start + 3 * day;
  lent.hold(lent.borrowed());
  const FakeDisk fresh = lent.world.disk;
  lent.boot.boot = {{2}};  // it outlasts the boot
  lent.world.machine.boot = nullptr;
  CHECK(lent.at(start) == Verdict::active);
  CHECK(lent.at(end) == Verdict::active);
  CHECK(lent.at(end + 1) == Verdict::expired);
  lent.world.disk = fresh;
  CHECK(lent.at(start - 26 * hour) == Verdict::active);
  CHECK(lent.at(start - 26 * hour - 1) == Verdict::clock_set_back);
  CHECK(lent.at(start - 48 * hour - 1) == Verdict::not_yet_valid);
  CHECK(lent.at(start + 2 * day) == Verdict::active);
  CHECK(lent.at(start + 2 * day - 26 * hour - 1) == Verdict::clock_set_back);
}

TEST_CASE("a certificate lends nothing beyond its own end", "[lease]") {
  Lent lent;
  const std::uint64_t now = lent.world.clock.now;
  lent.activation = lent.world.certificate(now - day, now + 2 * day);
  lent.activation.seat_server_key = lent.server.public_key;
  lent.hold(lent.borrowed(30));
  CHECK(lent.at(now + 2 * day) == Verdict::active);
  CHECK(lent.at(now + 2 * day + 1) == Verdict::expired);
}

TEST_CASE("the time that a borrowed seat has seen advances with every verdict, once a minute at most", "[lease]") {
  Lent lent;
  const std::uint64_t start = lent.world.clock.now;
  lent.hold(lent.borrowed());
  CHECK(lent.at(start + time_step_s - 1) == Verdict::active);
  CHECK(lent.mark() == start);
  CHECK(lent.at(start + time_step_s) == Verdict::active);
  CHECK(lent.mark() == start + time_step_s);
  CHECK(lent.at(start + day, "4.0") == Verdict::rebind);
  CHECK(lent.mark() == start + day);
  // Whoever lets it end and sets the clock back meanwhile has gained nothing.
  CHECK(lent.at(start + 4 * day) == Verdict::expired);
  CHECK(lent.mark() == start + 4 * day);
  CHECK(lent.at(start + 2 * day) == Verdict::expired);
  CHECK(lent.mark() == start + 4 * day);

  Lent revoked;
  revoked.hold(revoked.borrowed());
  REQUIRE(revoked.world.try_install(revoking(revoked.world, revoked.world.id_of(revoked.activation))));
  CHECK(revoked.at(start + day) == Verdict::revoked);
  CHECK(revoked.mark() == start + day);

  Lent foreign;
  SeatLease lease = foreign.borrowed();
  lease.computer_key = foreign.server.public_key;
  foreign.hold(lease);
  CHECK(foreign.at(start + day) == Verdict::malformed);
  CHECK(foreign.mark() == start + day);
}

TEST_CASE("where the time can't be noted, the verdict is the same, and root is told", "[lease]") {
  Lent lent;
  lent.hold(lent.borrowed());
  lent.world.disk.read_only = true;
  lent.world.clock.now += day;
  auto answer = lent.world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(answer->warnings == std::vector<std::string>{"the time could not be noted in '/state/demo/seat'"});
  lent.world.machine.own_uid = 1000;
  answer = lent.world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(answer->warnings.empty());
}

TEST_CASE("a seat that was held before comes back neither after a newer one, nor after it was given back, nor after a new enrolment",
          "[lease]") {
  Lent lent;
  lent.hold(lent.borrowed(30), 1);
  const FakeFile first = lent.world.disk.files.at(seat_folder + "/lease.oak");
  CHECK(lent.verdict() == Verdict::active);
  // The answer that comes next: the lease before the token, so that a power cut between the two locks nobody out.
  lent.hold(lent.borrowed(1), 2);
  CHECK(lent.verdict() == Verdict::active);
  lent.answered(2);
  CHECK(lent.verdict() == Verdict::active);
  lent.world.disk.files[seat_folder + "/lease.oak"] = first;
  const auto older = lent.world.check();
  REQUIRE(older);
  CHECK(older->verdict == Verdict::superseded);
  CHECK(older->next == "oak-seat acquire --product demo --state-dir /state");
  // Given back: the lease is gone before it is said.
  REQUIRE(lent.state.remove_lease());
  lent.answered(3);
  CHECK(lent.verdict() == Verdict::expired);
  lent.world.disk.files[seat_folder + "/lease.oak"] = first;
  CHECK(lent.verdict() == Verdict::superseded);
}

TEST_CASE("no file of a seat that is damaged or gone ever makes it active, and the answer says what to do", "[lease]") {
  const bool is_borrowed = GENERATE(true, false);
  Lent lent;
  lent.hold(is_borrowed ? lent.borrowed() : lent.lease());
  REQUIRE(lent.verdict() == Verdict::active);
  const FakeDisk whole = lent.world.disk;
  std::set<std::string> names;
  for (const auto& [path, file] : whole.files)
    if (path.starts_with(seat_folder)) names.insert(path.substr(seat_folder.size() + 1));
  std::set<std::string> expected = {"computer.key", "lease.oak", "server.oak", "token.oak"};
  if (is_borrowed) expected.insert("clock.oak");
  REQUIRE(names == expected);
  for (const std::string& name : names) {
    INFO(name);
    const std::string path = seat_folder + "/" + name;
    Bytes& bytes = lent.world.disk.files[path].bytes;
    const Bytes before = bytes;
    const auto never_active = [&] {
      const auto answer = lent.world.check();
      return answer && answer->verdict == Verdict::malformed && !answer->next.empty() && answer->details.size() == 1;
    };
    for (std::size_t size = 0; size < before.size(); size += 1 + before.size() / 200) {
      bytes.assign(before.begin(), before.begin() + static_cast<long>(size));
      if (!never_active()) FAIL("cut to " << size);
    }
    for (std::size_t bit = 0; bit < 8 * before.size(); bit += 1 + before.size() / 100) {
      bytes = before;
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      if (!never_active()) FAIL("bit " << bit);
    }
    bytes = Bytes((1 << 18) + 1);
    CHECK(never_active());
    bytes = before;
    lent.world.disk.folders.insert(path);
    CHECK(never_active());
    lent.world.disk = whole;
    lent.world.disk.files.erase(path);
    const Verdict without = lent.verdict();
    CHECK(without == (name == "server.oak" ? Verdict::not_activated : name == "lease.oak" ? Verdict::expired : Verdict::malformed));
    lent.world.disk = whole;
    CHECK(lent.verdict() == Verdict::active);
  }
}

TEST_CASE("what the vendor revoked is not lent, and a bulletin that is gone does not make it lent again", "[lease]") {
  Lent lent;
  REQUIRE(lent.world.try_install(revoking(lent.world, lent.world.id_of(lent.activation))));
  CHECK(lent.verdict() == Verdict::revoked);
  const FakeDisk whole = lent.world.disk;
  const std::string bulletin = folder + "/bulletin-0000000000000007.oak", marks = folder + "/marks.oak";
  REQUIRE(whole.files.count(bulletin) == 1);
  lent.world.disk.files.erase(bulletin);
  auto answer = lent.world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::malformed);
  CHECK(answer->next == "oak-request import BULLETIN-FILE --state-dir /state");
  // A power cut before the first mark: the bulletin counts.
  lent.world.disk = whole;
  lent.world.disk.files.erase(marks);
  CHECK(lent.verdict() == Verdict::revoked);
  lent.world.disk = whole;
  lent.world.disk.files[marks].bytes.back() ^= 1;
  answer = lent.world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::malformed);
  CHECK(answer->next == "sudo rm /state/demo/marks.oak && oak-request import BULLETIN-FILE --state-dir /state");
  lent.world.disk.files.erase(marks);
  REQUIRE(lent.world.try_install(revoking(lent.world, lent.world.id_of(lent.activation))));
  CHECK(lent.verdict() == Verdict::revoked);
}

TEST_CASE("a seat's file that may not be read is no answer, and none is made up", "[lease]") {
  Lent lent;
  for (const char* name : {"server.oak", "token.oak", "lease.oak", "computer.key"}) {
    lent.world.disk.unreadable = {seat_folder + "/" + name};
    const auto answer = lent.world.check();
    REQUIRE(!answer);
    CHECK(answer.error().code == Code::permission_denied);
  }
}
