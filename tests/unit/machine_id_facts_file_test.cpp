// Goal: facts files that others wrote are read where that is possible without guessing, and otherwise refused with the line,
// the entry and the key.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "machine-id/facts_json.h"
#include "tests/unit/machine_id_tree.h"

using namespace oak;
using namespace oak::test;
using Json = nlohmann::ordered_json;

namespace {

std::string error_of(const std::string& text) {
  const auto file = read_facts(text);
  return file ? "" : std::string(code_name(file.error().code)) + ": " + file.error().context;
}

Facts only_machine(const std::string& text) {
  const auto file = read_facts(text);
  REQUIRE(file);
  REQUIRE(file->machines.size() == 1);
  return file->machines[0].facts;
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("a facts file has its keys in the contract's order") {
  Tree tree;
  make_server(tree);
  const Json json = Json::parse(write_facts(facts_of(tree)));
  CHECK(keys_of(json) ==
        Keys{"product_uuid", "product_serial", "board_serial", "dt_serial", "macs", "disks", "machine_id", "tpm_ek", "model"});
  CHECK(keys_of(json["macs"][0]) == Keys{"address", "bus", "assign_type", "label"});
  CHECK(keys_of(json["disks"][0]) == Keys{"serial", "bus", "removable", "label"});
  CHECK(keys_of(json["model"]) == Keys{"sys_vendor", "product_name", "board_name", "cpu"});
}

TEST_CASE("broken JSON is refused with line and column") {
  CHECK(error_of("{\n  \"product_uuid\": ,\n}") == "bad-facts: line 2, column 19: it is not JSON from here on");
  CHECK(error_of("\n\n{\n\"a\": x}") == "bad-facts: line 4, column 6: it is not JSON from here on");
  CHECK(error_of("{\"a\": \"\xc3(\"}") == "bad-facts: line 1, column 9: it is not JSON from here on");
  CHECK(error_of("{\"a\": \"\\ud800\"}").find("bad-facts: line 1, column ") == 0);
  CHECK(error_of("{\"a\": 1") == "bad-facts: line 1: it ends in the middle");
  CHECK(error_of("{}\nx\n") == "bad-facts: line 2, column 1: it is not JSON from here on");
  CHECK(error_of("{} {}") == "bad-facts: line 1, column 4: more follows behind the object");
  CHECK(error_of("{\"a\": 1e999}") == "bad-facts: line 1: it holds a number that is out of range");
  CHECK(error_of("[]") == "bad-facts: line 1: it is not one JSON object");
  CHECK(error_of("[\n{}\n]") == "bad-facts: line 1: it is not one JSON object");
}

TEST_CASE("wrong types are refused with the key, and in lists with the entry") {
  CHECK(error_of("{\"product_uuid\": 7}") == "bad-facts: 'product_uuid' is not a text");
  CHECK(error_of("{\"macs\": \"eth0\"}") == "bad-facts: 'macs' is not a list of at most 4096 entries");
  CHECK(error_of("{\"macs\": [{}, {\"address\": 1}]}") == "bad-facts: 'address' in entry 2 of 'macs' is not a text");
  CHECK(error_of("{\"macs\": [{\"assign_type\": \"0\"}]}") == "bad-facts: 'assign_type' in entry 1 of 'macs' is not a whole number");
  CHECK(error_of("{\"disks\": [{}, {}, \"sda\"]}") == "bad-facts: entry 3 of 'disks' is not an object");
  CHECK(error_of("{\"disks\": [{\"removable\": \"no\"}]}") == "bad-facts: 'removable' in entry 1 of 'disks' is neither true nor false");
  CHECK(error_of("{\"disks\": [{}, {\"bus\": []}]}") == "bad-facts: 'bus' in entry 2 of 'disks' is not a text");
  CHECK(error_of("{\"model\": {\"cpu\": 6}}") == "bad-facts: 'cpu' in 'model' is not a text");
  CHECK(error_of("{\"model\": \"R740\"}") == "bad-facts: 'model' is not an object");
  CHECK(error_of("{\"disks\": [{\"serial\": \"a\", \"serial\": \"b\"}]}") == "bad-facts: line 1: the key 'serial' appears twice");
}

TEST_CASE("of many machines the broken one is named by its line, counted from the file's first") {
  const std::string good = "{\"id\": \"a\", \"product_serial\": \"B5RMN42\"}\n";
  CHECK(error_of(good + "{\"id\": \"b\", \"disks\": [1]}\n" + good) == "bad-facts: line 2: entry 1 of 'disks' is not an object");
  CHECK(error_of(good + good + "{\"id\": \"b\", \"disks\": }\n" + good) == "bad-facts: line 3, column 22: it is not JSON from here on");
  CHECK(error_of("\n\r\n" + good + "\n{\"id\": 1.5}\n") == "bad-facts: line 5: 'id' is neither a text nor a whole number");
  CHECK(error_of("{\"id\": \"a\", \"disks\": }\n" + good).find("bad-facts: line 1, column 22: ") == 0);
  CHECK(error_of("{\"product_uuid\": 7}\n" + good) == "bad-facts: line 1: 'product_uuid' is not a text");
  CHECK(error_of(good + "{\"id\": \"b\"") == "bad-facts: line 2: it ends in the middle");
  CHECK(error_of(good + "{\"id\": \"b\"} {\"id\": \"c\"}\n") == "bad-facts: line 2, column 13: more follows behind the object");
  // Also where the file is larger than one machine can be.
  std::string many;
  while (many.size() < 5'000'000) many += good;
  CHECK(error_of("{\"id\": \"a\", }\n" + many).find("bad-facts: line 1, column 13: ") == 0);
  CHECK(error_of("{\n" + many + "}").find("at most 4 MiB") != std::string::npos);
}

TEST_CASE("null, missing and unreadable are told apart, for sets as for values") {
  const Facts none = only_machine("{\"product_uuid\": null, \"macs\": null, \"disks\": [], \"model\": null, \"machine_id\": \"\"}");
  CHECK(none.facts.size() == component_count);
  for (const Fact& fact : none.facts) CHECK(fact.state == State::absent);
  const Facts refused = only_machine(
      "{\"product_uuid\": \"!unreadable\", \"product_serial\": \"!unreadable\", \"board_serial\": \"!unreadable\", "
      "\"dt_serial\": \"!unreadable\", \"macs\": \"!unreadable\", \"disks\": \"!unreadable\", \"machine_id\": \"!unreadable\", "
      "\"tpm_ek\": \"!unreadable\", \"model\": \"!unreadable\"}");
  CHECK(refused.facts.size() == component_count);
  for (const Fact& fact : refused.facts) CHECK(fact.state == State::unreadable);
  const Facts members = only_machine(
      "{\"macs\": [{\"address\": \"!unreadable\", \"bus\": \"pci\"}, {\"address\": null, \"bus\": \"pci\"}, {}], "
      "\"disks\": [{\"serial\": \"!unreadable\", \"bus\": \"ata\", \"removable\": null}, {\"serial\": null}]}");
  CHECK(all_of(members, Component::mac).size() == 1);
  CHECK(one_of(members, Component::mac).state == State::unreadable);
  CHECK(all_of(members, Component::disk).size() == 1);
  CHECK(one_of(members, Component::disk).state == State::unreadable);
}

TEST_CASE("spellings of others are read as ours") {
  const Facts facts = only_machine(
      "\xef\xbb\xbf{\r\n\"comment\": {\"by\": [\"hand\"]}, \"product_serial\": \" b5rmn42\\u0000\\u00a0\", \"macs\": [{\"address\": "
      "\"B0-26-28-5A-01-10\", \"bus\": \"PCI\", \"speed\": 1000}],\r\n\"disks\": [{\"serial\": \"s4evnx0m812345\", \"bus\": \"NVMe\", "
      "\"label\": \"nvme0n1\"}, {\"serial\": \"S4EVNX0M812345 \", \"bus\": \"nvme\", \"label\": \"nvme1n1\"}]}\r\n");
  CHECK(has_usable(facts, "product_serial  B5RMN42"));
  CHECK(has_usable(facts, "mac  b0:26:28:5a:01:10"));
  CHECK(all_of(facts, Component::disk).size() == 1);  // one number on two disks is one disk
  CHECK(has_usable(facts, "disk nvme0n1 S4EVNX0M812345"));
}

TEST_CASE("lines may end as on other systems, and empty ones do not count") {
  const auto file = read_facts("\xef\xbb\xbf\r\n{\"id\": \"\u00e4\"}\r\n\r\n{\"id\": 2}\r\n");
  REQUIRE(file);
  CHECK(file->one_a_line);
  REQUIRE(file->machines.size() == 2);
  CHECK(file->machines[0].id == "\"\u00e4\"");
  CHECK(file->machines[1].id == "2");
}

TEST_CASE("twenty thousand machines are read at once") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "{\"id\": " + std::to_string(i) + ", \"product_serial\": \"B5RMN42\"}\n";
  const auto file = read_facts(text);
  REQUIRE(file);
  CHECK(file->machines.size() == 20'000);
  CHECK(error_of(text + "{").find("bad-facts: line 20001: ") == 0);
}
