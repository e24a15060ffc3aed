// Goal: whoever has a receipt has no activation any more, wherever the power was cut, and gets the same receipt again; older
// activations end with the one that is given back; and a smaller one ends the one that it replaced, once nothing is lost by it.
// The fake disk's writes are atomic; that the real disk's are is proved elsewhere.
#include <catch2/catch.hpp>

#include "request/create.h"
#include "request/returning.h"
#include "tests/unit/verifier_world.h"

namespace oak::test {
namespace {

const std::string receipt_file = "/media/stick/receipt.oak";

/// A machine with its own key, and what it was granted.
struct Giver : World {
  PublicKey machine_key{};

  Giver() {
    CountingRandom random(60);
    machine_key = Store(disk, state_dir, 0).key_pair_or_make(product, MachineKey::machine, random)->public_key;
  }
  Activation granted(std::uint64_t generation, std::uint64_t seats = 3, const std::string& versions = "3.*") const {
    Activation out = grant(generation);
    out.seats = seats;
    out.versions = *VersionRange::parse(versions);
    out.machine_key = machine_key;
    return out;
  }
  Outcome<ReturnPlan> plan(const ReturnInput& input = {product, {}, {}}) { return plan_return(machine, source, input); }
  /// As the tool does it: plan, mark, receipt, and the file.
  Outcome<Bytes> give(const ReturnInput& input = {product, {}, {}}) {
    OAK_ASSIGN(const ReturnPlan planned, plan(input));
    return hand_out(planned);
  }
  Outcome<Bytes> hand_out(const ReturnPlan& planned) {
    OAK_ASSIGN(Bytes document, give_back(machine, planned));
    if (const auto written = disk.write(receipt_file, document, 0644, Existing::replace); !written)
      return tl::unexpected(explain(written.error(), "the receipt"));
    return document;
  }
  /// What `import` does: store, then end what a smaller one replaced.
  Outcome<Bytes> import(const Activation& activation) {
    OAK_ASSIGN(const Installed installed, try_install(seal(activation)));
    OAK_ASSIGN(const ReplacedPlans replaced, plan_replaced(machine, source, {product, activation.licence, {}}));
    Bytes last;
    for (const ReturnPlan& planned : replaced.plans) {
      OAK_ASSIGN(last, hand_out(planned));
    }
    return last;
  }
  ReplacedPlans replaced() { return plan_replaced(machine, source, {product, {}, {}}).value(); }
  bool is_returned(const Activation& activation) { return marks() && marks()->is_returned(id_of(activation)); }
  /// No receipt without the durable mark: neither outside nor in the state.
  void check_receipts(const Activation& activation) {
    const bool is_any = disk.files.count(receipt_file) || Store(disk, state_dir, 0).has_receipt(product, id_of(activation));
    if (is_any) CHECK(is_returned(activation));
  }
};

Code code_of(const Outcome<Bytes>& outcome) { return outcome ? Code{} : outcome.error().code; }

}  // namespace

TEST_CASE("a receipt says what was given back, by the machine's own key, and the activation has ended", "[request][return]") {
  Giver site;
  const Activation activation = site.granted(1);
  REQUIRE(site.install_one(activation));
  REQUIRE(site.verdict() == Verdict::active);
  const auto document = site.give();
  REQUIRE(document);
  const auto opened = open_receipt(*document);
  REQUIRE(opened);
  CHECK(opened->receipt->product == product);
  CHECK(opened->receipt->licence == "L1");
  CHECK(opened->receipt->activation == site.id_of(activation));
  CHECK(opened->receipt->generation == 1);
  CHECK(opened->receipt->machine_key == site.machine_key);
  CHECK(opened->receipt->returned_at_unix_s == site.clock.now);
  CHECK_FALSE(opened->receipt->successor);
  CHECK(site.verdict() == Verdict::returned);
  CHECK(site.try_install(site.seal(activation)).error().code == Code::returned);
}

TEST_CASE("the receipt is the same a year later, and after the machine's key has gone", "[request][return]") {
  Giver site;
  REQUIRE(site.install_one(site.granted(1)));
  const Bytes first = site.give().value();
  site.clock.now += 31'536'000;
  CHECK(site.give().value() == first);
  site.disk.files.erase(folder + "/machine.key");
  site.disk.read_only = true;
  CHECK(give_back(site.machine, site.plan().value()).value() == first);
}

TEST_CASE("a power cut at any change of a return leaves before or after, and the next one gives the receipt", "[request][return]") {
  Giver site;
  const Activation older = site.granted(1), activation = site.granted(2);
  REQUIRE(site.install_one(older));
  REQUIRE(site.verdict() == Verdict::active);
  REQUIRE(site.install_one(activation));
  const FakeDisk before = site.disk;
  site.disk.changes = 0;
  REQUIRE(site.give());
  const std::size_t changes = site.disk.changes;
  REQUIRE(changes >= 5);
  for (std::size_t cut = 0; cut < changes; ++cut) {
    site.disk = before;
    site.disk.changes = 0;
    site.disk.fail_from = cut;
    CHECK_FALSE(site.give());
    site.disk.fail_from.reset();
    site.check_receipts(activation);
    CHECK(site.verdict() == (site.is_returned(activation) ? Verdict::returned : Verdict::active));
    const auto kept = Store(site.disk, state_dir, 0).receipt(product, site.id_of(activation));
    site.clock.now += 5;
    const auto again = site.give();
    REQUIRE(again);
    if (kept) CHECK(*again == *kept);
    CHECK(site.verdict() == Verdict::returned);
    CHECK(site.give().value() == *again);
  }
}

TEST_CASE("old and new side by side end together, and the receipt is the newest's", "[request][return]") {
  // The new one was never active, so that the old one still counts: the desk has counted them as one, and so they go.
  Giver site;
  const Activation old = site.granted(1), next = site.granted(2, 3, "4.*");
  REQUIRE(site.install_one(old));
  REQUIRE(site.verdict("3.5") == Verdict::active);
  REQUIRE(site.install_one(next));
  REQUIRE(site.verdict("3.5") == Verdict::active);
  const auto document = site.give();
  REQUIRE(document);
  CHECK(open_receipt(*document)->receipt->activation == site.id_of(next));
  CHECK(site.verdict("3.5") == Verdict::returned);
  CHECK(site.verdict("4.0") == Verdict::returned);
  CHECK(site.try_install(site.seal(old)).error().code == Code::returned);
  // Nor one that was not even in the store.
  CHECK(site.try_install(site.seal(site.granted(1, 2))).error().code == Code::superseded);
}

TEST_CASE("what came after a return counts, and can be given back in its turn", "[request][return]") {
  Giver site;
  REQUIRE(site.install_one(site.granted(1)));
  const Bytes first = site.give().value();
  const Activation next = site.granted(2);
  REQUIRE(site.install_one(next));
  REQUIRE(site.verdict() == Verdict::active);
  CHECK(site.give({product, {}, activation_id_text(site.id_of(site.granted(1)))}).value() == first);
  REQUIRE(site.verdict() == Verdict::active);
  const Bytes second = site.give().value();
  CHECK(open_receipt(second)->receipt->activation == site.id_of(next));
  CHECK(site.verdict() == Verdict::returned);
}

TEST_CASE("of several licences somebody has to say which", "[request][return]") {
  Giver site;
  Activation other = site.granted(1);
  other.licence = "L2";
  REQUIRE(site.install_one(site.granted(1)));
  REQUIRE(site.install_one(other));
  const auto refused = site.give();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::usage);
  CHECK(refused.error().message.find(activation_id_text(site.id_of(other))) != std::string::npos);
  CHECK(refused.error().hint.find("--activation ") != std::string::npos);
  const auto document = site.give({product, "L2", {}});
  REQUIRE(document);
  CHECK(open_receipt(*document)->receipt->licence == "L2");
  CHECK(site.verdict() == Verdict::active);
}

