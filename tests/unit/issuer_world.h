#pragma once
// A desk's rules and ledger in memory, for the tests of issuer/: machines that ask, a desk that decides and records,
// a person who types. Keys and chance are replayed; Argon2id runs at its lowest cost.

#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/envelope.h"
#include "core/licence_key.h"
#include "core/terminal.h"
#include "issuer/ledger_sqlite.h"
#include "issuer/policy.h"

namespace oak::desk_test {

inline constexpr PasswordCost cheap{1, 8192};
inline constexpr std::uint64_t day = 86400;
inline constexpr std::uint64_t start_of_tests = 1'800'000'000;

/// The same bytes in every run.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::uint8_t* out, std::size_t size) override {
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(engine_() & 0xff);
  }
  /// 0 to `below` − 1.
  std::uint64_t pick(std::uint64_t below) { return engine_() % below; }

 private:
  std::mt19937_64 engine_;
};

/// Answers in the order given; the input ends after them.
class ScriptedTerminal final : public Terminal {
 public:
  explicit ScriptedTerminal(std::deque<std::string> typed = {}, bool is_terminal = true)
      : answers(std::move(typed)), is_terminal_(is_terminal) {}
  bool interactive() override { return is_terminal_; }
  Result<std::string> ask(std::string_view prompt) override { return answer(prompt); }
  Result<std::string> ask_hidden(std::string_view prompt) override { return answer(prompt); }
  void say(std::string_view text) override { said += text; }

  std::deque<std::string> answers;
  std::vector<std::string> prompts;
  std::string said;

 private:
  Result<std::string> answer(std::string_view prompt) {
    prompts.emplace_back(prompt);
    if (answers.empty()) return fail(Code::usage, "the input ended");
    std::string next = std::move(answers.front());
    answers.pop_front();
    return next;
  }
  bool is_terminal_;
};

/// Hardware by name: equal names give equal digests, an empty name leaves the component out.
struct Hardware {
  std::string uuid = "uuid-1", mac = "mac-1", disk = "disk-1", os = "os-1", model = "model-1";
};

