// Goal: one value has one spelling, whoever reports it, so that a digest depends on the hardware alone.

#include <catch2/catch.hpp>

#include "machine-id/normalise.h"

using namespace oak;

TEST_CASE("white space and NULs are folded, wherever they are") {
  CHECK(folded("  a \t b\n") == "a b");
  CHECK(folded(std::string("1234\0\0\0", 7)) == "1234");
  CHECK(folded(std::string("\0 x", 3)) == "x");
  CHECK(folded("").empty());
  CHECK(folded(" \n\t ").empty());
}

TEST_CASE("serial numbers are upper case, in ASCII only") {
  CHECK(normalised_serial(" vmware-56 4d  ab\n") == "VMWARE-56 4D AB");
  CHECK(normalised_serial("b5rmn42") == normalised_serial("B5RMN42 "));
}

TEST_CASE("a UUID and its byte-swapped twin are one") {
  const auto one = canonical_uuid("8d717151-fbdc-4641-a7d8-da6113ad6d78");
  const auto twin = canonical_uuid("5171718D-DCFB-4146-A7D8-DA6113AD6D78\n");
  REQUIRE(one);
  CHECK(one == twin);
  CHECK(*one == "5171718d-dcfb-4146-a7d8-da6113ad6d78");
  // The rest of a UUID is never swapped.
  CHECK(canonical_uuid("8d717151-fbdc-4641-d8a7-da6113ad6d78") != one);
}

TEST_CASE("what is no UUID is told from one") {
  CHECK(!canonical_uuid("Not Settable"));
  CHECK(!canonical_uuid(""));
  CHECK(!canonical_uuid("8d717151-fbdc-4641-a7d8-da6113ad6d7"));
  CHECK(!canonical_uuid("8d717151-fbdc-4641-a7d8-da6113ad6d7g"));
  CHECK(canonical_uuid("8d717151fbdc4641a7d8da6113ad6d78") == canonical_uuid("8d717151-fbdc-4641-a7d8-da6113ad6d78"));
}

TEST_CASE("network addresses are lower case with colons") {
  CHECK(normalised_mac("AA-BB-CC-DD-EE-0F") == "aa:bb:cc:dd:ee:0f");
  CHECK(normalised_mac("aabbccddee0f") == "aa:bb:cc:dd:ee:0f");
  CHECK(!normalised_mac("aa:bb:cc:dd:ee"));
  CHECK(!normalised_mac("a0:00:02:20:fe:80:00:00:00:00:00:00:ec:0d:9a:03:00:1d:13:2e"));
  CHECK(!normalised_mac(""));
}

TEST_CASE("an operating system id that is not set yet is none") {
  CHECK(normalised_machine_id("6e1c9a4b7d0f4c2e9b8a35d1f0c4e7aa\n") == "6e1c9a4b7d0f4c2e9b8a35d1f0c4e7aa");
  CHECK(!normalised_machine_id("uninitialized\n"));
  CHECK(!normalised_machine_id(""));
  CHECK(!normalised_machine_id("6e1c9a4b7d0f4c2e"));
}
