// Goal: a checkpoint is kept before it leaves, says what the ledger is, proves that it goes on from the earlier ones, and keeps a ledger
// that was set back from issuing anything.
#include <catch2/catch.hpp>

#include "issuer/backup.h"
#include "issuer/dump.h"
#include "tests/unit/issuer_ledger_world.h"

namespace oak::desk_test {
namespace {

using Catch::Contains;

/// One writer at a time: the office's own desk is closed.
Outcome<Desk> open_again(UsedDesk& office, DeskUse use = DeskUse::write) {
  office.desk.reset();
  return Desk::open(office.world, office.desk_folder, use);
}

Bytes ledger_of(UsedDesk& office) { return office.disk.read(office.ledger_path(), 1 << 24)->bytes; }
void restore(UsedDesk& office, ByteView ledger) {
  if (!office.disk.write(office.ledger_path(), ledger, 0600, Existing::replace)) throw std::runtime_error("not restored");
}

}  // namespace

TEST_CASE("a checkpoint is signed by a key that its origin names, and kept as it left", "[issuer][checkpointing]") {
  UsedDesk office;
  const MadeCheckpoint made = office.checkpoint();
  CHECK(made.checkpoint.size == *office.desk->ledger().size());
  const auto key = desk_key_for(made.checkpoint.origin, made.verifier_key);
  REQUIRE(key);
  const auto note = parse_checkpoint_note(made.note);
  REQUIRE(note);
  CHECK(is_note_signed_by(note->note, made.checkpoint.origin, *key));
  CHECK(*key == checkpoint_key_of(office.ledger_key).public_key);
  const std::string kept = kept_checkpoint_path(office.desk_folder, made.checkpoint.size);
  CHECK(as_text(office.disk.read(kept, 4096)->bytes) == made.note);
  // The same ledger, the same bytes.
  CHECK(office.checkpoint().note == made.note);
  CHECK(kept_checkpoint_sizes(office.disk, office.desk_folder)->size() == 1);
}

TEST_CASE("a verifier key has one spelling, and an origin takes no other key", "[issuer][checkpointing]") {
  SeededRandom random(3);
  const KeyPair key = make_key_pair(random), other = make_key_pair(random);
  const std::string origin = desk_origin(key.public_key);
  const std::string text = format_verifier_key({origin, NoteKeyType::ed25519, key.public_key});
  CHECK(parse_verifier_key(text)->key == key.public_key);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    INFO(changed);
    CHECK_FALSE(parse_verifier_key(changed));
  }
  CHECK(desk_key_for(origin, text));
  CHECK_FALSE(desk_key_for(origin, format_verifier_key({origin, NoteKeyType::ed25519, other.public_key})));
  CHECK_FALSE(desk_key_for(origin, format_verifier_key({origin, NoteKeyType::cosignature, key.public_key})));
}

TEST_CASE("proofs lead from each kept checkpoint, and from any size that is asked for", "[issuer][checkpointing]") {
  UsedDesk office;
  const MadeCheckpoint first = office.checkpoint();
  office.sell("L3", 1);
  const MadeCheckpoint second = office.checkpoint({5});
  const auto proofs = decode_checkpoint_proofs(second.proofs);
  REQUIRE(proofs);
  CHECK(encode_checkpoint_proofs(*proofs) == second.proofs);
  CHECK(proofs->verifier_key == second.verifier_key);
  REQUIRE(proofs->proofs.size() == 2);
  CHECK(proofs->proofs[0].old_size == 5);
  CHECK(proofs->proofs[1].old_size == first.checkpoint.size);
  CHECK(is_consistent(first.checkpoint.size, first.checkpoint.root, second.checkpoint.size, second.checkpoint.root,
                      proofs->proofs[1].hashes));
  const auto beyond = make_checkpoint(*office.desk, office.world, office.ledger_key, {99});
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().code == Code::usage);
}

TEST_CASE("a file of proofs has one spelling", "[issuer][checkpointing]") {
  UsedDesk office;
  const std::string sound = office.checkpoint({5, 6}).proofs;
  REQUIRE(decode_checkpoint_proofs(sound));
  for (std::size_t size = 0; size < sound.size(); ++size) {
    INFO(size);
    const auto cut = decode_checkpoint_proofs(sound.substr(0, size));
    // Whole lines fewer are another file, and a good one.
    CHECK((!cut || encode_checkpoint_proofs(*cut) == sound.substr(0, size)));
  }
  std::string swapped = sound;
  swapped.replace(swapped.find("old 5"), 5, "old 7");
  CHECK_FALSE(decode_checkpoint_proofs(swapped));
  CHECK_FALSE(decode_checkpoint_proofs(sound + "\n"));
  CHECK_FALSE(decode_checkpoint_proofs(sound + "old 09\n"));
}

