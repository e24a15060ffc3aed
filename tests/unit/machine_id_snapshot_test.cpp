// Goal: the boot snapshot has one spelling and no raw value in it, stands in for what can't be read and for nothing else, and
// whatever about it could be somebody else's work keeps it from being used. How a kernel behaves, tests/cli/snapshot_test.sh shows.

#include <catch2/catch.hpp>

#include <map>

#include "core/cbor.h"
#include "core/key_file.h"
#include "machine-id/snapshot.h"
#include "tests/unit/machine_id_tree.h"

using namespace oak;
using namespace oak::test;

namespace {

const std::string product = "demo", state = "/state", path = "/run/oak/demo.fingerprint";

/// Files by path; enough of a disk for a snapshot.
class SmallDisk final : public Disk {
 public:
  std::map<std::string, FileBytes> files;
  std::optional<Code> refuses_to_read, refuses_to_write;

  Result<FileBytes> read(const std::string& name, std::size_t) override { return fail(Code::internal, name); }
  Status write(const std::string& name, ByteView, std::uint32_t, Existing) override { return fail(Code::internal, name); }
  Result<FileBytes> read_beneath(const std::string& folder, const std::string& name, std::size_t max_bytes) override {
    const auto found = files.find(folder + "/" + name);
    if (found == files.end()) return fail(Code::not_found, name);
    if (refuses_to_read) return fail(*refuses_to_read, name);
    if (found->second.bytes.size() > max_bytes) return fail(Code::too_large, name);
    return found->second;
  }
  Status write_beneath(const std::string& folder, const std::string& name, ByteView bytes, std::uint32_t mode, Existing) override {
    if (refuses_to_write) return fail(*refuses_to_write, name);
    files[folder + "/" + name] = {Bytes(bytes.begin(), bytes.end()), 0, mode};
    return {};
  }
  Status remove_beneath(const std::string&, const std::string& name) override { return fail(Code::internal, name); }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::vector<std::string> names;
    for (const auto& [name, file] : files)
      if (name.starts_with(folder + "/")) names.push_back(name.substr(folder.size() + 1));
    if (names.empty()) return fail(Code::not_found, folder);
    return names;
  }
  Status make_folder(const std::string&, std::uint32_t) override { return {}; }
  bool may_write(const std::string&) override { return true; }
  bool exists(const std::string& name) override { return files.count(name) > 0; }
  Status share_with_oak_group(const std::string&, const std::string&) override { return {}; }
};

/// A tree in which some files may not be read.
class PartlyReadable final : public Host {
 public:
  LinuxHost all;
  std::vector<std::string> closed;
  explicit PartlyReadable(const Tree& tree) : all(tree.root()) {}
  Result<std::string> read(const std::string& file) const override {
    if (std::find(closed.begin(), closed.end(), file) != closed.end()) return fail(Code::permission_denied, file);
    return all.read(file);
  }
  std::vector<std::string> list(const std::string& folder) const override { return all.list(folder); }
  std::string resolve(const std::string& file) const override { return all.resolve(file); }
};

/// The permanent address of a card whose own was changed.
class Asked final : public PermanentAddressSource {
 public:
  std::string permanent_address(const std::string& interface) const override { return interface == "eno2" ? "b0:26:28:5a:01:77" : ""; }
};

SymmetricKey key_of(std::uint8_t byte) {
  SymmetricKey key;
  std::fill_n(key.data(), SymmetricKey::size(), byte);
  return key;
}

const std::string dmi = "/sys/class/dmi/id/";
const std::vector<std::string> roots_own = {dmi + "product_uuid", dmi + "product_serial", dmi + "board_serial"};

/// A server whose second card goes by another address than its own, its state with one key, and a snapshot taken by root.
struct World {
  Tree tree;
  SmallDisk disk;
  PartlyReadable host{tree};
  SymmetricKey key = key_of(1);

  World() {
    static_cast<void>(crypto_start());
    make_server(tree);
    tree.remove("/sys/class/net/eno2").card("eno2", "pci0000:00/0000:00:1c.4/0000:02:00.1", "02:aa:aa:aa:aa:aa", 3);
    tree.file("/proc/self/uid_map", "         0          0 4294967295\n");
    set_boot("6e1c9a4b-7d0f-4c2e-9b8a-35d1f0c4e7aa");
    add_key(key);
    REQUIRE(take());
    host.closed = roots_own;
  }
  void set_boot(const std::string& id) { tree.file("/proc/sys/kernel/random/boot_id", id + "\n"); }
  void add_key(const SymmetricKey& added, const std::string& of = product) {
    const SecretBytes file = encode_fingerprint_key_file({added.clone(), "L1", of});
    disk.files[state + "/" + product + "/" + fingerprint_key_name(fingerprint_key_id(added))] = {
        Bytes(file.view().begin(), file.view().end()), 0, 0640};
  }
  Outcome<SnapshotTaken> take() { return take_snapshot(disk, host.all, collect(host.all, Asked()), state, product); }
  FileBytes& file() { return disk.files[path]; }
  Sighting see(std::string_view of = product) { return observe_with_snapshot(disk, host, collect(host), of, key); }
  std::vector<Observation> as_root() { return observe(collect(host.all, Asked()), key); }
};

