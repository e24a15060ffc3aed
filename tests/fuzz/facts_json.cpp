#include "machine-id/facts_json.h"

#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {

void run(ByteView input) {
  const auto file = read_facts(as_text(input));
  if (!file) return;
  for (const NamedFacts& machine : file->machines) {
    const std::string written = write_facts(machine.facts);
    const auto again = read_facts(written);
    require(again && again->machines.size() == 1, "what is written is read again");
    require(write_facts(again->machines[0].facts) == written, "and is the same");
    require(compare_facts(machine.facts, machine.facts).score <= compare_facts(machine.facts, machine.facts).enrolled,
            "no score is higher than what is enrolled");
  }
}

std::vector<Bytes> seeds() {
  constexpr std::string_view one = R"({"product_uuid": "4c4c4544-0042-3510-8052-b4c04f4d3332", "product_serial": "BX5RM32",
 "board_serial": "!unreadable", "dt_serial": null, "macs": [{"address": "00:1b:21:3a:4f:5e", "bus": "pci", "assign_type": 0, "label": "eth0"}],
 "disks": [{"serial": "S4EVNX0M712345", "bus": "nvme", "removable": false, "label": "nvme0n1"}], "machine_id": "3f2a9c0d4e5b6a7f8091a2b3c4d5e6f7",
 "tpm_ek": null, "model": {"sys_vendor": "Dell Inc.", "product_name": "OptiPlex 7070", "board_name": "0YNVJG", "cpu": "6/158/10"}})";
  constexpr std::string_view two =
      "{\"id\": \"a\", \"product_uuid\": \"4c4c4544-0042-3510-8052-b4c04f4d3332\"}\n"
      "{\"id\": 7, \"macs\": [], \"disks\": [], \"model\": {}}\n";
  constexpr std::string_view placeholder =
      R"({"product_serial": "To be filled by O.E.M.", "board_serial": "None", "machine_id": "uninitialized"})";
  return {as_bytes(one), as_bytes(two), as_bytes(placeholder), as_bytes("{}")};
}

}  // namespace oak::fuzz
