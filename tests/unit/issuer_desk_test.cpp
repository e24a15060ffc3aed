// Goal: a desk is made whole or not at all, its keys and trust are what init said they are, one process works on it at a
// time, and what staff do with licences ends up in the ledger, or is refused before anything is written.
#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "core/armour.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

Result<Verified<Trust>> trust_in(const Bytes& document) { return open_trust(document, {}); }

std::uint32_t mode_of(const std::string& path) { return static_cast<std::uint32_t>(std::filesystem::status(path).permissions()) & 0777U; }

}  // namespace

TEST_CASE("init makes a desk whose certificate its own roots vouch for", "[issuer][desk]") {
  OpenDesk office;
  const Trust& trust = office.desk->trust();
  CHECK(trust.roots.size() == 3);
  CHECK(trust.threshold == 2);
  CHECK(trust.product.empty());
  UnlockedDeskKeys desk_keys;
  REQUIRE(office.desk->unlock_desk_keys(office.world, desk_keys));
  CHECK(trust.sealing_key == sealing_public_key_of(desk_keys.sealing_seed));
  const auto certificate = open_issuer_certificate(office.keys.certificate, trust);
  REQUIRE(certificate);
  CHECK((*certificate)->issuer_key == office.keys.issuer->public_key);
  CHECK((*certificate)->products.empty());
  CHECK((*certificate)->kinds == std::vector<std::uint64_t>{1, 2});
  CHECK_FALSE((*certificate)->max_seats);
  CHECK_FALSE((*certificate)->max_days);
  CHECK_FALSE((*certificate)->versions);
  const auto first = office.desk->ledger().leaf(0);
  REQUIRE(first);
  CHECK(std::get<KeyLeaf>(first->body).certificate == office.keys.certificate);
  CHECK(mode_of(office.desk_folder) == 0700);
  for (const std::string_view name : {"keys/desk.key", "keys/issuer-1.key", "roots/1/root.key", "roots/2/root.key", "roots/3/root.key"})
    CHECK(mode_of(office.desk_folder + "/" + std::string(name)) == 0600);
}

TEST_CASE("init says so where the threshold of roots lies together", "[issuer][desk]") {
  Office together, apart;
  const auto said = init_desk(together.world, {together.desk_folder, 3, 2, {}});
  REQUIRE(said);
  CHECK(said->back().find("warning") != std::string::npos);
  const std::string base = apart.folder.path();
  const auto quiet = init_desk(apart.world, {apart.desk_folder, 2, 2, {base + "/a", base + "/b"}});
  REQUIRE(quiet);
  CHECK(quiet->size() == 1);
  CHECK(apart.disk.exists(base + "/a/root.key"));
  CHECK_FALSE(apart.disk.exists(apart.desk_folder + "/roots"));
}

TEST_CASE("init refuses an existing desk and an existing root key, and changes nothing", "[issuer][desk]") {
  OpenDesk office;
  const auto before = office.files();
  const auto again = init_desk(office.world, {office.desk_folder, 3, 2, {}});
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Code::already_exists);
  CHECK(exit_code_of(again.error().code) == 2);
  const auto taken = init_desk(office.world, {office.folder.path() + "/second", 1, 1, {office.desk_folder + "/roots/1"}});
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == Code::already_exists);
  CHECK(office.files() == before);
}

TEST_CASE("an init that fails takes away what it had made", "[issuer][desk]") {
  // The passphrase file serves the first two roots only: the third key can't be encrypted.
  Office office;
  Passphrases two(office.disk, office.nobody, office.write("two", "root-1: a\nroot-2: b\n"));
  const DeskWorld world{office.disk, office.clock, office.random, office.nobody, two, cheap, "olga"};
  const auto before = office.files();
  const auto made = init_desk(world, {office.desk_folder, 3, 2, {}});
  REQUIRE_FALSE(made);
  CHECK(made.error().message.find("root-3") != std::string::npos);
  CHECK(office.files() == before);
  CHECK(init_desk(office.world, {office.desk_folder, 3, 2, {}}));
}

