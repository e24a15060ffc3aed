// Goal: a desk that nobody is at gives certificates and nothing else, to whoever may have one by the desk's own policy; what was lost
// comes again; limits hold each to his own; and what it can't do now it says, without a word of why to strangers.
#include "issuer/serve.h"

#include <catch2/catch.hpp>
#include <future>

#include "core/armour.h"
#include "core/sealed_request.h"
#include "core/text.h"
#include "issuer/certify.h"
#include "issuer/key_import.h"
#include "issuer/keys.h"
#include "issuer/revoking.h"
#include "issuer/rotate.h"
#include "tests/unit/issuer_desk_world.h"

namespace oak::desk_test {
namespace {

using What = UnattendedAnswer::What;

/// A desk with a second issuer key that signs certificates only, and nobody at it.
class Unattended : public OpenDesk {
 public:
  Unattended() : OpenDesk(9) {
    CertifyInput input;
    input.kinds = {"certificate"};
    input.max_days = 30;
    sign_and_import(draft_certificate(*desk, world, input)->draft);
    world.issuer = "issuer-2";
    REQUIRE(held.unlock_all(*desk, world));
    leave();
    server.emplace(world, desk_folder, held, UnattendedRules{});
  }
  Trust trust() {
    const auto file = document_from_file_bytes(disk.read(desk_folder + "/trust.oak", 1 << 16)->bytes);
    return **open_trust(file.value().document, {});
  }
  void leave() { desk.reset(); }
  void come_back() { desk = std::make_unique<Desk>(std::move(*Desk::open(world, desk_folder))); }
  void sign_and_import(Draft draft) {
    for (const char* root : {"/roots/1", "/roots/2"})
      REQUIRE(sign_draft(world, desk_folder + root, *quorums_of(draft, &desk->trust()), draft));
    REQUIRE(import_root_document(*desk, world, encode_draft(draft), "signed.oak"));
  }
  Bytes request(const Site& site, const Wish& wish = {}, std::optional<Kind> kind = Kind::certificate, const char* version = nullptr) {
    come_back();
    std::optional<SymmetricKey> proof;
    if (wish.with_proof) proof = proof_key_of(*parse_licence_key(show_licence_key(*desk, ledger_key, "L1")->key_text));
    Request made = request_from(site, wish, random);
    made.kind = kind;
    if (version) made.version = version;
    leave();
    return seal_request(made, site.key, proof ? &*proof : nullptr);
  }
  UnattendedAnswer ask(ByteView document) { return server->answer(document, now_ms += 1); }
  UnattendedAnswer renew(const Site& site) { return ask(request(site, {.with_proof = false})); }
  /// The site gets what was answered.
  const ActivationRecord& hold(Site& site, UnattendedAnswer answer) {
    REQUIRE(answer.record);
    site.holds = *answer.record;
    return *site.holds;
  }
  std::uint64_t entries() {
    come_back();
    const std::uint64_t size = *desk->ledger().size();
    leave();
    return size;
  }
  oak::Issued by_operator(ByteView document, IssueTerms terms = {}) {
    come_back();
    KeyPair first;
    IssuingKeys operators;
    operators.ledger_key = ledger_key.clone();
    DeskWorld at_desk{disk, clock, random, nobody, passphrases, cheap, "olga", 0, "issuer-1"};
    REQUIRE(desk->unlock_issuer(at_desk, operators.issuer.emplace()));
    operators.certificate = *desk->issuer_certificate(at_desk);
    auto issued = issue(*desk, at_desk, operators, terms, document);
    leave();
    REQUIRE(issued);
    return std::move(*issued);
  }

