// Goal: the finer rules of collecting and of facts files.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "machine-id/facts_json.h"
#include "machine-id/show.h"
#include "tests/unit/machine_id_tree.h"

using namespace oak;
using namespace oak::test;
using Json = nlohmann::json;

TEST_CASE("a disk with two ways to it, and two ports with one address, count once") {
  Tree tree;
  tree.disk("sda", "pci0000:00/0000:01:00.0/host0/target0:2:0/0:2:0:0", "device/wwid", "naa.60050760\n");
  tree.disk("sde", "pci0000:00/0000:02:00.0/host1/target1:2:0/1:2:0:0", "device/wwid", "naa.60050760\n");
  tree.disk("nvme0n1", "pci0000:00/0000:1d.0/nvme/nvme0", "device/serial", "S4YPNE0N503910\n");
  tree.disk("nvme0n2", "pci0000:00/0000:1d.0/nvme/nvme0", "device/serial", "S4YPNE0N503910\n");
  tree.disk("nvme0c0n1", "pci0000:00/0000:1d.0/nvme/nvme0", "device/serial", "S4YPNE0N503910\n");
  tree.card("lan1", "platform/switch/1", "b0:26:28:5a:01:10").card("lan2", "platform/switch/2", "b0:26:28:5a:01:10");
  const Facts facts = facts_of(tree);
  CHECK(all_of(facts, Component::disk).size() == 2);
  CHECK(all_of(facts, Component::mac).size() == 1);
  CHECK(has_usable(facts, "disk nvme0n1 S4YPNE0N503910"));
  CHECK(why_left_out(facts, "sde") == "counted already under another name");
}

TEST_CASE("what is in a dock, or on another machine, is left out") {
  Tree tree;
  tree.card("enp9", "pci0000:00/0000:09:00.0", "b0:26:28:5a:01:10");
  tree.file("/sys/devices/pci0000:00/0000:09:00.0/net/enp9/device/removable", "removable\n");
  tree.disk("nvme1n1", "virtual/nvme-fabrics/ctl/nvme1", "device/serial", "F00DBEEF1\n");
  tree.disk("nvme2n1", "pci0000:00/0000:1d.0/nvme/nvme2", "device/serial", "F00DBEEF2\n");
  tree.file("/sys/devices/pci0000:00/0000:1d.0/nvme/nvme2/block/nvme2n1/device/transport", "tcp\n");
  const Facts facts = facts_of(tree);
  CHECK(why_left_out(facts, "enp9") == "removable");
  CHECK(why_left_out(facts, "nvme1n1") == "on another machine");
  CHECK(why_left_out(facts, "nvme2n1") == "on another machine");
}

TEST_CASE("a chip whose name holds 'usb' is no USB card") {
  Tree tree;
  tree.card("eth0", "platform/soc/usbmisc-ethernet", "b0:26:28:5a:01:10");
  CHECK(has_usable(facts_of(tree), "mac eth0 b0:26:28:5a:01:10"));
}

TEST_CASE("bonding_masters is no card, and a copy without links is read by what its devices call themselves") {
  Tree tree;
  tree.file("/sys/class/net/bonding_masters", "bond0\n");
  for (const char* name : {"eth0", "enx0"}) {
    const std::string card = std::string("/sys/class/net/") + name;
    tree.file(card + "/address", std::string("b0:26:28:5a:01:") + (name[1] == 't' ? "10" : "11") + "\n");
    tree.file(card + "/addr_assign_type", "0\n");
    tree.file(card + "/device/modalias", name[1] == 't' ? "pci:v00008086d00001533\n" : "usb:v0BDAp8153\n");
  }
  const Facts facts = facts_of(tree);
  CHECK(why_left_out(facts, "bonding_masters").empty());
  CHECK(has_usable(facts, "mac eth0 b0:26:28:5a:01:10"));
  CHECK(why_left_out(facts, "enx0") == "USB device");
}