inline MemberDigest digest_named(const std::string& name) {
  const Digest digest = sha256(as_bytes(name));
  MemberDigest out;
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

inline Fingerprint fingerprint_of(const Hardware& hardware) {
  std::vector<Observation> seen;
  const auto add = [&](Component component, const std::string& name) {
    if (!name.empty()) seen.push_back({component, State::usable, digest_named(name), {}});
  };
  add(Component::product_uuid, hardware.uuid);
  add(Component::mac, hardware.mac);
  add(Component::disk, hardware.disk);
  add(Component::machine_id, hardware.os);
  add(Component::model, hardware.model);
  return enrol(seen);
}

/// One machine at a site: its hardware, its keys, and the activation that it holds.
struct Site {
  Hardware hardware;
  KeyPair key, server;
  std::optional<ActivationRecord> holds;

  /// The same keys and activation once more, as a copied disk has them.
  Site copy() const { return {hardware, {key.seed.clone(), key.public_key}, {server.seed.clone(), server.public_key}, holds}; }
};

inline Site make_site(Random& random, const std::string& name = "1") {
  Hardware hardware{"uuid-" + name, "mac-" + name, "disk-" + name, "os-" + name, "model-1"};
  return {std::move(hardware), make_key_pair(random), make_key_pair(random), std::nullopt};
}

struct Wish {
  std::uint64_t seats = 1;
  std::string version = "3.1";
  std::string licence = "L1", product = "demo";
  bool with_proof = true, names_what_it_holds = true;
};

inline Supersedes name_of(const ActivationRecord& record) { return {record.id, record.activation.generation, record.activation.index}; }

inline Request request_from(const Site& site, const Wish& wish, Random& random) {
  Request request;
  request.product = wish.product;
  request.licence = wish.licence;
  request.seats = wish.seats;
  request.version = wish.version;
  request.seat_server_key = site.server.public_key;
  request.nonce = random_bytes<16>(random);
  request.created_at_unix_s = start_of_tests;
  request.fingerprint = fingerprint_of(site.hardware);
  request.accepts = {2};
  if (wish.names_what_it_holds && site.holds) request.supersedes = name_of(*site.holds);
  return request;
}

/// Signs and opens it again, as it would arrive at the desk.
inline OpenedRequest arrive(const Site& site, const Request& request, const SymmetricKey* proof_key) {
  return *open_request(seal_request(request, site.key, proof_key));
}

inline Licence licence_of(std::uint64_t seats, std::string versions = "3.*") {
  Licence licence;
  licence.id = "L1";
  licence.customer = "Northwind";
  licence.product = "demo";
  licence.seats = seats;
  licence.versions = *VersionRange::parse(versions);
  return licence;
}

struct Terms {
  std::vector<std::string> approvals;
  std::optional<std::uint64_t> days;
  bool permanent = false;
};

struct Issued {
  std::vector<Refusal> refusals;
  std::optional<ActivationRecord> record;  ///< what left the desk
  bool repeat = false;
  Grant grant;
};

/// An activation's end of one of three kinds.
inline Leaf end_of(std::uint64_t index, LeafKind kind, std::uint64_t now, const ActivationId& id) {
  Leaf leaf{index, kind, now, "olga", {}, EndedLeaf{id, {}}};
  if (kind == LeafKind::returned) leaf.body = ReturnedLeaf{id, Bytes{1}, {}, false};
  return leaf;
}

/// The desk's rules over a real ledger in memory: decide, assign the index, sign, record.
class SmallDesk {
 public:
  SmallDesk() : random_(7), issuer_(make_key_pair(random_)), key_(make_licence_key("L1", random_)), proof_(proof_key_of(key_)) {
    ledger_ = std::move(*open_sqlite_ledger(":memory:", LedgerOpening::create));
  }
  Ledger& ledger() { return *ledger_; }
  const SymmetricKey& proof_key() const { return proof_; }
  std::uint64_t now = start_of_tests;

  void add(const Licence& licence) { record(LeafKind::licence_added, LicenceLeaf{licence}); }
  void change(const Licence& licence) { record(LeafKind::licence_changed, LicenceLeaf{licence}); }
  void end(LeafKind kind, const ActivationId& id) {
    if (!ledger_->append(end_of(*ledger_->size(), kind, now, id))) throw std::runtime_error("the ledger refuses an end");
  }
  std::uint64_t live_seats_of(std::string_view licence) { return ledger_->totals(licence, now)->live_seats; }

  PolicyInput question(const OpenedRequest& request, const Terms& terms = {}) {
    PolicyInput input;
    input.request = &request;
    input.licence = *ledger_->licence(request.request->licence);
    input.proof = !request.request->proof ? Proof::absent : is_proved(*request.request, proof_) ? Proof::good : Proof::wrong;
    input.predecessor = predecessor_of(*request.request);
    const Request& asked = *request.request;
    input.like = *ledger_->live_like(asked.licence, asked.machine_key, asked.fingerprint_key, asked.fingerprint);
    input.revoked = *ledger_->revoked_of(asked.licence);
    input.totals = *ledger_->totals(asked.licence, now);
    input.ledger_size = *ledger_->size();
    input.highest_generation = *ledger_->highest_generation(request.request->licence);
    input.quota_used = *ledger_->quota_used_since(request.request->licence, now - 365 * day);
    input.now_unix_s = now;
    input.days = terms.days;
    input.permanent = terms.permanent;
    input.approvals = terms.approvals;
    input.approve_command = "oak-issuer issue req.oak --out out.oak";
    return input;
  }

  Issued issue(const OpenedRequest& request, const Terms& terms = {}) {
    Issued out;
    if (auto answer = *ledger_->answer_to(request.payload)) {
      if (answer->is_live(now))
        out.record = std::move(answer), out.repeat = true;
      else
        out.refusals.push_back({"answer-no-longer-live", {}, {}});
      return out;
    }
    Decision decision = decide(question(request, terms));
    out.refusals = std::move(decision.refusals);
    out.grant = decision.grant;
    if (out.refusals.empty()) out.record = sign_and_record(request, out.grant);
    return out;
  }

 private:
  Predecessor predecessor_of(const Request& request) {
    Predecessor out;
    if (!request.supersedes) return out;
    out.named = *ledger_->activation(request.supersedes->activation);
    const bool known = out.named && out.named->activation.index == request.supersedes->index;
    out.finding = known ? Predecessor::Finding::found : Predecessor::Finding::unknown;
    out.current = out.named;
    while (out.current && out.current->successor) out.current = *ledger_->activation(*out.current->successor);
    return out;
  }

  template <typename Body>
  void record(LeafKind kind, Body body) {
    Leaf leaf{*ledger_->size(), kind, now, "olga", {}, std::move(body)};
    if (!ledger_->append(leaf)) throw std::runtime_error("the ledger refuses a leaf");
  }

  ActivationRecord sign_and_record(const OpenedRequest& opened, const Grant& grant) {
    const Request& request = *opened.request;
    const Licence licence = **ledger_->licence(request.licence);
    Activation activation;
    activation.product = request.product;
    activation.licence = request.licence;
    activation.seats = request.seats;
    activation.versions = licence.versions;
    activation.machine_key = request.machine_key;
    activation.seat_server_key = request.seat_server_key;
    activation.issued_at_unix_s = now;
    activation.fingerprint = request.fingerprint;
    activation.fingerprint_key = request.fingerprint_key;
    activation.kind = grant.kind;
    activation.not_after_unix_s = grant.not_after_unix_s;
    activation.generation = grant.generation;
    activation.supersedes = grant.supersedes;
    activation.index = *ledger_->size();
    std::copy_n(opened.payload.begin(), activation.request.size(), activation.request.begin());
    const Bytes certificate = {1};  // the ledger stores the chain and does not open it
    const Bytes document = seal_activation(activation, issuer_, certificate);
    record(LeafKind::issued, IssuedLeaf{request.licence, opened.payload, document, grant.approvals, grant.uses_quota, grant.counted_seats});
    const ActivationId id = read_activation_unverified(document)->id;
    if (grant.supersedes) record(LeafKind::superseded, EndedLeaf{*grant.supersedes, Bytes(id.begin(), id.end())});
    return **ledger_->activation(id);
  }

  SeededRandom random_;
  KeyPair issuer_;
  LicenceKey key_;
  SymmetricKey proof_;
  std::unique_ptr<Ledger> ledger_;
};

inline std::vector<std::string> codes_of(const std::vector<Refusal>& refusals) {
  std::vector<std::string> out;
  for (const Refusal& refusal : refusals) out.push_back(refusal.code);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace oak::desk_test
