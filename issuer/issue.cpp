#include "issuer/issue.h"

#include <algorithm>

#include "core/text.h"
#include "issuer/licence_desk.h"
#include "issuer/transaction.h"

namespace oak {
namespace {

constexpr std::uint64_t year_s = 365 * 86400;

/// The activation that a request names, and the end of its chain of successors.
Result<Predecessor> find_predecessor(Ledger& ledger, const Request& request, std::uint64_t ledger_size) {
  Predecessor out;
  if (!request.supersedes) return out;
  OAK_ASSIGN(out.named, ledger.activation(request.supersedes->activation));
  // Rule 11: an index beyond the ledger, or one that holds something else, shows a ledger that was rolled back.
  const Supersedes& claimed = *request.supersedes;
  if (!out.named || out.named->activation.index != claimed.index || claimed.index >= ledger_size ||
      out.named->activation.generation != claimed.generation) {
    out.finding = Predecessor::Finding::unknown;
    return out;
  }
  // Rule 2 holds within one licence: an activation speaks for no other, whose id anybody may know.
  if (out.named->activation.licence != request.licence) return Predecessor{};
  out.finding = Predecessor::Finding::found;
  OAK_ASSIGN(out.current, end_of_chain(ledger, *out.named));
  return out;
}

Result<Proof> check_proof(Ledger& ledger, const Request& request, const Licence& licence, const SymmetricKey* ledger_key) {
  if (!request.proof) return Proof::absent;
  if (!ledger_key) return Proof::not_checked;
  OAK_ASSIGN(const LicenceKey key, read_licence_secret(ledger, licence, *ledger_key));
  return is_proved(request, proof_key_of(key)) ? Proof::good : Proof::wrong;
}

Result<PolicyInput> gather(Desk& desk, const IssuingKeys& keys, std::uint64_t now_unix_s, const IssueTerms& terms,
                           const OpenedRequest& opened) {
  Ledger& ledger = desk.ledger();
  const Request& request = *opened.request;
  PolicyInput in;
  in.request = &opened;
  in.now_unix_s = now_unix_s;
  in.days = terms.days;
  in.permanent = terms.permanent;
  in.approvals = terms.approvals;
  in.approve_command = terms.approve_command;
  in.desk_option = desk.option();
  OAK_ASSIGN(in.licence, ledger.licence(request.licence));
  if (!in.licence) return in;
  OAK_ASSIGN(in.ledger_size, ledger.size());
  OAK_ASSIGN(in.proof, check_proof(ledger, request, *in.licence, keys.ledger_key ? &*keys.ledger_key : nullptr));
  OAK_ASSIGN(in.predecessor, find_predecessor(ledger, request, in.ledger_size));
  OAK_ASSIGN(in.like, ledger.live_like(request.licence, request.machine_key, request.fingerprint_key, request.fingerprint));
  OAK_ASSIGN(in.revoked, ledger.revoked_of(request.licence));
  OAK_ASSIGN(in.totals, ledger.totals(request.licence, now_unix_s));
  OAK_ASSIGN(in.highest_generation, ledger.highest_generation(request.licence));
  OAK_ASSIGN(in.quota_used, ledger.quota_used_since(request.licence, now_unix_s > year_s ? now_unix_s - year_s : 0));
  return in;
}

Result<Activation> build_activation(Desk& desk, const OpenedRequest& opened, const Decision& decision, const Licence& licence,
                                    std::uint64_t now_unix_s, const IssueTerms& terms) {
  const Request& request = *opened.request;
  OAK_ASSIGN(const auto product, desk.ledger().product(request.product));
  Activation activation;
  activation.product = request.product;
  activation.licence = request.licence;
  activation.seats = request.seats;
  activation.versions = licence.versions;
  activation.machine_key = request.machine_key;
  activation.seat_server_key = request.seat_server_key;
  activation.issued_at_unix_s = now_unix_s;
  activation.fingerprint = request.fingerprint;
  activation.fingerprint_key = request.fingerprint_key;
  activation.environment = request.environment;
  activation.kind = decision.grant.kind;
  activation.not_after_unix_s = decision.grant.not_after_unix_s;
  activation.generation = decision.grant.generation;
  activation.supersedes = decision.grant.supersedes;
  activation.site = request.site;
  activation.features = licence.features;
  if (product) activation.policy = product->policy;
  if (product) activation.grace_days = product->grace_days;
  OAK_ASSIGN(activation.index, desk.ledger().size());
  std::copy_n(opened.payload.begin(), activation.request.size(), activation.request.begin());
  activation.customer = licence.customer;
  activation.reset_clock = terms.reset_clock;
  return activation;
}

Status record_issue(Desk& desk, const DeskWorld& world, const IssueTerms& terms, const OpenedRequest& opened, const Decision& decision,
                    ActivationRecord& record, ByteView request_document) {
  record.at_unix_s = record.activation.issued_at_unix_s;
  record.operator_name = world.operator_name;
  record.reason = terms.reason;
  record.approvals = decision.grant.approvals;
  record.counted_seats = decision.grant.counted_seats;
  record.request = opened.payload;
  const Leaf issued{record.activation.index,
                    LeafKind::issued,
                    record.at_unix_s,
                    world.operator_name,
                    terms.reason,
                    IssuedLeaf{record.activation.licence, opened.payload, record.document, decision.grant.approvals,
                               decision.grant.uses_quota, decision.grant.counted_seats}};
  OAK_TRY(desk.ledger().append(issued, request_document));
  if (!decision.grant.supersedes) return {};
  const Leaf superseded{
      record.activation.index + 1, LeafKind::superseded, record.at_unix_s,
      world.operator_name,         terms.reason,         EndedLeaf{*decision.grant.supersedes, Bytes(record.id.begin(), record.id.end())}};
  return desk.ledger().append(superseded);
}

/// A thin fingerprint: what the machine could not lose.
Result<std::vector<Factor>> find_indispensable(Ledger& ledger, const Request& request) {
  OAK_ASSIGN(const auto product, ledger.product(request.product));
  const Policy policy = product ? product->policy : Policy{};
  std::vector<Observation> all_there;
  for (const Member& member : request.fingerprint.members)
    all_there.push_back({member.component, State::usable, member.digest, member.label});
  return indispensable_factors(judge(request.fingerprint, all_there, policy), policy);
}

Refusal no_longer_live(const ActivationRecord& record, const Request& request) {
  return {"answer-no-longer-live",
          "this request was answered with activation " + activation_id_text(record.id) + ", which is " +
              (record.state == ActivationState::live ? "expired" : std::string(activation_state_name(record.state))),
          "ask the site for a new request: oak-request create --product " + request.product + " --version " + request.version};
}

}  // namespace

Refusal rolled_back_refusal(const std::string& why) {
  return {"ledger-rolled-back", why, "restore the newest backup: docs/ledger.md, \"Restore\""};
}

Outcome<ReceivedRequest> receive_request(ByteView document) {
  auto opened = open_request(document);
  if (!opened) return tl::unexpected(explain(opened.error(), "the request"));
  const Request& request = *opened->request;
  // A verifier must be able to use the seat server's key, and no rule may hang on a machine key of small order.
  const bool usable = is_valid_public_key(request.machine_key) && is_valid_public_key(request.seat_server_key);
  return ReceivedRequest{std::move(*opened), usable};
}

namespace {

Outcome<Inspected> inspect_received(Desk& desk, const IssuingKeys& keys, std::uint64_t now_unix_s, const IssueTerms& terms,
                                    const ReceivedRequest& received) {
  const OpenedRequest& opened = received.opened;
  const auto earlier = desk.ledger().answer_to(opened.payload);
  if (!earlier) return tl::unexpected(ledger_failure(earlier.error(), desk.folder()));
  if (*earlier) {
    Decision decision;
    if (desk.rolled_back()) decision.refusals.push_back(rolled_back_refusal(*desk.rolled_back()));
    if (!(*earlier)->is_live(now_unix_s)) decision.refusals.push_back(no_longer_live(**earlier, *opened.request));
    const bool live = decision.refusals.empty();
    return Inspected{opened, std::move(decision), live ? *earlier : std::nullopt, true, {}};
  }
  const auto input = gather(desk, keys, now_unix_s, terms, opened);
  if (!input) return tl::unexpected(ledger_failure(input.error(), desk.folder()));
  Decision decision = decide(*input);
  if (desk.rolled_back()) decision.refusals.push_back(rolled_back_refusal(*desk.rolled_back()));
  if (!received.keys_are_valid)
    decision.refusals.push_back(
        {"wrong-licence-key", "the request carries a key that is no valid public key", "ask the site to make the request again"});
  return Inspected{opened, std::move(decision), std::nullopt, input->proof != Proof::not_checked, {}};
}

/// What issuing needs beside the desk, for as long as one transaction lasts.
struct Session {
  Desk& desk;
  const DeskWorld& world;
  const IssuingKeys& keys;
  const Verified<IssuerCertificate>& certificate;
};

/// Signs, and reads back what was signed under the desk's own trust: the desk hands out nothing that a verifier would
/// refuse. issuer_not_allowed where the key's caps don't cover it.
Result<ActivationRecord> sign_activation(const Session& session, const Activation& activation) {
  Bytes document = seal_activation(activation, *session.keys.issuer, session.keys.certificate);
  OAK_ASSIGN(OpenedActivation opened,
             open_activation_of(session.certificate, session.keys.certificate, document, session.desk.trust(), activation.product));
  ActivationRecord record;
  record.id = opened.id;
  record.activation = activation;
  record.document = std::move(document);
  return record;
}

/// In the caller's transaction. An outer failure is the ledger's, after which nothing of the transaction may be kept; an inner
/// one is this request's alone.
Outcome<Outcome<Issued>> issue_one(const Session& session, const Asking& asking) {
  Desk& desk = session.desk;
  const auto ledger_problem = [&](const Error& error) { return tl::unexpected(ledger_failure(error, desk.folder())); };
  if (!asking.request) return Outcome<Issued>(tl::unexpected(asking.request.error()));
  const std::uint64_t now = session.world.clock.now_unix_s();
  OAK_ASSIGN(Inspected inspected, inspect_received(desk, session.keys, now, asking.terms, *asking.request));
  if (!inspected.decision.refusals.empty()) return Outcome<Issued>(Issued{{}, false, std::move(inspected.decision.refusals)});
  if (inspected.earlier_answer) return Outcome<Issued>(Issued{std::move(*inspected.earlier_answer), true, {}});
  const auto licence = desk.ledger().licence(inspected.request.request->licence);
  if (!licence || !*licence) return ledger_problem(licence ? Error{Code::ledger_damaged, {}} : licence.error());
  const auto activation = build_activation(desk, inspected.request, inspected.decision, **licence, now, asking.terms);
  if (!activation) return ledger_problem(activation.error());
  auto record = sign_activation(session, *activation);
  if (!record && (record.error().code == Code::issuer_not_allowed || record.error().code == Code::issuer_outside_window))
    return Outcome<Issued>(Issued{
        {},
        false,
        {{"issuer-not-allowed",
          "the issuer's key may not sign this: " + record.error().context + "; which one may, says: oak-issuer key list" + desk.option(),
          asking.terms.approve_command + " --issuer NAME"}}});
  if (!record) return Outcome<Issued>(tl::unexpected(explain(record.error(), "the activation")));
  const auto recorded = record_issue(desk, session.world, asking.terms, inspected.request, inspected.decision, *record, asking.document);
  if (!recorded) return ledger_problem(recorded.error());
  return Outcome<Issued>(Issued{std::move(*record), false, {}});
}

}  // namespace

Outcome<Inspected> inspect_request(Desk& desk, const IssuingKeys& keys, std::uint64_t now_unix_s, const IssueTerms& terms,
                                   ByteView document) {
  OAK_ASSIGN(const ReceivedRequest received, receive_request(document));
  OAK_ASSIGN(Inspected inspected, inspect_received(desk, keys, now_unix_s, terms, received));
  if (inspected.earlier_answer) return inspected;
  auto indispensable = find_indispensable(desk.ledger(), *received.opened.request);
  if (!indispensable) return tl::unexpected(ledger_failure(indispensable.error(), desk.folder()));
  inspected.indispensable = std::move(*indispensable);
  return inspected;
}

Outcome<std::vector<Outcome<Issued>>> issue_each(Desk& desk, const DeskWorld& world, const IssuingKeys& keys,
                                                 const std::vector<Asking>& all, Recording recording) {
  const auto ledger_problem = [&](const Error& error) { return tl::unexpected(ledger_failure(error, desk.folder())); };
  const auto certificate = open_issuer_certificate(keys.certificate, desk.trust());
  if (!certificate) return tl::unexpected(explain(certificate.error(), "the issuer's certificate"));
  const Session session{desk, world, keys, *certificate};
  Transaction transaction(desk.ledger());
  if (const auto begun = transaction.begin(); !begun) return ledger_problem(begun.error());
  std::vector<Outcome<Issued>> out;
  out.reserve(all.size());
  for (const Asking& asking : all) {
    OAK_ASSIGN(Outcome<Issued> one, issue_one(session, asking));
    out.push_back(std::move(one));
  }
  if (recording == Recording::rehearse) return out;
  if (const auto committed = transaction.commit(); !committed) return ledger_problem(committed.error());
  return out;
}

Outcome<Issued> issue(Desk& desk, const DeskWorld& world, const IssuingKeys& keys, const IssueTerms& terms, ByteView document) {
  std::vector<Asking> one;
  one.push_back({document, terms, receive_request(document)});
  OAK_ASSIGN(std::vector<Outcome<Issued>> answers, issue_each(desk, world, keys, one, Recording::keep));
  return std::move(answers.front());
}

}  // namespace oak
