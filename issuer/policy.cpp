#include "issuer/policy.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "verifier/advice.h"

namespace oak {
namespace {

constexpr std::uint64_t day_s = 86400, default_certificate_days = 30;
constexpr std::array<std::string_view, 7> approvable = {"weak-fingerprint",  "hardware-already-active", "needs-receipt",   "rehost-quota",
                                                        "certificate-limit", "too-early-to-renew",      "not-allowed-here"};

std::string seats_text(std::uint64_t seats) { return std::to_string(seats) + (seats == 1 ? " seat" : " seats"); }

/// How the request's hardware stands to an activation's baseline.
struct HardwareMatch {
  bool accepted = false;  ///< by the tolerance rule
  bool anchored = false;  ///< platform or TPM holds, or everything that was enrolled
  bool unchanged = false;
};

std::vector<Observation> as_observations(const Request& request) {
  std::vector<Observation> seen;
  for (const Member& member : request.fingerprint.members) seen.push_back({member.component, State::usable, member.digest, member.label});
  for (const Unusable& entry : request.unusable) seen.push_back({entry.component, entry.state, std::nullopt, {}});
  return seen;
}

HardwareMatch match_hardware(const Activation& old, const Request& request) {
  // Digests under different keys say nothing of one another.
  if (old.fingerprint_key != request.fingerprint_key) return {};
  const Judgement judgement = judge(old.fingerprint, as_observations(request), old.policy);
  const bool anchor =
      judgement.factors[static_cast<std::size_t>(Factor::platform)].holds || judgement.factors[static_cast<std::size_t>(Factor::tpm)].holds;
  const bool all = std::all_of(judgement.factors.begin(), judgement.factors.end(),
                               [](const FactorTally& tally) { return tally.enrolled == tally.matched; });
  return {judgement.accept, anchor || all, all};
}

/// One decision in the making.
class Deciding {
 public:
  explicit Deciding(const PolicyInput& input) : in_(input), request_(*input.request->request) {}

  Decision run() {
    if (!in_.licence) {
      refuse("unknown-licence", "the desk has no licence " + in_quotes(request_.licence), "check the id, or ask which desk sold it");
      return std::move(out_);
    }
    // What an old ledger says of the rest would mislead: its operator would approve a second seat.
    if (in_.predecessor.finding == Predecessor::Finding::unknown) refuse_rolled_back();
    judge_permission();
    if (in_.predecessor.finding == Predecessor::Finding::unknown) return std::move(out_);
    judge_product();
    find_old();
    judge_hardware();
    judge_seats();
    judge_kind();
    judge_environment();
    out_.grant.generation = in_.highest_generation + 1;
    if (old_) out_.grant.supersedes = old_->id;
    std::sort(out_.grant.approvals.begin(), out_.grant.approvals.end());
    complete_remedies();
    return std::move(out_);
  }

 private:
  /// Whether the operator answers for it; what was needed is recorded.
  bool approved(std::string_view code) {
    if (!is_approvable(code) || std::find(in_.approvals.begin(), in_.approvals.end(), code) == in_.approvals.end()) return false;
    std::vector<std::string>& needed = out_.grant.approvals;
    if (std::find(needed.begin(), needed.end(), code) == needed.end()) needed.emplace_back(code);
    return true;
  }

  void refuse(std::string_view code, std::string message, std::string remedy = {}) {
    if (approved(code)) return;
    out_.refusals.push_back({std::string(code), std::move(message), std::move(remedy)});
  }

  /// One command approves all that can be approved; it helps only where nothing else stands in the way.
  void complete_remedies() {
    std::vector<std::string> codes = out_.grant.approvals;
    for (const Refusal& refusal : out_.refusals)
      if (is_approvable(refusal.code)) codes.push_back(refusal.code);
    std::string list;
    for (const std::string& code : codes) list += (list.empty() ? "" : ",") + code;
    for (Refusal& refusal : out_.refusals)
      if (is_approvable(refusal.code) && refusal.remedy.empty())
        refusal.remedy = in_.approve_command + " --approve " + list + " --reason TEXT";
  }

