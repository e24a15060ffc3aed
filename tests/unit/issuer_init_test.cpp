// Goal: wherever an init ends, by a failure or by being cut off, the next one makes a whole desk with the same command; and no
// key of a finished desk is ever taken away.
#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

/// A disk on which the n-th write or removal fails, or ends the process there and then, before it or right after it.
class FaultyDisk final : public Disk {
 public:
  enum class Fault { none, full, dies_before, dies_after };
  explicit FaultyDisk(Fault fault, int at) : fault_(fault), left_(at) {}

  Result<FileBytes> read(const std::string& path, std::size_t max) override { return real_.read(path, max); }
  Status write(const std::string& path, ByteView bytes, std::uint32_t mode, Existing existing) override {
    return counted(path, [&] { return real_.write(path, bytes, mode, existing); });
  }
  Result<FileBytes> read_beneath(const std::string& folder, const std::string& name, std::size_t max) override {
    return real_.read_beneath(folder, name, max);
  }
  Status write_beneath(const std::string& folder, const std::string& name, ByteView bytes, std::uint32_t mode, Existing existing) override {
    return counted(name, [&] { return real_.write_beneath(folder, name, bytes, mode, existing); });
  }
  Status remove_beneath(const std::string& folder, const std::string& name) override {
    if (fault_ == Fault::full) return real_.remove_beneath(folder, name);
    return counted(name, [&] { return real_.remove_beneath(folder, name); });
  }
  Result<FileLock> lock_beneath(const std::string& folder, const std::string& name, const LockTerms& terms) override {
    return real_.lock_beneath(folder, name, terms);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override { return real_.list(folder); }
  Status make_folder(const std::string& folder, std::uint32_t mode) override { return real_.make_folder(folder, mode); }
  bool may_write(const std::string& folder) override { return real_.may_write(folder); }
  bool exists(const std::string& path) override { return real_.exists(path); }
  Status share_with_oak_group(const std::string& folder, const std::string& name) override {
    return real_.share_with_oak_group(folder, name);
  }

  bool reached() const { return left_ < 0; }

 private:
  template <typename Work>
  Status counted(const std::string& name, Work work) {
    if (fault_ == Fault::none || left_ < 0) return work();
    if (left_-- > 0) return work();
    if (fault_ == Fault::full) return fail(Code::disk_full, name);
    if (fault_ == Fault::dies_after) static_cast<void>(work());
    ::kill(::getpid(), SIGKILL);
    return {};
  }
  PosixDisk real_;
  Fault fault_;
  int left_;
};

/// Inits in a process of its own that is killed at the n-th change of the disk; false where init was done before that.
bool cut_off(Office& office, const InitInput& input, FaultyDisk::Fault fault, int at) {
  const pid_t child = ::fork();
  if (child == 0) {
    FaultyDisk disk(fault, at);
    Passphrases passphrases(disk, office.nobody, office.folder.path() + "/passphrase");
    SeededRandom random(static_cast<std::uint64_t>(at) + 100);
    const DeskWorld world{disk, office.clock, random, office.nobody, passphrases, cheap, "olga"};
    static_cast<void>(init_desk(world, input));
    ::_exit(0);  // without what Catch does at an end
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

std::size_t files_below(const std::string& folder) {
  std::size_t count = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, none)) count += entry.is_regular_file();
  return count;
}

}  // namespace

TEST_CASE("an init cut off at any write is no desk, and the same command then makes one", "[issuer][init]") {
  for (const auto fault : {FaultyDisk::Fault::dies_before, FaultyDisk::Fault::dies_after}) {
    for (int at = 0;; ++at) {
      Office office;
      const std::string base = office.folder.path();
      const InitInput input{office.desk_folder, 2, 2, {base + "/a", base + "/b"}};
      if (!cut_off(office, input, fault, at)) {
        REQUIRE(at > 8);
        break;
      }
      INFO("change " << at);
      if (fault == FaultyDisk::Fault::dies_before) CHECK_FALSE(Desk::open(office.world, office.desk_folder));
      const auto before = Desk::open(office.world, office.desk_folder);
      if (before) continue;  // cut off after its last step: a finished desk
      CHECK(before.error().code == Code::not_found);
      CHECK(before.error().hint.find("oak-issuer init") != std::string::npos);
      const auto again = init_desk(office.world, input);
      INFO((again ? std::string() : again.error().message));
      REQUIRE(again);
      REQUIRE(Desk::open(office.world, office.desk_folder));
      CHECK_FALSE(office.disk.exists(office.desk_folder + "/" + std::string(unfinished_file)));
    }
  }
}

TEST_CASE("an init that fails at any write leaves nothing", "[issuer][init]") {
  int at = 0;
  for (;; ++at) {
    Office office;
    FaultyDisk disk(FaultyDisk::Fault::full, at);
    Passphrases passphrases(disk, office.nobody, office.folder.path() + "/passphrase");
    const DeskWorld world{disk, office.clock, office.random, office.nobody, passphrases, cheap, "olga"};
    const auto before = office.files();
    const auto made = init_desk(world, {office.desk_folder, 2, 1, {}});
    if (made) break;
    INFO("write " << at << ": " << made.error().message);
    CHECK(made.error().code == Code::disk_full);
    CHECK(office.files() == before);
    REQUIRE(init_desk(office.world, {office.desk_folder, 2, 1, {}}));
  }
  CHECK(at > 8);
}

TEST_CASE("a note beside another desk's keys takes nothing away", "[issuer][init]") {
  // A backup is restored into the folder in which an init was cut off.
  OpenDesk office;
  office.desk.reset();
  Office other(8);
  const InitInput input{other.desk_folder, 2, 2, {}};
  for (int at : {3, 7}) {
    REQUIRE(cut_off(other, input, FaultyDisk::Fault::dies_after, at));
    std::filesystem::copy(office.desk_folder, other.desk_folder,
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
    const auto before = other.files();
    const auto again = init_desk(other.world, input);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Code::already_exists);
    CHECK(again.error().hint.find("remove that file") != std::string::npos);
    CHECK(other.files() == before);
    // With the note gone it is the desk that was restored.
    std::filesystem::remove(other.desk_folder + "/" + std::string(unfinished_file));
    CHECK(Desk::open(other.world, other.desk_folder));
    std::filesystem::remove_all(other.desk_folder);
  }
}

TEST_CASE("a root key that the note does not name stays", "[issuer][init]") {
  Office office;
  const std::string medium = office.folder.path() + "/medium";
  const InitInput input{office.desk_folder, 1, 1, {medium}};
  REQUIRE(cut_off(office, input, FaultyDisk::Fault::dies_after, 3));
  // Another desk's root comes to lie where the first one was.
  Office other(9);
  REQUIRE(init_desk(other.world, {other.desk_folder, 1, 1, {}}));
  std::filesystem::copy_file(other.desk_folder + "/roots/1/root.key", medium + "/root.key",
                             std::filesystem::copy_options::overwrite_existing);
  const auto again = init_desk(office.world, input);
  REQUIRE_FALSE(again);
  CHECK(again.error().message.find(medium) != std::string::npos);
  CHECK(office.disk.read(medium + "/root.key", 1 << 16)->bytes ==
        office.disk.read(other.desk_folder + "/roots/1/root.key", 1 << 16)->bytes);
  CHECK(files_below(office.desk_folder) <= 1);
}

}  // namespace oak::desk_test
