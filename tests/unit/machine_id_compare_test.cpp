// Goal: facts files are read strictly, and comparing them forgives what a plant does and nothing that a copy does
// (docs/binding.md, "The rule").

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "machine-id/facts_json.h"
#include "tests/unit/machine_id_tree.h"

using namespace oak;
using namespace oak::test;
using Json = nlohmann::json;

namespace {

/// A machine with platform, network, disks, operating system and model: weight 11.
Json machine() {
  return Json::parse(R"({
    "product_uuid": "4c4c4544-0042-3510-8052-b4c04f4d4e32", "product_serial": "B5RMN42", "board_serial": "CN70163",
    "macs": [{"address": "b0:26:28:5a:01:10", "bus": "pci", "assign_type": 0, "label": "eth0"}],
    "disks": [{"serial": "S4EVNX0M812345", "bus": "nvme", "removable": false, "label": "nvme0n1"}],
    "machine_id": "6e1c9a4b7d0f4c2e9b8a35d1f0c4e7aa", "tpm_ek": null,
    "model": {"sys_vendor": "Dell Inc.", "product_name": "PowerEdge R740", "board_name": "0DY2X0", "cpu": "6/85/7"}})");
}

Facts facts_of(const Json& json) {
  const auto file = read_facts(json.dump());
  REQUIRE(file);
  REQUIRE(file->machines.size() == 1);
  return file->machines[0].facts;
}

Judgement compare(const Json& base, const Json& now) { return compare_facts(facts_of(base), facts_of(now)); }

Json with(Json json, const std::string& key, Json value) {
  json[key] = std::move(value);
  return json;
}

Json card(const std::string& address, const std::string& label = "eth0", const std::string& bus = "pci") {
  return {{"address", address}, {"bus", bus}, {"assign_type", 0}, {"label", label}};
}
Json disk(const std::string& serial, const std::string& label = "sda", const std::string& bus = "ata") {
  return {{"serial", serial}, {"bus", bus}, {"removable", false}, {"label", label}};
}

State state_of(const Judgement& judgement, Component component, const std::string& label = {}) {
  for (const ComponentVerdict& verdict : judgement.components)
    if (verdict.component == component && verdict.label == label) return verdict.state;
  FAIL("no such component");
  return State::usable;
}

Json other_disk(const Json& json) { return with(json, "disks", Json::array({disk("WD-WX12345")})); }
Json other_card(const Json& json) { return with(json, "macs", Json::array({card("b0:26:28:99:99:99")})); }
Json other_system(const Json& json) { return with(json, "machine_id", "00112233445566778899aabbccddeeff"); }
Json other_board(Json json) {
  json["product_uuid"] = "11d3e5a7-0042-3510-8052-b4c04f4d4e32";
  json["board_serial"] = "CN99999";
  return json;
}

std::string error_of(const std::string& text) {
  const auto file = read_facts(text);
  return file ? "" : std::string(code_name(file.error().code)) + ": " + file.error().context;
}

}  // namespace

TEST_CASE("a machine is itself, with all its weight") {
  const Judgement same = compare(machine(), machine());
  CHECK(same.accept);
  CHECK(same.strong);
  CHECK(same.score == 11);
  CHECK(same.enrolled == 11);
  CHECK(same.needed == 7);
}

TEST_CASE("what a plant does to a machine") {
  const Json base = machine();
  CHECK(compare(base, other_system(other_disk(base))).score == 8);
  CHECK(compare(base, other_card(base)).score == 8);
  CHECK(compare(base, other_board(base)).score == 11);  // the serial number was programmed again
  CHECK(compare(base, with(base, "model", {{"sys_vendor", "Dell Inc."}, {"cpu", "6/106/6"}})).score == 10);
  CHECK(compare(base, other_system(other_disk(other_card(base)))).score == 5);
  CHECK(!compare(base, other_system(other_disk(other_card(base)))).accept);
  Json board = other_card(other_board(base));
  board["product_serial"] = "ANOTHER1";
  CHECK(compare(base, board).score == 4);
  CHECK(!compare(base, board).accept);
}

TEST_CASE("a disk image on a box of the same model is another machine") {
  Json copy = other_disk(other_card(other_board(machine())));
  copy["product_serial"] = "ANOTHER1";
  CHECK(compare(machine(), copy).score == 2);
  CHECK(!compare(machine(), copy).accept);
}