  /// Rules 1 and 2: the licence key's proof, or the machine key of the activation that is superseded.
  void judge_permission() {
    if (in_.proof == Proof::wrong && !speaks_for_old())
      refuse("wrong-licence-key", "the request was not made with the key of licence " + request_.licence,
             "ask the site to make it again with the licence's present key");
    if (in_.proof == Proof::absent && !speaks_for_old())
      refuse("wrong-licence-key", "the request has no proof of the licence key, and its machine key is not one that the desk knows",
             "ask the site to make it again with the licence key: oak-request create … --licence-key-file FILE");
    if (in_.predecessor.current && in_.predecessor.current->state == ActivationState::revoked)
      refuse("revoked", "activation " + activation_id_text(in_.predecessor.current->id) + " of this machine was revoked",
             "sell a new licence, then: " + add_command());
  }

  /// A licence like this one.
  std::string add_command() const {
    const Licence& licence = *in_.licence;
    return "oak-issuer licence add --customer " + shell_word(licence.customer) + " --product " + licence.product + " --seats " +
           std::to_string(request_.seats) + " --versions " + shell_word(licence.versions.text()) + in_.desk_option;
  }

  void refuse_rolled_back() {
    const std::uint64_t index = request_.supersedes->index;
    const std::string entry = "the request supersedes ledger entry " + std::to_string(index);
    if (index >= in_.ledger_size)
      refuse("ledger-rolled-back", entry + ", which this ledger of " + std::to_string(in_.ledger_size) + " entries does not have",
             "this ledger is older than what it has issued: restore the newest backup");
    else
      refuse("ledger-rolled-back",
             entry + ", which holds something else here: this ledger went on from an old copy, or another desk issued it",
             "find the desk that issued it, or the ledger's newest backup; a site whose activation is lost asks without naming it");
  }

  /// The key that signed is the one that the named activation recorded, and nobody else's since.
  bool speaks_for_old() const {
    const auto& [finding, named, current] = in_.predecessor;
    // An ended certificate still speaks: a lost licence key must not keep it from being renewed.
    return named && current && current->state == ActivationState::live && current->activation.licence == request_.licence &&
           named->activation.machine_key == request_.machine_key && current->activation.machine_key == request_.machine_key;
  }

  /// What is asked for without a word from the operator is what the request says, else permanent.
  std::optional<std::uint64_t> days() const {
    if (in_.days || in_.permanent) return in_.days;
    return request_.kind == Kind::certificate ? std::optional(default_certificate_days) : std::nullopt;
  }

  bool replaces_live_certificate() const { return old_ && old_->activation.not_after_unix_s && old_->is_live(in_.now_unix_s); }

  /// Hardware or licence changed since the old activation; a version outside the old range comes with a change of licence.
  bool is_rebind() const {
    const Activation& old = old_->activation;
    return stranger_ || !match_.unchanged || request_.seats != old.seats || in_.licence->versions.text() != old.versions.text() ||
           in_.licence->features != old.features;
  }

  void judge_product() {
    const Licence& licence = *in_.licence;
    if (request_.product != licence.product)
      refuse("wrong-product",
             "licence " + licence.id + " is for " + in_quotes(licence.product) + ", not for " + in_quotes(request_.product),
             "sell a licence for " + request_.product);
    const auto version = parse_version(request_.version);
    if (!version || !licence.versions.contains(*version))
      refuse("version-not-covered", "version " + request_.version + " is outside the licence's " + licence.versions.text(),
             "sell an upgrade, then: oak-issuer licence change " + licence.id + " --versions RANGE" + in_.desk_option);
  }

