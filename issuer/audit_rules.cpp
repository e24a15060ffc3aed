#include "issuer/audit_rules.h"

#include <algorithm>
#include <cstring>

#include "core/text.h"
#include "issuer/ledger_derived.h"

namespace oak {
namespace {

constexpr std::uint64_t day_s = 86400;
constexpr std::size_t first_slots = 1024;

template <typename Bytes>
std::uint32_t beginning_of(const Bytes& hash) {
  std::uint32_t out;
  std::memcpy(&out, hash.data(), sizeof out);
  return out;
}

/// Keys and digests are as good as hashes already.
std::vector<std::uint32_t> hashes_of(const PublicKey& machine, const Fingerprint& fingerprint) {
  std::vector<std::uint32_t> out = {beginning_of(machine)};
  for (const Member& member : fingerprint.members)
    if (tells_machines_apart(member.component)) out.push_back(beginning_of(member.digest));
  return out;
}

/// What the operator can have asked for, from what was given: his words are in no leaf.
template <typename Words>
std::vector<Words> words_for(const Activation& given, std::uint64_t at_unix_s) {
  if (!given.not_after_unix_s) return {Words{{}, true}};
  std::vector<Words> out;
  const std::uint64_t lasts = *given.not_after_unix_s - std::min(at_unix_s, *given.not_after_unix_s);
  if (lasts > 0 && lasts % day_s == 0) out.push_back({lasts / day_s, false});
  // A rebind that kept its end, and a renewal that ends no earlier than the one before.
  out.push_back({{}, false});
  out.push_back({1, false});
  return out;
}

std::string place_of(const std::optional<ActivationId>& id) {
  return id ? "the place of activation " + activation_id_text(*id) : "no activation's place";
}

std::string end_text(const std::optional<std::uint64_t>& not_after) { return not_after ? "ends " + utc_text(*not_after) : "has no end"; }

}  // namespace

void LikeIndex::put(std::uint32_t hash, std::uint32_t number_plus_one) {
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at].number != 0) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {hash, number_plus_one};
}

void LikeIndex::add(std::uint32_t hash, std::uint32_t number) {
  if (3 * ++used_ > 2 * slots_.size()) {
    std::vector<Slot> old(std::max(first_slots, 2 * slots_.size()));
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.number != 0) put(slot.hash, slot.number);
  }
  put(hash, number + 1);
}

void LikeIndex::find(std::uint32_t hash, std::vector<std::uint32_t>& into) const {
  if (slots_.empty()) return;
  for (std::size_t at = hash & (slots_.size() - 1); slots_[at].number != 0; at = (at + 1) & (slots_.size() - 1))
    if (slots_[at].hash == hash) into.push_back(slots_[at].number - 1);
}

void RuleAudit::know_proof_key(const std::string& licence, std::uint64_t number, SymmetricKey key) {
  proof_keys_.insert_or_assign({licence, number}, std::move(key));
}

/// An activation of an earlier entry as it stands now; nullopt where that entry can't be read, which is told of it.
Result<std::optional<ActivationRecord>> RuleAudit::record_of(std::uint32_t number) {
  OAK_ASSIGN(const auto raw, reader_.entries(reckoning_.entry_of(number), 1));
  const auto leaf = raw.empty() ? fail(Code::ledger_damaged) : decode_leaf(raw.front().leaf);
  const auto* issued = leaf ? std::get_if<IssuedLeaf>(&leaf->body) : nullptr;
  const auto read = issued ? read_activation_unverified(issued->activation) : fail(Code::ledger_damaged);
  if (!read) return std::optional<ActivationRecord>{};
  ActivationRecord record;
  record.id = read->id;
  record.activation = read->activation;
  reckoning_.stand(number, record);
  return std::optional(std::move(record));
}

Result<Predecessor> RuleAudit::find_predecessor(const Request& request) {
  Predecessor out;
  if (!request.supersedes) return out;
  const Supersedes& claimed = *request.supersedes;
  out.finding = Predecessor::Finding::unknown;
  const auto number = reckoning_.number_of(claimed.activation);
  if (!number) return out;
  OAK_ASSIGN(out.named, record_of(*number));
  if (!out.named || out.named->activation.index != claimed.index || out.named->activation.generation != claimed.generation) return out;
  if (out.named->activation.licence != request.licence) return Predecessor{};
  OAK_ASSIGN(out.current, record_of(reckoning_.end_of_chain(*number)));
  if (out.current) out.finding = Predecessor::Finding::found;
  return out;
}

