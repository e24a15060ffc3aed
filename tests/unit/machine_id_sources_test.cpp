// Goal: where the first place has no number that counts, the next one is asked, and `show` can say which it was; what may
// not be read is never said to be missing.

#include <catch2/catch.hpp>

#include "machine-id/facts_json.h"
#include "machine-id/placeholders.h"
#include "machine-id/show.h"
#include "machine-id/sources.h"
#include "tests/unit/machine_id_tree.h"

using namespace oak;
using namespace oak::test;

namespace {

const std::string nvme = "pci0000:00/0000:00:15.0/nvme/nvme0";

/// A disk of VMware: its serial number is the slot, and the namespace has an identifier.
void make_emulated_nvme(Tree& tree) {
  tree.disk("nvme0n1", nvme, "device/serial", "VMware NVMe_0000\n");
  tree.file("/sys/devices/" + nvme + "/block/nvme0n1/wwid", "eui.9e8d4b1a2c7f6053\n");
}

/// A disk with several ways to it: the disk hangs below its subsystem, and so do the ways.
void make_multipath(Tree& tree, const std::string& controller, const std::string& transport) {
  const std::string subsystem = "/sys/devices/virtual/nvme-subsystem/nvme-subsys0";
  tree.file(subsystem + "/serial", "S4YPNE0N503910\n");
  tree.folder(subsystem + "/nvme0n1").link(subsystem + "/nvme0n1/device", "../../nvme-subsys0");
  if (!transport.empty()) tree.file("/sys/devices/" + controller + "/transport", transport + "\n");
  tree.folder("/sys/devices/" + controller).link(subsystem + "/nvme3", "../../../" + controller);
  tree.link("/sys/block/nvme0n1", "../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1");
}

}  // namespace

TEST_CASE("a disk whose serial number is a placeholder is known by its next number") {
  Tree tree;
  make_emulated_nvme(tree);
  const Facts facts = facts_of(tree);
  CHECK(has_usable(facts, "disk nvme0n1 EUI.9E8D4B1A2C7F6053"));
  const std::string shown = show_text(facts);
  CHECK(shown.find("disk nvme0n1: usable  [/sys/block/nvme0n1/wwid]") != std::string::npos);
  CHECK(shown.find("disk nvme0n1: placeholder: an emulator's default  [/sys/block/nvme0n1/device/serial]") != std::string::npos);
}

TEST_CASE("a number that was enrolled before a newer list refused it is found again behind the next one") {
  Tree tree;
  make_emulated_nvme(tree);
  const SymmetricKey key(sha256(as_bytes("a key")));
  Fingerprint baseline;
  baseline.members.push_back({Component::disk, member_digest(key, Component::disk, "VMWARE NVME_0000"), "nvme0n1"});
  const Judgement judgement = judge(baseline, observe(facts_of(tree), key), Policy{});
  CHECK(judgement.factors[static_cast<std::size_t>(Factor::disks)].matched == 1);
}

TEST_CASE("two disks of one emulator stay two, by their second numbers") {
  Tree tree;
  make_emulated_nvme(tree);
  tree.disk("nvme0n2", nvme, "device/serial", "VMware NVMe_0000\n");
  tree.file("/sys/devices/" + nvme + "/block/nvme0n2/wwid", "eui.9e8d4b1a2c7f6054\n");
  const Facts facts = facts_of(tree);
  CHECK(has_usable(facts, "disk nvme0n1 EUI.9E8D4B1A2C7F6053"));
  CHECK(has_usable(facts, "disk nvme0n2 EUI.9E8D4B1A2C7F6054"));
  CHECK(why_left_out(facts, "nvme0n2").empty());
  // A facts file keeps all of it.
  const auto back = read_facts(write_facts(facts));
  REQUIRE(back);
  CHECK(usable(back->machines.at(0).facts) == usable(facts));
}

TEST_CASE("a disk with placeholders only is one") {
  Tree tree;
  tree.disk("nvme0n1", nvme, "device/serial", "VMware NVMe_0000\n");
  // What the kernel makes up of serial number and model where a namespace has no identifier.
  tree.file("/sys/devices/" + nvme + "/block/nvme0n1/wwid",
            "nvme.15ad-564d57617265204e564d655f30303030-564d77617265205669727475616c204e564d65204469736b-00000001\n");
  const Facts facts = facts_of(tree);
  CHECK(usable(facts).empty());
  CHECK(one_of(facts, Component::disk).state == State::placeholder);
}