TEST_CASE("what would give no receipt that a desk takes ends nothing", "[request][return]") {
  Giver site;
  CHECK(code_of(site.give()) == Code::not_activated);
  REQUIRE(site.install_one(site.grant(1)));  // asked for by another machine key
  const FakeDisk before = site.disk;
  CHECK(code_of(site.give()) == Code::wrong_machine);
  site.disk.files.erase(folder + "/machine.key");
  CHECK(code_of(site.give()) == Code::wrong_machine);
  site.disk = before;
  REQUIRE(site.install_one(site.granted(2)));
  site.disk.read_only = true;
  CHECK(code_of(site.give()) == Code::permission_denied);
  site.disk.read_only = false;
  site.disk.files[folder + "/machine.key"].bytes.pop_back();
  CHECK(code_of(site.give()) == Code::damaged_state);
  CHECK(site.marks()->returned.empty());
  CHECK(site.verdict() == Verdict::active);
  site.disk.files[folder + "/marks.oak"].bytes.pop_back();
  CHECK(code_of(site.give()) == Code::damaged_state);
  CHECK_FALSE(site.disk.files.count(receipt_file));
}

TEST_CASE("an activation that is no vendor's is not what is given back", "[request][return]") {
  Giver site;
  const Activation genuine = site.granted(1), forged = site.granted(9);
  REQUIRE(site.install_one(genuine));
  const Vendor stranger(99);
  const std::string text = armour_encode("OAK ACTIVATION", seal_activation(forged, stranger.issuer, stranger.certificate_document));
  site.disk.files[site.path_of(forged)] = FakeFile{Bytes(text.begin(), text.end()), 0, 0640};
  CHECK(site.plan()->receipt.activation == site.id_of(genuine));
  // Without trust nobody can tell, and the plan says so.
  site.source.argument_bytes.reset();
  const auto unverified = site.plan();
  REQUIRE(unverified);
  CHECK(unverified->warnings.size() == 1);
}

