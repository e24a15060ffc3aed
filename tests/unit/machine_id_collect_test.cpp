// Goal: from captured trees of several kinds of machine, the right members come out with the right states; what may
// change by itself or is no part of the machine is left out. Real hardware is not proved here.

#include <catch2/catch.hpp>

#include "tests/unit/machine_id_tree.h"

using namespace oak;
using namespace oak::test;

namespace {

/// Says what ETHTOOL_GPERMADDR would.
class Permanent final : public PermanentAddressSource {
 public:
  explicit Permanent(std::string address) : address_(std::move(address)) {}
  std::string permanent_address(const std::string&) const override { return address_; }

 private:
  std::string address_;
};

}  // namespace

TEST_CASE("a plain server gives all its members, normalised") {
  Tree tree;
  make_server(tree);
  const Facts facts = facts_of(tree);
  CHECK(has_usable(facts, "product_uuid  44454c4c-4200-1035-8052-b4c04f4d4e32"));
  CHECK(has_usable(facts, "product_serial  B5RMN42"));
  CHECK(has_usable(facts, "board_serial  .B5RMN42.CN7016384P00GM."));
  CHECK(has_usable(facts, "mac eno1 b0:26:28:5a:01:10"));
  CHECK(has_usable(facts, "mac eno2 b0:26:28:5a:01:11"));
  CHECK(has_usable(facts, "disk nvme0n1 S4EVNX0M812345"));
  CHECK(has_usable(facts, "disk sda NAA.5000C500A1B2C3D4"));
  CHECK(has_usable(facts, "machine_id  6e1c9a4b7d0f4c2e9b8a35d1f0c4e7aa"));
  CHECK(one_of(facts, Component::model).state == State::usable);
  CHECK(one_of(facts, Component::dt_serial).state == State::absent);
  CHECK(one_of(facts, Component::tpm_ek).state == State::absent);
  CHECK(facts.environment.empty());
  CHECK(facts.left_out.empty());
}

TEST_CASE("an empty tree has each component once, absent") {
  Tree tree;
  const Facts facts = facts_of(tree);
  CHECK(facts.facts.size() == component_count);
  for (const Fact& fact : facts.facts) CHECK(fact.state == State::absent);
}

TEST_CASE("an arm64 board is known by its device tree") {
  Tree tree;
  tree.file("/proc/device-tree/serial-number", std::string("10000000a1b2c3d4\0", 17));
  tree.file("/proc/device-tree/model", std::string("Raspberry Pi 4 Model B Rev 1.4\0", 31));
  tree.file("/proc/cpuinfo",
            "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU "
            "revision\t: 3\n\n");
  tree.card("eth0", "platform/scb/fd580000.ethernet", "dc:a6:32:01:02:03");
  tree.disk("mmcblk0", "platform/soc/fe340000.mmc/mmc_host/mmc0/mmc0:0001", "device/cid", "150100424a54443452069f4b2a61b100\n");
  tree.file("/sys/devices/platform/soc/fe340000.mmc/mmc_host/mmc0/mmc0:0001/block/mmcblk0/device/type", "MMC\n");
  const Facts facts = facts_of(tree);
  CHECK(has_usable(facts, "dt_serial  10000000A1B2C3D4"));
  CHECK(has_usable(facts, "mac eth0 dc:a6:32:01:02:03"));
  CHECK(has_usable(facts, "disk mmcblk0 150100424A54443452069F4B2A61B100"));
  CHECK(one_of(facts, Component::model).state == State::usable);
  CHECK(one_of(facts, Component::product_uuid).state == State::absent);
}

TEST_CASE("a system on a chip without device tree serial uses its own") {
  Tree tree;
  tree.file("/sys/devices/soc0/serial_number", "0a1b2c3d4e5f6071\n");
  CHECK(has_usable(facts_of(tree), "dt_serial  0A1B2C3D4E5F6071"));
}

TEST_CASE("an SD card can be taken out") {
  Tree tree;
  tree.disk("mmcblk0", "platform/soc/mmc_host/mmc0/mmc0:0001", "device/cid", "1b534d45423151543030cf6b7e014a00\n");
  tree.file("/sys/devices/platform/soc/mmc_host/mmc0/mmc0:0001/block/mmcblk0/device/type", "SD\n");
  const Facts facts = facts_of(tree);
  CHECK(one_of(facts, Component::disk).state == State::absent);
  CHECK(why_left_out(facts, "mmcblk0") == "removable");
}