TEST_CASE("names with a bar in them stay apart, and a model reads back as it was") {
  Tree one, other;
  one.file("/sys/class/dmi/id/sys_vendor", "A|B\n").file("/sys/class/dmi/id/product_name", "C\n");
  other.file("/sys/class/dmi/id/sys_vendor", "A\n").file("/sys/class/dmi/id/product_name", "B|C\n");
  const Facts facts = facts_of(one);
  CHECK(one_of(facts, Component::model).value != one_of(facts_of(other), Component::model).value);
  const auto back = read_facts(write_facts(facts));
  REQUIRE(back);
  CHECK(one_of(back->machines[0].facts, Component::model).value == one_of(facts, Component::model).value);
}

TEST_CASE("a model's placeholder keeps the value that it has as a model") {
  Tree tree;
  tree.file("/sys/class/dmi/id/sys_vendor", "System manufacturer\n").file("/sys/class/dmi/id/product_name", "P5Q\n");
  const Fact model = one_of(facts_of(tree), Component::model);
  CHECK(model.state == State::placeholder);
  CHECK(model.value == "SYSTEM MANUFACTURER\nP5Q\n\n");
}

TEST_CASE("a facts file keeps the bus, an answer the id as it was, and a TPM's key counts where there is one") {
  Tree tree;
  make_server(tree);
  const Json written = Json::parse(write_facts(facts_of(tree)));
  CHECK(written["macs"][0]["bus"] == "pci");
  CHECK(written["disks"][0]["bus"] == "nvme");
  CHECK(written["disks"][1]["bus"] == "ata");
  const auto file = read_facts("{\"id\": 7, \"tpm_ek\": \"a1b2c3d4e5\", \"model\": {\"cpu\": \"!unreadable\"}}");
  REQUIRE(file);
  const Facts& facts = file->machines[0].facts;
  const Judgement judgement = compare_facts(facts, facts);
  CHECK(judgement.enrolled == 4);
  CHECK(one_of(facts, Component::model).state == State::unreadable);
  CHECK(Json::parse(comparison_json(judgement, file->machines[0].id))["id"] == 7);
}

TEST_CASE("many keys do not make reading slow") {
  std::string text = "{";
  for (int i = 0; i < 150'000; ++i) text += "\"k" + std::to_string(i) + "\": 0, ";
  text += "\"product_serial\": \"B5RMN42\"}";
  CHECK(read_facts(text).has_value());
}

TEST_CASE("show never has a raw value, and says so many things left out on one line a reason") {
  Tree tree;
  make_server(tree);
  tree.disk("loop0", "virtual", "", "").disk("loop1", "virtual", "", "");
  const Facts facts = facts_of(tree);
  for (const std::string& text : {show_text(facts), show_json(facts)})
    for (const Fact& fact : facts.facts)
      if (fact.value.size() > 3) CHECK(text.find(fact.value) == std::string::npos);
  CHECK(show_text(facts).find("left out, virtual device: loop0 loop1  [/sys/block]\n") != std::string::npos);
  const Json json = Json::parse(show_json(facts));
  CHECK(json["strength"] == "normal");
  CHECK(json["enrolled"] == 11);
  CHECK(json["factors"].size() == factor_count);
}

TEST_CASE("show gives a reason and a place for what is missing, and tells none from none that counts") {
  Tree tree;
  tree.card("eth0", "pci0000:00/0000:00:03.0/virtio0", "52:54:00:ab:cd:ef").card("virbr0", "virtual", "52:54:00:ab:cd:01");
  tree.file("/sys/class/dmi/id/product_serial", "To be filled by O.E.M.\n");
  const std::string text = show_text(facts_of(tree));
  for (const char* line :
       {"    product_serial: placeholder: listed  [/sys/class/dmi/id/product_serial]\n",
        "    board_serial: absent (there is none)  [/sys/class/dmi/id/board_serial]\n",
        "    mac: absent (none that counts)  [/sys/class/net]\n", "    left out, locally administered: eth0  [/sys/class/net]\n",
        "    left out, virtual device: virbr0  [/sys/class/net]\n", "    disk: absent (there is none)  [/sys/block]\n",
        "    tpm_ek: absent (not read by this version)  [/dev/tpmrm0]\n"})
    CHECK((text.find(line) != std::string::npos ? "" : line) == std::string());
  const Json json = Json::parse(show_json(facts_of(tree)));
  for (const Json& factor : json["factors"])
    for (const Json& member : factor["members"]) {
      CHECK(member["source"].is_string());
      CHECK((member["state"] == "usable" || member["reason"].is_string()));
    }
}