TEST_CASE("one machine with four cards and four disks does not become four") {
  Json base = machine();
  base["macs"] = Json::array(
      {card("b0:26:28:5a:01:10", "a"), card("b0:26:28:5a:01:11", "b"), card("b0:26:28:5a:01:12", "c"), card("b0:26:28:5a:01:13", "d")});
  base["disks"] = Json::array({disk("D1AAAA", "sda"), disk("D2AAAA", "sdb"), disk("D3AAAA", "sdc"), disk("D4AAAA", "sdd")});
  Json part = other_board(base);
  part["product_serial"] = "ANOTHER1";
  part["macs"] = Json::array({card("b0:26:28:5a:01:11", "b")});
  part["disks"] = Json::array({disk("D2AAAA", "sda")});
  CHECK(!compare(base, part).accept);
  // With the platform, one of each is enough.
  Json kept = base;
  kept["macs"] = part["macs"];
  kept["disks"] = part["disks"];
  CHECK(compare(base, kept).score == 11);
}

TEST_CASE("docks, USB cards, bonds and bridges change nothing") {
  Json now = machine();
  now["macs"].push_back(card("00:e0:4c:68:00:c7", "enx0", "usb"));
  now["macs"].push_back(card("b0:26:28:5a:01:10", "bond0", "virtual"));
  now["macs"].push_back(card("02:42:1c:01:02:03", "docker0", "virtual"));
  now["macs"].push_back(card("fe:54:00:01:02:03", "x", "virtio"));
  now["disks"].push_back(disk("AABB77", "sdb", "usb"));
  now["disks"].push_back({{"serial", "CCDD77"}, {"bus", "ata"}, {"removable", true}, {"label", "sr0"}});
  const Judgement judgement = compare(machine(), now);
  CHECK(judgement.score == 11);
  CHECK(judgement.components.size() == component_count);
  CHECK(compare(now, machine()).enrolled == 11);
}

TEST_CASE("states are never merged") {
  const Json base = machine();
  Json now = base;
  now["product_uuid"] = "!unreadable";
  now.erase("product_serial");
  now["board_serial"] = "To be filled by O.E.M.";
  now["macs"] = Json::array({card("b0:26:28:99:99:99", "eth7")});
  now["disks"] = Json::array();
  const Judgement judgement = compare(base, now);
  CHECK(state_of(judgement, Component::product_uuid) == State::unreadable);
  CHECK(state_of(judgement, Component::product_serial) == State::absent);
  CHECK(state_of(judgement, Component::board_serial) == State::placeholder);
  CHECK(state_of(judgement, Component::mac, "eth0") == State::mismatch);
  CHECK(state_of(judgement, Component::mac, "eth7") == State::new_member);
  CHECK(state_of(judgement, Component::disk, "nvme0n1") == State::absent);
  CHECK(judgement.enrolled == 11);  // what can't be read stays in the denominator
}

TEST_CASE("an address that was assigned has no known permanent one") {
  Json now = machine();
  now["macs"][0]["assign_type"] = 3;
  const Judgement judgement = compare(machine(), now);
  CHECK(judgement.score == 8);
  CHECK(state_of(judgement, Component::mac, "eth0") == State::unreadable);
  CHECK(compare(now, now).enrolled == 8);
  // In a bond both cards show one address: neither may count by it.
  CHECK(!has_usable(facts_of(now), "mac eth0 b0:26:28:5a:01:10"));
}

TEST_CASE("a UUID that a tool swapped is the same") {
  const Json now = with(machine(), "product_uuid", "44454C4C-4200-1035-8052-B4C04F4D4E32");
  CHECK(state_of(compare(machine(), now), Component::product_uuid) == State::match);
}

TEST_CASE("a placeholder name says nothing of the model") {
  Json base = machine(), now = machine();
  now["model"]["product_name"] = "To Be Filled By O.E.M.";
  CHECK(state_of(compare(base, now), Component::model) == State::placeholder);
  CHECK(compare(now, base).enrolled == 10);
}

TEST_CASE("one usable factor of four is weak, two are normal") {
  Json weak = machine();
  weak["macs"] = Json::array({card("52:54:00:12:34:56", "eth0", "virtio")});
  weak["disks"] = Json::array();
  CHECK(!compare(weak, weak).strong);
  CHECK(compare(machine(), machine()).strong);
}

