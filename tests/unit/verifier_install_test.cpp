// Goal: what is installed was checked first, what is refused leaves no trace, and a power cut at any write leaves the
// old state or the new one. The fake disk's writes are atomic; that the real disk's are is proved elsewhere.

#include <catch2/catch.hpp>

#include "tests/unit/verifier_world.h"

using namespace oak;
using namespace oak::test;

namespace {

bool mentions(const std::vector<std::string>& lines, std::string_view word) {
  for (const std::string& line : lines)
    if (line.find(word) != std::string::npos) return true;
  return false;
}

/// Refused with this code, and not one file more or less than before.
void check_refused(World& world, ByteView document, Code code, bool with_key = true) {
  const auto before = world.disk.files.size();
  const std::size_t changes = world.disk.changes;
  const auto installed = world.try_install(document, with_key);
  REQUIRE(!installed);
  CHECK(code_name(installed.error().code) == code_name(code));
  CHECK(world.disk.files.size() == before);
  CHECK(world.disk.changes == changes);
}

}  // namespace

TEST_CASE("an activation is stored whole, with the key and the marks that it needs") {
  World world;
  const Activation activation = world.grant();
  const auto installed = world.try_install(world.seal(activation));
  REQUIRE(installed);
  CHECK(installed->type == DocumentType::activation);
  CHECK(installed->products == std::vector<std::string>{product});
  CHECK(installed->id == world.id_of(activation));
  CHECK(mentions(installed->lines, "3 seats of 3.*, permanent"));
  CHECK(installed->next == "oak-verifier check --product demo --version VERSION --state-dir /state");
  CHECK(world.disk.files.size() == 3);
  CHECK(world.disk.files.count(world.path_of(activation)) == 1);
  // Installing is not being active: the generation waits for a check.
  CHECK(world.marks()->find_licence("L1") == nullptr);
  CHECK(world.clock.reads == 0);
}

TEST_CASE("armour, bare bytes and a second time are all the same") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  const std::string text = armour_encode("OAK ACTIVATION", world.seal(activation), {"for the bench"});
  const auto again = world.try_install(as_bytes(text));
  REQUIRE(again);
  CHECK(mentions(again->lines, "stored already"));
  CHECK(world.disk.files.size() == 3);
}

TEST_CASE("on another machine it is refused, and the components are named") {
  World world;
  const Bytes document = world.seal(world.grant());
  world.host.become_another_machine();
  check_refused(world, document, Code::wrong_machine);
  const auto refused = world.try_install(document);
  CHECK(refused.error().message.find("board_serial") != std::string::npos);
  CHECK(refused.error().message.find("needed") != std::string::npos);
}

TEST_CASE("without the fingerprint key it is refused, and the hint names the option") {
  World world;
  const Bytes document = world.seal(world.grant());
  check_refused(world, document, Code::fingerprint_key_missing, false);
  CHECK(world.try_install(document, false).error().hint.find("--licence-key-file") != std::string::npos);
  REQUIRE(world.try_install(document, true));
  // From now on the machine has it.
  CHECK(world.try_install(world.seal(world.grant(2)), false));
}

TEST_CASE("another licence's key, a wrong key and a forgotten site secret are told apart from damage") {
  World world;
  Activation activation = world.grant();
  CountingRandom random(90);
  world.licence_key = make_licence_key("L1", random);
  check_refused(world, world.seal(activation), Code::wrong_licence_key);
  CHECK(world.try_install(world.seal(activation)).error().hint.find("--site-secret-file") != std::string::npos);
  world.licence_key = make_licence_key("L2", random);
  check_refused(world, world.seal(activation), Code::wrong_licence_key);
}

TEST_CASE("a site secret is part of the key") {
  World world;
  const Bytes secret{'s', 'i', 't', 'e'};
  world.fingerprint_key = fingerprint_key_of(world.licence_key, product, secret);
  const Bytes document = world.seal(world.grant());
  check_refused(world, document, Code::wrong_licence_key);
  InstallInput input{"act.oak", document, &world.licence_key, secret};
  REQUIRE(install(world.machine, world.source, input));
  CHECK(world.verdict() == Verdict::active);
}

TEST_CASE("returned, superseded and untraceable activations are refused by name") {
  World world;
  const Activation first = world.grant(1), second = world.grant(2);
  REQUIRE(world.install_one(second));
  REQUIRE(world.verdict() == Verdict::active);
  check_refused(world, world.seal(first), Code::superseded);
  Marks marks = *world.marks();
  marks.add_returned(world.id_of(second));
  world.put_marks(marks);
  check_refused(world, world.seal(second), Code::returned);
  const Vendor other(99);
  check_refused(world, seal_activation(world.grant(3), other.issuer, other.certificate_document), Code::unknown_key);
  world.source.argument_bytes.reset();
  check_refused(world, world.seal(world.grant(3)), Code::untrusted);
}

TEST_CASE("one root signature of the two needed is not enough") {
  World world;
  IssuerCertificate certificate;
  certificate.issuer_key = world.vendor.issuer.public_key;
  certificate.serial = 7;
  certificate.kinds = {1, 2};
  certificate.not_after_unix_s = max_unix_s;
  const Bytes payload = encode_issuer_certificate(certificate);
  const Bytes thin = seal_threshold(DocumentType::issuer_certificate, payload,
                                    {sign_threshold(DocumentType::issuer_certificate, payload, world.vendor.roots[0])});
  check_refused(world, seal_activation(world.grant(), world.vendor.issuer, thin), Code::not_enough_signatures);
}

