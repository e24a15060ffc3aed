#pragma once
// A desk with one licence and one machine that asks, for the tests of the policy. Hardware has platform 4, network 3, disks 2, os 1,
// model 1: 11 of weight.

#include <catch2/catch.hpp>

#include "tests/unit/issuer_world.h"

namespace oak::desk_test {

using Codes = std::vector<std::string>;

/// The licence is L1.
struct Scene {
  SmallDesk desk;
  SeededRandom random{21};
  Site site = make_site(random, "1");

  explicit Scene(std::uint64_t seats = 3) { desk.add(licence_of(seats)); }

  OpenedRequest ask(const Site& from, const Wish& wish = {}) {
    return arrive(from, request_from(from, wish, random), wish.with_proof ? &desk.proof_key() : nullptr);
  }
  /// Issues and lets the machine import the answer.
  Issued activate(Site& to, const Wish& wish = {}, const Terms& terms = {}) {
    Issued issued = desk.issue(ask(to, wish), terms);
    REQUIRE(codes_of(issued.refusals) == Codes{});
    to.holds = issued.record;
    return issued;
  }
  Codes refusals(const Site& from, const Wish& wish = {}, const Terms& terms = {}) {
    return codes_of(desk.issue(ask(from, wish), terms).refusals);
  }
};

}  // namespace oak::desk_test