TEST_CASE("a ledger that does not go on from a kept checkpoint issues nothing", "[issuer][checkpointing]") {
  UsedDesk office;
  const Bytes old = ledger_of(office);
  const Bytes request = office.document(make_site(office.random, "new"), {});
  office.sell("L3", 1);
  const MadeCheckpoint made = office.checkpoint();
  SECTION("shorter") {
    restore(office, old);
    const auto writing = open_again(office);
    REQUIRE_FALSE(writing);
    CHECK(writing.error().code == Code::ledger_rolled_back);
    CHECK_THAT(writing.error().message, Contains("14 entries") && Contains("15.note"));
    CHECK_THAT(writing.error().hint, Contains("restore the newest backup"));
    // Readers may look, and are told what would be refused.
    auto reading = open_again(office, DeskUse::read);
    REQUIRE(reading);
    CHECK(codes_of(inspect_request(*reading, office.keys, office.clock.now, {}, request)->decision.refusals) ==
          std::vector<std::string>{"ledger-rolled-back"});
    CHECK_FALSE(make_checkpoint(*reading, office.world, office.ledger_key, {}));
    CHECK_THAT(office.audited().faults.front().message, Contains("entry 14") && Contains("missing"));
  }
  SECTION("as long, and another") {
    restore(office, old);
    std::filesystem::rename(office.desk_folder + "/checkpoints", office.desk_folder + "/away");
    auto branch = open_again(office);
    REQUIRE(branch);
    REQUIRE(add_licence(*branch, office.world, office.ledger_key, {"L4", "Other", "demo", "3.*", 1, {}, {}, {}, {}}));
    branch = tl::unexpected(Failure{});
    std::filesystem::rename(office.desk_folder + "/away", office.desk_folder + "/checkpoints");
    CHECK(open_again(office).error().code == Code::ledger_rolled_back);
    CHECK_THAT(audit_report(office.audited()).json, Contains("was made of other entries"));
  }
  SECTION("an entry in the middle is another: the whole tree shows it") {
    office.change_leaf(2, [](Leaf& leaf) { leaf.operator_name = "somebody"; });
    const auto open = open_again(office);
    REQUIRE(open);
    const auto again = make_checkpoint(*open, office.world, office.ledger_key, {});
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Code::ledger_rolled_back);
  }
  SECTION("as it was: nothing is in the way") { CHECK(open_again(office)); }
}

TEST_CASE("a backup is the ledger as it was, and serves again", "[issuer][backup]") {
  UsedDesk office;
  const std::string file = office.folder.path() + "/backup.sqlite";
  const auto done = back_up(office.desk_folder, file, Existing::refuse);
  REQUIRE(done);
  CHECK(done->entries == 14);
  CHECK(done->root == office.checkpoint().checkpoint.root);
  CHECK(std::filesystem::status(file).permissions() == std::filesystem::perms(0600));
  CHECK(back_up(office.desk_folder, file, Existing::refuse).error().code == Code::already_exists);
  CHECK(back_up(office.desk_folder, file, Existing::replace));
  CHECK(back_up(office.desk_folder, office.folder.path() + "/none/backup", Existing::refuse).error().code == Code::not_found);
  // Nothing but the file is left beside it.
  for (const auto& entry : std::filesystem::directory_iterator(office.folder.path()))
    CHECK(entry.path().string().find(".tmp") == std::string::npos);
  const auto before = audit_report(office.audited()).json;
  office.desk.reset();
  std::filesystem::copy_file(file, office.ledger_path(), std::filesystem::copy_options::overwrite_existing);
  CHECK(audit_report(office.audited({}, true)).json == before);
  office.desk = std::make_unique<Desk>(std::move(*open_again(office)));
  office.sell("L3", 1);
}

TEST_CASE("a damaged ledger gives no backup", "[issuer][backup]") {
  UsedDesk office;
  office.run("DELETE FROM entries WHERE idx = 6");
  const std::string file = office.folder.path() + "/backup.sqlite";
  CHECK(back_up(office.desk_folder, file, Existing::refuse).error().code == Code::ledger_damaged);
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("a dump has every entry, one spelling for spreadsheets, and no licence secret", "[issuer][dump]") {
  UsedDesk office;
  const std::string key = show_licence_key(*office.desk, office.ledger_key, "L1")->key_text;
  for (const DumpFormat format : {DumpFormat::json, DumpFormat::csv}) {
    const auto dumped = dump_ledger(office.desk_folder, format);
    REQUIRE(dumped);
    for (const char* kind : {"key certified", "product changed", "licence added", "issued", "superseded", "returned", "revoked"})
      CHECK_THAT(*dumped, Contains(kind));
    CHECK(dumped->find(key.substr(key.size() - 6)) == std::string::npos);
    CHECK(dumped->find(key.substr(6, 6)) == std::string::npos);
  }
  const std::string csv = *dump_ledger(office.desk_folder, DumpFormat::csv);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 15);
}

}  // namespace oak::desk_test