  HeldKeys held;
  std::optional<UnattendedDesk> server;
  std::uint64_t now_ms = 1'000'000;
};

std::vector<std::string> told(const UnattendedAnswer& answer) { return codes_of(answer.told); }

}  // namespace

TEST_CASE("a first certificate, and the same bytes again", "[issuer][serve]") {
  Unattended desk;
  const Site site = make_site(desk.random);
  const Bytes request = desk.request(site);
  const UnattendedAnswer first = desk.ask(request);
  REQUIRE(first.what == What::issued);
  const Activation& activation = first.record->activation;
  CHECK(activation.kind == Kind::certificate);
  CHECK(activation.not_after_unix_s == desk.clock.now + 30 * day);
  CHECK(open_activation(first.record->document, desk.trust(), "demo"));
  const std::uint64_t entries = desk.entries();
  const UnattendedAnswer again = desk.ask(request);
  REQUIRE(again.what == What::repeated);
  CHECK(again.record->document == first.record->document);
  CHECK(desk.entries() == entries);
}

TEST_CASE("a request that leaves the kind open gets a certificate; one for a permanent activation is refused", "[issuer][serve]") {
  Unattended desk;
  const Site site = make_site(desk.random), other = make_site(desk.random, "2");
  CHECK(desk.ask(desk.request(site, {}, std::nullopt)).record->activation.kind == Kind::certificate);
  const UnattendedAnswer refused = desk.ask(desk.request(other, {}, Kind::permanent));
  CHECK(refused.what == What::refused);
  CHECK(told(refused) == std::vector<std::string>{"issuer-not-allowed"});
}

TEST_CASE("a permanent activation is neither replaced nor handed out", "[issuer][serve]") {
  Unattended desk;
  Site site = make_site(desk.random);
  const Bytes request = desk.request(site, {}, std::nullopt);
  site.holds = desk.by_operator(request).record;
  CHECK(told(desk.ask(request)) == std::vector<std::string>{"issuer-not-allowed"});
  CHECK(told(desk.renew(site)) == std::vector<std::string>{"needs-receipt"});
  site.holds.reset();  // named or not
  CHECK(told(desk.ask(desk.request(site))) == std::vector<std::string>{"hardware-already-active"});
}

TEST_CASE("renewed by the machine key alone, in the last fourteen days and after the end", "[issuer][serve]") {
  Unattended desk;
  Site site = make_site(desk.random);
  desk.hold(site, desk.ask(desk.request(site)));
  const std::uint64_t start = desk.clock.now;
  desk.clock.now = start + 16 * day - 1;
  const UnattendedAnswer early = desk.renew(site);
  CHECK(told(early) == std::vector<std::string>{"too-early-to-renew"});
  CHECK(early.told.front().message.find(utc_text(start + 16 * day)) != std::string::npos);
  CHECK(early.told.front().remedy == "nothing is to be done before that");
  desk.clock.now = start + 16 * day;
  const ActivationRecord& second = desk.hold(site, desk.renew(site));
  CHECK(second.activation.not_after_unix_s == desk.clock.now + 30 * day);
  CHECK(second.activation.generation == 2);
  desk.clock.now += 90 * day;
  CHECK(desk.hold(site, desk.renew(site)).activation.generation == 3);
}

TEST_CASE("an answer that was lost comes again, even for another request", "[issuer][serve]") {
  // Goal: a site that has lost its answer and what it asked is not locked out until 14 days before the end of what it never had.
  Unattended desk;
  Site site = make_site(desk.random);
  desk.hold(site, desk.ask(desk.request(site)));
  desk.clock.now += 17 * day;
  const UnattendedAnswer lost = desk.renew(site);
  REQUIRE(lost.what == What::issued);
  const std::uint64_t entries = desk.entries();
  const UnattendedAnswer again = desk.renew(site);
  REQUIRE(again.what == What::repeated);
  CHECK(again.record->document == lost.record->document);
  CHECK(desk.entries() == entries);

  // It is the machine's own alone: a thief of the state without its key gets nothing.
  Site thief = make_site(desk.random);
  thief.hardware = site.hardware;
  thief.holds = site.holds;
  CHECK(told(desk.renew(thief)) == std::vector<std::string>{"wrong-licence-key"});
  // Whoever holds it asks too early.
  Site holder = site.copy();
  holder.holds = *lost.record;
  CHECK(told(desk.renew(holder)) == std::vector<std::string>{"too-early-to-renew"});
  // After its end there is nothing to repeat: a new one.
  desk.clock.now += 31 * day;
  CHECK(desk.renew(site).record->activation.generation == 3);
}

TEST_CASE("a request whose answer was superseded is refused by name", "[issuer][serve]") {
  Unattended desk;
  Site site = make_site(desk.random);
  const Bytes request = desk.request(site);
  desk.hold(site, desk.ask(request));
  desk.clock.now += 17 * day;
  desk.hold(site, desk.renew(site));
  CHECK(told(desk.ask(request)) == std::vector<std::string>{"answer-no-longer-live"});
}

TEST_CASE("strangers are told nothing, the same for every licence", "[issuer][serve]") {
  Unattended desk;
  const Site site = make_site(desk.random);
  Wish keyless;
  keyless.with_proof = false;
  const UnattendedAnswer known = desk.ask(desk.request(site, keyless));
  keyless.licence = "L9";
  const UnattendedAnswer unknown = desk.ask(desk.request(site, keyless));
  CHECK(codes_of(known.refusals) == std::vector<std::string>{"wrong-licence-key"});
  CHECK(codes_of(unknown.refusals) == std::vector<std::string>{"unknown-licence"});
  CHECK(response_to(known).body == response_to(unknown).body);
  CHECK(response_to(known).status == 403);
  // Nor of seats and versions, which the refusals of the policy would name.
  keyless.licence = "L1";
  keyless.seats = 5000;
  const UnattendedAnswer greedy = desk.ask(desk.request(site, keyless, Kind::certificate, "9.9"));
  CHECK(codes_of(greedy.refusals) == std::vector<std::string>{"not-enough-seats", "version-not-covered", "wrong-licence-key"});
  CHECK(response_to(greedy).body.find("bought") == std::string::npos);
  CHECK(response_to(greedy).body.find("not-enough-seats") == std::string::npos);
  CHECK(desk.ask(desk.request(site, {.seats = 5000})).told.front().message.find("bought") != std::string::npos);
}

TEST_CASE("a machine whose certificate was revoked is told that, and nothing else of the licence", "[issuer][serve]") {
  Unattended desk;
  Site site = make_site(desk.random);
  desk.hold(site, desk.ask(desk.request(site)));
  desk.come_back();
  REQUIRE(revoke_activation(*desk.desk, desk.world, "stolen", site.holds->id));
  desk.leave();
  const UnattendedAnswer refused = desk.ask(desk.request(site, {.seats = 5000, .with_proof = false}, Kind::certificate, "9.9"));
  CHECK(refused.what == What::refused);
  CHECK(codes_of(refused.refusals).size() > told(refused).size());
  CHECK(told(refused) == std::vector<std::string>{"revoked", "wrong-licence-key"});
}

TEST_CASE("no remedy that a site reads is a command of the desk's", "[issuer][serve]") {
  Unattended desk;
  Site site = make_site(desk.random);
  for (const UnattendedAnswer& answer :
       {desk.ask(desk.request(site, {.seats = 5000})), desk.ask(desk.request(site, {}, Kind::certificate, "9.9")),
        desk.ask(desk.request(site, {.with_proof = false})), desk.ask(desk.request(site, {.product = "other"})),
        desk.ask(desk.request(site, {}, Kind::permanent))}) {
    REQUIRE(answer.what == What::refused);
    for (const Refusal& refusal : answer.told) {
      CHECK_FALSE(refusal.remedy.empty());
      CHECK(refusal.remedy.find("oak-issuer") == std::string::npos);
      CHECK(refusal.message.find("oak-issuer") == std::string::npos);
    }
  }
}

TEST_CASE("three certificates of a licence, and the fourth when one ends", "[issuer][serve]") {
  Unattended desk;
  const std::uint64_t start = desk.clock.now;
  for (int i = 0; i < 3; ++i) {
    desk.clock.now = start + static_cast<std::uint64_t>(i) * 3600;
    REQUIRE(desk.ask(desk.request(make_site(desk.random, std::to_string(i)))).what == What::issued);
  }
  const Site fourth = make_site(desk.random, "4");
  const Bytes request = desk.request(fourth);
  const UnattendedAnswer refused = desk.ask(request);
  CHECK(told(refused) == std::vector<std::string>{"certificate-limit"});
  CHECK(refused.told.front().message.find(utc_text(start + 30 * day)) != std::string::npos);
  desk.clock.now = start + 30 * day;
  CHECK(desk.ask(request).what == What::refused);
  desk.clock.now = start + 30 * day + 1;
  CHECK(desk.ask(request).what == What::issued);
}

TEST_CASE("what an operator said of a machine stands for its renewals", "[issuer][serve]") {
  Unattended desk;
  Site site = make_site(desk.random);
  site.hardware.uuid.clear(), site.hardware.mac.clear(), site.hardware.disk.clear();
  const Bytes request = desk.request(site);
  CHECK(told(desk.ask(request)) == std::vector<std::string>{"weak-fingerprint"});
  IssueTerms terms;
  terms.days = 30;
  terms.approvals = {"weak-fingerprint"};
  terms.reason = "a virtual machine";
  site.holds = desk.by_operator(request, terms).record;
  for (int i = 0; i < 2; ++i) {
    desk.clock.now += 17 * day;
    const ActivationRecord& next = desk.hold(site, desk.renew(site));
    CHECK(next.approvals == std::vector<std::string>{"weak-fingerprint"});
    CHECK(next.reason.find("as was approved for activation ") == 0);
    CHECK(next.operator_name == "olga");
  }
  // Of that machine: another one that holds its papers has other keys.
  Site other = make_site(desk.random, "2");
  other.hardware = site.hardware;
  CHECK(desk.ask(desk.request(other)).what == What::refused);
}

TEST_CASE("each machine has its own measure", "[issuer][serve]") {
  Unattended desk;
  const Site site = make_site(desk.random), other = make_site(desk.random, "2");
  const Bytes request = desk.request(site), others = desk.request(other);
  REQUIRE(desk.ask(request).what == What::issued);
  for (int i = 0; i < 9; ++i) CHECK(desk.ask(request).what == What::repeated);
  const UnattendedAnswer limited = desk.ask(request);
  CHECK(limited.what == What::too_many);
  CHECK(limited.retry_after_s == 60);
  CHECK(response_to(limited).status == 429);
  CHECK(response_to(limited).retry_after_s == 60);
  CHECK(desk.ask(others).what == What::issued);
  // One bit of the signature: it is not that machine's word, and counts against nobody.
  Bytes forged = others;
  forged.back() ^= 1;
  for (int i = 0; i < 30; ++i) CHECK(desk.ask(forged).what == What::no_request);
  CHECK(desk.ask(others).what == What::repeated);
  desk.now_ms += 60'000;
  CHECK(desk.ask(request).what == What::repeated);
}

TEST_CASE("a licence has so many new answers a day, and repeats are free", "[issuer][serve]") {
  // Goal: a machine whose hardware changes with each request can't fill the ledger.
  Unattended desk;
  Site site = make_site(desk.random);
  desk.hold(site, desk.ask(desk.request(site)));
  int issued = 1;
  for (int i = 0; i < 40; ++i) {
    desk.now_ms += 60'000;
    site.hardware.disk = "disk " + std::to_string(i);
    const UnattendedAnswer answer = desk.renew(site);
    if (answer.what == What::issued) {
      ++issued;
      desk.hold(site, answer);
    } else {
      CHECK(answer.what == What::too_many);
    }
  }
  CHECK(issued == 20);
  desk.now_ms += 86'400'000;
  CHECK(desk.renew(site).what == What::issued);
}

TEST_CASE("an operator's command goes first", "[issuer][serve]") {
  Unattended desk;
  const Site site = make_site(desk.random);
  const Bytes request = desk.request(site);
  desk.come_back();
  const UnattendedAnswer busy = desk.ask(request);
  CHECK(busy.what == What::busy);
  CHECK(response_to(busy).status == 503);
  CHECK(response_to(busy).retry_after_s);
  // What needs no writing is answered all the same.
  CHECK(desk.ask(as_bytes("garbage")).what == What::no_request);
  desk.leave();
  CHECK(desk.ask(request).what == What::issued);
}

TEST_CASE("a key that was taken back, or has ended, signs nothing", "[issuer][serve]") {
  Unattended desk;
  const Site site = make_site(desk.random);
  const Bytes request = desk.request(site);
  const std::uint64_t entries = desk.entries();
  const std::uint64_t now = desk.clock.now;
  desk.clock.now += 11ULL * 366 * day;
  CHECK(desk.ask(request).what == What::not_available);
  desk.clock.now = now;
  desk.come_back();
  desk.sign_and_import(draft_revocation(*desk.desk, desk.world, "issuer-2", {})->draft);
  desk.leave();
  const UnattendedAnswer refused = desk.ask(request);
  CHECK(refused.what == What::not_available);
  CHECK(response_to(refused).body.find("revoked") == std::string::npos);
  CHECK(log_line(refused, "192.0.2.1", desk.clock.now).find("revoked") != std::string::npos);
  CHECK(desk.entries() == entries + 1);  // the bulletin
}

TEST_CASE("a certificate of the key that was renewed meanwhile is taken up", "[issuer][serve]") {
  Unattended desk;
  Site site = make_site(desk.random);
  const std::uint64_t first = open_issuer_certificate(desk.held.keys().certificate, desk.trust()).value()->serial;
  desk.come_back();
  CertifyInput again;
  again.issuer = "issuer-2";
  again.like_before = true;
  desk.sign_and_import(draft_certificate(*desk.desk, desk.world, again)->draft);
  desk.leave();
  REQUIRE(desk.ask(desk.request(site)).what == What::issued);
  CHECK(open_issuer_certificate(desk.held.keys().certificate, desk.trust()).value()->serial == first + 1);
}

TEST_CASE("a sealed request is opened, and another desk's is none", "[issuer][serve]") {
  Unattended desk;
  const Site site = make_site(desk.random);
  CHECK(desk.ask(*seal_for_desk(desk.request(site), desk.trust().sealing_key, desk.random)).what == What::issued);
  const Seed stranger = make_key_pair(desk.random).seed.clone();
  CHECK(desk.ask(*seal_for_desk(desk.request(site), sealing_public_key_of(stranger), desk.random)).what == What::no_request);
}

TEST_CASE("which key serves, and which one an operator signs with", "[issuer][serve][keys]") {
  Unattended desk;
  desk.come_back();
  CHECK(certificate_issuer(desk.disk, *desk.desk, {})->name == "issuer-2");
  CHECK(certificate_issuer(desk.disk, *desk.desk, "issuer-2"));
  const auto wrong = certificate_issuer(desk.disk, *desk.desk, "issuer-1");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Code::issuer_not_allowed);
  CHECK(wrong.error().hint.find("oak-issuer key certify --kinds certificate") == 0);
  CHECK(chosen_issuer(desk.disk, *desk.desk, {})->name == "issuer-1");
  // Caps as before are those of the key that signs, too.
  CertifyInput rotate;
  rotate.like_before = true;
  const auto next = draft_certificate(*desk.desk, desk.world, rotate);
  REQUIRE(next);
  CHECK(decode_issuer_certificate(next->draft.payload)->kinds == std::vector<std::uint64_t>{1, 2});
}

