// Goal: a request that reaches the desk as a document leaves as an activation that the desk's own trust opens, recorded
// before it leaves; or it is refused, and the ledger is as it was.
#include <catch2/catch.hpp>

#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

using Codes = std::vector<std::string>;

IssueTerms for_days(std::uint64_t days) {
  IssueTerms terms;
  terms.days = days;
  return terms;
}

IssueTerms approving(Codes codes, std::string reason = "asked by phone") {
  IssueTerms terms;
  terms.approvals = std::move(codes);
  terms.reason = std::move(reason);
  return terms;
}

}  // namespace

TEST_CASE("an activation says what the licence grants and the request asked", "[issuer][issue]") {
  OpenDesk office;
  const Site site = make_site(office.random);
  Request request = request_from(site, {.seats = 2}, office.random);
  request.site = "Hall 4";
  const SymmetricKey proof = proof_key_of(*parse_licence_key(show_licence_key(*office.desk, office.ledger_key, "L1")->key_text));
  const Bytes document = seal_request(request, site.key, &proof);
  const std::uint64_t index = *office.desk->ledger().size();
  const auto issued = office.answer(document);
  REQUIRE(issued);
  const auto opened = open_activation(issued->record.document, office.desk->trust(), "demo");
  REQUIRE(opened);
  const Activation& activation = *opened->activation;
  CHECK(activation.licence == "L1");
  CHECK(activation.customer == "Northwind");
  CHECK(activation.seats == 2);
  CHECK(activation.versions.text() == "3.*");
  CHECK(activation.site == "Hall 4");
  CHECK(activation.machine_key == site.key.public_key);
  CHECK(activation.seat_server_key == site.server.public_key);
  CHECK(activation.issued_at_unix_s == office.clock.now);
  CHECK(activation.index == index);
  CHECK(activation.generation == 1);
  const Digest payload = open_request(document)->payload;
  CHECK(std::equal(activation.request.begin(), activation.request.end(), payload.begin()));
}

TEST_CASE("what is issued is in the ledger with operator, reason and approvals", "[issuer][issue]") {
  OpenDesk office;
  Site site = make_site(office.random);
  site.hardware.mac.clear(), site.hardware.disk.clear();
  const auto issued = office.answer(office.document(site), approving({"weak-fingerprint", "needs-receipt"}));
  REQUIRE(issued);
  const auto leaf = office.desk->ledger().leaf(issued->record.activation.index);
  REQUIRE(leaf);
  CHECK(leaf->operator_name == "olga");
  CHECK(leaf->reason == "asked by phone");
  const auto& body = std::get<IssuedLeaf>(leaf->body);
  CHECK(body.approvals == Codes{"weak-fingerprint"});
  CHECK(body.activation == issued->record.document);
}

TEST_CASE("a desk closed and opened again gives the same request the same bytes", "[issuer][issue]") {
  OpenDesk office;
  const Bytes request = office.document(make_site(office.random));
  const Bytes first = office.answer(request)->record.document;
  office.desk.reset();
  office.desk = std::make_unique<Desk>(std::move(*Desk::open(office.world, office.desk_folder)));
  office.clock.now += 400 * day;
  const std::uint64_t size = *office.desk->ledger().size();
  const auto again = office.answer(request, for_days(30));
  REQUIRE(again);
  CHECK(again->repeat);
  CHECK(again->record.document == first);
  CHECK(*office.desk->ledger().size() == size);
}

TEST_CASE("an answer that has ended is refused by name, whichever way it ended", "[issuer][issue]") {
  OpenDesk office;
  Site site = make_site(office.random);
  const Bytes first = office.document(site);
  site.holds = office.answer(first, for_days(30))->record;
  CHECK(office.answer(first)->repeat);
  office.clock.now += 20 * day;
  const Bytes second = office.document(site);
  REQUIRE(office.refusals(second, for_days(30)).empty());
  CHECK(office.refusals(first) == Codes{"answer-no-longer-live"});
  office.clock.now += 31 * day;
  CHECK(office.refusals(second) == Codes{"answer-no-longer-live"});
}

