// Goal: a burst and then one an interval, for each on his own; memory is bounded, and nobody is forgotten while it matters.
#include "issuer/rate_limit.h"

#include <catch2/catch.hpp>

namespace oak {

TEST_CASE("a burst, then one an interval", "[issuer][rate_limit]") {
  RateLimit limit({3, 1000});
  for (int i = 0; i < 3; ++i) CHECK_FALSE(limit.take("a", 5'000));
  CHECK(limit.take("a", 5'000) == 1000);
  CHECK(limit.take("a", 5'400) == 600);  // turned away, it does not count
  CHECK_FALSE(limit.take("b", 5'400));
  CHECK_FALSE(limit.take("a", 6'000));
  CHECK(limit.take("a", 6'000) == 1000);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(limit.take("a", 60'000));
  CHECK(limit.take("a", 60'000));
}

TEST_CASE("over a long time nobody gets more than his rate", "[issuer][rate_limit]") {
  RateLimit limit({5, 100});
  std::uint64_t given = 0;
  for (std::uint64_t now = 0; now < 100'000; now += 7)
    if (!limit.take("a", now)) ++given;
  CHECK(given >= 1000);
  CHECK(given <= 1005);
}

TEST_CASE("rates can differ from one to another", "[issuer][rate_limit]") {
  RateLimit limit({1, 1});
  for (int i = 0; i < 20; ++i) CHECK_FALSE(limit.take("small", 0, {20, 1000}));
  CHECK(limit.take("small", 0, {20, 1000}));
  for (int i = 0; i < 200; ++i) CHECK_FALSE(limit.take("large", 0, {200, 100}));
  CHECK(limit.take("large", 0, {200, 100}));
}

TEST_CASE("memory is bounded, and a crowd makes nobody forgotten", "[issuer][rate_limit]") {
  RateLimit limit({1, 10'000}, 100);
  CHECK_FALSE(limit.take("him", 1));
  for (int i = 0; i < 10'000; ++i) static_cast<void>(limit.take("crowd " + std::to_string(i), 2));
  CHECK(limit.remembered() <= 101);
  CHECK(limit.take("him", 3));
  CHECK(limit.take("a newcomer", 3));  // all of those share one place
  // They are free again, and so is the room that they took.
  CHECK_FALSE(limit.take("a newcomer", 30'000));
  CHECK(limit.remembered() == 1);
}

}  // namespace oak
