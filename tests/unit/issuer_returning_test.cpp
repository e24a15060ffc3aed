// Goal: a receipt frees what its activation stood for, once, and only where it speaks for what this ledger has; what it
// frees counts as a move of the licence, and what frees nothing does not.
#include <catch2/catch.hpp>

#include "core/receipt.h"
#include "issuer/report_changes.h"
#include "issuer/returning.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

using Codes = std::vector<std::string>;

/// A desk with one machine that has been activated.
struct Scene : OpenDesk {
  Site site = make_site(random);

  explicit Scene(std::uint64_t seats_bought = 5, std::uint64_t seats = 5) : OpenDesk(seats_bought) { hold(site, {.seats = seats}); }

  void hold(Site& at, const Wish& wish, IssueTerms terms = {}) {
    auto issued = answer(document(at, wish), std::move(terms));
    REQUIRE(issued);
    REQUIRE(codes_of(issued->refusals) == Codes{});
    at.holds = issued->record;
  }
  Receipt receipt_for(const ActivationRecord& record) const {
    Receipt receipt;
    receipt.product = record.activation.product;
    receipt.licence = record.activation.licence;
    receipt.generation = record.activation.generation;
    receipt.activation = record.id;
    receipt.returned_at_unix_s = clock.now;
    return receipt;
  }
  Accepted accept(const Receipt& receipt, AcceptTerms terms = {}) { return accept(receipt, site.key, std::move(terms)); }
  Accepted accept(const Receipt& receipt, const KeyPair& key, AcceptTerms terms = {}) {
    auto accepted = accept_receipt(*desk, world, terms, seal_receipt(receipt, key));
    REQUIRE(accepted);
    return std::move(*accepted);
  }
  std::uint64_t live() { return live_seats_of("L1"); }
  std::uint64_t moves_left() { return *rehosts_left(desk->ledger(), *find_licence(*desk, "L1"), clock.now); }
};

AcceptTerms approving(Codes codes) { return {std::move(codes), "asked by phone", "oak-issuer accept receipt.oak"}; }

}  // namespace

TEST_CASE("a receipt ends a live activation and frees its seats, and counts as a move", "[issuer][returning]") {
  Scene scene;
  const std::uint64_t moves = scene.moves_left(), index = *scene.desk->ledger().size();
  const Bytes document = seal_receipt(scene.receipt_for(*scene.site.holds), scene.site.key);
  const auto accepted = accept_receipt(*scene.desk, scene.world, {{}, "line 3 is gone", {}}, document);
  REQUIRE(accepted);
  CHECK(accepted->refusals.empty());
  CHECK(accepted->record.state == ActivationState::returned);
  CHECK(accepted->seats_freed == 5);
  CHECK(accepted->uses_quota);
  CHECK_FALSE(accepted->attested());
  CHECK_FALSE(accepted->repeat);
  CHECK(accepted->rehosts_left == moves - 1);
  CHECK(scene.live() == 0);
  const Leaf leaf = *scene.desk->ledger().leaf(index);
  CHECK(leaf.operator_name == "olga");
  CHECK(leaf.reason == "line 3 is gone");
  CHECK(std::get<ReturnedLeaf>(leaf.body).receipt == document);
  CHECK(scene.desk->ledger().activation(scene.site.holds->id).value()->state == ActivationState::returned);
}

TEST_CASE("the same receipt again is the same answer, and nothing is recorded", "[issuer][returning]") {
  Scene scene;
  scene.accept(scene.receipt_for(*scene.site.holds));
  const std::uint64_t size = *scene.desk->ledger().size(), moves = scene.moves_left();
  const Accepted again = scene.accept(scene.receipt_for(*scene.site.holds));
  CHECK(again.repeat);
  CHECK(again.record.state == ActivationState::returned);
  CHECK(again.seats_freed == 0);
  CHECK(scene.moves_left() == moves);
  CHECK(*scene.desk->ledger().size() == size);
}

TEST_CASE("a receipt that does not speak for what the ledger has is refused by name, and nothing is recorded", "[issuer][returning]") {
  Scene scene;
  scene.sell("L2", 5);
  const Receipt good = scene.receipt_for(*scene.site.holds);
  const std::uint64_t size = *scene.desk->ledger().size();
  const auto refused = [&](auto change, const std::string& code) {
    Receipt receipt = good;
    change(receipt);
    const Accepted accepted = scene.accept(receipt);
    CHECK(codes_of(accepted.refusals) == Codes{code});
    CHECK_FALSE(accepted.refusals.at(0).message.empty());
    CHECK_FALSE(accepted.refusals.at(0).remedy.empty());
  };
  refused([](Receipt& receipt) { receipt.activation[0] ^= 1; }, "unknown-activation");
  refused([](Receipt& receipt) { receipt.licence = "L2"; }, "receipt-mismatch");
  refused([](Receipt& receipt) { receipt.product = "other"; }, "receipt-mismatch");
  refused([](Receipt& receipt) { ++receipt.generation; }, "receipt-mismatch");
  // A successor that this ledger does not have: it may be counted nowhere.
  refused([](Receipt& receipt) { receipt.successor = ActivationId{7}; }, "ledger-rolled-back");
  refused([&](Receipt& receipt) { receipt.successor = receipt.activation; }, "receipt-mismatch");
  CHECK(codes_of(scene.accept(good, make_site(scene.random).key).refusals) == Codes{"wrong-machine"});
  CHECK(*scene.desk->ledger().size() == size);
  CHECK(scene.live() == 5);
}