TEST_CASE("superseding is one transaction of two entries", "[issuer][issue]") {
  OpenDesk office;
  Site site = make_site(office.random);
  site.holds = office.answer(office.document(site))->record;
  const auto next = office.answer(office.document(site, {.with_proof = false}));
  REQUIRE(next);
  CHECK(next->record.activation.supersedes == site.holds->id);
  const auto ended = office.desk->ledger().leaf(next->record.activation.index + 1);
  REQUIRE(ended);
  CHECK(ended->kind == LeafKind::superseded);
  CHECK(std::get<EndedLeaf>(ended->body).activation == site.holds->id);
  CHECK((**office.desk->ledger().activation(site.holds->id)).successor == next->record.id);
  CHECK(office.live_seats_of("L1") == 1);
}

TEST_CASE("a refused request leaves the ledger as it was", "[issuer][issue]") {
  OpenDesk office(1);
  const std::uint64_t size = *office.desk->ledger().size();
  const Site site = make_site(office.random);
  CHECK(office.refusals(office.document(site, {.seats = 2})) == Codes{"not-enough-seats"});
  CHECK(office.refusals(office.document(site, {.version = "4.0"})) == Codes{"version-not-covered"});
  CHECK(office.refusals(office.document(site, {.product = "other"})) == Codes{"wrong-product"});
  CHECK(office.refusals(office.document(site, {.with_proof = false})) == Codes{"wrong-licence-key"});
  CHECK(*office.desk->ledger().size() == size);
}

TEST_CASE("a proof made with another licence's key is a wrong licence key", "[issuer][issue]") {
  OpenDesk office;
  const SymmetricKey other = proof_key_of(office.sell("L2", 1));
  const Site site = make_site(office.random);
  const Bytes document = seal_request(request_from(site, {}, office.random), site.key, &other);
  CHECK(office.refusals(document) == Codes{"wrong-licence-key"});
}

TEST_CASE("a request that knows more than the ledger shows a ledger rolled back", "[issuer][issue]") {
  OpenDesk office;
  const Site site = make_site(office.random);
  Request request = request_from(site, {}, office.random);
  const SymmetricKey proof = proof_key_of(*parse_licence_key(show_licence_key(*office.desk, office.ledger_key, "L1")->key_text));
  for (const std::uint64_t index : {*office.desk->ledger().size(), std::uint64_t{0xffffffff}, std::uint64_t{0}}) {
    request.supersedes = Supersedes{ActivationId{7}, 3, index};
    INFO(index);
    CHECK(office.refusals(seal_request(request, site.key, &proof), approving({"ledger-rolled-back"})) == Codes{"ledger-rolled-back"});
  }
}

TEST_CASE("what a request says of the activation it supersedes must be what the ledger knows", "[issuer][issue]") {
  OpenDesk office;
  Site site = make_site(office.random);
  site.holds = office.answer(office.document(site))->record;
  const SymmetricKey proof = proof_key_of(*parse_licence_key(show_licence_key(*office.desk, office.ledger_key, "L1")->key_text));
  const auto refused = [&](auto change) {
    Request request = request_from(site, {}, office.random);
    change(*request.supersedes);
    return office.refusals(seal_request(request, site.key, &proof));
  };
  CHECK(refused([](Supersedes&) {}).empty());
  site.holds = (*office.desk->ledger().activations())[0];
  CHECK(refused([](Supersedes& named) { named.generation += 1; }) == Codes{"ledger-rolled-back"});
  CHECK(refused([](Supersedes& named) { named.index -= 1; }) == Codes{"ledger-rolled-back"});
  CHECK(refused([](Supersedes& named) { named.activation[0] ^= 1; }) == Codes{"ledger-rolled-back"});
}