const Observation& one(const std::vector<Observation>& all, Component component, const std::string& label = {}) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Observation& seen) {
    return seen.component == component && (label.empty() || seen.label == label);
  });
  REQUIRE(found != all.end());
  return *found;
}

/// What a snapshot says, as CBOR, with one part and these members.
Bytes with_members(const std::vector<Observation>& members) {
  return encode_snapshot({product, BootId{}, {SnapshotPart{fingerprint_key_id(key_of(1)), members}}});
}

}  // namespace

TEST_CASE("what root sees of the platform and of a card's own address is there for those who may not look") {
  World world;
  const Sighting seen = world.see();
  CHECK(seen.refusal.empty());
  const auto root = world.as_root();
  REQUIRE(seen.observations.size() == root.size());
  for (std::size_t i = 0; i < root.size(); ++i) {
    CHECK(seen.observations[i].component == root[i].component);
    CHECK(seen.observations[i].state == root[i].state);
    CHECK(seen.observations[i].digest == root[i].digest);
    CHECK(seen.observations[i].label == root[i].label);
  }
  world.disk.files.erase(path);
  const Sighting without = world.see();
  CHECK(without.refusal.empty());
  for (const Component component : {Component::product_uuid, Component::product_serial, Component::board_serial})
    CHECK(one(without.observations, component).state == State::unreadable);
  CHECK(one(without.observations, Component::mac, "eno2").state == State::unreadable);
}

TEST_CASE("what can be read is read live, whatever the snapshot says") {
  World world;
  world.host.closed = {dmi + "product_uuid"};
  world.tree.file(dmi + "product_serial", "ANOTHER7\n").file("/etc/machine-id", "00112233445566778899aabbccddeeff\n");
  world.tree.remove("/sys/class/net/eno1").card("eno1", "pci0000:00/0000:00:1c.4/0000:02:00.0", "B0:26:28:5A:99:99");
  const Facts live = collect(world.host);
  const auto plain = observe(live, world.key);
  const auto seen = world.see().observations;
  for (const Component component : {Component::product_serial, Component::board_serial, Component::machine_id, Component::model})
    CHECK(one(seen, component).digest == one(plain, component).digest);
  CHECK(one(seen, Component::mac, "eno1").digest == one(plain, Component::mac, "eno1").digest);
  CHECK(one(seen, Component::product_uuid).state == State::usable);
}

TEST_CASE("disks, machine-id and model are never taken from it, nor another card's address") {
  World world;
  world.host.closed = {"/etc/machine-id", dmi + "sys_vendor", "/sys/block/nvme0n1/device/serial"};
  auto seen = world.see().observations;
  CHECK(one(seen, Component::machine_id).state == State::unreadable);
  CHECK(one(seen, Component::model).state == State::unreadable);
  CHECK(one(seen, Component::disk, "nvme0n1").state == State::unreadable);
  world.tree.remove("/sys/class/net/eno2").card("eno7", "pci0000:00/0000:00:1c.4/0000:02:00.1", "02:aa:aa:aa:aa:aa", 3);
  seen = world.see().observations;
  CHECK(one(seen, Component::mac, "eno7").state == State::unreadable);
}

TEST_CASE("a placeholder and an empty serial number are what root found them to be") {
  World world;
  world.tree.file(dmi + "product_serial", "To be filled by O.E.M.\n").file(dmi + "board_serial", "\n");
  REQUIRE(world.take());
  const auto seen = world.see().observations;
  CHECK(one(seen, Component::product_serial).state == State::placeholder);
  CHECK(one(seen, Component::product_serial).digest == one(world.as_root(), Component::product_serial).digest);
  CHECK(one(seen, Component::board_serial).state == State::absent);
}

TEST_CASE("no raw value is written, and only digests that can be needed") {
  World world;
  const std::string text(as_text(world.file().bytes));
  for (const Fact& fact : collect(world.host.all, Asked()).facts)
    if (!fact.value.empty()) CHECK(text.find(fact.value) == std::string::npos);
  CHECK(text.find("b5rmn42") == std::string::npos);
  CHECK(world.file().mode == 0644);
  const auto snapshot = decode_snapshot(world.file().bytes);
  REQUIRE(snapshot);
  REQUIRE(snapshot->parts.size() == 1);
  const auto& members = snapshot->parts[0].members;
  REQUIRE(members.size() == 6);
  for (const Observation& member : members) CHECK((factor_of(member.component) == Factor::platform || member.component == Component::mac));
  CHECK(members[3].component == Component::dt_serial);
  CHECK(members[3].state == State::absent);
  CHECK(members[5].label == "eno2");
}

