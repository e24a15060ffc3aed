// Goal: a request can be made in every state of a machine, above all in the broken ones; it says what it supersedes, proves
// what it can, and leaves on the machine what the next one needs, and no more.
#include <catch2/catch.hpp>

#include "request/create.h"
#include "tests/unit/verifier_world.h"

namespace oak::test {
namespace {

/// The machine of verifier_world.h, and who makes requests on it.
struct Site : World {
  CountingRandom random{100};
  CreateInput input{.product = product, .version = "3.5", .site = "Dock 4", .reason = {}, .site_secret = {}};

  Site() { input.licence_key = &licence_key; }
  Outcome<Created> create() { return create_request(machine, collect(host), random, input); }
  Outcome<Created> create_without_key() {
    input.licence_key = nullptr;
    return create();
  }
  /// Opened as the desk would.
  static OpenedRequest opened(const Outcome<Created>& created) { return open_request(created.value().document).value(); }

  /// What the desk answers to a request: bound to its machine key and fingerprint.
  Activation answer(const Request& request, std::uint64_t generation = 1) const {
    Activation out = grant(generation);
    out.licence = request.licence;
    out.machine_key = request.machine_key;
    out.fingerprint = request.fingerprint;
    out.fingerprint_key = request.fingerprint_key;
    out.site = request.site;
    return out;
  }
  /// A first round: the request, and its answer installed.
  Activation activate() {
    const Activation activation = answer(*opened(create()).request);
    REQUIRE(install_one(activation));
    return activation;
  }
  FakeFile& key_file(const char* name) { return disk.files.at(folder + "/" + name); }
  std::size_t count_files(std::string_view part) const {
    std::size_t count = 0;
    for (const auto& [path, file] : disk.files) count += path.find(part) != std::string::npos;
    return count;
  }
  bool is_on_disk(ByteView secret) const {
    for (const auto& [path, file] : disk.files)
      if (std::search(file.bytes.begin(), file.bytes.end(), secret.begin(), secret.end()) != file.bytes.end()) return true;
    return false;
  }
};

const char* const machine_key_file = "machine.key";
const char* const seat_server_key_file = "seat-server.key";

}  // namespace

TEST_CASE("a first request says what the machine is and what is wanted, and is proved by the licence key", "[request][create]") {
  Site site;
  site.input.seats = 3;
  site.input.reason = "new machine";
  const auto created = site.create();
  REQUIRE(created);
  const OpenedRequest opened = Site::opened(created);
  const Request& request = *opened.request;
  CHECK(request.product == product);
  CHECK(request.licence == "L1");
  CHECK(request.version == "3.5");
  CHECK(request.seats == 3);
  CHECK(request.site == "Dock 4");
  CHECK(request.reason == "new machine");
  CHECK(request.created_at_unix_s == site.clock.now);
  CHECK(request.fingerprint_key == fingerprint_key_id(site.fingerprint_key));
  CHECK(encode_fingerprint(request.fingerprint) == encode_fingerprint(site.grant().fingerprint));
  CHECK(request.accepts == std::vector<std::uint64_t>{2, 4, 5});
  CHECK_FALSE(request.supersedes);
  CHECK(is_proved(request, proof_key_of(site.licence_key)));
  CHECK(created->strong);
  CHECK(created->warnings.empty());
  CHECK(created->document_hash == opened.document);
  CHECK(created->request.nonce == request.nonce);
}

TEST_CASE("a first request leaves the machine's keys behind, for nobody else to read", "[request][create]") {
  Site site;
  const auto created = site.create();
  REQUIRE(created);
  const Store store(site.disk, state_dir, 0);
  CHECK(store.key_pair(product, MachineKey::machine)->public_key == created->request.machine_key);
  CHECK(store.key_pair(product, MachineKey::seat_server)->public_key == created->request.seat_server_key);
  CHECK(created->request.machine_key != created->request.seat_server_key);
  CHECK(site.key_file(machine_key_file).mode == 0600);
  CHECK(site.key_file(seat_server_key_file).mode == 0600);
  const auto fingerprint_key = store.fingerprint_key(product, created->request.fingerprint_key);
  REQUIRE(fingerprint_key);
  CHECK(fingerprint_key->licence == "L1");
  CHECK(site.disk.files.size() == 3);
}

TEST_CASE("neither the licence key's secret nor the proof key is ever on the disk", "[request][create]") {
  // Goal: who takes the state folder can't make a proof. Any change that was ever written counts, so each is looked at.
  Site site;
  REQUIRE(site.create());
  site.activate();
  site.input.site_secret = Bytes{1, 2, 3};
  REQUIRE(site.create());
  const SymmetricKey proof_key = proof_key_of(site.licence_key);
  CHECK_FALSE(site.is_on_disk(proof_key.view()));
  CHECK_FALSE(site.is_on_disk(as_bytes(to_hex(proof_key.view()))));
  CHECK_FALSE(site.is_on_disk(site.licence_key.secret.view()));
  CHECK_FALSE(site.is_on_disk(site.input.site_secret));
  CHECK(site.is_on_disk(site.fingerprint_key.view()));  // this one is kept on purpose
}

TEST_CASE("on a fresh machine a request without a licence key is refused, and says how to give one", "[request][create]") {
  Site site;
  CHECK_FALSE(can_create_without_licence_key(site.machine, product));
  const auto refused = site.create_without_key();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::fingerprint_key_missing);
  CHECK(refused.error().message.find("licence key is needed") != std::string::npos);
  CHECK(refused.error().hint.find("--licence-key-file") != std::string::npos);
  CHECK(site.disk.files.empty());
}

