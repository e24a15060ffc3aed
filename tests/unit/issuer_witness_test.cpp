// Goal: a witness cosigns only what goes on from the last checkpoint it cosigned, remembers it before the cosignature leaves, and
// keeps both notes where a desk contradicts itself.
#include <catch2/catch.hpp>

#include "issuer/witness.h"
#include "tests/unit/issuer_ledger_world.h"

namespace oak::desk_test {
namespace {

using Catch::Contains;

struct Watched : UsedDesk {
  std::string witness_folder = folder.path() + "/witness";
  Outcome<Witnessed> show(const std::string& note, const std::string& desk_key = {}) {
    return witness_checkpoint(world, {witness_folder, note, desk_key});
  }
  std::string file_of(const std::string& name, const std::vector<std::uint64_t>& old_sizes = {}) {
    return note_file(name, checkpoint(old_sizes));
  }
  std::size_t conflicts() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(witness_folder))
      count += entry.path().filename().string().starts_with("conflict-") ? 1U : 0U;
    return count;
  }
};

}  // namespace

TEST_CASE("a witness cosigns the first checkpoint, and those that go on from it", "[issuer][witness]") {
  Watched office;
  const std::string first = office.file_of("first");
  const auto done = office.show(first);
  REQUIRE(done);
  CHECK_FALSE(done->entries_before);
  const auto key = parse_verifier_key(done->witness_key);
  REQUIRE(key);
  CHECK(key->type == NoteKeyType::cosignature);
  CHECK(cosigned_at(*parse_note(done->note), key->name, key->key) == office.clock.now);
  CHECK(std::filesystem::status(office.witness_folder).permissions() == std::filesystem::perms(0700));

  office.sell("L3", 1);
  office.clock.now += day;
  const auto next = office.show(office.file_of("second"));
  REQUIRE(next);
  CHECK(next->entries_before == std::optional<std::uint64_t>(14));
  CHECK(next->witness_key == done->witness_key);
  // The same again, later: its own cosignature is replaced, not added to.
  office.write("second.cosigned", next->note);
  const auto again = office.show(office.folder.path() + "/second.cosigned");
  REQUIRE(again);
  CHECK(parse_note(again->note)->signatures.size() == 2);
  // An auditor who knows the witness's key sees when.
  AuditInput input{office.desk_folder, {office.folder.path() + "/second.cosigned"}, {done->witness_key}, {}, office.clock.now, nullptr};
  const auto audited = audit(office.disk, input);
  REQUIRE(audited);
  CHECK(audited->faults.empty());
  CHECK_THAT(audit_report(*audited).text, Contains("cosigned by " + key->name + " at 2027"));
}

TEST_CASE("a witness refuses what it can't follow, and remembers what it had", "[issuer][witness]") {
  Watched office;
  const std::string first = office.file_of("first");
  REQUIRE(office.show(first));
  office.sell("L3", 1);
  SECTION("no proof beside it") {
    const std::string second = office.file_of("second");
    std::filesystem::remove(second + ".proofs");
    const auto refused = office.show(second);
    REQUIRE_FALSE(refused);
    CHECK(exit_code_of(refused.error().code) == 1);
    CHECK_THAT(refused.error().hint, Contains("--old 14"));
    CHECK(office.conflicts() == 0);
  }
  SECTION("a proof that does not show it") {
    const std::string second = office.file_of("second");
    CheckpointProofs proofs = *decode_checkpoint_proofs(as_text(office.disk.read(second + ".proofs", 1 << 20)->bytes));
    proofs.proofs.back().hashes.front()[0] ^= 1;
    office.write("second.proofs", encode_checkpoint_proofs(proofs));
    CHECK(office.show(second).error().code == Code::ledger_rolled_back);
    CHECK(office.conflicts() == 2);
  }
  SECTION("an older one") {
    REQUIRE(office.show(office.file_of("second")));
    const auto refused = office.show(first);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, Contains("it has 14 entries, and the last one had 15"));
    CHECK(office.conflicts() == 2);
    // The last one is still the last.
    office.sell("L4", 1);
    CHECK(office.show(office.file_of("third"))->entries_before == std::optional<std::uint64_t>(15));
  }
  SECTION("as long, with another root") {
    const KeyPair desk_key = checkpoint_key_of(office.ledger_key);
    const std::string origin = desk_origin(desk_key.public_key);
    const std::string text = encode_checkpoint({origin, 14, sha256(as_bytes("another"))});
    const std::string forked = office.write("forked", format_note({text, {sign_note(text, origin, desk_key)}}));
    CHECK(office.show(forked).error().code == Code::ledger_rolled_back);
    CHECK(office.conflicts() == 2);
  }
  SECTION("not signed by the desk") {
    std::string note = office.checkpoint().note;
    note[note.size() - 10] = note[note.size() - 10] == 'A' ? 'B' : 'A';
    CHECK(office.show(office.write("altered", note)).error().code == Code::bad_signature);
  }
  SECTION("its memory was damaged") {
    for (const auto& entry : std::filesystem::directory_iterator(office.witness_folder))
      if (entry.path().extension() == ".note") office.write("witness/" + entry.path().filename().string(), "nothing\n");
    CHECK(office.show(office.file_of("second")).error().code == Code::damaged_state);
  }
}

TEST_CASE("a desk's key is the one its origin names, and never another later", "[issuer][witness]") {
  Watched office;
  const MadeCheckpoint made = office.checkpoint();
  const std::string alone = office.write("alone", made.note);
  const auto unknown = office.show(alone);
  REQUIRE_FALSE(unknown);
  CHECK_THAT(unknown.error().hint, Contains("--key"));
  SeededRandom random(8);
  const KeyPair other = make_key_pair(random);
  const std::string wrong = format_verifier_key({made.checkpoint.origin, NoteKeyType::ed25519, other.public_key});
  CHECK_FALSE(office.show(alone, wrong));
  REQUIRE(office.show(alone, made.verifier_key));
  CHECK_FALSE(office.show(alone, wrong));
  CHECK(office.show(alone));
}

}  // namespace oak::desk_test
