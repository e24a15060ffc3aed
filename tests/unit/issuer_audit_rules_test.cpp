// Goal: an audit finds what the desk's rules would have refused, though whoever wrote it has all the desk's keys and signed everything
// as it must be: who may ask, a receipt or an approval that is due, moves, certificates, requests that nobody made.
#include <catch2/catch.hpp>

#include "core/text.h"
#include "tests/unit/issuer_ledger_world.h"

namespace oak::desk_test {
namespace {

using Catch::Contains;

/// What is written beside the request's own words.
struct Written {
  std::vector<std::string> approvals;
  bool uses_quota = false;
  std::optional<ActivationId> supersedes;
  std::uint64_t counted = 1;
  std::optional<std::uint64_t> not_after;
  std::function<void(Activation&)> change = [](Activation&) {};
};

/// L1 has 8 seats; site 0 and 1 hold one of them each, site 1 a certificate; site 2 was revoked, site 3 gave its own back.
struct Forger : UsedDesk {
  /// An answer about which no rule was asked, as whoever has the desk's keys can write it. Returns its entry.
  std::uint64_t write_answer(const Bytes& request_document, const Written& written = {}) {
    Ledger& ledger = desk->ledger();
    const auto opened = open_request(request_document);
    const Request& request = *opened->request;
    const Licence licence = **ledger.licence(request.licence);
    Activation activation;
    activation.product = request.product, activation.licence = request.licence, activation.seats = request.seats;
    activation.versions = licence.versions, activation.features = licence.features, activation.customer = licence.customer;
    activation.machine_key = request.machine_key, activation.seat_server_key = request.seat_server_key;
    activation.issued_at_unix_s = clock.now, activation.environment = request.environment, activation.site = request.site;
    activation.fingerprint = request.fingerprint, activation.fingerprint_key = request.fingerprint_key;
    activation.generation = *ledger.highest_generation(request.licence) + 1, activation.index = *ledger.size();
    activation.supersedes = written.supersedes, activation.not_after_unix_s = written.not_after;
    activation.kind = written.not_after ? Kind::certificate : Kind::permanent;
    std::copy_n(opened->payload.begin(), activation.request.size(), activation.request.begin());
    written.change(activation);
    const Bytes document = seal_activation(activation, *keys.issuer, keys.certificate);
    const Leaf leaf{
        activation.index, LeafKind::issued,
        clock.now,        "olga",
        "forged",         IssuedLeaf{request.licence, opened->payload, document, written.approvals, written.uses_quota, written.counted}};
    REQUIRE(ledger.append(leaf, request_document));
    const ActivationId id = read_activation_unverified(document)->id;
    if (written.supersedes) append(LeafKind::superseded, EndedLeaf{*written.supersedes, Bytes(id.begin(), id.end())});
    return activation.index;
  }
  std::uint64_t write_answer(const Site& site, const Wish& wish = {}, const Written& written = {}) {
    return write_answer(document(site, wish), written);
  }
  void found(std::uint64_t entry, const std::string& said, bool with_key = false) {
    const AuditResult result = audited({}, with_key);
    REQUIRE_FALSE(result.faults.empty());
    CHECK(result.faults.front().entry == std::optional(entry));
    CHECK_THAT(result.faults.front().message, Contains("entry " + std::to_string(entry)) && Contains(said));
  }
  void sound() {
    for (const bool with_key : {false, true}) {
      const AuditResult result = audited({}, with_key);
      INFO(audit_report(result).text);
      CHECK(result.faults.empty());
    }
  }
  Site fresh(const std::string& name) { return make_site(random, name); }
};

}  // namespace

TEST_CASE("an answer that the rules allow is no fault, whoever wrote it", "[issuer][audit]") {
  // The hand that forges below writes nothing else that is wrong.
  Forger office;
  office.write_answer(office.fresh("new"));
  office.write_answer(office.sites[0], {}, {.supersedes = office.sites[0].holds->id, .counted = 3});
  office.sound();
}

TEST_CASE("who may not ask", "[issuer][audit]") {
  Forger office;
  SECTION("without a proof of the licence key") {
    office.found(office.write_answer(office.fresh("new"), {.with_proof = false}), "wrong-licence-key");
  }
  SECTION("with the proof of another key, which only the desk's key shows") {
    SeededRandom other(99);
    const SymmetricKey wrong = proof_key_of(make_licence_key("L1", other));
    const Site site = office.fresh("new");
    const std::uint64_t entry = office.write_answer(seal_request(request_from(site, {}, office.random), site.key, &wrong));
    CHECK(office.audited().faults.empty());
    office.found(entry, "wrong-licence-key", true);
  }
  SECTION("a request that its machine did not sign") {
    const std::uint64_t entry = office.write_answer(office.fresh("new"));
    office.run("UPDATE entries SET request = CAST(substr(request, 1, length(request) - 1) || x'00' AS BLOB) WHERE idx = " +
               std::to_string(entry));
    office.found(entry, "keeps a request that does not verify");
  }
  SECTION("a version that was not sold") {
    office.found(office.write_answer(office.fresh("new"), {.version = "4.0"}), "version-not-covered");
  }
  SECTION("an activation that was revoked") { office.found(office.write_answer(office.sites[2], {.licence = "L2"}), "revoked"); }
  SECTION("an entry that no ledger of this desk had") {
    Site site = office.fresh("new");
    site.holds = office.sites[0].holds;
    site.holds->id = ActivationId{1};
    office.found(office.write_answer(site), "ledger-rolled-back");
  }
}

TEST_CASE("hardware that needs a receipt, or an operator's word", "[issuer][audit]") {
  Forger office;
  const Site& holder = office.sites[0];
  const ActivationId held = holder.holds->id;
  SECTION("the same hardware holds one already") {
    office.found(office.write_answer(office.fresh("a")), "has no approval hardware-already-active");
  }
  SECTION("approved, and both are left standing") {
    office.found(office.write_answer(office.fresh("a"), {}, {.approvals = {"hardware-already-active"}}),
                 "takes no activation's place; by the rules it takes the place of activation " + activation_id_text(held));
  }
  SECTION("approved, and in its place") {
    office.write_answer(office.fresh("a"), {}, {.approvals = {"hardware-already-active"}, .supersedes = held, .counted = 3});
    office.sound();
  }
  SECTION("another machine takes its place") {
    Site other = office.fresh("new");
    other.holds = holder.holds;
    office.found(office.write_answer(other, {}, {.uses_quota = true, .supersedes = held}), "has no approval needs-receipt");
  }
  SECTION("approved, and not counted as a move") {
    Site other = office.fresh("new");
    other.holds = holder.holds;
    office.found(office.write_answer(other, {}, {.approvals = {"needs-receipt"}, .supersedes = held, .counted = 3}),
                 "does not count as a move");
  }
  SECTION("approved and counted") {
    Site other = office.fresh("new");
    other.holds = holder.holds;
    office.write_answer(other, {}, {.approvals = {"needs-receipt"}, .uses_quota = true, .supersedes = held});
    office.sound();
  }
  SECTION("one move too many") {
    LicenceChange none;
    none.rehosts = 0;
    REQUIRE(change_licence(*office.desk, office.world, "L1", none));
    Site other = office.fresh("new");
    other.holds = holder.holds;
    office.found(office.write_answer(other, {}, {.approvals = {"needs-receipt"}, .uses_quota = true, .supersedes = held}),
                 "has no approval rehost-quota");
  }
  SECTION("a move that was none") {
    office.found(office.write_answer(holder, {}, {.uses_quota = true, .supersedes = held}), "counts as a move, and is none");
  }
  SECTION("hardware of a revoked one, that says nothing of it") {
    office.found(office.write_answer(office.fresh("c"), {.licence = "L2"}), "has no approval hardware-already-active");
  }
  SECTION("too little of it") {
    Site weak = office.fresh("new");
    weak.hardware.mac.clear(), weak.hardware.disk.clear();
    office.found(office.write_answer(weak), "has no approval weak-fingerprint");
  }
  SECTION("in a place that the licence forbids") {
    LicenceChange strict;
    strict.forbidden = std::vector<std::string>{"container"};
    REQUIRE(change_licence(*office.desk, office.world, "L1", strict));
    const Site site = office.fresh("new");
    Request request = request_from(site, {}, office.random);
    request.environment.container = "docker";
    const SymmetricKey proof = proof_key_of(*parse_licence_key(show_licence_key(*office.desk, office.ledger_key, "L1")->key_text));
    office.found(office.write_answer(seal_request(request, site.key, &proof)), "has no approval not-allowed-here");
  }
  SECTION("an approval that nothing called for") {
    office.found(office.write_answer(office.fresh("new"), {}, {.approvals = {"needs-receipt"}}), "not needed: needs-receipt");
  }
}

TEST_CASE("certificates beyond their number, before their time, or longer than they may be", "[issuer][audit]") {
  Forger office;
  const std::uint64_t month = office.clock.now + 30 * day;
  const Site& renewing = office.sites[1];
  const ActivationId held = renewing.holds->id;
  const std::uint64_t end = *renewing.holds->activation.not_after_unix_s;
  SECTION("one more than three at a time") {
    for (const char* name : {"second", "third"}) office.write_answer(office.fresh(name), {}, {.not_after = month});
    office.sound();
    office.found(office.write_answer(office.fresh("fourth"), {}, {.not_after = month}), "has no approval certificate-limit");
  }
  SECTION("renewed too early") {
    office.found(office.write_answer(renewing, {}, {.supersedes = held, .not_after = month}), "has no approval too-early-to-renew");
  }
  SECTION("renewed in time") {
    office.clock.now = end - 10 * day;
    office.write_answer(renewing, {}, {.supersedes = held, .not_after = office.clock.now + 30 * day});
    office.sound();
  }
  SECTION("a rebind keeps its end") {
    office.write_answer(renewing, {.seats = 2}, {.supersedes = held, .counted = 2, .not_after = end});
    office.sound();
  }
  SECTION("a rebind that gains time") {
    office.found(office.write_answer(renewing, {.seats = 2}, {.supersedes = held, .counted = 2, .not_after = end + 300 * day}),
                 "by the rules it ends " + utc_text(end));
  }
  SECTION("a certificate in the place of what never ended") {
    const ActivationId permanent = office.sites[0].holds->id;
    office.found(office.write_answer(office.sites[0], {}, {.supersedes = permanent, .counted = 3, .not_after = month}),
                 "has no approval needs-receipt");
  }
}

TEST_CASE("an activation says what its request and its licence say, and no more", "[issuer][audit]") {
  Forger office;
  const auto changed = [&](const std::function<void(Activation&)>& change, const std::string& said) {
    office.found(office.write_answer(office.fresh("new"), {}, {.change = change}), said);
  };
  SECTION("a tolerance that any hardware passes") {
    changed([](Activation& activation) { activation.policy.threshold_percent = 1; }, "another tolerance or grace");
  }
  SECTION("days of grace that the product has not") {
    changed([](Activation& activation) { activation.grace_days = 90; }, "another tolerance or grace");
  }
  SECTION("another customer") {
    changed([](Activation& activation) { activation.customer = "Somebody"; }, "names another customer");
  }
  SECTION("another site") {
    changed([](Activation& activation) { activation.site = "elsewhere"; }, "something else than its request");
  }
  SECTION("a place that hides a virtual machine") {
    changed([](Activation& activation) { activation.environment.virtual_machine = "kvm"; }, "something else than its request");
  }
  SECTION("digests under another key") {
    changed([](Activation& activation) { activation.fingerprint_key = {9}; }, "something else than its request");
  }
}

}  // namespace oak::desk_test