TEST_CASE("a second request while the first is unanswered is another request of the same machine", "[request][create]") {
  Site site;
  const auto first = site.create(), second = site.create();
  REQUIRE(second);
  CHECK(first->request.machine_key == second->request.machine_key);
  CHECK(first->request.seat_server_key == second->request.seat_server_key);
  CHECK(first->request.fingerprint_key == second->request.fingerprint_key);
  CHECK_FALSE(second->request.supersedes);
  CHECK(first->request.nonce != second->request.nonce);
  CHECK(Site::opened(first).payload != Site::opened(second).payload);
  CHECK(site.count_files("fingerprint-") == 1);
  CHECK(site.install_one(site.answer(*Site::opened(first).request)));  // the first one's answer still fits
  CHECK(site.verdict() == Verdict::active);
}

TEST_CASE("each request has a nonce of its own, from the randomness that is handed in", "[request][create]") {
  Site site;
  std::set<ByteArray<16>> nonces;
  for (int i = 0; i < 20; ++i) nonces.insert(site.create()->request.nonce);
  CHECK(nonces.size() == 20);
  CHECK(nonces.count(ByteArray<16>{}) == 0);
  site.random = CountingRandom(100);
  CHECK(nonces.count(site.create()->request.nonce) == 0);  // keys no longer draw from it, so that the numbers have moved
  site.random = CountingRandom(102);
  CHECK(nonces.count(site.create()->request.nonce) == 1);
}

TEST_CASE("where an activation is stored, the request supersedes it and its machine key speaks", "[request][create]") {
  Site site;
  const Activation old = site.activate();
  CHECK(can_create_without_licence_key(site.machine, product));
  const auto created = site.create_without_key();
  REQUIRE(created);
  const OpenedRequest opened = Site::opened(created);
  const Request& request = *opened.request;
  REQUIRE(request.supersedes);
  CHECK(request.supersedes->activation == site.id_of(old));
  CHECK(request.supersedes->generation == old.generation);
  CHECK(request.supersedes->index == old.index);
  CHECK(request.machine_key == old.machine_key);
  CHECK(request.licence == "L1");
  CHECK(request.fingerprint_key == old.fingerprint_key);
  CHECK_FALSE(request.proof);
}

TEST_CASE("with the licence key, too, the old activation is named and its machine key signs", "[request][create]") {
  Site site;
  const Activation old = site.activate();
  const OpenedRequest opened = Site::opened(site.create());
  CHECK(opened.request->supersedes->activation == site.id_of(old));
  CHECK(opened.request->machine_key == old.machine_key);
  CHECK(is_proved(*opened.request, proof_key_of(site.licence_key)));
}

TEST_CASE("of several activations the newest that still counts is superseded", "[request][create]") {
  Site site;
  const Activation first = site.activate();
  const Activation second = site.answer(*Site::opened(site.create()).request, 2);
  const Activation third = site.answer(*Site::opened(site.create()).request, 3);
  site.slip_in(third);
  site.slip_in(second);
  CHECK(site.create()->request.supersedes->activation == site.id_of(third));
  Marks marks = *site.marks();
  marks.add_returned(site.id_of(third));
  site.put_marks(marks);
  CHECK(site.create()->request.supersedes->activation == site.id_of(second));  // what was given back is not
  Activation other = third;
  other.licence = "L2";
  other.generation = 9;
  site.slip_in(other);
  CHECK(site.create()->request.supersedes->activation == site.id_of(second));  // the key says which licence is meant
  other.licence = "L1";
  other.product = "other";
  site.slip_in(other);
  CHECK(site.create()->request.supersedes->activation == site.id_of(second));
}

TEST_CASE("a key of another licence supersedes nothing, and says so by leaving it out", "[request][create]") {
  Site site;
  site.activate();
  CountingRandom other_random(70);
  const LicenceKey other = make_licence_key("L2", other_random);
  site.input.licence_key = &other;
  const OpenedRequest opened = Site::opened(site.create());
  CHECK(opened.request->licence == "L2");
  CHECK_FALSE(opened.request->supersedes);
  CHECK(is_proved(*opened.request, proof_key_of(other)));
}