TEST_CASE("what is no receipt, or an altered one, is explained", "[issuer][returning]") {
  Scene scene;
  const auto code_of = [&](ByteView document) { return accept_receipt(*scene.desk, scene.world, {}, document).error().code; };
  CHECK(code_of(scene.site.holds->document) == Code::wrong_type);
  CHECK(code_of({}) == Code::empty_input);
  Bytes altered = seal_receipt(scene.receipt_for(*scene.site.holds), scene.site.key);
  altered.back() ^= 1;
  CHECK(code_of(altered) == Code::bad_signature);
  CHECK(scene.live() == 5);
}

TEST_CASE("fewer seats: the larger number counts until the receipt is in", "[issuer][returning]") {
  Scene scene;
  Receipt receipt = scene.receipt_for(*scene.site.holds);
  scene.hold(scene.site, {.seats = 2});
  CHECK(scene.live() == 5);
  LicenceChange fewer;
  fewer.seats = 2;
  const auto too_soon = change_licence(*scene.desk, scene.world, "L1", fewer);
  REQUIRE_FALSE(too_soon);
  CHECK(too_soon.error().code == Code::refused);
  receipt.successor = scene.site.holds->id;
  const Accepted accepted = scene.accept(receipt);
  CHECK(accepted.refusals.empty());
  CHECK(accepted.seats_freed == 3);
  CHECK(accepted.uses_quota);
  CHECK(scene.live() == 2);
  CHECK(change_licence(*scene.desk, scene.world, "L1", fewer));
}

TEST_CASE("a licence is found in small letters, and its live seats with it", "[issuer][returning]") {
  Scene scene;
  LicenceChange fewer;
  fewer.seats = 1;
  const auto changed = change_licence(*scene.desk, scene.world, "l1", fewer);
  REQUIRE_FALSE(changed);
  CHECK(changed.error().code == Code::refused);
}

TEST_CASE("the successor may be the one after one that was lost", "[issuer][returning]") {
  Scene scene;
  Receipt receipt = scene.receipt_for(*scene.site.holds);
  const auto held = scene.site.holds;
  scene.hold(scene.site, {.seats = 2});
  scene.site.holds = held;  // that answer never came
  scene.hold(scene.site, {.seats = 3});
  receipt.successor = scene.site.holds->id;
  const Accepted accepted = scene.accept(receipt);
  CHECK(accepted.refusals.empty());
  CHECK(accepted.seats_freed == 2);
  CHECK(scene.live() == 3);
}

TEST_CASE("a superseded activation may be given back without word of a successor", "[issuer][returning]") {
  Scene scene;
  const auto held = scene.site.holds;
  scene.hold(scene.site, {.seats = 2});
  CHECK(scene.accept(scene.receipt_for(*held)).seats_freed == 3);
  CHECK(scene.live() == 2);
}

TEST_CASE("a receipt that frees nothing is taken in and is no move", "[issuer][returning]") {
  SECTION("the same number of seats, or more, took its place") {
    Scene scene;
    const auto held = scene.site.holds;
    const std::uint64_t moves = scene.moves_left();
    scene.hold(scene.site, {.seats = 5});
    const Accepted accepted = scene.accept(scene.receipt_for(*held));
    CHECK(accepted.refusals.empty());
    CHECK(accepted.seats_freed == 0);
    CHECK_FALSE(accepted.uses_quota);
    CHECK(scene.moves_left() == moves);
    // Nor does it open a way around the count: what falls later is still owed, and costs.
    const auto second = scene.site.holds;
    scene.hold(scene.site, {.seats = 1});
    CHECK(scene.live() == 5);
    const Accepted late = scene.accept(scene.receipt_for(*second));
    CHECK(late.seats_freed == 4);
    CHECK(late.uses_quota);
  }
  SECTION("an operator freed its seats already") {
    Scene scene;
    const auto held = scene.site.holds;
    Site other = make_site(scene.random, "2");
    other.holds = held;
    IssueTerms rehost;
    rehost.approvals = {"needs-receipt"};
    scene.hold(other, {.seats = 2}, rehost);
    const std::uint64_t moves = scene.moves_left();
    CHECK(scene.live() == 2);
    CHECK_FALSE(scene.accept(scene.receipt_for(*held)).uses_quota);
    CHECK(scene.moves_left() == moves);
    CHECK(scene.live() == 2);
  }
  SECTION("a certificate had ended") {
    Scene scene(9, 1);
    Site trial = make_site(scene.random, "9");
    IssueTerms days;
    days.days = 30;
    scene.hold(trial, {.seats = 2}, days);
    scene.clock.now += 31 * day;
    const Accepted accepted = scene.accept(scene.receipt_for(*trial.holds), trial.key);
    CHECK(accepted.refusals.empty());
    CHECK_FALSE(accepted.uses_quota);
  }
}

