// Goal: once a newer activation has been active, the older one is never active again: whichever file of the state is cut short,
// emptied, replaced, flipped in any bit, turned into a folder, given away or gone, and the older one, with more seats and versions,
// put back. What it does not prove: anything against whoever puts a whole earlier state folder back; nobody can see that.

#include <catch2/catch.hpp>

#include "core/receipt.h"
#include "tests/unit/verifier_world.h"

using namespace oak;
using namespace oak::test;

namespace {

/// A machine with every kind of file that a state can have.
struct Superseded {
  World world;
  Activation older, newer;
  FakeDisk after;

  Superseded() : older(world.grant(1)), newer(world.grant(2)) {
    older.seats = 5;
    older.versions = *VersionRange::parse(">=3.0 <5");
    Store store(world.disk, state_dir, 0);
    CountingRandom random(70);
    const auto machine_key = store.key_pair_or_make(product, MachineKey::machine, random);
    REQUIRE(machine_key);
    REQUIRE(store.key_pair_or_make(product, MachineKey::seat_server, random));
    REQUIRE(world.install_one(older));
    REQUIRE(world.verdict("4.0", 5) == Verdict::active);
    install_bulletins();
    REQUIRE(world.install_one(newer));
    REQUIRE(world.verdict() == Verdict::active);
    Receipt receipt;
    receipt.product = product;
    receipt.licence = "L0";
    receipt.generation = 1;
    receipt.activation = ActivationId{9};
    REQUIRE(store.put_receipt(product, receipt.activation, seal_receipt(receipt, *machine_key), Existing::refuse));
    after = world.disk;
  }
  void install_bulletins() {
    Bulletin bulletin;
    bulletin.product = product;
    bulletin.issued_at_unix_s = 1'760'000'000;
    bulletin.number = 1;
    REQUIRE(world.try_install(seal_bulletin(bulletin, world.vendor.issuer, world.vendor.certificate_document)));
    KeyBulletin keys;
    keys.issued_at_unix_s = 1'760'000'000;
    keys.number = 1;
    REQUIRE(world.try_install(world.vendor.sign_by_roots(DocumentType::key_bulletin, encode_key_bulletin(keys))));
  }
  /// With the older one put back.
  bool is_ever_active_on_it() {
    world.slip_in(older);
    for (const auto& [version, seats] : {std::pair("4.0", 5), {"3.5", 0}}) {
      const auto answer = world.check(version, static_cast<std::uint64_t>(seats));
      if (answer && answer->verdict == Verdict::active && answer->activation->generation == older.generation) return true;
    }
    return false;
  }
};

}  // namespace

TEST_CASE("after superseding, whatever is damaged or gone, the old activation never comes back", "[superseded]") {
  Superseded state;
  REQUIRE(!state.is_ever_active_on_it());
  std::set<std::string> kinds;
  for (const auto& [path, file] : state.after.files) {
    INFO(path);
    const std::string name = path.substr(folder.size() + 1);
    kinds.insert(name.substr(0, name.find_first_of("-.")));
    const auto after = [&](const char* what, auto change) {
      state.world.disk = state.after;
      change(state.world.disk.files[path]);
      INFO(what);
      CHECK(!state.is_ever_active_on_it());
    };
    const std::size_t size = file.bytes.size();
    for (std::size_t kept = 0; kept < size; kept += 1 + size / 40) after("cut", [&](FakeFile& now) { now.bytes.resize(kept); });
    for (std::size_t bit = 0; bit < 8 * size; bit += 1 + size / 12)
      after("flipped", [&](FakeFile& now) { now.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8); });
    for (const auto& [other, content] : state.after.files)
      after("replaced by another file", [&, from = &content](FakeFile& now) { now.bytes = from->bytes; });
    after("of another user", [](FakeFile& now) { now.owner = 1000; });
    after("open to all", [](FakeFile& now) { now.mode = 0666; });
    after("far too large", [](FakeFile& now) { now.bytes = Bytes(1 << 20); });
    after("without permission", [&](FakeFile&) { state.world.disk.unreadable.insert(path); });
    after("a folder", [&](FakeFile&) { state.world.disk.folders.insert(path); });
    state.world.disk = state.after;
    state.world.disk.files.erase(path);
    CHECK(!state.is_ever_active_on_it());
  }
  CHECK(kinds == std::set<std::string>{"activation", "bulletin", "fingerprint", "machine", "marks", "receipt", "seat"});
}

TEST_CASE("with the newer one and the marks both taken away, the old activation is not active either", "[superseded]") {
  Superseded state;
  for (const char* name : {"/marks.oak", "/machine.key", "/bulletin-0000000000000007.oak"}) {
    state.world.disk = state.after;
    REQUIRE(state.world.disk.files.erase(state.world.path_of(state.newer)) == 1);
    REQUIRE(state.world.disk.files.erase(folder + name) == 1);
    CHECK(!state.is_ever_active_on_it());
  }
}