TEST_CASE("the fingerprint key of the old activation is kept, so that the desk can compare", "[request][create]") {
  // Goal: also after the licence got another key. Its digests must be the old ones where the hardware is.
  Site site;
  const Activation old = site.activate();
  CountingRandom other_random(70);
  const LicenceKey renewed = make_licence_key("L1", other_random);
  site.input.licence_key = &renewed;
  site.host.set_disk("ANOTHER0DISK");
  const OpenedRequest opened = Site::opened(site.create());
  const Request& request = *opened.request;
  CHECK(request.fingerprint_key == old.fingerprint_key);
  CHECK(request.fingerprint.members.front().digest == old.fingerprint.members.front().digest);
  CHECK(encode_fingerprint(request.fingerprint) != encode_fingerprint(old.fingerprint));
  CHECK(is_proved(request, proof_key_of(renewed)));
  CHECK(site.count_files("fingerprint-") == 1);
}

TEST_CASE("a fingerprint key that is gone or damaged comes back from the licence key", "[request][create]") {
  Site site;
  const Activation old = site.activate();
  const std::string path = folder + "/" + fingerprint_key_name(old.fingerprint_key);
  const Bytes whole = site.disk.files.at(path).bytes;
  for (const bool damaged : {true, false}) {
    INFO((damaged ? "damaged" : "gone"));
    if (damaged) site.disk.files.at(path).bytes.resize(7);
    if (!damaged) site.disk.files.erase(path);
    CHECK_FALSE(can_create_without_licence_key(site.machine, product));
    const auto refused = site.create_without_key();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::fingerprint_key_missing);
    site.input.licence_key = &site.licence_key;
    CHECK(site.create()->request.fingerprint_key == old.fingerprint_key);
    CHECK(site.disk.files.at(path).bytes == whole);
  }
}

TEST_CASE("a site secret makes other digests, and is not needed for the next request", "[request][create]") {
  Site site;
  const auto plain = site.create();
  site.input.site_secret = Bytes{'k', 'e', 'p', 't'};
  const auto keyed = site.create();
  REQUIRE(keyed);
  CHECK(keyed->request.fingerprint_key == fingerprint_key_id(fingerprint_key_of(site.licence_key, product, site.input.site_secret)));
  CHECK(keyed->request.fingerprint_key != plain->request.fingerprint_key);
  for (const Member& member : keyed->request.fingerprint.members)
    for (const Member& other : plain->request.fingerprint.members) CHECK(member.digest != other.digest);
  REQUIRE(site.install_one(site.answer(*Site::opened(keyed).request)));
  CHECK(site.verdict() == Verdict::active);
  site.input.site_secret.clear();
  CHECK(site.create_without_key()->request.fingerprint_key == keyed->request.fingerprint_key);
}

TEST_CASE("a site secret on an activated machine without one needs the licence key", "[request][create]") {
  Site site;
  const Activation old = site.activate();
  site.input.site_secret = Bytes{'n', 'e', 'w'};
  CHECK(site.create_without_key().error().code == Code::fingerprint_key_missing);
  site.input.licence_key = &site.licence_key;
  const auto created = site.create();
  REQUIRE(created);
  CHECK(created->request.fingerprint_key != old.fingerprint_key);
  CHECK(created->request.supersedes->activation == site.id_of(old));
  CHECK(site.count_files("fingerprint-") == 2);
}

TEST_CASE("a damaged key file is put aside with all its bytes, and a new key is made", "[request][create]") {
  for (const char* const name : {machine_key_file, seat_server_key_file}) {
    INFO(name);
    Site site;
    const Activation old = site.activate();
    const Bytes damaged = {'n', 'o', ' ', 'k', 'e', 'y'};
    site.key_file(name).bytes = damaged;
    const auto created = site.create();
    REQUIRE(created);
    const OpenedRequest opened = Site::opened(created);
    const bool is_machine_key = std::string_view(name) == machine_key_file;
    CHECK((opened.request->machine_key == old.machine_key) != is_machine_key);
    CHECK(opened.request->supersedes->activation == site.id_of(old));
    CHECK(is_proved(*opened.request, proof_key_of(site.licence_key)));
    REQUIRE(created->warnings.size() == 1);
    CHECK(created->warnings[0].find(name) != std::string::npos);
    CHECK(created->warnings[0].find("put aside") != std::string::npos);
    CHECK(site.is_on_disk(damaged));
    CHECK(site.count_files(".damaged") == 1);
    CHECK(site.create()->warnings.empty());
    CHECK(site.create()->request.machine_key == opened.request->machine_key);
  }
}