TEST_CASE("thresholds and root folders that don't fit are wrong usage", "[issuer][desk]") {
  Office office;
  for (const auto& [roots, threshold] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 0}, {3, 0}, {2, 3}, {17, 2}})
    CHECK(init_desk(office.world, {office.desk_folder, roots, threshold, {}}).error().code == Code::usage);
  CHECK(init_desk(office.world, {office.desk_folder, 3, 2, {"only-one"}}).error().code == Code::usage);
  const auto twice = init_desk(office.world, {office.desk_folder, 3, 2, {"a", "b", "a"}});
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == Code::usage);
  CHECK(twice.error().message.find("'a' is given twice") != std::string::npos);
  CHECK(office.files().size() == 1);
}

TEST_CASE("one process writes at a desk at a time, and readers look on", "[issuer][desk]") {
  OpenDesk office;
  const auto second = Desk::open(office.world, office.desk_folder);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Code::locked);
  CHECK(exit_code_of(second.error().code) == 2);
  auto reader = Desk::open(office.world, office.desk_folder, DeskUse::read);
  REQUIRE(reader);
  // Also in the middle of a writer's transaction: what it has not committed is not there yet.
  REQUIRE(office.desk->ledger().begin());
  const std::uint64_t size = *reader->ledger().size();
  const auto licence = find_licence(*reader, "L1");
  REQUIRE(licence);
  REQUIRE(office.desk->ledger().append({size, LeafKind::licence_changed, office.clock.now, "olga", {}, LicenceLeaf{*licence}}));
  CHECK(*reader->ledger().size() == size);
  REQUIRE(office.desk->ledger().commit());
  CHECK(*reader->ledger().size() == size + 1);
  office.desk.reset();
  CHECK(Desk::open(office.world, office.desk_folder));
}

TEST_CASE("a writer waits for another for as long as it was told to", "[issuer][desk]") {
  OpenDesk office;
  DeskWorld patient{office.disk, office.clock, office.random, office.nobody, office.passphrases, cheap, "olga"};
  patient.lock_wait_ms = 60'000;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    office.desk.reset();
  });
  CHECK(Desk::open(patient, office.desk_folder));
  other.join();
}

TEST_CASE("a reader's desk takes no entry", "[issuer][desk]") {
  OpenDesk office;
  auto reader = Desk::open(office.world, office.desk_folder, DeskUse::read);
  REQUIRE(reader);
  const auto before = office.files();
  CHECK_FALSE(change_licence_key(*reader, office.world, office.ledger_key, "L1"));
  CHECK(office.files() == before);
}

TEST_CASE("keys and ledger are closed to others in a folder that was there before", "[issuer][desk]") {
  Office office;
  std::filesystem::create_directories(office.desk_folder + "/keys");
  ::chmod(office.desk_folder.c_str(), 0755);
  ::chmod((office.desk_folder + "/keys").c_str(), 0755);
  const auto umask_before = ::umask(0);
  const auto said = init_desk(office.world, {office.desk_folder, 1, 1, {}});
  ::umask(umask_before);
  REQUIRE(said);
  CHECK(std::any_of(said->begin(), said->end(),
                    [](const std::string& line) { return line.find("others can enter it") != std::string::npos; }));
  CHECK(mode_of(office.desk_folder + "/keys") == 0700);
  CHECK(mode_of(office.desk_folder + "/ledger.sqlite") == 0600);
  CHECK(mode_of(office.desk_folder) == 0755);
}

TEST_CASE("a desk that others can write to is refused, with the command that mends it", "[issuer][desk]") {
  OpenDesk office;
  office.desk.reset();
  for (const std::string& path : {office.desk_folder, office.desk_folder + "/keys", office.desk_folder + "/ledger.sqlite"}) {
    const std::uint32_t right = mode_of(path);
    for (const std::uint32_t added : {020U, 002U}) {
      ::chmod(path.c_str(), right | added);
      for (const DeskUse use : {DeskUse::read, DeskUse::write}) {
        const auto opened = Desk::open(office.world, office.desk_folder, use);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().code == Code::unsafe_file);
        CHECK(opened.error().hint.find("chmod go-w " + path) != std::string::npos);
      }
    }
    ::chmod(path.c_str(), right);
    CHECK(Desk::open(office.world, office.desk_folder));
  }
  const std::string shared = office.folder.path() + "/shared";
  std::filesystem::create_directory(shared);
  ::chmod(shared.c_str(), 01777);
  CHECK(init_desk(office.world, {shared, 1, 1, {}}).error().code == Code::unsafe_file);
  CHECK(std::filesystem::is_empty(shared));
}

