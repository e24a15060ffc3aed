// Goal: what the ledger answers follows from its leaves alone. Everything derived is thrown away and made again, and
// every answer stays the same; an entry out of order, a rolled back transaction and a file that is none leave nothing.
#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "tests/unit/issuer_world.h"

namespace oak::desk_test {
namespace {

std::string describe(const ActivationRecord& record) {
  std::ostringstream out;
  out << activation_id_text(record.id) << " " << activation_state_name(record.state) << " seats " << record.activation.seats << " counted "
      << record.counted_seats << " generation " << record.activation.generation << " at " << record.at_unix_s << " by "
      << record.operator_name << " request " << to_hex(record.request) << " document " << to_hex(record.document) << " successor "
      << (record.successor ? activation_id_text(*record.successor) : "none") << " approvals";
  for (const std::string& approval : record.approvals) out << " " << approval;
  return out.str();
}

/// Everything that can be asked, as text.
std::string all_answers(Ledger& ledger, std::uint64_t now) {
  std::ostringstream out;
  out << "size " << *ledger.size() << "\n";
  const auto licences = *ledger.licences();
  for (const Licence& licence : licences) {
    out << licence.id << " " << licence.seats << " " << licence.versions.text() << " key " << licence.key_number << "\n";
    out << "  generation " << *ledger.highest_generation(licence.id) << ", quota " << *ledger.quota_used_since(licence.id, now - 365 * day)
        << ", live seats " << ledger.totals(licence.id, now)->live_seats << "\n";
    const auto live = *ledger.live_activations(licence.id);
    for (const ActivationRecord& record : live) out << "  live " << describe(record) << "\n";
  }
  const auto activations = *ledger.activations();
  for (const ActivationRecord& record : activations) {
    out << describe(record) << "\n";
    out << "  by id " << describe(**ledger.activation(record.id)) << "\n";
    out << "  by text " << describe(**ledger.activation_by_text(activation_id_text(record.id))) << "\n";
    out << "  by request " << describe(**ledger.answer_to(record.request)) << "\n";
  }
  if (const auto terms = *ledger.product("demo"))
    out << "demo " << terms->grace_days << " " << int{terms->policy.threshold_percent} << "\n";
  return out.str();
}

/// A desk with a history of every kind.
void live_through(SmallDesk& desk) {
  SeededRandom random(11);
  desk.add(licence_of(6));
  const Leaf product{*desk.ledger().size(), LeafKind::product_changed, desk.now, "olga", {}, ProductLeaf{{"demo", Policy{}, 7}}};
  REQUIRE(desk.ledger().append(product));
  Site first = make_site(random, "1"), second = make_site(random, "2"), third = make_site(random, "3");
  for (Site* site : {&first, &second, &third}) {
    const auto issued = desk.issue(arrive(*site, request_from(*site, {}, random), &desk.proof_key()));
    REQUIRE(issued.record);
    site->holds = issued.record;
    desk.now += day;
  }
  first.hardware.uuid = "uuid-new", first.hardware.mac = "mac-new";
  const auto moved = desk.issue(arrive(first, request_from(first, {}, random), nullptr), {{"needs-receipt"}, std::nullopt});
  REQUIRE(moved.record);
  desk.end(LeafKind::returned, second.holds->id);
  desk.end(LeafKind::revoked, third.holds->id);
  Licence changed = licence_of(8, "3.*");
  changed.key_number = 2;
  desk.change(changed);
}

}  // namespace

TEST_CASE("derived tables made again from the leaves answer the same", "[issuer][ledger]") {
  SmallDesk desk;
  live_through(desk);
  const std::string before = all_answers(desk.ledger(), desk.now);
  CHECK(before.find("superseded") != std::string::npos);
  CHECK(before.find("returned") != std::string::npos);
  CHECK(before.find("revoked") != std::string::npos);
  CHECK(before.find("quota 2") != std::string::npos);
  REQUIRE(desk.ledger().derive_again());
  CHECK(all_answers(desk.ledger(), desk.now) == before);
}

TEST_CASE("tables that are missing or of an earlier version are made again when the ledger is opened", "[issuer][ledger]") {
  std::string path = "/tmp/oak-ledger-XXXXXX";
  ::close(::mkstemp(path.data()));
  std::remove(path.c_str());
  SmallDesk desk;
  live_through(desk);
  {
    auto file = open_sqlite_ledger(path, LedgerOpening::create);
    REQUIRE(file);
    for (std::uint64_t index = 0; index < *desk.ledger().size(); ++index) REQUIRE((*file)->append(*desk.ledger().leaf(index)));
  }
  const std::string expected = all_answers(desk.ledger(), desk.now);
  for (const char* spoil : {"PRAGMA user_version = 1", "DROP TABLE activations", "DROP TABLE live_members; DROP TABLE moves"})
    for (const LedgerOpening opening : {LedgerOpening::read, LedgerOpening::read_write}) {
      INFO(spoil);
      sqlite3* database = nullptr;
      REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
      REQUIRE(sqlite3_exec(database, spoil, nullptr, nullptr, nullptr) == SQLITE_OK);
      sqlite3_close(database);
      const auto ledger = open_sqlite_ledger(path, opening);
      REQUIRE(ledger);
      CHECK(all_answers(**ledger, desk.now) == expected);
    }
  std::remove(path.c_str());
}

TEST_CASE("leaves carried to another ledger make the same ledger", "[issuer][ledger]") {
  SmallDesk desk;
  live_through(desk);
  auto copy = open_sqlite_ledger(":memory:", LedgerOpening::create);
  REQUIRE(copy);
  for (std::uint64_t index = 0; index < *desk.ledger().size(); ++index) {
    const auto leaf = desk.ledger().leaf(index);
    REQUIRE(leaf);
    REQUIRE((*copy)->append(*leaf));
  }
  CHECK(all_answers(**copy, desk.now) == all_answers(desk.ledger(), desk.now));
}

TEST_CASE("an entry out of order is refused and leaves nothing", "[issuer][ledger]") {
  SmallDesk desk;
  desk.add(licence_of(1));
  for (const std::uint64_t index : {0ULL, 2ULL, 1000ULL}) {
    const Leaf leaf{index, LeafKind::licence_changed, desk.now, "olga", {}, LicenceLeaf{licence_of(9)}};
    CHECK(desk.ledger().append(leaf).error().code == Code::ledger_damaged);
  }
  CHECK(*desk.ledger().size() == 1);
  CHECK((**desk.ledger().licence("L1")).seats == 1);
}

TEST_CASE("what was not committed has not happened", "[issuer][ledger]") {
  SmallDesk desk;
  REQUIRE(desk.ledger().begin());
  desk.add(licence_of(4));
  CHECK(*desk.ledger().size() == 1);
  desk.ledger().roll_back();
  CHECK(*desk.ledger().size() == 0);
  CHECK_FALSE(*desk.ledger().licence("L1"));
}

TEST_CASE("ids are looked up exactly, and found when only case differs", "[issuer][ledger]") {
  SmallDesk desk;
  desk.add(licence_of(1));
  CHECK_FALSE(*desk.ledger().licence("l1"));
  CHECK(*desk.ledger().licence_id_like("l1") == std::optional<std::string>("L1"));
  CHECK_FALSE(*desk.ledger().licence_id_like("L2"));
}

TEST_CASE("a licence secret comes back by licence and key number", "[issuer][ledger]") {
  SmallDesk desk;
  REQUIRE(desk.ledger().put_secret("L1", 1, {ByteArray<24>{1}, Bytes{1, 2, 3}}));
  REQUIRE(desk.ledger().put_secret("L1", 2, {ByteArray<24>{2}, Bytes{4}}));
  CHECK((**desk.ledger().secret("L1", 1)).ciphertext == Bytes{1, 2, 3});
  CHECK((**desk.ledger().secret("L1", 2)).ciphertext == Bytes{4});
  CHECK_FALSE(*desk.ledger().secret("L1", 3));
  CHECK_FALSE(desk.ledger().put_secret("L1", 1, {ByteArray<24>{3}, Bytes{9}}));
}

TEST_CASE("a file that is no ledger is an error, never an empty ledger", "[issuer][ledger]") {
  std::string path = "/tmp/oak-ledger-XXXXXX";
  const int fd = ::mkstemp(path.data());
  ::close(fd);
  std::ofstream(path) << std::string(5000, 'x');
  const auto opened = open_sqlite_ledger(path, LedgerOpening::read_write);
  const bool refused = !opened || !(*opened)->size();
  CHECK(refused);
  std::remove(path.c_str());
  CHECK_FALSE(open_sqlite_ledger(path, LedgerOpening::read_write));
}

TEST_CASE("a certificate holds its seats up to its end", "[issuer][ledger]") {
  ActivationRecord record;
  record.activation.not_after_unix_s = 1000;
  CHECK(record.is_live(1000));
  CHECK_FALSE(record.is_live(1001));
  record.activation.not_after_unix_s.reset();
  CHECK(record.is_live(1001));
  record.state = ActivationState::superseded;
  CHECK_FALSE(record.is_live(1001));
}

TEST_CASE("a certificate renewed with fewer seats stands for the old number until the old end, and not after", "[issuer][ledger]") {
  SmallDesk desk;
  SeededRandom random(3);
  desk.add(licence_of(6));
  Site site = make_site(random);
  const auto ask = [&](std::uint64_t seats) {
    auto issued = desk.issue(arrive(site, request_from(site, {.seats = seats}, random), &desk.proof_key()), {{}, 30});
    REQUIRE(issued.record);
    site.holds = issued.record;
  };
  ask(3);
  const std::uint64_t end = *site.holds->activation.not_after_unix_s;
  desk.now += 20 * day;
  ask(1);
  CHECK(desk.live_seats_of("L1") == 3);
  CHECK(desk.ledger().totals("L1", end)->live_seats == 3);
  CHECK(desk.ledger().totals("L1", end)->unreturned == 1);
  CHECK(desk.ledger().totals("L1", end + 1)->live_seats == 1);
  CHECK(desk.ledger().totals("L1", end + 1)->unreturned == 0);
}

TEST_CASE("a receipt for what came before frees what its successor still stood for", "[issuer][ledger]") {
  SmallDesk desk;
  SeededRandom random(4);
  desk.add(licence_of(6));
  Site site = make_site(random);
  std::vector<ActivationId> ids;
  for (const std::uint64_t seats : {5U, 2U, 3U}) {
    const auto issued = desk.issue(arrive(site, request_from(site, {.seats = seats}, random), &desk.proof_key()));
    REQUIRE(issued.record);
    site.holds = issued.record;
    ids.push_back(issued.record->id);
  }
  CHECK(desk.live_seats_of("L1") == 5);
  desk.end(LeafKind::returned, ids[0]);
  CHECK(desk.live_seats_of("L1") == 3);
  desk.end(LeafKind::returned, ids[1]);
  CHECK(desk.live_seats_of("L1") == 3);
  CHECK_FALSE(
      desk.ledger().append({*desk.ledger().size(), LeafKind::returned, desk.now, "olga", {}, ReturnedLeaf{ids[0], {1}, {}, false}}));
}

TEST_CASE("a chain of successors can't be bent back into itself, or to a stranger", "[issuer][ledger]") {
  SmallDesk desk;
  SeededRandom random(6);
  desk.add(licence_of(6));
  std::vector<ActivationId> ids;
  for (const std::string name : {"1", "2"}) {
    const Site site = make_site(random, name);
    ids.push_back(desk.issue(arrive(site, request_from(site, {}, random), &desk.proof_key())).record->id);
  }
  for (const ActivationId& by : ids) {
    const Leaf leaf{*desk.ledger().size(), LeafKind::superseded, desk.now, "olga", {}, EndedLeaf{ids[0], Bytes(by.begin(), by.end())}};
    REQUIRE(desk.ledger().begin());
    CHECK(desk.ledger().append(leaf).error().code == Code::ledger_damaged);
    desk.ledger().roll_back();
  }
}

TEST_CASE("only live activations that could be the same machine are looked at", "[issuer][ledger]") {
  SmallDesk desk;
  SeededRandom random(5);
  desk.add(licence_of(9));
  std::vector<Site> sites;
  for (const std::string name : {"1", "2", "3"}) {
    sites.push_back(make_site(random, name));
    const auto issued = desk.issue(arrive(sites.back(), request_from(sites.back(), {}, random), &desk.proof_key()));
    REQUIRE(issued.record);
    sites.back().holds = issued.record;
  }
  const auto like = [&](const Site& site, FingerprintKeyId key = {}) {
    return desk.ledger().live_like("L1", site.key.public_key, key, fingerprint_of(site.hardware))->size();
  };
  Site mixed = make_site(random, "9");
  CHECK(like(mixed) == 0);  // the model that they all share says nothing
  mixed.hardware.disk = "disk-1", mixed.hardware.mac = "mac-2";
  CHECK(like(mixed) == 2);
  CHECK(like(mixed, {7}) == 0);
  mixed.key = {sites[2].key.seed.clone(), sites[2].key.public_key};
  CHECK(like(mixed) == 3);
  desk.end(LeafKind::revoked, sites[0].holds->id);
  CHECK(like(mixed) == 2);
}

}  // namespace oak::desk_test
