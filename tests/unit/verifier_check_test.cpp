// Goal: every verdict comes out where the rules say so, rebind reasons stand side by side, the best of several
// activations counts, and a check answers without writing. It does not prove anything about real hardware or disks.

#include <catch2/catch.hpp>

#include "core/hardware_json.h"
#include "tests/unit/verifier_world.h"

using namespace oak;
using namespace oak::test;

namespace {

bool mentions(const std::vector<std::string>& lines, std::string_view word) {
  for (const std::string& line : lines)
    if (line.find(word) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("nothing stored is not-activated, with and without trust") {
  World world;
  REQUIRE(world.verdict() == Verdict::not_activated);
  world.source.argument_bytes.reset();
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::not_activated);
  CHECK(!answer->trust);
  CHECK(answer->next == "oak-request create --product demo --version 3.5 --state-dir /state");
}

TEST_CASE("an installed activation is active, and the clock is never read for it") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(answer->trust == TrustOrigin::argument);
  CHECK(answer->activation->seats == 3);
  CHECK(answer->hardware->accept);
  CHECK(answer->next.empty());
  CHECK(answer->warnings.empty());
  CHECK(world.clock.reads == 0);
}

TEST_CASE("each rebind reason alone, and all of them together") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  struct Row {
    bool hardware, licence, version;
  };
  for (const Row& row : {Row{true, false, false},
                         {false, true, false},
                         {false, false, true},
                         {true, true, false},
                         {true, false, true},
                         {false, true, true},
                         {true, true, true}}) {
    World other;
    other.disk = world.disk;
    if (row.hardware) other.host.become_another_machine();
    const auto answer = other.check(row.version ? "4.0" : "3.5", row.licence ? 5 : 3);
    REQUIRE(answer);
    CHECK(answer->verdict == Verdict::rebind);
    CHECK(answer->reasons.hardware == row.hardware);
    CHECK(answer->reasons.licence == row.licence);
    CHECK(answer->reasons.version == row.version);
    CHECK(mentions(answer->details, "board_serial") == row.hardware);
    CHECK(mentions(answer->details, "5 seats in use, 3 activated") == row.licence);
    CHECK(mentions(answer->details, "4.0 is not in 3.*") == row.version);
    CHECK(answer->next.find(row.licence ? "--seats 5" : "--seats 3") != std::string::npos);
  }
}

TEST_CASE("seats at the edge, and not asked") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  CHECK(world.verdict("3.5", 0) == Verdict::active);
  CHECK(world.verdict("3.5", 3) == Verdict::active);
  CHECK(world.verdict("3.5", 4) == Verdict::rebind);
}

TEST_CASE("hardware at the edge of the rule: 8 of 11 holds, the disk and the card and the system together do not") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  world.host.set_disk("NEWDISK00001");
  world.host.set_system("00112233445566778899aabbccddee00");
  CHECK(world.verdict() == Verdict::active);
  world.host.set_network("3c:52:82:aa:bb:cc");
  CHECK(world.verdict() == Verdict::rebind);
}

TEST_CASE("a damaged activation is malformed, at every truncation") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  const Bytes whole = world.disk.files[world.path_of(activation)].bytes;
  const std::size_t last = whole.size() - 1;  // without its final newline the file still says all
  for (std::size_t size = 0; size < last; size += 7) {
    world.disk.files[world.path_of(activation)].bytes.assign(whole.begin(), whole.begin() + static_cast<long>(size));
    CHECK(world.verdict() == Verdict::malformed);
  }
}

TEST_CASE("no flipped bit of the document leaves it active") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  const Bytes document = world.seal(activation);
  for (std::size_t bit = 0; bit < document.size() * 8; bit += 3) {
    Bytes flipped = document;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
    world.disk.files[world.path_of(activation)].bytes = flipped;
    const Verdict verdict = world.verdict();
    CHECK((verdict == Verdict::malformed || verdict == Verdict::untrusted));
  }
}

TEST_CASE("without trust, and with another vendor's, a stored activation is untrusted") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  world.source.argument_bytes.reset();
  auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::untrusted);
  CHECK(answer->next == "sudo install -D -m 0644 trust.oak /etc/oak/trust/demo.oak");
  world.source.argument_bytes = Vendor(99).trust_document;
  answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::untrusted);
  CHECK(answer->trust == TrustOrigin::argument);
  world.source.argument_bytes = Bytes{1, 2, 3};
  CHECK(world.verdict() == Verdict::untrusted);
}