namespace {

/// The service without a wire: what is posted is run by whoever waits for it.
class Wireless {
 public:
  explicit Wireless(Unattended& desk, const ServeRules& rules = {})
      : service({desk.clock, boot, [](auto work) { work(); }, [this](const std::string& line) { log.push_back(line); }}, *desk.server,
                rules) {}
  std::optional<http::Response> refuse(const std::string& method, const std::string& path, const std::string& network = "192.0.2.1") {
    return service.refuse({method, path, std::nullopt, network, network});
  }
  http::Response ask(ByteView body) {
    std::promise<http::Response> answered;
    auto answer = answered.get_future();
    service.handle({"POST", "/v1/certificate", std::nullopt, "192.0.2.1", "192.0.2.1"}, std::string(as_text(body)),
                   [&](http::Response response) { answered.set_value(std::move(response)); });
    return answer.get();
  }
  struct Stopped final : BootClock {
    std::uint64_t now_ms = 1'000'000;
    std::uint64_t now_boot_ms() override { return now_ms; }
    std::optional<std::array<std::uint8_t, 16>> boot_id() override { return std::nullopt; }
  } boot;
  std::vector<std::string> log;
  CertificateService service;
};

}  // namespace

TEST_CASE("one thing can be asked, and too often is told before a body is read", "[issuer][serve]") {
  Unattended desk;
  ServeRules rules;
  rules.address = RateLimit::Rate{4, 1000};
  Wireless wire(desk, rules);
  CHECK_FALSE(wire.refuse("POST", "/v1/certificate"));
  CHECK(wire.refuse("GET", "/v1/certificate")->status == 405);
  CHECK(wire.refuse("GET", "/v1/certificate")->allow == "POST");
  CHECK(wire.refuse("POST", "/")->status == 404);
  for (int i = 0; i < 5; ++i) {
    const auto limited = wire.refuse("POST", "/v1/certificate");
    REQUIRE(limited);
    CHECK(limited->status == 429);
    CHECK(limited->retry_after_s == 1);
  }
  CHECK(wire.log.size() == 1);  // whoever goes on fills no log
  CHECK_FALSE(wire.refuse("POST", "/v1/certificate", "192.0.2.2"));
  rules.address.reset();
  Wireless behind_proxy(desk, rules);
  for (int i = 0; i < 500; ++i) CHECK_FALSE(behind_proxy.refuse("POST", "/v1/certificate"));
}

