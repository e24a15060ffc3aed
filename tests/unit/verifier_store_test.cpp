// Goal: the store keeps keys and documents under their names, believes only files that root or the caller could have
// written, and takes damage for what it is.

#include <catch2/catch.hpp>

#include "tests/unit/verifier_world.h"
#include "core/key_file.h"

using namespace oak;
using namespace oak::test;

namespace {

const std::string machine_key = folder + "/machine.key";

}  // namespace

TEST_CASE("a machine's key is made once, for root alone") {
  FakeDisk disk;
  Store store(disk, state_dir, 0);
  CountingRandom random(1);
  const auto none = store.key_pair(product, MachineKey::machine);
  REQUIRE(!none);
  CHECK(none.error().code == Code::not_found);
  const auto first = store.key_pair_or_make(product, MachineKey::machine, random);
  const auto second = store.key_pair_or_make(product, MachineKey::machine, random);
  const auto server = store.key_pair_or_make(product, MachineKey::seat_server, random);
  REQUIRE((first && second && server));
  CHECK(first->public_key == second->public_key);
  CHECK(first->public_key != server->public_key);
  CHECK(disk.files[machine_key].mode == 0600);
  CHECK(disk.files.count(folder + "/seat-server.key") == 1);
}

TEST_CASE("of two processes that make the key at once, both get the one that was written first") {
  class LateDisk final : public Disk {
   public:
    explicit LateDisk(FakeDisk& disk) : disk_(disk) {}
    Result<FileBytes> read(const std::string& path, std::size_t most) override { return disk_.read(path, most); }
    Status write(const std::string& path, ByteView bytes, std::uint32_t mode, Existing existing) override {
      return disk_.write(path, bytes, mode, existing);
    }
    Result<FileBytes> read_beneath(const std::string& in, const std::string& name, std::size_t most) override {
      if (!looked_) {
        looked_ = true;
        return fail(Code::not_found, name);
      }
      return disk_.read_beneath(in, name, most);
    }
    Status write_beneath(const std::string& in, const std::string& name, ByteView bytes, std::uint32_t mode, Existing existing) override {
      return disk_.write_beneath(in, name, bytes, mode, existing);
    }
    Status remove_beneath(const std::string& in, const std::string& name) override { return disk_.remove_beneath(in, name); }
    Result<std::vector<std::string>> list(const std::string& in) override { return disk_.list(in); }
    Status make_folder(const std::string& in, std::uint32_t mode) override { return disk_.make_folder(in, mode); }
    bool may_write(const std::string& in) override { return disk_.may_write(in); }
    bool exists(const std::string& path) override { return disk_.exists(path); }
    Status share_with_oak_group(const std::string& in, const std::string& name) override { return disk_.share_with_oak_group(in, name); }

   private:
    FakeDisk& disk_;
    bool looked_ = false;
  };
  FakeDisk disk;
  CountingRandom one(1), two(2);
  const auto first = Store(disk, state_dir, 0).key_pair_or_make(product, MachineKey::machine, one);
  LateDisk late(disk);
  const auto second = Store(late, state_dir, 0).key_pair_or_make(product, MachineKey::machine, two);
  REQUIRE((first && second));
  CHECK(first->public_key == second->public_key);
}

TEST_CASE("keys that others may read, files that others may write, and foreign owners are unsafe") {
  FakeDisk disk;
  Store store(disk, state_dir, 1000);
  CountingRandom random(1);
  REQUIRE(store.key_pair_or_make(product, MachineKey::machine, random));
  for (const std::uint32_t mode : {0640U, 0604U, 0620U, 0666U}) {
    disk.files[machine_key].mode = mode;
    const auto key = store.key_pair(product, MachineKey::machine);
    REQUIRE(!key);
    CHECK(key.error().code == Code::unsafe_file);
    CHECK(key.error().context == machine_key);
  }
  disk.files[machine_key].mode = 0600;
  for (const std::uint32_t owner : {0U, 1000U, 1001U}) {
    disk.files[machine_key].owner = owner;
    CHECK(store.key_pair(product, MachineKey::machine).has_value() == (owner != 1001U));
  }
  REQUIRE(store.put_marks([] {
    Marks marks;
    marks.product = product;
    return marks;
  }()));
  disk.files[folder + "/marks.oak"].mode = 0660;
  const auto marks = store.marks(product);
  REQUIRE(!marks);
  CHECK(marks.error().code == Code::unsafe_file);
}

