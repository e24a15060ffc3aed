// Goal: values that are no identity are refused, and values of real hardware are not.

#include <catch2/catch.hpp>
#include <string>

#include "machine-id/normalise.h"
#include "machine-id/placeholders.h"

using namespace oak;

namespace {

bool is_refused_serial(const std::string& text) { return !serial_placeholder(normalised_serial(text)).empty(); }
bool is_refused_uuid(const std::string& text) {
  const auto uuid = canonical_uuid(text);
  return !uuid || !uuid_placeholder(*uuid).empty();
}

}  // namespace

TEST_CASE("serial numbers that firmware shows where nobody filled them in") {
  for (const char* text : {"To be filled by O.E.M.",
                           "Default string",
                           "Not Specified",
                           "Not Applicable",
                           "System Serial Number",
                           "None",
                           "N/A",
                           "0",
                           "00000000",
                           "11111111",
                           "0123456789",
                           "1234567890",
                           "123456",
                           "SN-12345",
                           "XXXXXXXX",
                           "....",
                           "-",
                           "empty",
                           "INVALID",
                           "Chassis Serial Number",
                           "BSN12345678901234567",
                           "SystemSerialNumb"})
    CHECK((is_refused_serial(text) ? "" : text) == std::string());
}

TEST_CASE("serial numbers of real machines are kept") {
  for (const char* text : {"B5RMN42", ".B5RMN42.CN7016384P00GM.", "CZ3404YWNR", "VMware-56 4d 11 a2", "PF0A1B2C", "100000000a1b2c3d",
                           "4694-9999-1234-0001-7654-8888-23", "ec2a1b2c-1111-2222-3333-444455556667", "WXT1A77LHFFH"})
    CHECK((is_refused_serial(text) ? text : "") == std::string());
}

TEST_CASE("UUIDs of one repeated byte, templates and known ones") {
  for (const char* text :
       {"00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "01010101-0101-0101-0101-010101010101",
        "fefefefe-fefe-fefe-fefe-fefefefefefe", "03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009",
        "4c4c4544-0020-2010-8020-a0c04f202020", "6AB5B300-538D-1014-9FB5-B0684D007B53", "2", "Not Settable"})
    CHECK((is_refused_uuid(text) ? "" : text) == std::string());
  CHECK(!is_refused_uuid("4c4c4544-0042-3510-8052-b4c04f4d4e32"));
}

TEST_CASE("network addresses that many machines show") {
  CHECK(!mac_placeholder("00:00:00:00:00:00").empty());
  CHECK(!mac_placeholder("00:00:00:00:00:05").empty());
  CHECK(!mac_placeholder("88:88:88:88:87:88").empty());
  CHECK(!mac_placeholder("0c:5b:8f:27:9a:64").empty());
  CHECK(mac_placeholder("b0:26:28:5a:01:10").empty());
}

TEST_CASE("disk numbers that emulators give to every machine") {
  for (const char* text : {"t10.ATA     QEMU HARDDISK                           QM00001", "0QEMU QEMU HARDDISK drive-scsi0", "00000000"})
    CHECK((disk_placeholder(normalised_serial(text)).empty() ? text : "") == std::string());
  CHECK(disk_placeholder("S4EVNX0M812345").empty());
  CHECK(disk_placeholder("NAA.5000C500A1B2C3D4").empty());
}

TEST_CASE("names may be common, but not empty forms") {
  CHECK(!name_placeholder("System Product Name").empty());
  CHECK(!name_placeholder("All Series").empty());
  CHECK(name_placeholder("PowerEdge R740").empty());
  CHECK(name_placeholder("OptiPlex 7010").empty());
}
