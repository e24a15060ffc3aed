// Goal: every value that the inventories call no identity is refused, and no name of 2,553 real machines is refused
// that isn't an empty form.

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "machine-id/normalise.h"
#include "machine-id/placeholders.h"
#include "tests/unit/folders.h"

using namespace oak;

namespace {

struct Listed {
  std::string kind, value;
};

/// The inventories' table; empty, and said aloud, where it is not there.
std::vector<Listed> listed_values() {
  const std::string path = std::string(test::shared_data_folder) + "/placeholders.tsv";
  std::ifstream list(path);
  if (!list) WARN("skipped: there is no " << path);
  std::vector<Listed> out;
  std::string line;
  std::getline(list, line);
  while (std::getline(list, line)) {
    const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
    out.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1)});
  }
  return out;
}

}  // namespace

TEST_CASE("all serial numbers and strings of four inventories are refused") {
  const auto listed = listed_values();
  if (listed.empty()) return;
  std::string missed;
  std::size_t count = 0;
  for (const auto& [kind, value] : listed) {
    if (kind != "serial" && kind != "string" && kind != "model") continue;
    ++count;
    // Three rules are written as patterns there, between slashes.
    const std::string serial = normalised_serial(value);
    if (!serial.empty() && value.front() != '/' && serial_placeholder(serial).empty()) missed += value + "\n";
  }
  CHECK(count > 200);
  CHECK(missed == "");
}

TEST_CASE("network addresses and UUIDs of four inventories are refused") {
  const auto listed = listed_values();
  if (listed.empty()) return;
  std::string missed;
  std::size_t count = 0;
  for (const auto& [kind, value] : listed) {
    const auto uuid = canonical_uuid(value);
    if (kind == "uuid" && uuid && uuid_placeholder(*uuid).empty()) missed += value + "\n";
    const auto mac = normalised_mac(value);
    const bool is_global = mac && std::string("048c").find((*mac)[1]) != std::string::npos;
    if (kind == "mac" && is_global && mac_placeholder(*mac).empty()) missed += value + "\n";
    count += kind == "uuid" || kind == "mac" ? 1U : 0U;
  }
  CHECK(count > 60);
  CHECK(missed == "");
}

TEST_CASE("a memory that was never written is no address") {
  CHECK(!mac_placeholder("00:a0:c9:00:00:00").empty());
  CHECK(mac_placeholder("00:a0:c9:00:00:01").empty());
}

TEST_CASE("templates of firmware makers are refused as names and as numbers") {
  for (const char* text : {"Type2 - Board Version", "OEM-B85", "S26361-Kxxx-Vyyy", "012345678912345678912345678"}) {
    CHECK(!serial_placeholder(normalised_serial(text)).empty());
    CHECK(!name_placeholder(text).empty());
  }
  CHECK(!serial_placeholder("03000200-0400-0500-0006-000700080009").empty());
}