  /// The activation that this one takes the place of.
  void find_old() {
    // What has ended holds no machine: with the licence key, other hardware is simply new. Without it the machine key alone
    // asks, and that counts on its own hardware only.
    if (speaks_for_old() && (in_.predecessor.current->is_live(in_.now_unix_s) || in_.proof != Proof::good ||
                             match_hardware(in_.predecessor.current->activation, request_).anchored)) {
      old_ = in_.predecessor.current;
      return;
    }
    // Named, but by another machine key: reinstalled, copied, or moved. An operator decides which.
    const auto& current = in_.predecessor.current;
    if (current && current->is_live(in_.now_unix_s)) {
      old_ = current;
      stranger_ = true;
      return;
    }
    for (const ActivationRecord& record : in_.like) {
      if (!record.is_live(in_.now_unix_s)) continue;
      const bool same_key = record.activation.machine_key == request_.machine_key;
      if (!same_key && !match_hardware(record.activation, request_).accepted) continue;
      old_ = record;
      stranger_ = true;
      return;
    }
  }

  void judge_hardware() {
    if (!is_strong(request_.fingerprint))
      refuse("weak-fingerprint", "fewer than two of platform, network, disks and TPM could be used on that machine");
    judge_others();
    judge_revoked();
    if (!old_) return;
    match_ = match_hardware(old_->activation, request_);
    const std::string name = activation_id_text(old_->id);
    if (stranger_ && match_.accepted)
      refuse("hardware-already-active",
             "the same hardware holds activation " + name + " already, and the request does not speak for it: reinstalled, or copied");
    else if (stranger_ || !match_.anchored)
      refuse("needs-receipt", "the machine that held activation " + name + " is not this one" +
                                  (stranger_ ? "" : ": neither its platform nor all that was enrolled matches") +
                                  "; its receipt is not in");
    // A certificate's end frees its seats. Where a permanent activation stands behind it, which may still be out there,
    // only an operator can free those.
    const bool shortens = days() && !old_->activation.not_after_unix_s;
    if (shortens && !stranger_ && match_.anchored)
      refuse("needs-receipt", "a certificate would take the place of the permanent activation " + name + ", whose receipt is not in");
    // A machine that was reinstalled can't give back what it held: fewer seats are freed by the operator's word.
    const bool falls = old_->is_live(in_.now_unix_s) && request_.seats < old_->counted_at(in_.now_unix_s);
    // Who doesn't speak for it may have the old board alone, and the rest of the machine may run on.
    const bool moves = stranger_ && !match_.accepted;
    freed_by_operator_ = !match_.anchored || moves || shortens || (falls && approved("needs-receipt"));
    if (!freed_by_operator_) return;
    out_.grant.uses_quota = true;
    const std::uint64_t quota = in_.licence->rehosts_a_year();
    if (in_.quota_used >= quota)
      refuse("rehost-quota",
             std::to_string(in_.quota_used) + " of " + std::to_string(quota) + " moves of this licence are used up in the last year");
  }

  /// A request may speak for one activation and stand on the hardware of another.
  void judge_others() {
    if (stranger_) return;
    for (const ActivationRecord& record : in_.like) {
      if (!record.is_live(in_.now_unix_s) || (old_ && record.id == old_->id)) continue;
      if (!match_hardware(record.activation, request_).accepted) continue;
      refuse("hardware-already-active", "the same hardware holds activation " + activation_id_text(record.id) +
                                            " too, which the request does not name: copied, or moved onto it");
      return;
    }
  }

  /// A machine that dropped what was revoked asks like a new one. Its twin may be honest: only the operator can know.
  void judge_revoked() {
    if (old_) return;
    for (const ActivationRecord& record : in_.revoked) {
      if (in_.predecessor.current && in_.predecessor.current->id == record.id) continue;
      if (record.activation.machine_key != request_.machine_key && !match_hardware(record.activation, request_).accepted) continue;
      refuse("hardware-already-active",
             "the same hardware held activation " + activation_id_text(record.id) + ", which was revoked: this gives it a seat again");
      return;
    }
  }

