// Goal: an audit finds in the leaves and their signatures alone what the desk may say of them, and names the first entry that is
// not as it should be: whatever was changed, swapped, dropped, forged, or told otherwise in a derived table. The desk's rules:
// issuer_audit_rules_test.cpp; bulletins: issuer_audit_bulletins_test.cpp.
#include <catch2/catch.hpp>

#include "tests/unit/issuer_ledger_world.h"

namespace oak::desk_test {
namespace {

using Catch::Contains;

// Entries of a UsedDesk: 0 key, 1 product, 2 and 3 licences, 4 to 6 issued, 7 issued and 8 superseded, 9 issued, 10 returned,
// 11 issued and 12 superseded, 13 revoked.
constexpr std::uint64_t permanent = 4, certificate = 5, second_licence = 6, bigger = 7, first_end = 8, fourth = 9, returned_entry = 10,
                        smaller = 11, revoked_entry = 13, all_entries = 14;

const std::vector<std::string> derived_tables = {"licences",     "licence_entries", "products",     "activations",
                                                 "live_members", "moves",           "key_documents"};

void check_named(const AuditResult& result, std::uint64_t entry, const std::string& said) {
  REQUIRE_FALSE(result.faults.empty());
  const AuditFault& first = result.faults.front();
  CHECK(first.entry == std::optional(entry));
  CHECK_THAT(first.message, Contains("entry " + std::to_string(entry)) && Contains(said));
}

std::string json_of(const AuditResult& result) { return audit_report(result).json; }

}  // namespace

TEST_CASE("a sound ledger has no fault, and the sums are the desk's", "[issuer][audit]") {
  UsedDesk office;
  const AuditResult result = office.audited({}, true);
  INFO(json_of(result));
  CHECK(result.faults.empty());
  CHECK(result.entries == all_entries);
  REQUIRE(result.licences.size() == 2);
  for (const auto& sum : result.licences) {
    const auto totals = office.desk->ledger().totals(sum.id, office.clock.now);
    CHECK(sum.live == totals->live_seats);
    CHECK(sum.unreturned == totals->unreturned);
  }
  CHECK(result.licences[0].id == "L1");
  CHECK(result.licences[0].bought == 8);
  CHECK(result.licences[0].live == 4);  // three for the one that shrank, one for the certificate
  CHECK(result.licences[0].unreturned == 1);
  CHECK(result.licences[1].live == 0);
  // Time goes on: the certificate ends.
  office.clock.now += 40 * day;
  CHECK(office.audited().licences[0].live == 3);
}

TEST_CASE("an audit without the derived tables gives the same answer, and writes nothing", "[issuer][audit]") {
  UsedDesk office;
  const std::string before = json_of(office.audited());
  for (const std::string& table : derived_tables) office.run("DROP TABLE " + table);
  const auto files = office.files();
  CHECK(json_of(office.audited()) == before);
  CHECK(office.files() == files);
}

TEST_CASE("each column of each derived table is held against the leaves", "[issuer][audit]") {
  UsedDesk office;
  const std::map<std::string, std::vector<std::string>> columns = {
      {"licences", {"id", "folded", "entry", "added", "steady", "steady_unreturned"}},
      {"licence_entries", {"entry", "licence"}},
      {"products", {"name", "entry"}},
      {"activations",
       {"id", "text", "licence", "entry", "state", "generation", "request", "machine", "seats", "counted", "owed_until", "counted_after",
        "not_after", "supersedes", "successor", "freed", "weak", "ended"}},
      {"live_members", {"member", "id"}},
      {"moves", {"entry", "licence", "at"}},
      {"key_documents", {"entry", "kind"}},
  };
  const Bytes sound = office.disk.read(office.ledger_path(), 1 << 24)->bytes;
  for (const auto& [table, names] : columns) {
    const std::string said = "table " + (table == "licence_entries" ? "licences" : table);  // which both of them tell of
    std::vector<std::string> spoilers = {"DELETE FROM " + table + " WHERE " + names[0] + " = (SELECT " + names[0] + " FROM " + table +
                                         " LIMIT 1)"};
    for (const std::string& name : names)
      spoilers.push_back("UPDATE " + table + " SET " + name + " = CASE typeof(" + name + ") WHEN 'integer' THEN " + name +
                         " + 100 WHEN 'blob' THEN zeroblob(length(" + name + ")) WHEN 'null' THEN 7 ELSE " + name + " || 'x' END WHERE " +
                         names[0] + " = (SELECT " + names[0] + " FROM " + table + " LIMIT 1)");
    for (const std::string& spoiler : spoilers) {
      INFO(spoiler);
      office.run(spoiler);
      const AuditResult result = office.audited();
      REQUIRE_FALSE(result.faults.empty());
      bool is_named = false;
      for (const AuditFault& fault : result.faults) is_named |= fault.message.find(said) != std::string::npos;
      CHECK(is_named);
      REQUIRE(office.disk.write(office.ledger_path(), sound, 0600, Existing::replace));
    }
  }
  CHECK(office.audited().faults.empty());
}

TEST_CASE("rows that no leaf gives are found", "[issuer][audit]") {
  UsedDesk office;
  const auto added = GENERATE(
      as<std::string>(), "INSERT INTO licences VALUES ('L9', 'l9', 3, 3, 0, 0)", "INSERT INTO products VALUES ('x', 1)",
      "INSERT INTO licence_entries VALUES (5, 'L1')", "INSERT INTO licence_entries VALUES (5, 'L9')",
      "INSERT INTO moves VALUES (5, 'L1', 0)", "INSERT INTO key_documents VALUES (5, 10)", "INSERT INTO live_members VALUES (x'00', x'01')",
      "INSERT INTO activations SELECT x'00', 'x', licence, 5, 1, 9, x'01', machine, 1, 1, NULL, 1, NULL, NULL, NULL, 0, 0, NULL "
      "FROM activations LIMIT 1");
  INFO(added);
  office.run(added);
  CHECK_FALSE(office.audited().faults.empty());
}

TEST_CASE("whatever else lies in the ledger's file is named", "[issuer][audit]") {
  UsedDesk office;
  SECTION("a trigger") {
    office.run("CREATE TRIGGER helper AFTER INSERT ON entries BEGIN DELETE FROM moves; END");
    CHECK_THAT(office.audited().faults.front().message, Contains("helper"));
  }
  SECTION("a request beside an entry that is not issued") {
    office.run("UPDATE entries SET request = x'00' WHERE idx = 2");
    check_named(office.audited(), 2, "keeps a request");
  }
  SECTION("another request than the leaf names") {
    office.run("UPDATE entries SET request = (SELECT request FROM entries WHERE idx = 5) WHERE idx = 4");
    check_named(office.audited(), permanent, "request");
  }
  SECTION("no request") {
    office.run("UPDATE entries SET request = NULL WHERE idx = 4");
    check_named(office.audited(), permanent, "request");
  }
  SECTION("a licence secret that is missing") {
    office.run("DELETE FROM secrets WHERE licence = 'L2'");
    CHECK_THAT(office.audited().faults.front().message, Contains("secret of licence L2") && Contains("missing"));
  }
  SECTION("a licence secret too many") {
    office.run("INSERT INTO secrets SELECT licence, 2, nonce, sealed FROM secrets WHERE licence = 'L2'");
    CHECK_THAT(office.audited().faults.front().message, Contains("belongs to no licence"));
  }
  SECTION("a licence secret that was altered is seen by whoever has the desk's key") {
    office.run("UPDATE secrets SET nonce = zeroblob(24) WHERE licence = 'L2'");
    CHECK(office.audited().faults.empty());
    CHECK_THAT(office.audited({}, true).faults.front().message, Contains("secret of licence L2") && Contains("altered"));
  }
}

TEST_CASE("leaves that were swapped, or are missing, are named", "[issuer][audit]") {
  UsedDesk office;
  SECTION("swapped") {
    const Bytes one = office.leaf_bytes(2), other = office.leaf_bytes(3);
    office.set_leaf(2, other);
    office.set_leaf(3, one);
    check_named(office.audited(), 2, "holds the leaf of entry 3");
  }
  SECTION("swapped with their numbers") {
    office.run(
        "UPDATE entries SET idx = 100 WHERE idx = 4; UPDATE entries SET idx = 4 WHERE idx = 5; UPDATE entries SET idx = 5 WHERE idx = 100");
    check_named(office.audited(), 4, "holds the leaf of entry 5");
  }
  SECTION("one is gone") {
    office.run("DELETE FROM entries WHERE idx = 6");
    check_named(office.audited(), second_licence, "is missing");
  }
  SECTION("the last ones are gone: only a checkpoint knows") {
    const std::string note = office.note_file("checkpoint", office.checkpoint());
    std::filesystem::remove_all(office.desk_folder + "/checkpoints");
    office.run("DELETE FROM entries WHERE idx = 13");
    for (const std::string& table : derived_tables) office.run("DROP TABLE " + table);
    CHECK(office.audited().faults.empty());
    check_named(office.audited({note}), revoked_entry, "missing");
  }
}

TEST_CASE("no byte of a leaf can be changed behind a checkpoint's back", "[issuer][audit]") {
  UsedDesk office;
  office.checkpoint();
  std::size_t tried = 0;
  for (std::uint64_t index = 0; index < all_entries; ++index) {
    const Bytes sound = office.leaf_bytes(index);
    for (std::size_t at = 0; at < sound.size(); at += 41, ++tried) {
      Bytes changed = sound;
      changed[at] ^= 1;
      office.set_leaf(index, changed);
      INFO("entry " << index << ", byte " << at);
      CHECK_FALSE(office.audited().faults.empty());
    }
    office.set_leaf(index, sound);
  }
  CHECK(tried > 100);
  CHECK(office.audited().faults.empty());
}

TEST_CASE("what an operator with all keys could write is held against the rules", "[issuer][audit]") {
  UsedDesk office;
  const auto named = [&](std::uint64_t entry, const std::string& said) { check_named(office.audited(), entry, said); };
  SECTION("more seats than were bought") {
    office.change_leaf(2, [](Leaf& leaf) { std::get<LicenceLeaf>(leaf.body).licence.seats = 2; });
    named(certificate, "3 live seats, 2 bought");
  }
  SECTION("bought lowered below what is live") {
    Licence less = **office.desk->ledger().licence("L1");
    less.seats = 3;
    office.append(LeafKind::licence_changed, LicenceLeaf{less});
    named(all_entries, "4 live seats, 3 bought");
  }
  SECTION("an activation that stands for fewer seats than it does") {
    office.change_leaf(smaller, [](Leaf& leaf) { std::get<IssuedLeaf>(leaf.body).counted_seats = 1; });
    named(smaller, "stands for 1 seat; it stands for 3");
  }
  SECTION("other seats than the request asked for") {
    office.change_activation(permanent, [](Activation& activation) { activation.seats = 3; });
    named(permanent, "something else than its request");
  }
  SECTION("a generation twice") {
    office.change_activation(second_licence, [](Activation& activation) { activation.generation = 2; });
    named(second_licence, "generation 2 of licence L2; 1 is due");
  }
  SECTION("another index") {
    office.change_activation(fourth, [](Activation& activation) { activation.index = 20; });
    named(fourth, "names entry 20");
  }
  SECTION("another time than its leaf") {
    office.change_activation(fourth, [](Activation& activation) { ++activation.issued_at_unix_s; });
    named(fourth, "another time");
  }
  SECTION("versions and features that were not sold") {
    office.change_activation(fourth, [](Activation& activation) { activation.versions = *VersionRange::parse("4.*"); });
    named(fourth, "grants versions 4.*");
    office.change_activation(fourth, [](Activation& activation) {
      activation.versions = *VersionRange::parse("3.*");
      activation.features = {"export"};
    });
    named(fourth, "feature 'export'");
  }
  SECTION("a successor that the next entry does not name") {
    office.change_leaf(first_end, [](Leaf& leaf) { std::get<EndedLeaf>(leaf.body).by = Bytes(16, 7); });
    named(first_end, "names a successor");
  }
  SECTION("superseding without saying so") {
    office.change_leaf(first_end, [&](Leaf& leaf) {
      leaf.kind = LeafKind::product_changed;
      leaf.body = ProductLeaf{{"demo", {}, 0}};
    });
    named(bigger, "the next entry does not say so");
  }
  SECTION("returned twice") {
    office.change_leaf(revoked_entry, [&](Leaf& leaf) {
      leaf.kind = LeafKind::returned;
      leaf.body = ReturnedLeaf{office.sites[3].holds->id, office.receipt_of(*office.sites[3].holds, office.sites[3].key), {}, true};
    });
    named(revoked_entry, "returned already");
  }
  SECTION("a receipt that another machine signed") {
    office.change_leaf(returned_entry, [&](Leaf& leaf) {
      std::get<ReturnedLeaf>(leaf.body).receipt = office.receipt_of(*office.sites[3].holds, office.sites[1].key);
    });
    named(returned_entry, "another machine");
  }
  SECTION("a receipt for another activation") {
    office.change_leaf(returned_entry, [&](Leaf& leaf) {
      std::get<ReturnedLeaf>(leaf.body).receipt = office.receipt_of(*office.sites[1].holds, office.sites[3].key);
    });
    named(returned_entry, "holds the receipt of activation");
  }
  SECTION("a receipt that frees seats and is no move") {
    office.change_leaf(returned_entry, [&](Leaf& leaf) { std::get<ReturnedLeaf>(leaf.body).uses_quota = false; });
    named(returned_entry, "does not count as a move");
  }
  SECTION("a receipt that names a successor which is none") {
    office.change_leaf(returned_entry, [&](Leaf& leaf) {
      Receipt receipt = *open_receipt(std::get<ReturnedLeaf>(leaf.body).receipt)->receipt;
      receipt.successor = office.sites[1].holds->id;
      std::get<ReturnedLeaf>(leaf.body).receipt = seal_receipt(receipt, office.sites[3].key);
    });
    named(returned_entry, "names a successor");
  }
  SECTION("a revoked one that was ended before") {
    office.change_leaf(revoked_entry, [&](Leaf& leaf) { std::get<EndedLeaf>(leaf.body).activation = office.sites[3].holds->id; });
    named(revoked_entry, "not live");
  }
  SECTION("more moves than the quota without approval") {
    office.change_leaf(2, [](Leaf& leaf) { std::get<LicenceLeaf>(leaf.body).licence.rehosts = 0; });
    named(returned_entry, "rehost-quota");
  }
  SECTION("a licence key's number that skips") {
    Licence licence = **office.desk->ledger().licence("L1");
    licence.key_number = 3;
    office.append(LeafKind::licence_changed, LicenceLeaf{licence});
    named(all_entries, "skips a key number");
  }
}

TEST_CASE("an activation counts only by an issuer whom the roots and an entry vouch for", "[issuer][audit]") {
  UsedDesk office;
  SECTION("a signature that was altered") {
    office.change_leaf(fourth, [](Leaf& leaf) { std::get<IssuedLeaf>(leaf.body).activation.back() ^= 1; });
    check_named(office.audited(), fourth, "does not verify");
  }
  SECTION("an issuer of another desk") {
    OpenDesk other(3, 99);
    office.change_leaf(fourth, [&](Leaf& leaf) {
      auto& issued = std::get<IssuedLeaf>(leaf.body);
      issued.activation =
          seal_activation(read_activation_unverified(issued.activation)->activation, *other.keys.issuer, other.keys.certificate);
    });
    const AuditResult result = office.audited();
    check_named(result, fourth, "certif");
    CHECK_THAT(json_of(result), Contains("no entry before it certifies") && Contains("the desk's roots did not sign"));
  }
  SECTION("a certificate that the first entry does not certify") {
    OpenDesk other(3, 99);
    office.change_leaf(0, [&](Leaf& leaf) { std::get<KeyLeaf>(leaf.body).certificate = other.keys.certificate; });
    check_named(office.audited(), 0, "the desk's roots did not sign");
  }
}

TEST_CASE("an audit needs the trust, and says where it can't answer", "[issuer][audit]") {
  UsedDesk office;
  std::filesystem::remove(office.desk_folder + "/trust.oak");
  const auto without = audit(office.disk, {office.desk_folder, {}, {}, {}, office.clock.now, nullptr});
  REQUIRE_FALSE(without);
  CHECK_THAT(without.error().hint, Contains("--trust"));
  const auto nowhere = audit(office.disk, {office.folder.path() + "/none", {}, {}, {}, office.clock.now, nullptr});
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().code == Code::not_found);
}

}  // namespace oak::desk_test