TEST_CASE("a damaged key file is named, at every truncation and flipped bit that its form shows") {
  FakeDisk disk;
  Store store(disk, state_dir, 0);
  CountingRandom random(1);
  REQUIRE(store.key_pair_or_make(product, MachineKey::machine, random));
  const Bytes whole = disk.files[machine_key].bytes;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    disk.files[machine_key].bytes.assign(whole.begin(), whole.begin() + static_cast<long>(size));
    const auto key = store.key_pair(product, MachineKey::machine);
    REQUIRE(!key);
    CHECK(key.error().code == Code::damaged_state);
  }
  // One that has grown past what a key takes is damaged too, and is set aside whole.
  disk.files[machine_key].bytes = Bytes(max_key_file_bytes + 1, 0xa2);
  REQUIRE(!store.key_pair(product, MachineKey::machine));
  CHECK(store.key_pair(product, MachineKey::machine).error().code == Code::damaged_state);
  REQUIRE(store.set_key_aside(product, MachineKey::machine));
  CHECK(store.key_pair(product, MachineKey::machine).error().code == Code::not_found);
  CHECK(std::any_of(disk.files.begin(), disk.files.end(), [](const auto& file) {
    return file.first.ends_with(".damaged") && file.second.bytes == Bytes(max_key_file_bytes + 1, 0xa2) && file.second.mode == 0600;
  }));
  // A seat server's key under the machine key's name is none.
  REQUIRE(store.key_pair_or_make(product, MachineKey::seat_server, random));
  disk.files[machine_key].bytes = disk.files[folder + "/seat-server.key"].bytes;
  CHECK(!store.key_pair(product, MachineKey::machine));
}

TEST_CASE("a fingerprint key is found by its id, and every other content is damage") {
  FakeDisk disk;
  Store store(disk, state_dir, 0);
  const SymmetricKey key(ByteArray<32>{1, 2, 3}), other(ByteArray<32>{4});
  REQUIRE(store.put_fingerprint_key(product, "L1", key));
  const auto found = store.fingerprint_key(product, fingerprint_key_id(key));
  REQUIRE(found);
  CHECK(found->licence == "L1");
  CHECK(to_hex(found->key.view()) == to_hex(key.view()));
  const std::string path = folder + "/fingerprint-" + to_hex(fingerprint_key_id(key)) + ".key";
  CHECK(disk.files[path].mode == 0640);
  const Bytes whole_key = disk.files[path].bytes;
  disk.files[path].bytes.resize(max_key_file_bytes + 1);
  CHECK(store.fingerprint_key(product, fingerprint_key_id(key)).error().code == Code::damaged_state);
  disk.files[path].bytes = whole_key;
  const auto missing = store.fingerprint_key(product, fingerprint_key_id(other));
  REQUIRE(!missing);
  CHECK(missing.error().code == Code::fingerprint_key_missing);
  const SecretBytes wrong = encode_fingerprint_key_file({other.clone(), "L1", product});
  disk.files[path].bytes.assign(wrong.view().begin(), wrong.view().end());
  const auto damaged = store.fingerprint_key(product, fingerprint_key_id(key));
  REQUIRE(!damaged);
  CHECK(damaged.error().code == Code::damaged_state);
}

TEST_CASE("without a group oak, what is shared stays with its owner") {
  World world;
  world.disk.has_oak_group = false;
  REQUIRE(world.install_one(world.grant()));
  for (const auto& [path, file] : world.disk.files) CHECK(file.mode == 0600);
}

TEST_CASE("products are the folders with a product's name") {
  FakeDisk disk;
  Store store(disk, state_dir, 0);
  REQUIRE(store.products());
  CHECK(store.products()->empty());
  disk.folders = {state_dir, state_dir + "/demo", state_dir + "/.oak-1.tmp", state_dir + "/other"};
  CHECK(*store.products() == std::vector<std::string>{"demo", "other"});
}

TEST_CASE("marks past their limits are not written: they could not be read again") {
  FakeDisk disk;
  Store store(disk, state_dir, 0);
  Marks marks;
  marks.product = product;
  for (std::size_t i = 0; i <= max_marked_signers; ++i) marks.advance_bulletin(i, 1);
  const auto written = store.put_marks(marks);
  REQUIRE(!written);
  CHECK(written.error().code == Code::too_large);
  CHECK(disk.files.empty());
}

TEST_CASE("the key files of docs/format-state.md, byte for byte") {
  ByteArray<32> secret{};
  for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<std::uint8_t>(i);
  CHECK(to_hex(encode_key_pair_file("oak/v1/machine-key", Seed(secret)).view()) ==
        "a201726f616b2f76312f6d616368696e652d6b6579025820000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  CHECK(to_hex(encode_fingerprint_key_file({SymmetricKey(secret), "L1", "demo"}).view()) ==
        "a401766f616b2f76312f66696e6765727072696e742d6b6579025820000102030405060708090a0b0c0d0e0f101112131415161718191a1b"
        "1c1d1e1f03624c31046464656d6f");
  CHECK(to_hex(fingerprint_key_id(SymmetricKey(secret))) == "f88d83c082acc00e");
}