TEST_CASE("an issuer over its caps is untrusted") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  IssuerCertificate certificate;
  certificate.issuer_key = world.vendor.issuer.public_key;
  certificate.serial = world.vendor.serial;
  certificate.kinds = {1};
  certificate.max_seats = 2;
  certificate.not_after_unix_s = max_unix_s;
  const Bytes document =
      seal_activation(activation, world.vendor.issuer,
                      world.vendor.sign_by_roots(DocumentType::issuer_certificate, encode_issuer_certificate(certificate)));
  world.disk.files[world.path_of(activation)].bytes = document;
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::untrusted);
  CHECK(mentions(answer->details, "3 seats, at most 2"));
}

TEST_CASE("an activation for another product in this product's folder is untrusted") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  Activation other = world.grant(2);
  other.product = "other";
  world.disk.files.erase(world.path_of(world.grant()));
  world.slip_in(other);
  CHECK(world.verdict() == Verdict::untrusted);
}

TEST_CASE("returned comes before superseded, and both before rebind") {
  World world;
  const Activation activation = world.grant(1);
  REQUIRE(world.install_one(activation));
  world.host.become_another_machine();
  Marks marks = *world.marks();
  marks.advance_generation("L1", 2, {});
  world.put_marks(marks);
  CHECK(world.verdict() == Verdict::superseded);
  marks.add_returned(world.id_of(activation));
  world.put_marks(marks);
  CHECK(world.verdict() == Verdict::returned);
}

TEST_CASE("an upgrade that fails can be rolled back, until the new activation has once been active") {
  World world;
  const Activation old_one = world.grant(1);
  Activation new_one = world.grant(2);
  new_one.versions = *VersionRange::parse("4.*");
  REQUIRE(world.install_one(old_one));
  REQUIRE(world.verdict("3.5") == Verdict::active);
  REQUIRE(world.install_one(new_one));
  CHECK(world.verdict("3.5") == Verdict::active);
  CHECK(world.verdict("4.0") == Verdict::active);
  CHECK(world.disk.files.count(world.path_of(old_one)) == 0);
  world.slip_in(old_one);
  const auto answer = world.check("3.5");
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::rebind);
  CHECK(answer->activation->generation == 2);
  world.disk.files.erase(world.path_of(new_one));
  CHECK(world.verdict("3.5") == Verdict::superseded);
}

TEST_CASE("of several active ones the higher generation is the answer; another licence's marks don't matter") {
  World world;
  REQUIRE(world.install_one(world.grant(1)));
  REQUIRE(world.install_one(world.grant(2)));
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->activation->generation == 2);
  Activation other = world.grant(1);
  other.licence = "L2";
  world.slip_in(other);
  Marks marks = *world.marks();
  marks.add_returned(world.id_of(world.grant(2)));
  world.put_marks(marks);
  const auto second = world.check();
  REQUIRE(second);
  CHECK(second->verdict == Verdict::active);
  CHECK(second->activation->licence == "L2");
}

TEST_CASE("one damaged file beside a good one is a warning") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  world.disk.files[folder + "/activation-00000000000000000000000000000000.oak"] = FakeFile{{'x'}, 0, 0640};
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(mentions(answer->warnings, "can't be used"));
}

TEST_CASE("damaged or missing marks beside an activation are malformed, and the answer says what to do") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  const FakeDisk good = world.disk;
  const Bytes marks = good.files.at(folder + "/marks.oak").bytes;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    world.disk.files[folder + "/marks.oak"].bytes = marks;
    world.disk.files[folder + "/marks.oak"].bytes[i] ^= 1;
    const auto answer = world.check();
    REQUIRE(answer);
    CHECK(answer->verdict == Verdict::malformed);
    CHECK(answer->next.find("import") != std::string::npos);
  }
  world.disk.files.erase(folder + "/marks.oak");
  CHECK(world.verdict() == Verdict::malformed);
}

TEST_CASE("a missing fingerprint key is an error that names the remedy, and one without permission another") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  const std::string key = folder + "/fingerprint-" + to_hex(fingerprint_key_id(world.fingerprint_key)) + ".key";
  world.disk.unreadable.insert(key);
  auto answer = world.check();
  REQUIRE(!answer);
  CHECK(answer.error().code == Code::permission_denied);
  CHECK(answer.error().hint.find("oak") != std::string::npos);
  world.disk.unreadable.clear();
  world.disk.files[key].mode = 0644;
  answer = world.check();
  REQUIRE(!answer);
  CHECK(answer.error().code == Code::unsafe_file);
  world.disk.files.erase(key);
  answer = world.check();
  REQUIRE(!answer);
  CHECK(answer.error().code == Code::fingerprint_key_missing);
  CHECK(answer.error().hint.find("--licence-key-file") != std::string::npos);
}

