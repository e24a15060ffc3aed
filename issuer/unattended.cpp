#include "issuer/unattended.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "issuer/keys.h"
#include "issuer/unsealing.h"

namespace oak {
namespace {

using What = UnattendedAnswer::What;

constexpr std::uint64_t day_ms = 86'400'000, busy_again_s = 5, unavailable_again_s = 600;
/// What an operator says of a machine, and not of one request: it stands for the renewals of what he approved it for.
constexpr std::array<std::string_view, 2> lasting = {"weak-fingerprint", "not-allowed-here"};

bool has(const std::vector<Refusal>& refusals, std::string_view code) {
  return std::any_of(refusals.begin(), refusals.end(), [&](const Refusal& refusal) { return refusal.code == code; });
}

/// The activation that a request follows, by the word of its own machine key; and what took its place since.
struct Followed {
  std::optional<ActivationRecord> named, current;
};
Result<Followed> find_followed(Ledger& ledger, const Request& request) {
  Followed out;
  const auto is_own = [&](const ActivationRecord& record) {
    return record.activation.machine_key == request.machine_key && record.activation.licence == request.licence;
  };
  if (!request.supersedes) return out;
  OAK_ASSIGN(auto found, ledger.activation(request.supersedes->activation));
  if (!found || !is_own(*found)) return out;
  out.named = found;
  while (found->successor) {
    OAK_ASSIGN(found, ledger.activation(*found->successor));
    if (!found) return fail(Code::ledger_damaged, "a successor is missing");
  }
  if (is_own(*found)) out.current = std::move(found);
  return out;
}

/// An answer that was lost, and with it the request that it could be repeated for: it is the machine's own, and live.
Result<std::optional<ActivationRecord>> find_lost_answer(Ledger& ledger, const Request& request, std::uint64_t now_unix_s) {
  OAK_ASSIGN(Followed followed, find_followed(ledger, request));
  const bool was_lost = followed.named && followed.current && followed.named->id != followed.current->id &&
                        followed.current->activation.kind == Kind::certificate && followed.current->is_live(now_unix_s);
  return was_lost ? std::move(followed.current) : std::nullopt;
}

Refusal certificates_only() { return {"issuer-not-allowed", "this service answers with certificates only", {}}; }

std::string remedy_at_site(const Refusal& refusal, const Request& request) {
  const std::string& code = refusal.code;
  const std::string bring =
      "bring a request to your vendor: oak-request create --product " + request.product + " --version " + request.version;
  if (code == "too-early-to-renew") return "nothing is to be done before that";
  if (code == "certificate-limit") return "wait for that, or ask your vendor for more certificates";
  if (code == "not-enough-seats" || code == "version-not-covered" || code == "wrong-product") return "ask your vendor what to buy";
  if (code == "answer-no-longer-live") return "ask anew: oak-request refresh makes another request";
  if (code == "revoked" || code == "ledger-rolled-back") return "ask your vendor";
  return bring;
}

/// Nothing of a licence is told to whoever did not show that it is his.
std::vector<Refusal> told_to_stranger(const std::vector<Refusal>& refusals, bool holds_revoked, const Request& request) {
  std::vector<Refusal> out = {
      {"wrong-licence-key",
       "this desk has no such licence, or the request was made neither with its key nor by a machine that the desk knows",
       "bring a request that is made with the licence key to your vendor: oak-request create --product " + request.product + " --version " +
           request.version + " --licence-key-file FILE"}};
  for (const Refusal& refusal : refusals)
    if (holds_revoked && refusal.code == "revoked") out.push_back({refusal.code, refusal.message, remedy_at_site(refusal, request)});
  return out;
}

std::vector<Refusal> told_to_site(std::vector<Refusal> refusals, const Request& request) {
  for (Refusal& refusal : refusals) {
    refusal.remedy = remedy_at_site(refusal, request);
    if (refusal.code == "ledger-rolled-back") refusal.message = "the desk does not know the activation that the request names";
    if (refusal.code == "issuer-not-allowed") refusal.message = "this service may not answer that: " + refusal.message;
  }
  return refusals;
}

UnattendedAnswer unavailable(Failure failure) {
  const bool is_busy = failure.code == Code::locked;
  UnattendedAnswer out;
  out.what = is_busy ? What::busy : What::not_available;
  out.retry_after_s = is_busy ? busy_again_s : unavailable_again_s;
  out.failure = std::move(failure);
  return out;
}

UnattendedAnswer limited(std::uint64_t wait_ms) {
  UnattendedAnswer out;
  out.what = What::too_many;
  out.retry_after_s = (wait_ms + 999) / 1000;
  return out;
}

UnattendedAnswer handed_out(ActivationRecord record, bool repeat) {
  UnattendedAnswer out;
  out.what = repeat ? What::repeated : What::issued;
  out.record = std::move(record);
  return out;
}

}  // namespace

Outcome<void> UnattendedDesk::look_after_issuer(const Desk& desk) {
  OAK_ASSIGN(IssuerKey key, certificate_issuer(world_.disk, desk, world_.issuer));
  if (key.certificate != keys_.keys().certificate) keys_.put_certificate(std::move(key.certificate));
  const std::uint64_t now = world_.clock.now_unix_s();
  if (now >= key.terms->not_before_unix_s && now <= key.terms->not_after_unix_s) return {};
  return tl::unexpected(Failure{
      Code::issuer_outside_window,
      "the certificate of issuer key " + in_quotes(key.name) + " ended at " + utc_text(key.terms->not_after_unix_s) + ", or has not begun",
      "renew it: oak-issuer key certify --issuer " + key.name + " --out serve-draft.oak"});
}

Outcome<IssueTerms> UnattendedDesk::terms_for(Desk& desk, const Request& request) const {
  const auto followed = find_followed(desk.ledger(), request);
  if (!followed) return tl::unexpected(ledger_failure(followed.error(), folder_));
  IssueTerms terms;
  terms.days = rules_.days;
  if (!followed->current || followed->current->state != ActivationState::live) return terms;
  for (const std::string& code : followed->current->approvals)
    if (std::find(lasting.begin(), lasting.end(), code) != lasting.end()) terms.approvals.push_back(code);
  if (!terms.approvals.empty()) terms.reason = "as was approved for activation " + activation_id_text(followed->current->id);
  return terms;
}

std::optional<std::uint64_t> UnattendedDesk::limit_licence(Desk& desk, const std::string& id, std::uint64_t now_ms) {
  const auto licence = desk.ledger().licence(id);
  if (!licence || !*licence) return std::nullopt;  // which issuing finds out too, and says
  const std::uint64_t a_day = std::max(rules_.least_answers_a_day, 2 * (*licence)->certificates);
  return licences_.take(id, now_ms, {a_day, std::max<std::uint64_t>(day_ms / a_day, 1)});
}

UnattendedAnswer UnattendedDesk::answer_request(const ReceivedRequest& received, ByteView document, std::uint64_t now_ms) {
  const Request& request = *received.opened.request;
  auto reading = Desk::open(world_, folder_, DeskUse::read);
  if (!reading) return unavailable(std::move(reading).error());
  if (reading->rolled_back()) return unavailable({Code::ledger_rolled_back, *reading->rolled_back(), {}});
  if (auto fine = look_after_issuer(*reading); !fine) return unavailable(std::move(fine).error());
  const auto terms = terms_for(*reading, request);
  if (!terms) return unavailable(terms.error());
  auto inspected = inspect_request(*reading, keys_.keys(), world_.clock.now_unix_s(), *terms, document);
  if (!inspected) return unavailable(std::move(inspected).error());

  const auto refuse = [&](std::vector<Refusal> refusals) {
    UnattendedAnswer out;
    out.what = What::refused;
    const bool is_stranger = has(refusals, "unknown-licence") || has(refusals, "wrong-licence-key");
    const auto followed = find_followed(reading->ledger(), request);
    out.told = is_stranger ? told_to_stranger(refusals, followed && followed->named.has_value(), request) : told_to_site(refusals, request);
    out.refusals = std::move(refusals);
    return out;
  };
  std::vector<Refusal> refusals = std::move(inspected->decision.refusals);
  if (refusals.size() == 1 && refusals.front().code == "too-early-to-renew") {
    auto lost = find_lost_answer(reading->ledger(), request, world_.clock.now_unix_s());
    if (!lost) return unavailable(ledger_failure(lost.error(), folder_));
    if (*lost) return handed_out(std::move(**lost), true);
  }
  if (!refusals.empty()) return refuse(std::move(refusals));
  if (inspected->earlier_answer) {
    if (inspected->earlier_answer->activation.kind != Kind::certificate) return refuse({certificates_only()});
    return handed_out(std::move(*inspected->earlier_answer), true);
  }
  if (request.kind == Kind::permanent) return refuse({certificates_only()});

  if (const auto wait = limit_licence(*reading, request.licence, now_ms)) return limited(*wait);
  auto writing = Desk::open(world_, folder_, DeskUse::write);
  if (!writing) return unavailable(std::move(writing).error());
  auto issued = issue(*writing, world_, keys_.keys(), *terms, document);
  if (!issued) return unavailable(std::move(issued).error());
  if (!issued->refusals.empty()) return refuse(std::move(issued->refusals));
  return handed_out(std::move(issued->record), issued->repeat);
}

UnattendedAnswer UnattendedDesk::answer(ByteView carried, std::uint64_t now_ms) {
  UnattendedAnswer out;
  const auto no_request = [&](Failure failure) {
    out.what = What::no_request;
    out.failure = std::move(failure);
    return out;
  };
  const auto document = unsealed(carried, keys_.keys(), "the request");
  if (!document) return no_request(document.error());
  const auto received = receive_request(*document);
  if (!received) return no_request(received.error());
  const Request& request = *received->opened.request;
  const auto wait = machines_.take(to_hex(request.machine_key), now_ms);
  out = wait ? limited(*wait) : answer_request(*received, *document, now_ms);
  out.product = request.product;
  out.licence = request.licence;
  out.request = received->opened.document;
  return out;
}

}  // namespace oak