TEST_CASE("each fingerprint key of the product gets its part, and one that can't be used is named") {
  World world;
  world.add_key(key_of(9));
  world.add_key(key_of(5));
  auto taken = world.take();
  REQUIRE(taken);
  CHECK(taken->keys == 3);
  CHECK(taken->warnings.empty());
  const auto snapshot = decode_snapshot(world.file().bytes);
  REQUIRE(snapshot);
  REQUIRE(snapshot->parts.size() == 3);
  CHECK(snapshot->parts[0].members[0].digest != snapshot->parts[1].members[0].digest);

  world.add_key(key_of(7), "other");
  taken = world.take();
  REQUIRE(taken);
  CHECK(taken->keys == 3);
  REQUIRE(taken->warnings.size() == 1);
  CHECK(taken->warnings[0].find(to_hex(fingerprint_key_id(key_of(7)))) != std::string::npos);
  world.disk.files[state + "/demo/" + fingerprint_key_name(fingerprint_key_id(key_of(9)))].owner = 1000;
  CHECK(world.take()->keys == 2);

  world.disk.files.clear();
  CHECK(world.take().error().code == Code::fingerprint_key_missing);
  world.add_key(key_of(7), "other");
  CHECK(world.take().error().code == Code::fingerprint_key_missing);
  world.add_key(key_of(1));
  world.disk.refuses_to_write = Code::permission_denied;
  CHECK(world.take().error().code == Code::permission_denied);
  CHECK(take_snapshot(world.disk, world.host, {}, state, "../etc").error().code == Code::usage);
}

TEST_CASE("a snapshot that others could have made, or of another time, is not used, and the reason is given") {
  World world;
  const FileBytes good = world.file();
  const auto refused = [&](std::string_view word) {
    const Sighting seen = world.see();
    CHECK(one(seen.observations, Component::product_uuid).state == State::unreadable);
    CHECK(one(seen.observations, Component::mac, "eno2").state == State::unreadable);
    CHECK_THAT(seen.refusal, Catch::Contains(std::string(word)));
    CHECK_THAT(seen.refusal, Catch::Contains(path));
    world.file() = good;
  };
  world.file().owner = 1000;
  refused("not root's");
  for (const std::uint32_t mode : {0664U, 0646U, 0666U}) {
    world.file().mode = mode;
    refused("others than root may write");
  }
  for (std::size_t size = 0; size < good.bytes.size(); ++size) {
    world.file().bytes.resize(size);
    refused("damaged");
  }
  world.file().bytes.push_back(0);
  refused("damaged");
  world.file().bytes.resize(max_snapshot_bytes + 1);
  refused("larger");
  for (const auto& [code, word] : {std::pair(Code::unsafe_file, "a link"), std::pair(Code::permission_denied, "permission denied")}) {
    world.disk.refuses_to_read = code;
    refused(word);
    world.disk.refuses_to_read.reset();
  }
  world.disk.files["/run/oak/other.fingerprint"] = good;
  CHECK_THAT(world.see("other").refusal, Catch::Contains("another product's"));
  world.key = key_of(2);
  refused("before this activation came");
  world.key = key_of(1);
  for (const char* boot : {"6e1c9a4b-7d0f-4c2e-9b8a-35d1f0c4e7ab", "", "6e1c9a4b-7d0f-4c2e-9b8a-35d1f0c4e7aa00", "6e1c9a4b-7d0f"}) {
    world.set_boot(boot);
    refused("not taken in this boot");
  }
  world.set_boot("6e1c9a4b-7d0f-4c2e-9b8a-35d1f0c4e7aa");
  for (const char* map : {"         0       1000          1\n", "         0          0       1000\n", "         0     100000      65536\n",
                          "", "         0          0 4294967295\n         0       1000          1\n"}) {
    world.tree.file("/proc/self/uid_map", map);
    refused("user ids of its own");
  }
  world.tree.remove("/proc/self/uid_map");
  refused("user ids of its own");
  world.tree.file("/proc/self/uid_map", "         0          0 4294967295\n");
  CHECK(world.see().refusal.empty());
}

TEST_CASE("a snapshot is not looked for where everything can be read") {
  World world;
  world.host.closed.clear();
  world.tree.remove("/sys/class/net/eno2");
  world.file().owner = 1000;
  CHECK(world.see().refusal.empty());
}

