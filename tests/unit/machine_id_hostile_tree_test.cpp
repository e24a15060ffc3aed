// Goal: whatever stands in a captured tree, collecting ends, reads nothing outside of it, and says what it could not read.

#include <catch2/catch.hpp>

#include "tests/unit/machine_id_tree.h"

using namespace oak;
using namespace oak::test;

TEST_CASE("links lead back into the tree, never out of it") {
  Tree outside, tree;
  outside.file("/secret", "OUTSIDE42\n");
  tree.folder("/sys/class/dmi/id");
  tree.link("/sys/class/dmi/id/product_serial", outside.at("/secret"));
  tree.link("/sys/class/dmi/id/board_serial", "../../../../../../../../../.." + outside.at("/secret"));
  tree.link("/sys/devices/soc0", outside.root());
  outside.file("/serial_number", "OUTSIDE43\n");
  CHECK(usable(facts_of(tree)).empty());
  // The same link with the file where the tree's own root has it.
  tree.file(outside.at("/secret"), "INSIDE42\n");
  CHECK(has_usable(facts_of(tree), "product_serial  INSIDE42"));
}

TEST_CASE("an absolute link counts from the tree's root") {
  Tree tree;
  tree.file("/sys/devices/pci0000:00/0000:02:00.0/net/eth0/address", "b0:26:28:5a:01:10\n");
  tree.file("/sys/devices/pci0000:00/0000:02:00.0/net/eth0/addr_assign_type", "0\n");
  tree.link("/sys/class/net/eth0", "/sys/devices/pci0000:00/0000:02:00.0/net/eth0");
  CHECK(has_usable(facts_of(tree), "mac eth0 b0:26:28:5a:01:10"));
}

TEST_CASE("links in a circle end") {
  Tree tree;
  tree.link("/sys/class/dmi/id/product_uuid", "product_serial").link("/sys/class/dmi/id/product_serial", "product_uuid");
  tree.link("/sys/class/net", "net").link("/sys/block", "../sys/block");
  CHECK(usable(facts_of(tree)).empty());
}

TEST_CASE("pipes, folders and devices where files should be are not waited for") {
  Tree tree;
  tree.pipe("/sys/class/dmi/id/product_uuid").pipe("/etc/machine-id").pipe("/proc/cpuinfo");
  tree.folder("/sys/class/dmi/id/product_serial").link("/sys/class/dmi/id/board_serial", "/dev/zero");
  tree.pipe("/sys/class/net").pipe("/proc/net/bonding/bond0");
  CHECK(usable(facts_of(tree)).empty());
}

TEST_CASE("a huge file is read up to its first 65,536 bytes") {
  Tree tree;
  tree.file("/sys/class/dmi/id/product_serial", std::string(200'000, 'A') + "B");
  tree.file("/proc/cpuinfo", std::string(1'000'000, 'x'));
  const LinuxHost host(tree.root());
  const auto text = host.read("/proc/cpuinfo");
  REQUIRE(text);
  CHECK(text->size() == 65536);
  CHECK(one_of(facts_of(tree), Component::product_serial).state == State::placeholder);
}

TEST_CASE("thousands of entries are capped and none is lost below the cap") {
  Tree tree;
  tree.folder("/sys/block");
  for (int i = 0; i < 5000; ++i) fs::create_symlink("nowhere", tree.at("/sys/block/sd" + std::to_string(i)));
  const LinuxHost host(tree.root());
  CHECK(host.list("/sys/block").size() == 4096);
  CHECK(usable(facts_of(tree)).empty());
}

TEST_CASE("bytes that are no text do not harm") {
  Tree tree;
  tree.file("/sys/class/dmi/id/product_serial",
            "\xff\xfe\x80"
            "A1B2C3\n")
      .file("/sys/class/dmi/id/sys_vendor", "\xc3\x28\n");
  tree.file("/etc/machine-id", std::string("\0\0\0\0", 4)).file("/sys/class/dmi/id/product_uuid", std::string(64, '\xff'));
  const Facts facts = facts_of(tree);
  CHECK(one_of(facts, Component::product_serial).state == State::usable);
  CHECK(one_of(facts, Component::machine_id).state == State::absent);
  CHECK(one_of(facts, Component::product_uuid).state != State::usable);
}

TEST_CASE("a file that may not be read is unreadable, not absent") {
  if (::geteuid() == 0) {
    // Root may read everything; a host that refuses stands in for it.
    class Refusing final : public Host {
     public:
      Result<std::string> read(const std::string& path) const override { return fail(Code::permission_denied, path); }
      std::vector<std::string> list(const std::string&) const override { return {}; }
      std::string resolve(const std::string&) const override { return {}; }
    };
    const Facts facts = collect(Refusing());
    for (const Component component : {Component::product_uuid, Component::product_serial, Component::board_serial}) {
      CHECK(one_of(facts, component).state == State::unreadable);
      CHECK(one_of(facts, component).reason ==
            "no permission: run as root or enable the boot unit (systemctl enable oak-snapshot@PRODUCT)");
    }
    return;
  }
  Tree tree;
  tree.file("/sys/class/dmi/id/product_serial", "B5RMN42\n");
  ::chmod(tree.at("/sys/class/dmi/id/product_serial").c_str(), 0);
  CHECK(one_of(facts_of(tree), Component::product_serial).state == State::unreadable);
}