TEST_CASE("cards and disks that are no part of the machine are left out, with the reason") {
  Tree tree;
  tree.card("docker0", "virtual", "02:42:1c:01:02:03").card("veth1", "virtual", "9a:02:03:04:05:06");
  tree.card("enx1", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0", "00:e0:4c:11:22:33");
  tree.card("eth0", "pci0000:00/0000:00:03.0/virtio0", "52:54:00:ab:cd:ef");
  tree.disk("loop0", "virtual", "", "").disk("dm-0", "virtual", "", "").disk("zram0", "virtual", "", "");
  tree.disk("sdb", "pci0000:00/0000:00:14.0/usb1/1-3/1-3:1.0/host6/target6:0:0/6:0:0:0", "device/wwid", "naa.6001\n");
  tree.disk("sr0", "pci0000:00/0000:00:1f.2/ata3/host2/target2:0:0/2:0:0:0", "device/wwid", "t10.DVD 77\n", true);
  tree.disk("sdc", "platform/host9/session1/target9:0:0/9:0:0:1", "device/wwid", "naa.6001405aabbccdd\n");
  tree.disk("vdb", "pci0000:00/0000:00:05.0/virtio2", "serial", "");
  const Facts facts = facts_of(tree);
  CHECK(why_left_out(facts, "docker0") == "virtual device");
  CHECK(why_left_out(facts, "veth1") == "virtual device");
  CHECK(why_left_out(facts, "enx1") == "USB device");
  CHECK(why_left_out(facts, "eth0") == "locally administered");
  CHECK(why_left_out(facts, "loop0") == "virtual device");
  CHECK(why_left_out(facts, "dm-0") == "virtual device");
  CHECK(why_left_out(facts, "zram0") == "virtual device");
  CHECK(why_left_out(facts, "sdb") == "USB device");
  CHECK(why_left_out(facts, "sr0") == "removable");
  CHECK(why_left_out(facts, "sdc") == "on another machine");
  CHECK(why_left_out(facts, "vdb") == "no serial number");
  CHECK(usable(facts).empty());
}

TEST_CASE("a virtio disk, and an NVMe disk with multipath, are real") {
  Tree tree;
  tree.disk("vda", "pci0000:00/0000:00:04.0/virtio1", "serial", "disk-a1b2c3\n");
  tree.file("/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/device/serial", "S4YPNE0N503910\n");
  tree.link("/sys/block/nvme0n1", "../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1");
  const Facts facts = facts_of(tree);
  CHECK(has_usable(facts, "disk vda DISK-A1B2C3"));
  CHECK(has_usable(facts, "disk nvme0n1 S4YPNE0N503910"));
}

TEST_CASE("an NVMe controller's serial comes before the namespace's identifier") {
  Tree tree;
  make_server(tree);
  tree.file("/sys/devices/pci0000:00/0000:00:1d.0/0000:04:00.0/nvme/nvme0/block/nvme0n1/wwid", "eui.0025385b01234567\n");
  CHECK(has_usable(facts_of(tree), "disk nvme0n1 S4EVNX0M812345"));
}

TEST_CASE("a bonded card keeps the address from before") {
  Tree tree;
  tree.card("bond0", "virtual", "b0:26:28:5a:01:10");
  tree.card("eno1", "pci0000:00/0000:02:00.0", "b0:26:28:5a:01:10", 3);
  tree.card("eno2", "pci0000:00/0000:02:00.1", "b0:26:28:5a:01:10", 3);
  tree.file("/proc/net/bonding/bond0",
            "Ethernet Channel Bonding Driver: v5.10\n\nBonding Mode: IEEE 802.3ad\n\nSlave Interface: eno1\nMII Status: "
            "up\nPermanent HW addr: b0:26:28:5a:01:10\n\nSlave Interface: eno2\nPermanent HW addr: b0:26:28:5a:01:11\n");
  const Facts facts = facts_of(tree);
  CHECK(has_usable(facts, "mac eno1 b0:26:28:5a:01:10"));
  CHECK(has_usable(facts, "mac eno2 b0:26:28:5a:01:11"));
  CHECK(why_left_out(facts, "bond0") == "virtual device");
}

TEST_CASE("a changed address without a known permanent one is unreadable, unless a driver can be asked") {
  Tree tree;
  tree.card("eth0", "pci0000:00/0000:02:00.0", "b0:26:28:ff:ff:01", 3);
  CHECK(one_of(facts_of(tree), Component::mac).state == State::unreadable);
  const LinuxHost host(tree.root());
  CHECK(has_usable(collect(host, Permanent("b0:26:28:5a:01:10")), "mac eth0 b0:26:28:5a:01:10"));
  CHECK(all_of(collect(host, Permanent("52:54:00:12:34:56")), Component::mac).at(0).state == State::absent);
}

TEST_CASE("names and order of cards do not matter to the digests") {
  Tree one, other;
  one.card("eth0", "pci0000:00/0000:02:00.0", "b0:26:28:5a:01:10").card("eth1", "pci0000:00/0000:03:00.0", "b0:26:28:5a:01:11");
  other.card("lan0", "pci0000:00/0000:03:00.0", "b0:26:28:5a:01:11").card("wan0", "pci0000:00/0000:02:00.0", "b0:26:28:5a:01:10");
  const SymmetricKey key(sha256(as_bytes("a key")));
  const auto members = [&](const Tree& tree) {
    std::vector<MemberDigest> out;
    for (const Member& member : enrol(observe(facts_of(tree), key)).members) out.push_back(member.digest);
    return out;
  };
  CHECK(members(one).size() == 2);
  CHECK(members(one) == members(other));
}

TEST_CASE("placeholders say so, and still have a digest") {
  Tree tree;
  tree.file("/sys/class/dmi/id/product_uuid", "03000200-0400-0500-0006-000700080009\n");
  tree.file("/sys/class/dmi/id/product_serial", "To be filled by O.E.M.\n").file("/sys/class/dmi/id/board_serial", " \n");
  tree.file("/sys/class/dmi/id/sys_vendor", "ASUS\n").file("/sys/class/dmi/id/product_name", "System Product Name\n");
  tree.file("/sys/class/dmi/id/board_name", "PRIME X570-P\n").file("/etc/machine-id", "uninitialized\n");
  const Facts facts = facts_of(tree);
  CHECK(one_of(facts, Component::product_uuid).state == State::placeholder);
  CHECK(one_of(facts, Component::product_serial).state == State::placeholder);
  CHECK(one_of(facts, Component::product_serial).reason.find("placeholder: ") == 0);
  CHECK(one_of(facts, Component::board_serial).state == State::absent);
  CHECK(one_of(facts, Component::model).state == State::placeholder);
  CHECK(one_of(facts, Component::machine_id).state == State::absent);
  for (const Observation& seen : observe(facts, SymmetricKey())) {
    CHECK(seen.digest.has_value() == (seen.state == State::placeholder));
  }
  CHECK(enrol(observe(facts, SymmetricKey())).members.empty());
}

TEST_CASE("a model is the same whatever the case of a vendor's name, and another where the processor is another") {
  Tree tree;
  make_server(tree);
  const std::string before = one_of(facts_of(tree), Component::model).value;
  tree.file("/sys/class/dmi/id/sys_vendor", "DELL Inc.\n");
  CHECK(one_of(facts_of(tree), Component::model).value == before);
  tree.file("/proc/cpuinfo", "cpu family\t: 6\nmodel\t\t: 85\nstepping\t: 4\n");
  CHECK(one_of(facts_of(tree), Component::model).value != before);
}

TEST_CASE("without names the processor alone is the model") {
  Tree tree;
  tree.file("/proc/cpuinfo", "cpu family\t: 6\nmodel\t\t: 85\nstepping\t: 7\n");
  CHECK(one_of(facts_of(tree), Component::model).state == State::usable);
}

TEST_CASE("values of other components never get the digest of one another") {
  const SymmetricKey key(sha256(as_bytes("a key")));
  CHECK(member_digest(key, Component::product_serial, "B5RMN42") != member_digest(key, Component::board_serial, "B5RMN42"));
  CHECK(member_digest(key, Component::mac, "ab") != member_digest(key, Component::mac, "a"));
}
