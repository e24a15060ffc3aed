// Goal: who may ask for what. An activation speaks by its machine key, within its own licence, for as long as nothing took its
// place; hardware that holds another activation is never passed over.
#include <catch2/catch.hpp>

#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

using Codes = std::vector<std::string>;

IssueTerms thirty_days() {
  IssueTerms terms;
  terms.days = 30;
  return terms;
}

}  // namespace

TEST_CASE("an activation speaks for no other licence", "[issuer][permission]") {
  OpenDesk office;
  office.sell("L2", 5);
  Site site = make_site(office.random);
  site.holds = office.answer(office.document(site))->record;
  // Signed by its own machine key, without L2's key; L2's id is public.
  CHECK(office.refusals(office.document(site, {.licence = "L2", .with_proof = false})) == Codes{"wrong-licence-key"});
  CHECK(office.live_seats_of("L1") == 1);
  CHECK(office.live_seats_of("L2") == 0);
  // With L2's key it is a new activation of L2, and takes nothing out of L1's sum.
  const auto issued = office.answer(office.document(site, {.licence = "L2"}));
  REQUIRE(issued->refusals.empty());
  CHECK_FALSE(issued->record.activation.supersedes);
  CHECK(office.live_seats_of("L1") == 1);
}

TEST_CASE("a lost licence key does not keep an ended certificate from being renewed", "[issuer][permission]") {
  OpenDesk office;
  Site site = make_site(office.random);
  site.holds = office.answer(office.document(site), thirty_days())->record;
  office.clock.now += 31 * day;
  const auto renewed = office.answer(office.document(site, {.with_proof = false}), thirty_days());
  REQUIRE(renewed->refusals.empty());
  CHECK(renewed->record.activation.supersedes == site.holds->id);
  CHECK(renewed->record.activation.not_after_unix_s == office.clock.now + 30 * day);
  CHECK(*office.desk->ledger().quota_used_since("L1", 0) == 0);
}

TEST_CASE("an ended certificate holds no seat and no machine", "[issuer][permission]") {
  OpenDesk office;
  Site site = make_site(office.random);
  site.holds = office.answer(office.document(site, {.seats = 3}), thirty_days())->record;
  office.clock.now += 31 * day;
  site.hardware = make_site(office.random, "2").hardware;
  const auto again = office.answer(office.document(site, {.seats = 1}), thirty_days());
  REQUIRE(again->refusals.empty());
  CHECK(office.live_seats_of("L1") == 1);
}

TEST_CASE("the machine key of an ended certificate alone does not move it to other hardware", "[issuer][permission]") {
  // A copied state folder must not become an activation elsewhere without the licence key or an operator.
  OpenDesk office;
  Site site = make_site(office.random);
  site.holds = office.answer(office.document(site), thirty_days())->record;
  office.clock.now += 31 * day;
  site.hardware = make_site(office.random, "2").hardware;
  CHECK(office.refusals(office.document(site, {.with_proof = false})) == Codes{"needs-receipt"});
}

TEST_CASE("a stale licence key does no harm where the machine key speaks", "[issuer][permission]") {
  OpenDesk office;
  Site site = make_site(office.random);
  site.holds = office.answer(office.document(site))->record;
  const Bytes with_old_key = office.document(site);
  REQUIRE(change_licence_key(*office.desk, office.world, office.ledger_key, "L1"));
  CHECK(office.refusals(with_old_key).empty());
}

TEST_CASE("hardware that holds another activation is named, whatever the request speaks for", "[issuer][permission]") {
  OpenDesk office;
  Site first = make_site(office.random, "1"), second = make_site(office.random, "2");
  first.holds = office.answer(office.document(first))->record;
  second.holds = office.answer(office.document(second))->record;
  first.hardware = second.hardware;
  CHECK(office.refusals(office.document(first)) == Codes{"hardware-already-active", "needs-receipt"});
}

}  // namespace oak::desk_test