TEST_CASE("a smaller certificate that ends sooner does not cover what it took the place of", "[issuer][returning]") {
  // The end of the new one would free what the old one still holds: its receipt is what frees that, and costs.
  Scene scene(9, 1);
  Site trial = make_site(scene.random, "9");
  IssueTerms days;
  days.days = 30;
  scene.hold(trial, {.seats = 4}, days);
  const auto held = trial.holds;
  scene.clock.now += day;
  scene.hold(trial, {.seats = 2});
  CHECK(scene.live() == 5);
  const Accepted accepted = scene.accept(scene.receipt_for(*held), trial.key);
  CHECK(accepted.seats_freed == 2);
  CHECK(accepted.uses_quota);
}

TEST_CASE("a certificate covers a permanent activation for its days only", "[issuer][returning]") {
  // The policy counts such a change as a move, and then nothing is owed; a ledger that says otherwise is taken at its word.
  Scene scene(5, 2);
  const auto held = scene.site.holds;
  Activation ending = held->activation;
  Ledger& ledger = scene.desk->ledger();
  ending.kind = Kind::certificate, ending.not_after_unix_s = scene.clock.now + 30 * day, ending.supersedes = held->id;
  ending.index = *ledger.size(), ++ending.generation;
  const Bytes document = seal_activation(ending, *scene.keys.issuer, scene.keys.certificate);
  const ActivationId id = read_activation_unverified(document)->id;
  REQUIRE(
      ledger.append({ending.index, LeafKind::issued, scene.clock.now, "olga", {}, IssuedLeaf{"L1", Digest{1}, document, {}, false, 2}}));
  REQUIRE(ledger.append(
      {ending.index + 1, LeafKind::superseded, scene.clock.now, "olga", {}, EndedLeaf{held->id, Bytes(id.begin(), id.end())}}));
  CHECK(scene.accept(scene.receipt_for(*held)).uses_quota);
}

TEST_CASE("over the quota a receipt needs an operator's word, which is recorded", "[issuer][returning]") {
  Scene scene(2, 1);
  for (int i = 0; i < 2; ++i) {
    CHECK(scene.accept(scene.receipt_for(*scene.site.holds)).refusals.empty());
    scene.hold(scene.site, {.names_what_it_holds = false});
  }
  CHECK(scene.moves_left() == 0);
  const Receipt third = scene.receipt_for(*scene.site.holds);
  const Accepted refused = scene.accept(third, approving({}));
  CHECK(codes_of(refused.refusals) == Codes{"rehost-quota"});
  CHECK(refused.refusals.at(0).remedy == "oak-issuer accept receipt.oak --approve rehost-quota --reason TEXT");
  CHECK(scene.live() == 1);
  const std::uint64_t index = *scene.desk->ledger().size();
  const Accepted approved = scene.accept(third, approving({"needs-receipt", "rehost-quota"}));
  CHECK(approved.refusals.empty());
  CHECK(std::get<ReturnedLeaf>(scene.desk->ledger().leaf(index)->body).approvals == Codes{"rehost-quota"});
  CHECK(scene.live() == 0);
  // A year later there are moves again.
  scene.hold(scene.site, {.names_what_it_holds = false});
  scene.clock.now += 366 * day;
  CHECK(scene.accept(scene.receipt_for(*scene.site.holds)).refusals.empty());
}

TEST_CASE("a revoked activation can't be given back", "[issuer][returning]") {
  Scene scene;
  const ActivationId id = scene.site.holds->id;
  REQUIRE(scene.desk->ledger().append(end_of(*scene.desk->ledger().size(), LeafKind::revoked, scene.clock.now, id)));
  CHECK(codes_of(scene.accept(scene.receipt_for(*scene.site.holds)).refusals) == Codes{"revoked"});
}

TEST_CASE("what is said of a receipt: unattested, and the moves left", "[issuer][returning]") {
  Scene scene;
  const Report first = accepted_report(scene.accept(scene.receipt_for(*scene.site.holds)));
  CHECK(first.text.find("5 seats freed") != std::string::npos);
  CHECK(first.text.find("unattested") != std::string::npos);
  CHECK(first.text.find("4 of 5 left this year") != std::string::npos);
  CHECK(first.json.find(R"("seats_freed": 5, "state": "returned", "successor": null, "repeat": false, "attested": false)") !=
        std::string::npos);
  const Report again = accepted_report(scene.accept(scene.receipt_for(*scene.site.holds)));
  CHECK(again.text.find("in already") != std::string::npos);
}

}  // namespace oak::desk_test