TEST_CASE("the wire carries the document's own bytes, and the log one line each", "[issuer][serve]") {
  Unattended desk;
  const Site site = make_site(desk.random);
  const Bytes request = desk.request(site);
  Wireless wire(desk);
  const http::Response issued = wire.ask(request);
  CHECK(issued.status == 200);
  CHECK(issued.content_type == "application/cose");
  CHECK(open_activation(as_bytes(issued.body), desk.trust(), "demo"));
  CHECK(wire.ask(request).body == issued.body);
  const http::Response garbage = wire.ask(as_bytes("\x1b[2J\ngarbage"));
  CHECK(garbage.status == 400);
  CHECK(wire.ask({}).status == 400);
  REQUIRE(wire.log.size() == 4);
  CHECK(wire.log[0].find(" issued ") != std::string::npos);
  CHECK(wire.log[1].find(" repeated ") != std::string::npos);
  for (const std::string& line : wire.log) {
    CHECK(line.find('\n') == std::string::npos);
    CHECK(line.find('\x1b') == std::string::npos);
    CHECK(line.find("from 192.0.2.1") != std::string::npos);
  }
}

TEST_CASE("what waits for the desk has a bound", "[issuer][serve]") {
  Unattended desk;
  ServeRules rules;
  rules.most_waiting = 0;
  Wireless wire(desk, rules);
  const http::Response busy = wire.ask(as_bytes("x"));
  CHECK(busy.status == 503);
  CHECK(busy.retry_after_s);
}

}  // namespace oak::desk_test