TEST_CASE("a damaged receipt in the state is made again", "[request][return]") {
  Giver site;
  const Activation activation = site.granted(1);
  REQUIRE(site.install_one(activation));
  REQUIRE(site.give());
  site.disk.files[folder + "/receipt-" + to_hex(site.id_of(activation)) + ".oak"].bytes.resize(40);
  const auto again = site.give();
  REQUIRE(again);
  CHECK(open_receipt(*again)->receipt->activation == site.id_of(activation));
}

TEST_CASE("marks that were lost take nothing back that a receipt says", "[request][return]") {
  Giver site;
  const Activation activation = site.granted(1);
  REQUIRE(site.install_one(activation));
  REQUIRE(site.give());
  site.disk.files.erase(folder + "/marks.oak");
  CHECK(site.verdict() == Verdict::malformed);
  site.disk.files.erase(site.path_of(activation));
  CHECK(site.try_install(site.seal(activation)).error().code == Code::returned);
}

TEST_CASE("a smaller activation ends the one that it replaces, and the receipt names both", "[request][return]") {
  Giver site;
  const Activation three = site.granted(1, 3), two = site.granted(2, 2);
  REQUIRE(site.install_one(three));
  REQUIRE(site.verdict() == Verdict::active);
  const auto document = site.import(two);
  REQUIRE(document);
  const auto opened = open_receipt(*document);
  REQUIRE(opened);
  CHECK(opened->receipt->activation == site.id_of(three));
  CHECK(opened->receipt->generation == 1);
  CHECK(opened->receipt->successor == site.id_of(two));
  CHECK(site.is_returned(three));
  CHECK(site.verdict() == Verdict::active);
  CHECK(site.check()->activation->seats == 2);
  CHECK(site.try_install(site.seal(three)).error().code == Code::returned);
  site.clock.now += 1000;
  CHECK(site.import(two).value() == *document);
  // The one in force is what an ordinary return gives back.
  CHECK(open_receipt(site.give().value())->receipt->activation == site.id_of(two));
}

TEST_CASE("as many seats or more owe no receipt", "[request][return]") {
  Giver site;
  REQUIRE(site.install_one(site.granted(1, 2)));
  CHECK(site.import(site.granted(2, 2)).value().empty());
  CHECK(site.import(site.granted(3, 5)).value().empty());
  CHECK(site.marks()->returned.empty());
}