TEST_CASE("an empty object enrols nothing and is never accepted") {
  const Judgement nothing = compare(Json::object(), machine());
  CHECK(!nothing.accept);
  CHECK(nothing.enrolled == 0);
  CHECK(!compare(Json::object(), Json::object()).accept);
}

TEST_CASE("what was collected reads back as what it was") {
  Tree tree;
  make_server(tree);
  tree.file("/sys/class/dmi/id/board_serial", "Default string\n");
  tree.card("eth9", "pci0000:00/0000:09:00.0", "b0:26:28:5a:77:77", 3);
  const Facts collected = collect(LinuxHost(tree.root()));
  const auto file = read_facts(write_facts(collected));
  REQUIRE(file);
  const Facts& back = file->machines.at(0).facts;
  REQUIRE(back.facts.size() == collected.facts.size());
  for (std::size_t i = 0; i < back.facts.size(); ++i) {
    CHECK(back.facts[i].component == collected.facts[i].component);
    CHECK(back.facts[i].state == collected.facts[i].state);
    CHECK(back.facts[i].value == collected.facts[i].value);
    CHECK(back.facts[i].label == collected.facts[i].label);
  }
  CHECK(compare_facts(collected, back).score == 11);
}

TEST_CASE("many machines, one a line, each with its id") {
  const std::string text = with(machine(), "id", "one").dump() + "\n\n" + with(other_card(machine()), "id", "two").dump() + "\n";
  const auto file = read_facts(text);
  REQUIRE(file);
  CHECK(file->one_a_line);
  REQUIRE(file->machines.size() == 2);
  const Judgement judgement = compare_facts(file->machines[0].facts, file->machines[1].facts);
  const Json answer = Json::parse(comparison_json(judgement, file->machines[1].id));
  CHECK(answer["id"] == "two");
  CHECK(answer["accept"] == true);
  CHECK(answer["score"] == 8);
}

TEST_CASE("an answer has the contract's keys") {
  const Json answer = Json::parse(comparison_json(compare(machine(), other_card(machine())), std::nullopt));
  for (const char* key : {"accept", "strength", "score", "needed", "enrolled", "components"}) CHECK(answer.contains(key));
  for (const Json& component : answer["components"])
    for (const char* key : {"component", "label", "factor", "state"}) CHECK(component.contains(key));
}

TEST_CASE("files that are no facts are refused with the place and the cause") {
  CHECK(error_of("").find("empty-input") == 0);
  CHECK(error_of(" \n ").find("empty-input") == 0);
  for (const char* text : {"{",
                           "[]",
                           "null",
                           "\"text\"",
                           "{} trailing",
                           "{\"product_uuid\": 7}",
                           "{\"macs\": {}}",
                           "{\"macs\": [1]}",
                           "{\"macs\": [{\"assign_type\": -1}]}",
                           "{\"macs\": [{\"assign_type\": \"0\"}]}",
                           "{\"disks\": [{\"removable\": 1}]}",
                           "{\"disks\": [{\"serial\": []}]}",
                           "{\"model\": []}",
                           "{\"model\": {\"cpu\": 6}}",
                           "{\"id\": []}",
                           "{\"product_serial\": \"\xff\"}",
                           "{\"a\": 1, \"a\": 2}",
                           "{\"model\": {\"cpu\": \"a\", \"cpu\": \"b\"}}",
                           "{\"product_serial\": 1e999}",
                           "{\"product_serial\": \"a\",}"})
    CHECK((error_of(text).find("bad-facts") == 0 ? "" : text) == std::string());
  CHECK(error_of("{\"id\": \"a\"}\n{\"product_uuid\": 7}\n").find("line 2") != std::string::npos);
  CHECK(error_of("{\"macs\": [1]}").find("macs") != std::string::npos);
}

TEST_CASE("nesting and size are limited before any work") {
  CHECK(error_of("{\"a\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}").find("bad-facts") == 0);
  Json many = machine();
  for (int i = 0; i < 5000; ++i) many["macs"].push_back(card("b0:26:28:5a:01:10"));
  CHECK(error_of(many.dump()).find("bad-facts") == 0);
  CHECK(error_of(std::string(10'000'000, '\0')).find("bad-facts") == 0);
}

TEST_CASE("every truncation of a facts file is refused") {
  const std::string text = machine().dump();
  std::size_t accepted = 0;
  for (std::size_t size = 1; size < text.size(); ++size) accepted += read_facts(text.substr(0, size)) ? 1U : 0U;
  CHECK(accepted == 0);
}