TEST_CASE("where there is no desk the answer says how to make one", "[issuer][desk]") {
  Office office;
  const auto opened = Desk::open(office.world, office.desk_folder);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Code::not_found);
  CHECK(opened.error().hint.find("oak-issuer init") != std::string::npos);
  CHECK_FALSE(office.disk.exists(office.desk_folder));
}

TEST_CASE("a trust document opens by itself and is for its product alone", "[issuer][desk]") {
  OpenDesk office;
  const auto every = make_trust(office.world, *office.desk, {});
  REQUIRE(every);
  CHECK(trust_in(*every));
  const auto one = make_trust(office.world, *office.desk, {"demo", "licences@example.org", {}});
  REQUIRE(one);
  const auto opened = open_trust(*one, "demo");
  REQUIRE(opened);
  CHECK((*opened)->contact == "licences@example.org");
  CHECK((*opened)->roots == office.desk->trust().roots);
  CHECK(open_trust(*one, "other").error().code == Code::wrong_product);
  CHECK(make_trust(office.world, *office.desk, {"no name", {}, {}}).error().code == Code::usage);
}

TEST_CASE("too few roots, or another desk's, sign no trust", "[issuer][desk]") {
  OpenDesk office;
  const std::string roots = office.desk_folder + "/roots/";
  CHECK(make_trust(office.world, *office.desk, {{}, {}, {roots + "1"}}).error().code == Code::not_enough_signatures);
  CHECK(make_trust(office.world, *office.desk, {{}, {}, {roots + "3", roots + "2"}}));
  OpenDesk other(1, 6);
  CHECK(make_trust(office.world, *office.desk, {{}, {}, {other.desk_folder + "/roots/1", roots + "1"}}).error().code == Code::unknown_key);
  // One root's folder named twice is one root, and so is its copy.
  const auto twice = make_trust(office.world, *office.desk, {{}, {}, {roots + "1", roots + "1"}});
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == Code::usage);
  CHECK(twice.error().message.find("'" + roots + "1' is given twice") != std::string::npos);
  const std::string copy = office.folder.path() + "/copy";
  std::filesystem::create_directory(copy);
  std::filesystem::copy_file(roots + "1/root.key", copy + "/root.key");
  const auto copied = make_trust(office.world, *office.desk, {{}, {}, {roots + "1", copy}});
  REQUIRE_FALSE(copied);
  CHECK(copied.error().code == Code::usage);
  CHECK(copied.error().message.find(copy) != std::string::npos);
}

TEST_CASE("a wrong passphrase names the key and opens nothing", "[issuer][desk]") {
  OpenDesk office;
  Passphrases wrong(office.disk, office.nobody, office.write("wrong", "incorrect\n"));
  const DeskWorld world{office.disk, office.clock, office.random, office.nobody, wrong, cheap, "olga"};
  UnlockedDeskKeys unlocked;
  const auto keys = office.desk->unlock_desk_keys(world, unlocked);
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code == Code::wrong_passphrase);
  CHECK(keys.error().message.find("desk.key") != std::string::npos);
}

TEST_CASE("a desk key that is not the one its file shows is refused", "[issuer][desk]") {
  OpenDesk office;
  SeededRandom random(9);
  const std::string path = office.desk_folder + "/keys/desk.key";
  // Sealed under the right passphrase, by somebody who knows it: the head names the desk's sealing key, the seed is another.
  const KeyFileHead head{"desk", KeyPurpose::desk, office.desk->trust().sealing_key};
  const auto document = seal_key_file(head, Bytes(64, 7), as_bytes("correct horse"), cheap, random);
  REQUIRE(document);
  REQUIRE(office.disk.write(path, as_bytes(armour_encode(key_file_label, *document)), 0600, Existing::replace));
  UnlockedDeskKeys unlocked;
  const auto keys = office.desk->unlock_desk_keys(office.world, unlocked);
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code == Code::bad_key_file);
  CHECK(keys.error().message.find(path) != std::string::npos);
}