TEST_CASE("an identifier is judged by what is in it") {
  for (const char* text : {"EUI.0000000000000000", "NAA.0000000000000000", "UUID.00000000-0000-0000-0000-000000000000",
                           "NVME.1B36-30303030-51454D55204E564D65204374726C-00000001", "NVME.1B36--51454D55-00000001"})
    CHECK((disk_placeholder(text).empty() ? text : "") == std::string());
  for (const char* text : {"NVME.144D-533445564E58304D383132333435-53616D73756E67-00000001", "NVME.144D", "NVME.144D-XY-5361-00000001",
                           "EUI.0025385B01234567", "NAA.5000C500A1B2C3D4", "UUID.6E1C9A4B-7D0F-4C2E-9B8A-35D1F0C4E7AA"})
    CHECK((disk_placeholder(text).empty() ? "" : text) == std::string());
}

TEST_CASE("a serial number that may not be read is not passed over") {
  Tree tree;
  make_emulated_nvme(tree);
  const Facts facts = collect(Locked(tree, "/sys/block/nvme0n1/device/serial"));
  CHECK(one_of(facts, Component::disk).state == State::unreadable);
  CHECK(all_of(facts, Component::disk).size() == 1);
}

TEST_CASE("a disk with several ways to it is local if one of them is") {
  for (const char* transport : {"tcp", "rdma", "fc"}) {
    Tree tree;
    make_multipath(tree, "virtual/nvme-fabrics/ctl/nvme3", transport);
    CHECK(why_left_out(facts_of(tree), "nvme0n1") == "on another machine");
  }
  // Where it leads says enough for a copy without the file.
  Tree far, local, silent;
  make_multipath(far, "virtual/nvme-fabrics/ctl/nvme3", "");
  CHECK(why_left_out(facts_of(far), "nvme0n1") == "on another machine");
  make_multipath(local, "pci0000:00/0000:00:15.0/nvme/nvme3", "pcie");
  CHECK(has_usable(facts_of(local), "disk nvme0n1 S4YPNE0N503910"));
  make_multipath(silent, "pci0000:00/0000:00:15.0/nvme/nvme3", "");
  CHECK(has_usable(facts_of(silent), "disk nvme0n1 S4YPNE0N503910"));
}

TEST_CASE("an address of which nothing says how it came about counts, unless it says itself that it is no maker's") {
  Tree tree;
  for (const char* name : {"eth0", "eth1", "eth2"}) {
    const std::string last = name[3] == '0' ? "b0:26:28:5a:01:10" : name[3] == '1' ? "52:54:00:12:34:56" : "01:00:5e:00:00:01";
    tree.card(name, "pci0000:00/0000:02:00." + std::string(1, name[3]), last);
    tree.remove("/sys/devices/pci0000:00/0000:02:00." + std::string(1, name[3]) + "/net/" + name + "/addr_assign_type");
  }
  const Facts facts = facts_of(tree);
  CHECK(has_usable(facts, "mac eth0 b0:26:28:5a:01:10"));
  CHECK(why_left_out(facts, "eth1") == "locally administered");
  CHECK(why_left_out(facts, "eth2") == "a group address");
  // One that may not be read says nothing either way, and an unknown kind is not the maker's.
  CHECK(one_of(collect(Locked(tree, "/sys/class/net/eth0/addr_assign_type")), Component::mac).state == State::unreadable);
  tree.file("/sys/devices/pci0000:00/0000:02:00.0/net/eth0/addr_assign_type", "\n");
  CHECK(one_of(facts_of(tree), Component::mac).state == State::unreadable);
}

TEST_CASE("a model of which a part may not be read is unreadable") {
  Tree server, board;
  make_server(server);
  for (const char* path :
       {"/proc/cpuinfo", "/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name", "/sys/class/dmi/id/board_name"}) {
    const Fact model = one_of(collect(Locked(server, path)), Component::model);
    CHECK(model.state == State::unreadable);
    CHECK(model.reason == no_permission);
    CHECK(model.source == path);
  }
  board.file("/proc/device-tree/model", "Raspberry Pi 4\n").file("/proc/cpuinfo", "CPU implementer\t: 0x41\n");
  CHECK(one_of(collect(Locked(board, "/proc/device-tree/model")), Component::model).state == State::unreadable);
}

TEST_CASE("cards and disks in a folder that may not be read are unreadable") {
  Tree tree;
  make_server(tree);
  const Facts facts = collect(Locked(tree, "/sys/"));
  CHECK(one_of(facts, Component::mac).state == State::unreadable);
  CHECK(one_of(facts, Component::mac).source == "/sys/class/net");
  CHECK(one_of(facts, Component::disk).state == State::unreadable);
  CHECK(one_of(facts, Component::model).state == State::unreadable);
}