TEST_CASE("a key file that others can read is left alone, and named", "[request][create]") {
  // Goal: it may have been copied; only a person can know. Nothing is overwritten.
  Site site;
  site.activate();
  site.key_file(machine_key_file).mode = 0644;
  const auto refused = site.create();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::unsafe_file);
  CHECK(refused.error().message.find(machine_key_file) != std::string::npos);
  CHECK(site.count_files(machine_key_file) == 1);
}

TEST_CASE("damaged marks and activations do not keep a request from being made", "[request][create]") {
  Site site;
  const Activation old = site.activate();
  site.disk.files.at(folder + "/marks.oak").bytes = {1, 2, 3};
  CHECK(site.create_without_key()->request.supersedes->activation == site.id_of(old));
  site.disk.files.at(site.path_of(old)).bytes = {1, 2, 3};
  CHECK(site.create_without_key().error().code == Code::fingerprint_key_missing);
  site.input.licence_key = &site.licence_key;
  const auto created = site.create();
  REQUIRE(created);
  CHECK_FALSE(created->request.supersedes);
  CHECK(created->request.machine_key == old.machine_key);  // the desk knows the machine by it
}

TEST_CASE("the site's label stays as it was where no other is given", "[request][create]") {
  Site site;
  site.activate();
  site.input.site.clear();
  CHECK(site.create()->request.site == "Dock 4");
  site.input.site = "Dock 5";
  CHECK(site.create()->request.site == "Dock 5");
}

TEST_CASE("a request that no desk could read is refused before anything is written", "[request][create]") {
  const auto refused = [](auto change) {
    Site site;
    change(site.input);
    const auto created = site.create();
    return !created && created.error().code == Code::usage && !created.error().hint.empty() && site.disk.files.empty();
  };
  CHECK(refused([](CreateInput& input) { input.product = "no name"; }));
  CHECK(refused([](CreateInput& input) { input.version = "three"; }));
  CHECK(refused([](CreateInput& input) { input.seats = 0; }));
  CHECK(refused([](CreateInput& input) { input.seats = max_seats + 1; }));
  CHECK(refused([](CreateInput& input) { input.site = std::string(max_site_bytes + 1, 'x'); }));
  CHECK(refused([](CreateInput& input) { input.site = "a\tb"; }));
  CHECK(refused([](CreateInput& input) { input.reason = std::string(max_reason_bytes + 1, 'x'); }));
  CHECK(refused([](CreateInput& input) { input.reason = "a\nb"; }));
  CHECK_FALSE(refused([](CreateInput& input) { input.seats = max_seats, input.reason = std::string(max_reason_bytes, 'x'); }));
}

TEST_CASE("a clock that is beyond all reason does not spoil the request", "[request][create]") {
  Site site;
  site.clock.now = ~std::uint64_t{0};
  CHECK(Site::opened(site.create()).request->created_at_unix_s == max_unix_s);
}

TEST_CASE("a machine that nothing identifies makes no request", "[request][create]") {
  Site site;
  site.host.files.clear();
  site.host.links.clear();
  const auto refused = site.create();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::no_usable_hardware);
  CHECK(refused.error().hint.find("oak-machine-id show") != std::string::npos);
}

TEST_CASE("a machine with one strong factor only says that it is weak", "[request][create]") {
  Site site;
  for (const char* const name : {"product_uuid", "product_serial", "board_serial"})
    site.host.files.erase(std::string("/sys/class/dmi/id/") + name);
  site.host.files.erase("/sys/block/nvme0n1/device/serial");
  const auto created = site.create();
  REQUIRE(created);
  CHECK_FALSE(created->strong);
}

TEST_CASE("a disk that fails at any write costs a request, and no key", "[request][create]") {
  // Goal: after the failure the same command gives a request, signed by whatever key was there already.
  std::size_t failures = 0;
  for (std::size_t at = 0;; ++at) {
    Site site;
    site.disk.fail_from = at;
    const auto created = site.create();
    if (created) break;
    ++failures;
    INFO("at change " << at);
    CHECK(created.error().code == Code::io_error);
    const Store store(site.disk, state_dir, 0);
    const auto kept = store.key_pair(product, MachineKey::machine);
    site.disk.fail_from.reset();
    const auto again = site.create();
    REQUIRE(again);
    if (kept) CHECK(again->request.machine_key == kept->public_key);
    CHECK(open_request(again->document));
  }
  CHECK(failures >= 6);  // two folders, a fingerprint key and its group, two key pairs
}

TEST_CASE("a state folder that can't be written makes no first request, and still makes the next", "[request][create]") {
  Site site;
  site.disk.read_only = true;
  CHECK(site.create().error().code == Code::permission_denied);
  site.disk.read_only = false;
  site.activate();
  site.disk.read_only = true;
  CHECK(site.create_without_key());
}

}  // namespace oak::test