  void judge_seats() {
    const bool replaces = old_ && old_->is_live(in_.now_unix_s);
    const std::uint64_t others = in_.totals.live_seats - (replaces ? old_->counted_at(in_.now_unix_s) : 0);
    // Rule 3: replaced, never added. What falls stays counted until the receipt is in, unless an operator freed it.
    out_.grant.counted_seats = request_.seats;
    if (replaces && !freed_by_operator_) out_.grant.counted_seats = std::max(request_.seats, old_->counted_at(in_.now_unix_s));
    const std::uint64_t bought = in_.licence->seats;
    if (others + out_.grant.counted_seats <= bought) return;
    const std::uint64_t missing = others + out_.grant.counted_seats - bought;
    refuse(
        "not-enough-seats",
        seats_text(out_.grant.counted_seats) + " asked, " + seats_text(others) + " in use elsewhere, " + std::to_string(bought) + " bought",
        "sell " + std::to_string(missing) + " more, then: oak-issuer licence change " + in_.licence->id + " --seats " +
            std::to_string(bought + missing) + in_.desk_option + "; or accept a receipt for seats that are given back");
  }

  void judge_kind() {
    Grant& grant = out_.grant;
    // In its last second it has ended for who comes after it: no activation ends as it begins.
    const bool keeps_end =
        replaces_live_certificate() && *old_->activation.not_after_unix_s > in_.now_unix_s && is_rebind() && !in_.permanent;
    if (!days() && !keeps_end) return;
    grant.kind = Kind::certificate;
    judge_certificate_limit();
    if (!replaces_live_certificate()) {
      grant.not_after_unix_s = in_.now_unix_s + *days() * day_s;
      return;
    }
    const std::uint64_t old_end = *old_->activation.not_after_unix_s;
    const bool may_renew = in_.now_unix_s + renewal_window_s >= old_end;
    if (keeps_end && !(may_renew && days()))
      grant.not_after_unix_s = old_end;
    else  // the old one may be used to its end, so the new one ends no earlier
      grant.not_after_unix_s = std::max(in_.now_unix_s + *days() * day_s, old_end);
    if (!may_renew && !keeps_end)
      refuse("too-early-to-renew",
             "the certificate ends " + utc_text(old_end) + " and can be renewed from " + utc_text(old_end - renewal_window_s));
  }

  void judge_certificate_limit() {
    const std::uint64_t active = in_.totals.certificates - (replaces_live_certificate() ? 1 : 0);
    std::optional<std::uint64_t> first_end;
    for (const LicenceTotals::End& end : in_.totals.first_ends)
      if (!first_end && !(old_ && end.id == old_->id)) first_end = end.at_unix_s;
    if (active < in_.licence->certificates) return;
    refuse("certificate-limit", std::to_string(active) + " certificates of this licence are active, at most " +
                                    std::to_string(in_.licence->certificates) +
                                    (first_end ? "; the first ends " + utc_text(*first_end) : std::string()));
  }

  void judge_environment() {
    const Environment& environment = request_.environment;
    if (in_.licence->forbids_virtual_machines && !environment.virtual_machine.empty())
      refuse("not-allowed-here", "the licence does not allow virtual machines (" + environment.virtual_machine + ")");
    else if (in_.licence->forbids_containers && !environment.container.empty())
      refuse("not-allowed-here", "the licence does not allow containers (" + environment.container + ")");
  }

  const PolicyInput& in_;
  const Request& request_;
  Decision out_;
  std::optional<ActivationRecord> old_;
  HardwareMatch match_;
  bool stranger_ = false;           ///< the request does not speak for old_
  bool freed_by_operator_ = false;  ///< counts against the quota, and the old seats end
};

}  // namespace

bool is_approvable(std::string_view code) { return std::find(approvable.begin(), approvable.end(), code) != approvable.end(); }

Decision decide(const PolicyInput& input) { return Deciding(input).run(); }

std::optional<std::string> refusal_code_of_approval(std::string_view word) {
  if (word == "weak") return "weak-fingerprint";
  if (word == "rehost") return "needs-receipt";
  if (word == "reinstall") return "hardware-already-active";
  static constexpr std::array<std::string_view, 9> others = {
      "unknown-licence",    "wrong-licence-key", "wrong-product",         "version-not-covered", "not-enough-seats",
      "issuer-not-allowed", "revoked",           "answer-no-longer-live", "ledger-rolled-back"};
  if (is_approvable(word)) return std::string(word);
  if (std::find(others.begin(), others.end(), word) != others.end()) return std::string(word);
  return std::nullopt;
}

}  // namespace oak