TEST_CASE("a key file in another key's place is refused", "[issuer][desk]") {
  OpenDesk office;
  const std::string keys = office.desk_folder + "/keys/";
  std::filesystem::copy_file(office.desk_folder + "/roots/1/root.key", keys + "issuer-1.key",
                             std::filesystem::copy_options::overwrite_existing);
  REQUIRE(office.desk->unlock_issuer(office.world, *office.keys.issuer));
  // The certificate is not that key's, so nothing that it signs leaves the desk.
  const std::uint64_t size = *office.desk->ledger().size();
  CHECK_FALSE(office.answer(office.document(make_site(office.random))));
  CHECK(*office.desk->ledger().size() == size);
}

TEST_CASE("a licence comes with a key that its ledger gives again, and a new product with it", "[issuer][licences]") {
  OpenDesk office;
  NewLicence input;
  input.customer = "Southwind", input.product = "other", input.versions = "2.*", input.seats = 4, input.features = {"b", "a", "b"};
  const auto added = add_licence(*office.desk, office.world, office.ledger_key, input);
  REQUIRE(added);
  CHECK(parse_licence_key(added->key_text)->licence_id == added->id);
  CHECK(show_licence_key(*office.desk, office.ledger_key, added->id)->key_text == added->key_text);
  CHECK(find_licence(*office.desk, added->id)->features == std::vector<std::string>{"a", "b"});
  CHECK(*office.desk->ledger().product("other"));
  CHECK(office.desk->ledger().size() == 5);  // key, demo, L1, other, and this
}

TEST_CASE("a licence id is in capitals, however it is typed", "[issuer][licences]") {
  OpenDesk office;
  NewLicence input;
  input.customer = "N", input.product = "demo", input.versions = "3.*";
  for (const std::string id : {"L1", "l1"}) {
    input.id = id;
    CHECK(add_licence(*office.desk, office.world, office.ledger_key, input).error().code == Code::already_exists);
  }
  input.id = "dock-4b";
  CHECK(add_licence(*office.desk, office.world, office.ledger_key, input)->id == "DOCK-4B");
  CHECK(find_licence(*office.desk, "Dock-4b")->id == "DOCK-4B");
  CHECK(find_licence(*office.desk, "dock").error().code == Code::unknown_licence);
}

TEST_CASE("a new key ends the old one, and no export or other licence holds either", "[issuer][licences]") {
  OpenDesk office;
  const Site site = make_site(office.random);
  const Bytes with_old = office.document(site);
  const std::string old = show_licence_key(*office.desk, office.ledger_key, "L1")->key_text;
  const auto fresh = change_licence_key(*office.desk, office.world, office.ledger_key, "L1");
  REQUIRE(fresh);
  CHECK(fresh->key_text != old);
  CHECK(show_licence_key(*office.desk, office.ledger_key, "L1")->key_text == fresh->key_text);
  CHECK(office.refusals(with_old) == std::vector<std::string>{"wrong-licence-key"});
  CHECK(office.refusals(office.document(site)).empty());
  const auto file = office.disk.read(office.desk_folder + "/ledger.sqlite", 1 << 24);
  REQUIRE(file);
  for (const std::string& key : {old, fresh->key_text}) {
    const std::string secret(as_text(parse_licence_key(key)->secret.view()));
    CHECK(as_text(file->bytes).find(secret) == std::string_view::npos);
  }
}

TEST_CASE("a licence secret under another ledger key, licence or number is damage", "[issuer][licences]") {
  OpenDesk office;
  office.sell("L2", 1);
  const SymmetricKey other(ByteArray<32>{9});
  CHECK(show_licence_key(*office.desk, other, "L1").error().code == Code::ledger_damaged);
  Licence moved = *find_licence(*office.desk, "L1");
  const auto sealed = **office.desk->ledger().secret("L2", 1);
  REQUIRE(office.desk->ledger().put_secret("L1", 2, sealed));
  moved.key_number = 2;
  CHECK(read_licence_secret(office.desk->ledger(), moved, office.ledger_key).error().code == Code::ledger_damaged);
}