TEST_CASE("other documents, noise, nothing and pieces are refused, and nothing is stored") {
  World world;
  check_refused(world, world.vendor.trust_document, Code::wrong_type);
  check_refused(world, {}, Code::empty_input);
  check_refused(world, Bytes(4096, 0), Code::bad_armour);
  check_refused(world, Bytes(max_armoured_bytes + 1, 'A'), Code::too_large);
  const Bytes document = world.seal(world.grant());
  for (std::size_t size = 0; size < document.size(); ++size) CHECK(!world.try_install(ByteView(document).first(size)));
  Bytes longer = document;
  longer.push_back(0);
  check_refused(world, longer, Code::trailing_bytes);
  CHECK(world.disk.files.empty());
}

TEST_CASE("beside damaged marks nothing is installed") {
  World world;
  REQUIRE(world.install_one(world.grant(1)));
  world.disk.files[folder + "/marks.oak"].bytes.pop_back();
  check_refused(world, world.seal(world.grant(2)), Code::damaged_state);
  world.disk.files.erase(folder + "/marks.oak");
  check_refused(world, world.seal(world.grant(2)), Code::damaged_state);
  // The remedy that the answer names: take the activations out, import again.
  world.disk.files.erase(world.path_of(world.grant(1)));
  CHECK(world.install_one(world.grant(2)));
  CHECK(world.verdict() == Verdict::active);
  world.disk.files[folder + "/marks.oak"].bytes.pop_back();
  CHECK(world.verdict() == Verdict::malformed);
  world.disk.files.erase(world.path_of(world.grant(2)));
  CHECK(world.install_one(world.grant(3)));
  CHECK(world.verdict() == Verdict::active);
}

TEST_CASE("a machine key that did not ask for it is a warning") {
  World world;
  CountingRandom random(70);
  const auto own = Store(world.disk, state_dir, 0).key_pair_or_make(product, MachineKey::machine, random);
  REQUIRE(own);
  Activation activation = world.grant(1);
  auto installed = world.try_install(world.seal(activation));
  REQUIRE(installed);
  CHECK(mentions(installed->warnings, "not the one that asked"));
  activation.machine_key = own->public_key;
  installed = world.try_install(world.seal(activation));
  REQUIRE(installed);
  CHECK(installed->warnings.empty());
}

TEST_CASE("a weak fingerprint is said at once") {
  World world;
  for (const char* name : {"product_uuid", "product_serial", "board_serial"})
    world.host.files.erase("/sys/class/dmi/id/" + std::string(name));
  world.host.files.erase("/sys/block/nvme0n1/device/serial");
  Activation activation = world.grant();
  const auto installed = world.try_install(world.seal(activation));
  REQUIRE(installed);
  CHECK(mentions(installed->warnings, "weak"));
}

TEST_CASE("who may not write gets an error and no half state") {
  World world;
  world.disk.read_only = true;
  const auto installed = world.try_install(world.seal(world.grant()));
  REQUIRE(!installed);
  CHECK(installed.error().code == Code::permission_denied);
  CHECK(world.disk.files.empty());
}

TEST_CASE("a power cut at any change of an install leaves the old state or the new one") {
  // On a fresh machine: nothing yet, or all of it. Then beside an activation that has been active.
  for (const bool fresh : {true, false}) {
    World world;
    if (!fresh) {
      REQUIRE(world.install_one(world.grant(1)));
      REQUIRE(world.verdict() == Verdict::active);
    }
    const FakeDisk before = world.disk;
    const Bytes document = world.seal(world.grant(2));
    world.disk.changes = 0;
    REQUIRE(world.try_install(document));
    const std::size_t changes = world.disk.changes;
    REQUIRE(changes >= 4);
    for (std::size_t cut = 0; cut < changes; ++cut) {
      world.disk = before;
      world.disk.changes = 0;
      world.disk.fail_from = cut;
      CHECK(!world.try_install(document));
      world.disk.fail_from.reset();
      const auto answer = world.check();
      REQUIRE(answer);
      CHECK(answer->verdict == (fresh && !answer->activation ? Verdict::not_activated : Verdict::active));
      CHECK(world.try_install(document));
      CHECK(world.check()->activation->generation == 2);
    }
  }
}

TEST_CASE("a power cut at any change of a check does not change its answer, nor the next one's") {
  World world;
  REQUIRE(world.install_one(world.grant(1)));
  REQUIRE(world.verdict() == Verdict::active);
  REQUIRE(world.install_one(world.grant(2)));
  const FakeDisk before = world.disk;
  world.disk.changes = 0;
  REQUIRE(world.verdict() == Verdict::active);
  const std::size_t changes = world.disk.changes;
  REQUIRE(changes >= 3);
  for (std::size_t cut = 0; cut < changes; ++cut) {
    world.disk = before;
    world.disk.changes = 0;
    world.disk.fail_from = cut;
    CHECK(world.verdict() == Verdict::active);
    world.disk.fail_from.reset();
    const auto answer = world.check();
    REQUIRE(answer);
    CHECK(answer->verdict == Verdict::active);
    CHECK(answer->activation->generation == 2);
    world.slip_in(world.grant(1));
    CHECK(world.check()->activation->generation == 2);
  }
}
