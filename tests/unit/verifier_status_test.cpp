// Goal: status shows every product on the machine without asking for a version, and one product without an answer does
// not hide the others.

#include <catch2/catch.hpp>

#include "tests/unit/verifier_world.h"
#include "verifier/status.h"
#include "verifier/status_file.h"

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

TEST_CASE("how many days are left, and a warning from the fourteenth day before the end on") {
  // Goal: check, its JSON, status and the published file agree, to the second of the turn; after the end there is a verdict, and no
  // warning.
  constexpr std::uint64_t day = 86400;
  World world;
  const std::uint64_t start = world.clock.now, end = start + 30 * day;
  REQUIRE(world.install_one(world.certificate(start, end)));
  const auto look = [&](std::uint64_t now) {
    world.clock.now = now;
    return world.check().value();
  };
  const auto warns = [](const Answer& answer) {
    return std::any_of(answer.warnings.begin(), answer.warnings.end(),
                       [](const std::string& warning) { return warning.find("the certificate ends at") == 0; });
  };
  const Answer early = look(start + 16 * day - 1);
  CHECK(days_left(early) == 14);
  CHECK_FALSE(warns(early));
  CHECK(answer_json(early).find("\"days_left\": 14, \"renew_from\": " + std::to_string(end - 14 * day) + ", \"renewal_due\": false") !=
        std::string::npos);
  CHECK(answer_text(early).find("certificate: 14 days left, until ") != std::string::npos);
  const Answer due = look(start + 16 * day);
  CHECK(warns(due));
  CHECK(answer_json(due).find("\"renewal_due\": true") != std::string::npos);
  CHECK(status_file_json(due).find("\"renewal_due\": true") != std::string::npos);
  const auto products = status(world.machine, world.source, std::nullopt);
  REQUIRE(products);
  CHECK(status_json(*products).find("\"days_left\": 14, \"renew_from\"") != std::string::npos);
  CHECK(status_text(*products).find("days left: 14; it renews from ") != std::string::npos);
  CHECK(answer_text(look(end - day)).find("certificate: 1 day left, until ") != std::string::npos);
  const Answer over = look(end + 1);
  CHECK(over.verdict == Verdict::expired);
  CHECK_FALSE(warns(over));
  CHECK(answer_json(over).find("\"days_left\": 0, ") != std::string::npos);
  CHECK(answer_text(over).find("left, until") == std::string::npos);
}

TEST_CASE("a permanent activation has no days left, and a renewed certificate none to warn of") {
  constexpr std::uint64_t day = 86400;
  World world;
  REQUIRE(world.install_one(world.certificate(world.clock.now, world.clock.now + 5 * day)));
  CHECK(world.check()->warnings.size() == 1);
  REQUIRE(world.install_one(world.certificate(world.clock.now, world.clock.now + 30 * day, 2)));
  CHECK(world.check()->warnings.empty());
  REQUIRE(world.install_one(world.grant(3)));
  CHECK(world.check()->warnings.empty());
  CHECK(answer_json(*world.check()).find("\"days_left\": null, \"renew_from\": null, \"renewal_due\": false") != std::string::npos);
}