TEST_CASE("a store that can't be written still answers, and says so where it matters") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  world.disk.read_only = true;
  auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(answer->warnings.size() == 1);
  // An ordinary user is told once that root should check, and not again when root has.
  Machine as_user{world.disk, world.host, world.clock, 1000, state_dir};
  const auto check_as_user = [&] {
    return Check::load(as_user, world.source, product).and_then([](Check check) { return check.answer(*make_question("3.5", 0)); });
  };
  answer = check_as_user();
  REQUIRE(answer);
  CHECK(mentions(answer->warnings, "once as root"));
  world.disk.read_only = false;
  REQUIRE(world.verdict() == Verdict::active);
  world.disk.read_only = true;
  answer = check_as_user();
  REQUIRE(answer);
  CHECK(answer->warnings.empty());
}

TEST_CASE("a second check writes nothing") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  REQUIRE(world.verdict() == Verdict::active);
  const std::size_t before = world.disk.changes;
  REQUIRE(world.verdict() == Verdict::active);
  CHECK(world.disk.changes == before);
}

TEST_CASE("what can't be read is named, and the warning says how to mend it") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  world.host.unreadable = {"/sys/class/dmi/id/board_serial"};
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  CHECK(mentions(answer->warnings, "board_serial"));
}

TEST_CASE("the warning of a thin margin names what can't be lost any more") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  CHECK(world.check()->warnings.empty());
  world.host.set_network("3c:52:82:aa:bb:cc");
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->hardware->margin == 0);
  CHECK(mentions(answer->warnings, "score 8, 7 needed; each of these alone can't be lost any more: platform, disks"));
}

TEST_CASE("where only permission is missing, what helps is the boot unit and no request") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  world.host.unreadable = {"/sys/class/dmi/id/product_uuid", "/sys/class/dmi/id/product_serial", "/sys/class/dmi/id/board_serial"};
  world.host.set_network("3c:52:82:aa:bb:cc");
  Machine as_user{world.disk, world.host, world.clock, 1000, state_dir};
  const auto check_as_user = [&](std::uint64_t seats = 0) {
    return Check::load(as_user, world.source, product).and_then([&](Check check) { return check.answer(*make_question("3.5", seats)); });
  };
  auto answer = check_as_user();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::rebind);
  CHECK(mentions(answer->details, "product_uuid, unreadable"));
  CHECK(mentions(answer->warnings, "run as root or enable the boot unit"));
  CHECK(answer->next == "sudo systemctl enable --now oak-snapshot@demo");
  // More seats, another disk, or root's own eyes: then it takes a request.
  answer = check_as_user(5);
  REQUIRE(answer);
  CHECK(answer->next.starts_with("oak-request create"));
  CHECK(world.check()->next.starts_with("oak-request create"));
  world.host.set_disk("NEWDISK00001");
  answer = check_as_user();
  REQUIRE(answer);
  CHECK(answer->next.starts_with("oak-request create"));
}

TEST_CASE("at most so many stored activations are looked at, and the answer says so") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  for (int i = 0; i < 80; ++i) {
    const std::string number = std::to_string(100 + i);
    world.disk.files[folder + "/activation-f0000000000000000000000000000" + number + ".oak"] = FakeFile{{'x'}, 0, 0640};
  }
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(mentions(answer->warnings, "more documents"));
}

TEST_CASE("a product's name can't lead out of the state folder") {
  World world;
  for (const char* name : {"", "..", "../demo", "a/b", "demo/", ".hidden"}) {
    const auto check = Check::load(world.machine, world.source, name);
    REQUIRE(!check);
    CHECK(check.error().code == Code::usage);
  }
}

TEST_CASE("the JSON has the contract's keys") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  const auto answer = world.check();
  REQUIRE(answer);
  const std::string json = answer_json(*answer);
  for (const char* key :
       {"verdict", "reasons",   "trust",      "activation", "id",       "licence", "product", "seats",    "versions",    "features",
        "kind",    "not_after", "generation", "binding",    "hardware", "accept",  "margin",  "warnings", "grace_until", "next"})
    CHECK(json.find("\"" + std::string(key) + "\": ") != std::string::npos);
  CHECK(json.find("\"verdict\": \"active\"") == 1);
}