TEST_CASE("seats are not sold back below those that are live", "[issuer][licences]") {
  OpenDesk office(5);
  Site site = make_site(office.random);
  site.holds = office.answer(office.document(site, {.seats = 3}))->record;
  LicenceChange fewer;
  fewer.seats = 2;
  const std::uint64_t size = *office.desk->ledger().size();
  const auto refused = change_licence(*office.desk, office.world, "L1", fewer);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::refused);
  CHECK(exit_code_of(refused.error().code) == 1);
  CHECK(refused.error().hint.find("receipt") != std::string::npos);
  // A smaller activation alone does not free them: its receipt is owed.
  REQUIRE(office.refusals(office.document(site, {.seats = 1})).empty());
  CHECK_FALSE(change_licence(*office.desk, office.world, "L1", fewer));
  CHECK(view_licence(*office.desk, *find_licence(*office.desk, "L1"), office.clock.now)->live == 3);
  CHECK(*office.desk->ledger().size() == size + 2);
  fewer.seats = 3;
  CHECK(change_licence(*office.desk, office.world, "L1", fewer)->seats == 3);
}

TEST_CASE("terms out of their limits are wrong usage and write nothing", "[issuer][licences]") {
  OpenDesk office;
  const std::uint64_t size = *office.desk->ledger().size();
  const NewLicence good{"L9", "N", "demo", "3.*", 1, {}, {}, {}, {}};
  const auto code = [&](auto spoil) {
    NewLicence input = good;
    spoil(input);
    return add_licence(*office.desk, office.world, office.ledger_key, input).error().code;
  };
  CHECK(code([](NewLicence& in) { in.id = "no id"; }) == Code::usage);
  CHECK(code([](NewLicence& in) { in.customer.clear(); }) == Code::usage);
  CHECK(code([](NewLicence& in) { in.customer = "a\nb"; }) == Code::usage);
  CHECK(code([](NewLicence& in) { in.product = "../x"; }) == Code::usage);
  CHECK(code([](NewLicence& in) { in.versions = "three"; }) == Code::usage);
  CHECK(code([](NewLicence& in) { in.seats = 0; }) == Code::usage);
  CHECK(code([](NewLicence& in) { in.seats = 1'000'001; }) == Code::usage);
  CHECK(code([](NewLicence& in) { in.features = {std::string(41, 'f')}; }) == Code::usage);
  CHECK(code([](NewLicence& in) { in.forbidden = {"laptop"}; }) == Code::usage);
  CHECK(*office.desk->ledger().size() == size);
}

TEST_CASE("a product's policy reaches the activation; half a machine is no policy", "[issuer][licences]") {
  OpenDesk office;
  ProductChange change{"demo", "5,3,2,4,1,0", 70, 14, true, false};
  REQUIRE(change_product(*office.desk, office.world, change));
  const auto issued = office.answer(office.document(make_site(office.random)));
  REQUIRE(issued);
  CHECK(issued->record.activation.policy == Policy{70, {5, 3, 2, 4, 1, 0}});
  CHECK(issued->record.activation.grace_days == 14);
  for (const std::uint64_t percent : {0U, 50U, 101U}) {
    change.threshold_percent = percent;
    CHECK(change_product(*office.desk, office.world, change).error().code == Code::usage);
  }
  change.threshold_percent = 60;
  change.weights = "1,1,1,0,15,15";
  const auto shared_out = change_product(*office.desk, office.world, change);
  REQUIRE_FALSE(shared_out);
  CHECK(shared_out.error().message.find("both halves") != std::string::npos);
  for (const std::string weights : {"", "1,2,3,4,5", "1,2,3,4,5,6,7", "1,2,3,4,5,16", "0,0,0,0,0,0", "1,2,3,4,5,-1", "1,2,3,4,5,"}) {
    change.weights = weights;
    INFO(weights);
    CHECK(change_product(*office.desk, office.world, change).error().code == Code::usage);
  }
}

}  // namespace oak::desk_test