TEST_CASE("a snapshot has one spelling") {
  World world;
  world.add_key(key_of(3));
  REQUIRE(world.take());
  const Bytes good = world.file().bytes;
  const auto decoded = decode_snapshot(good);
  REQUIRE(decoded);
  CHECK(encode_snapshot(*decoded) == good);
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    Bytes flipped = good;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1U << bit % 8);
    const auto other = decode_snapshot(flipped);
    if (other) CHECK(encode_snapshot(*other) == flipped);
  }

  const MemberDigest digest{};
  const Observation uuid{Component::product_uuid, State::usable, digest, {}}, card{Component::mac, State::usable, digest, "eth0"};
  CHECK(decode_snapshot(with_members({})));
  CHECK(decode_snapshot(with_members({uuid, card})));
  CHECK(decode_snapshot(with_members({{Component::product_uuid, State::absent, std::nullopt, {}}})));
  const std::vector<std::vector<Observation>> refused = {
      {card, uuid},
      {uuid, uuid},
      {card, card},
      {{Component::disk, State::usable, digest, "sda"}},
      {{Component::machine_id, State::usable, digest, {}}},
      {{Component::product_uuid, State::unreadable, std::nullopt, {}}},
      {{Component::product_uuid, State::match, digest, {}}},
      {{Component::product_uuid, State::usable, std::nullopt, {}}},
      {{Component::product_uuid, State::absent, digest, {}}},
      {{Component::product_uuid, State::usable, digest, "eth0"}},
      {{Component::mac, State::usable, digest, {}}},
      {{Component::mac, State::absent, std::nullopt, "eth0"}},
      {{Component::mac, State::usable, digest, "eth\n0"}},
      {{Component::mac, State::usable, digest, std::string(max_label_bytes + 1, 'e')}},
  };
  for (std::size_t i = 0; i < refused.size(); ++i) {
    CAPTURE(i);
    CHECK(!decode_snapshot(with_members(refused[i])));
  }
  // A label of no length would be a second way to write that there is none.
  Bytes empty_label = with_members({uuid});
  REQUIRE(empty_label.back() == 0xf6);
  empty_label.back() = 0x60;
  CHECK(!decode_snapshot(empty_label));
  CHECK(!decode_snapshot(encode_snapshot({product, BootId{}, {}})));
  CHECK(!decode_snapshot(encode_snapshot({"no/name", BootId{}, {SnapshotPart{}}})));
  CHECK(!decode_snapshot(encode_snapshot({product, BootId{}, {SnapshotPart{}, SnapshotPart{}}})));
}

TEST_CASE("the example of docs/format-snapshot.md is written as printed") {
  MemberDigest uuid, card;
  uuid.fill(0x11);
  card.fill(0x22);
  BootId boot;
  for (std::size_t i = 0; i < boot.size(); ++i) boot[i] = static_cast<std::uint8_t>(i);
  const SnapshotPart part{{0xf8, 0x8d, 0x83, 0xc0, 0x82, 0xac, 0xc0, 0x0e},
                          {{Component::product_uuid, State::usable, uuid, {}},
                           {Component::board_serial, State::absent, std::nullopt, {}},
                           {Component::mac, State::placeholder, card, "eth0"}}};
  const Bytes file = encode_snapshot({product, boot, {part}});
  CHECK(to_hex(file) ==
        "846f6f616b2f76312f736e617073686f746464656d6f50000102030405060708090a0b0c0d0e0f818248f88d83c082acc00e838401005011"
        "111111111111111111111111111111f6840303f6f684050550222222222222222222222222222222226465746830");
  CHECK(decode_snapshot(file));
}

TEST_CASE("a machine with many cards and keys fits, and of the cards those stay that enrolment keeps") {
  World world;
  for (int i = 10; i < 50; ++i) {
    const std::string n = std::to_string(i);
    world.tree.card("port" + n, "pci0000:00/0000:00:1c.4/0000:03:00." + n, "b0:26:28:5a:02:" + n);
  }
  for (std::uint8_t i = 2; i < 80; ++i) world.add_key(key_of(i));
  const auto taken = world.take();
  REQUIRE(taken);
  CHECK(taken->keys == max_snapshot_keys);
  REQUIRE(taken->warnings.size() == 1);
  CHECK(world.file().bytes.size() <= max_snapshot_bytes);
  const auto snapshot = decode_snapshot(world.file().bytes);
  REQUIRE(snapshot);
  for (const SnapshotPart& part : snapshot->parts) {
    if (part.key != fingerprint_key_id(world.key)) continue;
    std::vector<MemberDigest> kept, enrolled;
    for (const Observation& member : part.members)
      if (member.component == Component::mac) kept.push_back(*member.digest);
    for (const Member& member : enrol(world.as_root()).members)
      if (member.component == Component::mac) enrolled.push_back(member.digest);
    std::sort(kept.begin(), kept.end());
    CHECK(kept == enrolled);
  }
}
