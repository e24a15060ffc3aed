// Goal: a collection that keeps folders open reads what single questions read, also of more folders than it keeps, of folders
// that are missing, and of the machine that this runs on.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "machine-id/live_look.h"
#include "tests/unit/temporary_folder.h"

namespace {

namespace fs = std::filesystem;

/// Files below a folder that is gone afterwards.
class Folder {
 public:
  std::string file(const std::string& name, const std::string& content) const {
    fs::create_directories(fs::path(at(name)).parent_path());
    std::ofstream(at(name), std::ios::binary) << content;
    return at(name);
  }
  std::string at(const std::string& name) const { return folder_ / name; }

 private:
  oak::test::TemporaryFolder folder_;
};

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

}  // namespace

TEST_CASE("a look reads what is there, in any order, and says what is missing", "[live_look]") {
  const Folder folder;
  const oak::LiveLook look;
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 40; ++i) {
      const std::string name = "card" + std::to_string(i);
      const std::string path = folder.file(name + "/address", name);
      CHECK(look.list(folder.at(name)) == std::vector<std::string>{"address"});
      REQUIRE(look.read(path));
      CHECK(*look.read(path) == name);
      CHECK(look.read(folder.at(name + "/type")).error().code == oak::Code::not_found);
      CHECK(look.read(folder.at(name + "/address/below")).error().code == oak::Code::not_found);
      CHECK(look.read(folder.at("no-" + name + "/address")).error().code == oak::Code::not_found);
      CHECK(look.list(folder.at("no-" + name)).empty());
    }
  CHECK(look.list(folder.at("")).size() == 40);
}

TEST_CASE("a look gives the beginning of a file, or all of it", "[live_look]") {
  const Folder folder;
  const oak::LiveLook look;
  const std::string path = folder.file("long", std::string(100'000, 'x'));
  CHECK(look.read_start(path, 10)->size() == 10);
  CHECK(look.read(path)->size() == 65536);
  CHECK(look.read(folder.at(".")).error().code == oak::Code::io_error);
}

TEST_CASE("a look follows a link's text as the kernel has it", "[live_look]") {
  const Folder folder;
  const oak::LiveLook look;
  folder.file("devices/pci/eth0/address", "one");
  fs::create_directories(folder.at("class"));
  fs::create_symlink("../devices/pci/eth0", folder.at("class/eth0"));
  CHECK(look.resolve(folder.at("class/eth0")) == folder.at("devices/pci/eth0"));
  CHECK(look.resolve(folder.at("class/eth0/address")).empty());
  CHECK(look.resolve(folder.at("class/eth1")).empty());
  CHECK(*look.read(folder.at("class/eth0/address")) == "one");
}

TEST_CASE("a folder without permission is no missing one", "[live_look]") {
  if (::geteuid() == 0) return;
  const Folder folder;
  const std::string path = folder.file("locked/address", "one");
  REQUIRE(::chmod(folder.at("locked").c_str(), 0) == 0);
  const oak::LiveLook look;
  CHECK(look.read(path).error().code == oak::Code::permission_denied);
  CHECK(look.read(path).error().code == oak::Code::permission_denied);
  REQUIRE(::chmod(folder.at("locked").c_str(), 0700) == 0);
}

TEST_CASE("a collection of this machine equals one by single questions, and leaves nothing open", "[live_look]") {
  /// Hides that the host could serve a collection whole.
  class Plain final : public oak::Host {
   public:
    oak::Result<std::string> read(const std::string& path) const override { return oak::LiveLook().read(path); }
    std::vector<std::string> list(const std::string& path) const override { return oak::LiveLook().list(path); }
    std::string resolve(const std::string& path) const override { return oak::LiveLook().resolve(path); }
  };
  const oak::LinuxHost host;
  const std::size_t before = open_descriptors();
  const oak::Facts whole = oak::collect_components(host), single = oak::collect_components(Plain());
  CHECK(open_descriptors() == before);
  REQUIRE(whole.facts.size() == single.facts.size());
  for (std::size_t i = 0; i < whole.facts.size(); ++i) {
    const oak::Fact &a = whole.facts[i], &b = single.facts[i];
    CHECK(std::tie(a.component, a.state, a.label, a.source, a.reason, a.bus) ==
          std::tie(b.component, b.state, b.label, b.source, b.reason, b.bus));
    CHECK((a.value == b.value));  // raw: not to be printed
  }
}