TEST_CASE("a seat server key that is no key is refused before anything is signed", "[issuer][issue]") {
  OpenDesk office;
  const Site site = make_site(office.random);
  Request request = request_from(site, {}, office.random);
  const SymmetricKey proof = proof_key_of(*parse_licence_key(show_licence_key(*office.desk, office.ledger_key, "L1")->key_text));
  const std::uint64_t size = *office.desk->ledger().size();
  for (const PublicKey& bad : {PublicKey{}, PublicKey{1}}) {
    request.seat_server_key = bad;
    CHECK_FALSE(office.refusals(seal_request(request, site.key, &proof)).empty());
  }
  CHECK(*office.desk->ledger().size() == size);
}

TEST_CASE("a key outside its certificate's time signs nothing", "[issuer][issue]") {
  OpenDesk office;
  const std::uint64_t size = *office.desk->ledger().size();
  office.clock.now += 40 * 366 * day;
  CHECK(office.refusals(office.document(make_site(office.random))) == Codes{"issuer-not-allowed"});
  CHECK(*office.desk->ledger().size() == size);
}

TEST_CASE("inspecting says what issuing would, and records nothing", "[issuer][issue]") {
  OpenDesk office(1);
  const Bytes request = office.document(make_site(office.random), {.seats = 2, .version = "9"});
  const std::uint64_t size = *office.desk->ledger().size();
  const auto inspected = inspect_request(*office.desk, office.keys, office.clock.now, {}, request);
  REQUIRE(inspected);
  CHECK(codes_of(inspected->decision.refusals) == office.refusals(request));
  CHECK(inspected->proof_checked);
  const auto without_key = inspect_request(*office.desk, {}, office.clock.now, {}, request);
  REQUIRE(without_key);
  CHECK_FALSE(without_key->proof_checked);
  CHECK(*office.desk->ledger().size() == size);
}

TEST_CASE("inspecting warns of a fingerprint that a single change would break", "[issuer][issue]") {
  OpenDesk office;
  const auto indispensable = [&](const Site& site) {
    return inspect_request(*office.desk, office.keys, office.clock.now, {}, office.document(site))->indispensable;
  };
  Site site = make_site(office.random);
  CHECK(indispensable(site).empty());  // 11: any one of platform, network and disks may go
  site.hardware.mac.clear();           // platform 4, disks 2, os 1, model 1: 5 of 8 are needed
  CHECK(indispensable(site) == std::vector{Factor::platform});
  site.hardware.uuid.clear(), site.hardware.mac = "mac";  // network 3, disks 2, os 1, model 1: 5 of 7
  CHECK(indispensable(site) == std::vector{Factor::network});
}

TEST_CASE("a request cut short, changed in any byte, or of another type is an error with its name", "[issuer][issue]") {
  OpenDesk office;
  const Bytes request = office.document(make_site(office.random));
  const std::uint64_t size = *office.desk->ledger().size();
  for (std::size_t length = 0; length < request.size(); ++length) CHECK_FALSE(office.answer(ByteView(request).first(length)));
  for (std::size_t at = 0; at < request.size(); ++at) {
    Bytes changed = request;
    changed[at] ^= 1;
    INFO("byte " << at);
    CHECK_FALSE(office.answer(changed));
  }
  CHECK(office.answer(office.keys.certificate).error().code == Code::wrong_type);
  CHECK(*office.desk->ledger().size() == size);
}

TEST_CASE("a permanent activation gives way to a certificate only with an operator's word", "[issuer][issue]") {
  OpenDesk office;
  Site site = make_site(office.random);
  site.holds = office.answer(office.document(site, {.seats = 3}))->record;
  CHECK(office.refusals(office.document(site, {.seats = 3}), for_days(30)) == Codes{"needs-receipt"});
  IssueTerms approved = approving({"needs-receipt"});
  approved.days = 30;
  const auto issued = office.answer(office.document(site, {.seats = 3}), approved);
  REQUIRE(issued);
  CHECK(issued->record.activation.kind == Kind::certificate);
  CHECK(*office.desk->ledger().quota_used_since("L1", 0) == 1);
}

}  // namespace oak::desk_test
