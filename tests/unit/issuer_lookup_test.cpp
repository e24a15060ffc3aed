// Goal: what staff look up is what the entries say: what an activation counts for and why, what happened to it, which receipts a licence
// waits for, and what to look at first. Looking takes no lock and waits for no writer.
#include <catch2/catch.hpp>

#include "issuer/concerns.h"
#include "issuer/report_lookup.h"
#include "tests/unit/issuer_ledger_world.h"

namespace oak::desk_test {
namespace {

using Catch::Contains;
using Texts = std::vector<std::string>;

// Entries of a UsedDesk (issuer_ledger_world.h): 4 site a with 2 seats, 7 a with 3 in its place, 11 a with 1 in that one's; 5 a certificate
// of b; 6 c of licence L2, revoked by 13; 9 d, returned by 10.
constexpr std::uint64_t first = 4, certificate = 5, revoked = 6, bigger = 7, returned = 9, smaller = 11;

class LookingDesk : public UsedDesk {
 public:
  ActivationRecord record_of(std::uint64_t entry) {
    const Leaf leaf = *desk->ledger().leaf(entry);
    return **desk->ledger().activation(read_activation_unverified(std::get<IssuedLeaf>(leaf.body).activation)->id);
  }
  ActivationView view_of(std::uint64_t entry) { return *look_at_activation(*desk, activation_id_text(record_of(entry).id), clock.now); }
  /// "4 issued", "8 superseded" …
  Texts history_of(std::uint64_t entry) {
    Texts out;
    for (const Event& event : view_of(entry).history)
      out.push_back(std::to_string(event.entry) + " " + std::string(leaf_kind_name(event.kind)));
    return out;
  }
  std::vector<std::uint64_t> listed(const ActivationSearch& search) {
    std::vector<std::uint64_t> out;
    for (const ActivationRecord& record : *list_activations(*desk, search, clock.now)) out.push_back(record.activation.index);
    return out;
  }
  std::string page(std::uint64_t entry) { return activation_report(view_of(entry), clock.now, " --desk D").text; }
};

std::vector<std::uint64_t> seats_of(const std::vector<Owed>& owed) {
  std::vector<std::uint64_t> out;
  for (const Owed& one : owed) out.push_back(one.seats);
  return out;
}

}  // namespace

TEST_CASE("the history of an activation is each entry that concerns it", "[issuer][lookup]") {
  LookingDesk office;
  CHECK(office.history_of(first) == Texts{"4 issued", "8 superseded"});
  CHECK(office.history_of(certificate) == Texts{"5 issued"});
  CHECK(office.history_of(revoked) == Texts{"6 issued", "13 revoked"});
  CHECK(office.history_of(returned) == Texts{"9 issued", "10 returned"});
  const ActivationView view = office.view_of(returned);
  CHECK(view.history[1].operator_name == "olga");
  CHECK(view.history[1].uses_quota);
  CHECK_FALSE(view.history[0].uses_quota);
  // A receipt that comes in after the successor.
  office.give_back(office.record_of(bigger), office.sites[0].key);
  CHECK(office.history_of(bigger) == Texts{"7 issued", "12 superseded", "14 returned"});
}

TEST_CASE("what an activation counts for follows from what may still be out there", "[issuer][lookup]") {
  LookingDesk office;
  CHECK(seats_of(office.view_of(smaller).owed) == std::vector<std::uint64_t>{3, 2});
  CHECK_THAT(office.page(smaller), Contains("3 seats, 2 more than its own") && Contains("oak-issuer accept RECEIPT --desk D"));
  CHECK(office.view_of(first).in_place->activation.index == smaller);
  CHECK(office.view_of(first).is_owed);
  CHECK_THAT(office.page(first), Contains("which took its place and counts 3 seats until this one's receipt is in"));
  CHECK_THAT(office.page(certificate), Contains("counts for    1 seat, its own"));
  CHECK_THAT(office.page(returned), Contains("nothing: its receipt is in"));
  CHECK_THAT(office.page(revoked),
             Contains("nothing: it was revoked") && Contains("oak-issuer bulletin --product demo --out FILE --desk D"));
  office.give_back(office.record_of(bigger), office.sites[0].key);
  CHECK(seats_of(office.view_of(smaller).owed) == std::vector<std::uint64_t>{2});
  CHECK_FALSE(office.view_of(bigger).is_owed);
  CHECK(office.record_of(smaller).counted_seats == 2);
  office.give_back(office.record_of(first), office.sites[0].key);
  CHECK(office.view_of(smaller).owed.empty());
  office.clock.now += 40 * day;
  CHECK_THAT(office.page(certificate), Contains("expired") && Contains("nothing: the certificate has ended"));
}

TEST_CASE("what an operator freed is not waited for", "[issuer][lookup]") {
  LookingDesk office;
  Site& moving = office.sites[0];
  moving.hardware.uuid = "uuid-new", moving.hardware.mac = "mac-new";
  moving.holds = office.record_of(smaller);
  IssueTerms terms;
  terms.approvals = {"needs-receipt"};
  terms.reason = "board gone";
  const auto moved = office.answer(office.document(moving, {}), terms);
  REQUIRE(moved);
  REQUIRE(moved->refusals.empty());
  const ActivationView view = office.view_of(moved->record.activation.index);
  CHECK(view.owed.empty());
  CHECK(view.history[0].uses_quota);
  CHECK(view.history[0].reason == "board gone");
  CHECK(concerns_of(view.record, office.clock.now) == Texts{"needs-receipt"});
  CHECK_FALSE(office.view_of(first).is_owed);
}

TEST_CASE("a list has what was asked for, and what to look at in front", "[issuer][lookup]") {
  LookingDesk office;
  CHECK(office.listed({}) == std::vector<std::uint64_t>{smaller, returned, bigger, revoked, certificate, first});
  Site fresh = make_site(office.random, "fresh");
  office.give(fresh, {.seats = 1});  // newer, and nothing of concern
  CHECK(office.listed({}).front() == smaller);
  CHECK(office.listed({"l2", {}, {}}) == std::vector<std::uint64_t>{revoked});
  CHECK(office.listed({{}, "superseded", {}}) == std::vector<std::uint64_t>{bigger, first});
  CHECK(office.listed({{}, "returned", {}}) == std::vector<std::uint64_t>{returned});
  CHECK(office.listed({"L1", "revoked", {}}).empty());
  const std::string site = office.record_of(returned).activation.site;
  for (const std::uint64_t entry : office.listed({{}, {}, site})) CHECK(office.record_of(entry).activation.site == site);
  CHECK(office.listed({{}, {}, "no such place"}).empty());
  CHECK(list_activations(*office.desk, {"L9", {}, {}}, 0).error().code == Code::unknown_licence);
  CHECK(list_activations(*office.desk, {{}, "alive", {}}, 0).error().code == Code::usage);
  office.clock.now += 40 * day;
  CHECK(office.listed({{}, "expired", {}}).size() == 1);
  CHECK(office.listed({{}, "live", {}}) == std::vector<std::uint64_t>{smaller, fresh.holds->activation.index});
}

TEST_CASE("a ledger is listed in pieces, none twice and none left out", "[issuer][lookup]") {
  OpenDesk office(100'000);
  constexpr std::size_t many = 1002;  // more than one read takes
  const Site site = make_site(office.random, "many");
  const Leaf model = [&] {
    const auto issued = office.answer(office.document(site));
    if (!issued || !issued->refusals.empty()) throw std::runtime_error("not issued");
    return *office.desk->ledger().leaf(issued->record.activation.index);
  }();
  Ledger& ledger = office.desk->ledger();
  REQUIRE(ledger.begin());
  for (std::size_t i = 0; i < many; ++i) {
    Leaf leaf = model;
    leaf.index = *ledger.size();
    auto& issued = std::get<IssuedLeaf>(leaf.body);
    Activation activation = read_activation_unverified(issued.activation)->activation;
    activation.index = leaf.index;
    activation.generation += i + 1;
    issued.request = sha256(as_bytes(std::to_string(i)));
    issued.activation = seal_activation(activation, *office.keys.issuer, office.keys.certificate);
    REQUIRE(ledger.append(leaf));
  }
  REQUIRE(ledger.commit());
  std::vector<std::uint64_t> entries;
  REQUIRE(ledger.each_activation({}, [&](const ActivationRecord& record) { entries.push_back(record.activation.index); }));
  CHECK(entries.size() == many + 1);
  CHECK(std::is_sorted(entries.rbegin(), entries.rend()));
  CHECK(std::adjacent_find(entries.begin(), entries.end()) == entries.end());
  std::size_t of_licence = 0;
  REQUIRE(ledger.each_activation({"L1", ActivationState::live}, [&](const ActivationRecord&) { ++of_licence; }));
  CHECK(of_licence == many + 1);
}

TEST_CASE("looking takes no lock, and sees what was committed while somebody writes", "[issuer][lookup]") {
  LookingDesk office;
  Ledger& writing = office.desk->ledger();
  REQUIRE(writing.begin());
  const std::uint64_t index = *writing.size();
  REQUIRE(writing.append({index, LeafKind::product_changed, office.clock.now, "olga", {}, ProductLeaf{{"other", Policy{}, 0}}}));
  auto reading = Desk::open(office.world, office.desk_folder, DeskUse::read);
  REQUIRE(reading);
  CHECK(list_activations(*reading, {}, office.clock.now)->size() == 6);
  CHECK(look_at_licence(*reading, "L1", office.clock.now)->machines.size() == 2);
  CHECK(list_licences(*reading, office.clock.now)->size() == 2);
  CHECK(look_at_activation(*reading, activation_id_text(office.sites[0].holds->id), office.clock.now)->history.size() == 1);
  CHECK(writing.commit());
}

TEST_CASE("a licence's page has its machines, missing receipts, and changes", "[issuer][lookup]") {
  LookingDesk office;
  LicenceChange change;
  change.seats = 9, change.customer = "Southwind", change.reason = "order 77";
  REQUIRE(change_licence(*office.desk, office.world, "L1", change));
  REQUIRE(change_licence_key(*office.desk, office.world, office.ledger_key, "L1", "lost"));
  const LicencePage page = *look_at_licence(*office.desk, "l1", office.clock.now);
  CHECK(page.view.live == 4);
  CHECK(page.view.certificates == 1);
  REQUIRE(page.machines.size() == 2);
  CHECK(page.machines[0].activation.index == smaller);
  REQUIRE(page.unreturned.size() == 1);
  CHECK(seats_of(page.unreturned[0].owed) == std::vector<std::uint64_t>{3, 2});
  REQUIRE(page.history.size() == 3);
  CHECK(page.history[0].what == Texts{"added: 8 seats of demo 3.*"});
  CHECK(page.history[1].what == Texts{"customer 'Northwind' → 'Southwind'", "seats 8 → 9", "moves a year 8 → 9"});
  CHECK(page.history[1].reason == "order 77");
  CHECK(page.history[2].what == Texts{"licence key changed: number 2"});
  const std::string text = licence_page_report(page, office.clock.now, " --desk D").text;
  CHECK_THAT(text, Contains("4 of 9 in use") && Contains("oak-issuer accept RECEIPT --desk D") && Contains("order 77"));
}

TEST_CASE("licences of concern come first, the gravest in front", "[issuer][lookup]") {
  LicenceView view;
  view.licence.seats = 5;
  CHECK(concerns_of(view).empty());
  view.moves = 5;
  CHECK(concerns_of(view) == Texts{"no-moves-left"});
  view.moves = 6, view.weak = 3, view.unreturned = 1;
  CHECK(concerns_of(view) == Texts{"unreturned", "moves-over-quota", "many-weak"});
  CHECK(rank_of(concerns_of(view)) < rank_of(Texts{"no-moves-left"}));
  CHECK(rank_of(Texts{"weak-fingerprint"}) < rank_of(Texts{}));
  LookingDesk office;
  office.sell("L0", 1);
  const auto views = *list_licences(*office.desk, office.clock.now);
  REQUIRE(views.size() == 3);
  CHECK(views[0].licence.id == "L1");  // unreturned
  CHECK(views[1].licence.id == "L2");
  CHECK(views[2].licence.id == "L0");
}

}  // namespace oak::desk_test
