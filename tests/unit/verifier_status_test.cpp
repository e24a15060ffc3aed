// Goal: status shows every product on the machine without asking for a version, and one product without an answer does
// not hide the others.

#include <catch2/catch.hpp>

#include "tests/unit/verifier_world.h"
#include "verifier/status.h"

using namespace oak;
using namespace oak::test;

TEST_CASE("a machine without any product") {
  World world;
  const auto products = status(world.machine, world.source, std::nullopt);
  REQUIRE(products);
  CHECK(products->empty());
  CHECK(status_exit_code(*products) == 1);
  CHECK(status_json(*products) == "{\"products\": []}\n");
}

TEST_CASE("an activation's facts, whatever version runs") {
  World world;
  Activation activation = world.grant();
  activation.customer = "Northwind";
  activation.site = "Hall 4";
  activation.features = {"export"};
  REQUIRE(world.install_one(activation));
  const auto products = status(world.machine, world.source, std::nullopt);
  REQUIRE(products);
  REQUIRE(products->size() == 1);
  CHECK(status_exit_code(*products) == 0);
  const std::string text = status_text(*products), json = status_json(*products);
  for (const char* word : {"demo: active", "Northwind", "Hall 4", "3 seats of 3.*, permanent", "generation 1", "normal", "export"})
    CHECK(text.find(word) != std::string::npos);
  CHECK(json.find("\"customer\": \"Northwind\"") != std::string::npos);
  CHECK(json.find("\"strength\": \"normal\"") != std::string::npos);
}

TEST_CASE("a product that can't be answered stands beside one that can") {
  World world;
  REQUIRE(world.install_one(world.grant()));
  world.disk.folders.insert(state_dir + "/other");
  world.disk.unreadable.insert(state_dir + "/other");
  const auto products = status(world.machine, world.source, std::nullopt);
  REQUIRE(products);
  REQUIRE(products->size() == 2);
  CHECK((*products)[0].answer->verdict == Verdict::active);
  REQUIRE(!(*products)[1].answer);
  CHECK(status_exit_code(*products) == 2);
  CHECK(status_json(*products).find("\"error\": {\"code\": \"permission-denied\"") != std::string::npos);
}

TEST_CASE("the product that was asked for, though nothing is stored") {
  World world;
  const auto products = status(world.machine, world.source, product);
  REQUIRE(products);
  REQUIRE(products->size() == 1);
  CHECK((*products)[0].answer->verdict == Verdict::not_activated);
  CHECK(status_exit_code(*products) == 1);
}

TEST_CASE("looking on ends nothing: old and new stand side by side until a version was asked for") {
  World world;
  Activation next = world.grant(2);
  next.versions = *VersionRange::parse("4.*");
  REQUIRE(world.install_one(world.grant(1)));
  REQUIRE(world.verdict("3.5") == Verdict::active);
  REQUIRE(world.install_one(next));
  REQUIRE(status(world.machine, world.source, std::nullopt));
  CHECK(world.verdict("3.5") == Verdict::active);
  CHECK(world.verdict("4.0") == Verdict::active);
  CHECK(world.verdict("3.5") == Verdict::rebind);
}