TEST_CASE("one that does not cover what the old one covered ends it only after it was active", "[request][return]") {
  // The upgrade may fail: until then the old one is what the site goes back to, and it owes a receipt still.
  Giver site;
  const Activation three = site.granted(1, 3), two = site.granted(2, 2, "4.*");
  REQUIRE(site.install_one(three));
  REQUIRE(site.verdict("3.5") == Verdict::active);
  REQUIRE(site.import(two));
  CHECK_FALSE(site.is_returned(three));
  CHECK(site.verdict("3.5") == Verdict::active);
  CHECK(site.replaced().plans.empty());
  CHECK(site.replaced().not_yet.find("has been active once") != std::string::npos);
  REQUIRE(site.verdict("4.0") == Verdict::active);
  CHECK(site.verdict("3.5") == Verdict::rebind);
  const ReplacedPlans due = site.replaced();
  REQUIRE(due.plans.size() == 1);
  const Bytes receipt = site.hand_out(due.plans.front()).value();
  CHECK(open_receipt(receipt)->receipt->successor == site.id_of(two));
  CHECK(site.hand_out(site.replaced().plans.front()).value() == receipt);
}

TEST_CASE("on other hardware than the new one fits, the old one does not end", "[request][return]") {
  Giver site;
  const Activation three = site.granted(1, 3), two = site.granted(2, 2);
  REQUIRE(site.install_one(three));
  REQUIRE(site.install_one(two));
  site.host.become_another_machine();
  CHECK(site.replaced().plans.empty());
  CHECK_FALSE(site.replaced().not_yet.empty());
}

TEST_CASE("a power cut at any change of an import with a receipt leaves before or after", "[request][return]") {
  Giver site;
  const Activation three = site.granted(1, 3), two = site.granted(2, 2);
  REQUIRE(site.install_one(three));
  REQUIRE(site.verdict() == Verdict::active);
  const FakeDisk before = site.disk;
  site.disk.changes = 0;
  REQUIRE(site.import(two));
  const std::size_t changes = site.disk.changes;
  REQUIRE(changes >= 8);
  for (std::size_t cut = 0; cut < changes; ++cut) {
    for (const bool is_checked_between : {false, true}) {
      site.disk = before;
      site.disk.changes = 0;
      site.disk.fail_from = cut;
      CHECK_FALSE(site.import(two));
      site.disk.fail_from.reset();
      site.check_receipts(three);
      const auto kept = Store(site.disk, state_dir, 0).receipt(product, site.id_of(three));
      // A product that starts before the import is done again takes away nothing that the receipt needs.
      if (is_checked_between) CHECK(site.verdict() == Verdict::active);
      if (site.is_returned(three)) CHECK(site.check("3.5", 3)->verdict == Verdict::rebind);
      site.clock.now += 5;
      const auto again = site.import(two);
      REQUIRE(again);
      REQUIRE_FALSE(again->empty());
      if (kept) CHECK(*again == *kept);
      CHECK(open_receipt(*again)->receipt->successor == site.id_of(two));
      CHECK(site.import(two).value() == *again);
      site.slip_in(three);
      CHECK(site.check()->activation->seats == 2);
    }
  }
}

TEST_CASE("after a return the next request needs the licence key and supersedes nothing", "[request][return]") {
  Giver site;
  REQUIRE(site.install_one(site.granted(1)));
  REQUIRE(can_create_without_licence_key(site.machine, product));
  REQUIRE(site.give());
  CHECK_FALSE(can_create_without_licence_key(site.machine, product));
  CountingRandom random(61);
  CreateInput input{.product = product, .version = "3.5", .site = {}, .reason = {}, .licence_key = &site.licence_key, .site_secret = {}};
  const auto created = create_request(site.machine, collect(site.host), random, input);
  REQUIRE(created);
  CHECK_FALSE(created->request.supersedes);
}

}  // namespace oak::test