/// In the order of issue, as the desk's own look-up gives them.
Status RuleAudit::find_like(const Request& request, PolicyInput& in) {
  std::vector<std::uint32_t> numbers = reckoning_.revoked_without_members(request.licence);
  for (const std::uint32_t hash : hashes_of(request.machine_key, request.fingerprint)) like_.find(hash, numbers);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  for (const std::uint32_t number : numbers) {
    if (!reckoning_.is_live_or_revoked(number, request.licence)) continue;
    OAK_ASSIGN(auto record, record_of(number));
    if (record) (record->state == ActivationState::live ? in.like : in.revoked).push_back(std::move(*record));
  }
  return {};
}

Proof RuleAudit::proof_of(const Request& request, const Licence& licence) const {
  if (!request.proof) return Proof::absent;
  const auto key = proof_keys_.find({licence.id, licence.key_number});
  if (key == proof_keys_.end()) return Proof::not_checked;
  return is_proved(request, key->second) ? Proof::good : Proof::wrong;
}

Result<PolicyInput> RuleAudit::gather(std::uint64_t index, const ReadEntry& entry) {
  const Request& request = *entry.request->request;
  PolicyInput in;
  in.request = &*entry.request;
  in.now_unix_s = entry.leaf->at_unix_s;
  in.ledger_size = index;
  in.approvals = std::get<IssuedLeaf>(entry.leaf->body).approvals;
  auto known = reckoning_.known_of(request.licence, in.now_unix_s);
  if (!known) return in;
  in.licence = std::move(known->terms);
  in.totals = std::move(known->totals);
  in.highest_generation = known->highest_generation;
  in.quota_used = known->quota_used;
  in.proof = proof_of(request, *in.licence);
  OAK_ASSIGN(in.predecessor, find_predecessor(request));
  OAK_TRY(find_like(request, in));
  return in;
}

/// What the rules have against it, if he asked in these words.
std::vector<std::string> RuleAudit::judge(PolicyInput in, const IssuedLeaf& leaf, const Activation& given, const Words& words) const {
  in.days = words.days;
  in.permanent = words.permanent;
  const Decision decision = decide(in);
  std::vector<std::string> out;
  for (const Refusal& refusal : decision.refusals) {
    if (refusal.code == "not-enough-seats") continue;  // the sums say so, and say it better
    out.push_back((is_approvable(refusal.code) ? "has no approval " : "was not to be issued: ") + refusal.code + ": " + refusal.message);
  }
  const Grant& due = decision.grant;
  if (due.supersedes != given.supersedes)
    out.push_back("takes " + place_of(given.supersedes) + "; by the rules it takes " + place_of(due.supersedes));
  if (!out.empty()) return out;
  if (due.uses_quota != leaf.uses_quota) out.emplace_back(due.uses_quota ? "does not count as a move" : "counts as a move, and is none");
  if (due.not_after_unix_s != given.not_after_unix_s)
    out.push_back(end_text(given.not_after_unix_s) + "; by the rules it " + end_text(due.not_after_unix_s));
  for (const std::string& code : leaf.approvals)
    if (std::find(due.approvals.begin(), due.approvals.end(), code) == due.approvals.end())
      out.push_back("has an approval that was not needed: " + code);
  return out;
}

Status RuleAudit::take_in(std::uint64_t index, const ReadEntry& entry) {
  const auto* leaf = entry.leaf ? std::get_if<IssuedLeaf>(&entry.leaf->body) : nullptr;
  if (!leaf || !entry.activation || !entry.request) return {};
  const Activation& given = entry.activation->activation;
  const Request& request = *entry.request->request;
  OAK_ASSIGN(PolicyInput in, gather(index, entry));
  const std::vector<Words> words = words_for<Words>(given, entry.leaf->at_unix_s);
  // Without the licence's secret a proof may be good or wrong: what either allows was allowed.
  std::vector<Proof> proofs = {in.proof};
  if (in.proof == Proof::not_checked) proofs = {Proof::good, Proof::wrong};
  std::optional<std::vector<std::string>> first;
  for (const Proof proof : proofs) {
    in.proof = proof;
    for (const Words& one : words) {
      auto against = judge(in, *leaf, given, one);
      if (against.empty() || !first) first = std::move(against);
      if (first->empty()) break;
    }
    if (first->empty()) break;
  }
  for (std::string& message : *first) fault_(index, std::move(message));
  const std::uint32_t number = reckoning_.next_number();
  for (const std::uint32_t hash : hashes_of(request.machine_key, request.fingerprint)) like_.add(hash, number);
  return {};
}

}  // namespace oak
