#include "issuer/reckoning.h"

#include <algorithm>
#include <cstring>

#include "core/text.h"
#include "issuer/ledger_derived.h"

namespace oak {
namespace {

constexpr std::uint64_t year_s = 365 * 86400;

std::string seats_text(std::uint64_t seats) { return std::to_string(seats) + (seats == 1 ? " seat" : " seats"); }

std::vector<Bytes> members_of(const Activation& activation) {
  std::vector<Bytes> out;
  for (const Member& member : activation.fingerprint.members)
    if (tells_machines_apart(member.component)) out.push_back(member_key(activation.fingerprint_key, member));
  return out;
}

bool has(const std::vector<std::string>& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

Digest Reckoning::hash_of(std::vector<Bytes> members) {
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  Bytes all;
  for (const Bytes& member : members) all.insert(all.end(), member.begin(), member.end());
  return sha256(all);
}

std::size_t Reckoning::Hash::operator()(const ActivationId& id) const {
  std::size_t out;
  std::memcpy(&out, id.data(), sizeof out);  // ids are hashes already
  return out;
}

Reckoning::Standing* Reckoning::find(const ActivationId& id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &activations_[found->second];
}

void Reckoning::take_in(const Leaf& leaf, const Held& held) {
  if (to_be_superseded_ != none && leaf.kind != LeafKind::superseded) finish();
  if (says_which_keys_count(leaf)) key_documents_.push_back({leaf.index, static_cast<std::uint64_t>(leaf.kind)});
  switch (leaf.kind) {
    case LeafKind::licence_added:
    case LeafKind::licence_changed: return take_in_licence(leaf);
    case LeafKind::product_changed: return take_in_product(leaf);
    case LeafKind::issued:
      if (held.activation) take_in_issued(leaf, held);
      return;
    case LeafKind::superseded:
    case LeafKind::revoked: return take_in_ended(leaf);
    case LeafKind::returned: return take_in_returned(leaf, held.receipt);
    case LeafKind::key_certified: return take_in_certificate(std::get<KeyLeaf>(leaf.body).certificate);
    case LeafKind::bulletin_signed: return take_in_published(leaf);
    case LeafKind::roots_changed: return;
  }
}

void Reckoning::take_in_product(const Leaf& leaf) {
  const ProductTerms& terms = std::get<ProductLeaf>(leaf.body).terms;
  products_[terms.product] = {terms, leaf.index};
}

void Reckoning::finish() {
  if (to_be_superseded_ == none) return;
  fault_(activations_.back().entry,
         "supersedes activation " + activation_id_text(activations_[to_be_superseded_].id) + ", and the next entry does not say so");
  to_be_superseded_ = none;
}

void Reckoning::take_in_licence(const Leaf& leaf) {
  const Licence& terms = std::get<LicenceLeaf>(leaf.body).licence;
  const auto found = licence_by_id_.find(terms.id);
  if (leaf.kind == LeafKind::licence_added) {
    if (!folded_ids_.insert(folded_case(terms.id)).second)
      return fault_(leaf.index, "adds licence " + terms.id + ", which is there already");
    if (terms.key_number != 1) fault_(leaf.index, "adds licence " + terms.id + " with a key number other than 1");
    if (products_.count(terms.product) == 0) fault_(leaf.index, "adds a licence for product " + terms.product + ", which is not there yet");
    licence_by_id_[terms.id] = static_cast<std::uint32_t>(licences_.size());
    licences_.push_back({terms, leaf.index, leaf.index, 0, 0, 0, {}, {}, {}, {leaf.index}});
    return;
  }
  if (found == licence_by_id_.end()) return fault_(leaf.index, "changes licence " + terms.id + ", which is not there");
  Sold& sold = licences_[found->second];
  if (terms.product != sold.terms.product) fault_(leaf.index, "makes licence " + terms.id + " one of another product");
  if (terms.key_number != sold.terms.key_number && terms.key_number != sold.terms.key_number + 1)
    fault_(leaf.index, "skips a key number of licence " + terms.id);
  sold.terms = terms;
  sold.entry = leaf.index;
  sold.entries.push_back(leaf.index);
  check_sum(leaf.index, found->second, leaf.at_unix_s);
}

void Reckoning::take_in_issued(const Leaf& leaf, const Held& held) {
  const auto& issued = std::get<IssuedLeaf>(leaf.body);
  const UnverifiedActivation& read = *held.activation;
  const Activation& activation = read.activation;
  const auto licence = licence_by_id_.find(issued.licence);
  if (licence == licence_by_id_.end()) return fault_(leaf.index, "is of licence " + issued.licence + ", which is not there");
  Sold& sold = licences_[licence->second];
  check_terms(leaf, activation, sold);
  sold.generation = std::max(sold.generation, activation.generation);

  const auto at = static_cast<std::uint32_t>(activations_.size());
  if (!by_id_.emplace(read.id, at).second)
    return fault_(leaf.index, "holds activation " + activation_id_text(read.id) + ", which an earlier entry holds");
  ActivationId beginning;
  std::copy_n(issued.request.begin(), beginning.size(), beginning.begin());
  if (!requests_.insert(beginning).second) fault_(leaf.index, "answers a request that an earlier entry answers");
  if (beginning != activation.request) fault_(leaf.index, "holds an activation that names another request");

  Standing& one = activations_.emplace_back();
  one.id = read.id;
  one.machine = activation.machine_key;
  one.request = issued.request;
  one.members = hash_of(members_of(activation));
  one.issued_at = leaf.at_unix_s;
  one.entry = static_cast<std::uint32_t>(leaf.index);
  one.licence = licence->second;
  one.generation = static_cast<std::uint32_t>(activation.generation);
  one.seats = static_cast<std::uint32_t>(activation.seats);
  one.issuer = static_cast<std::uint32_t>(held.issuer_serial);
  one.freed = issued.uses_quota;
  one.is_weak = !is_strong(activation.fingerprint);
  one.is_certificate = activation.not_after_unix_s.has_value();
  one.not_after = activation.not_after_unix_s.value_or(0);
  if (activation.supersedes) {
    one.has_claimed = true;
    one.claimed = *activation.supersedes;
    const auto old = by_id_.find(one.claimed);
    if (old == by_id_.end()) {
      fault_(leaf.index, "supersedes activation " + activation_id_text(one.claimed) + ", which is not there");
    } else {
      one.supersedes = to_be_superseded_ = old->second;
      if (activations_[old->second].licence != one.licence) fault_(leaf.index, "supersedes an activation of another licence");
    }
  }
  count(at, leaf.at_unix_s);
  if (one.counted != issued.counted_seats)
    fault_(leaf.index, "says that it stands for " + seats_text(issued.counted_seats) + "; it stands for " + std::to_string(one.counted));
  enter(at);
  if (issued.uses_quota) add_move(leaf, one.licence);
  if (to_be_superseded_ == none) check_sum(leaf.index, one.licence, leaf.at_unix_s);
}

void Reckoning::check_terms(const Leaf& leaf, const Activation& activation, const Sold& sold) {
  const auto& issued = std::get<IssuedLeaf>(leaf.body);
  const Licence& terms = sold.terms;
  if (activation.index != leaf.index) fault_(leaf.index, "holds an activation that names entry " + std::to_string(activation.index));
  if (activation.licence != issued.licence) fault_(leaf.index, "holds an activation of another licence");
  if (activation.product != terms.product) fault_(leaf.index, "holds an activation for another product than licence " + terms.id);
  if (!terms.versions.covers(activation.versions))
    fault_(leaf.index, "grants versions " + activation.versions.text() + "; licence " + terms.id + " has " + terms.versions.text());
  for (const std::string& feature : activation.features)
    if (!has(terms.features, feature))
      fault_(leaf.index, "grants feature " + in_quotes(feature) + ", which licence " + terms.id + " has not");
  if (activation.customer != terms.customer) fault_(leaf.index, "names another customer than licence " + terms.id);
  const auto product = products_.find(activation.product);
  const ProductTerms usual = product == products_.end() ? ProductTerms{} : product->second.terms;
  if (activation.policy != usual.policy || activation.grace_days != usual.grace_days)
    fault_(leaf.index, "has another tolerance or grace than product " + printable(activation.product));
  if (activation.generation != sold.generation + 1)
    fault_(leaf.index, "is generation " + std::to_string(activation.generation) + " of licence " + terms.id + "; " +
                           std::to_string(sold.generation + 1) + " is due");
}

std::uint64_t Reckoning::moves_used(const Sold& sold, std::uint64_t at_unix_s) {
  const std::uint64_t since = at_unix_s > year_s ? at_unix_s - year_s : 0;
  return static_cast<std::uint64_t>(std::count_if(sold.moves.begin(), sold.moves.end(), [&](std::uint64_t at) { return at > since; }));
}

void Reckoning::check_quota(const Leaf& leaf, const Sold& sold, const std::vector<std::string>& approvals) {
  const std::uint64_t used = moves_used(sold, leaf.at_unix_s);
  if (used >= sold.terms.rehosts_a_year() && !has(approvals, "rehost-quota"))
    fault_(leaf.index, "has no approval rehost-quota: " + std::to_string(used) + " moves of licence " + sold.terms.id + " are used up");
}

void Reckoning::take_in_ended(const Leaf& leaf) {
  const auto& ended = std::get<EndedLeaf>(leaf.body);
  Standing* const one = find(ended.activation);
  const std::string name = activation_id_text(ended.activation);
  if (!one) return fault_(leaf.index, "ends activation " + name + ", which is not there");
  const auto at = static_cast<std::uint32_t>(one - activations_.data());
  if (leaf.kind == LeafKind::superseded) {
    const Standing* const by = ended.by.size() == 16 ? find(*to_array<16>(ended.by)) : nullptr;
    if (!by || by != &activations_.back() || to_be_superseded_ != at || by->entry + 1 != leaf.index)
      fault_(leaf.index, "names a successor of activation " + name + " that is not the entry before");
    else
      one->successor = static_cast<std::uint32_t>(by - activations_.data());
    to_be_superseded_ = none;
  } else if (!ended.by.empty()) {
    fault_(leaf.index, "revokes activation " + name + " and names a successor");
  }
  if (one->state != ActivationState::live) return fault_(leaf.index, "ends activation " + name + ", which is not live");
  leave(at);
  one->ended = static_cast<std::uint32_t>(leaf.index);
  one->state = leaf.kind == LeafKind::superseded ? ActivationState::superseded : ActivationState::revoked;
  if (leaf.kind == LeafKind::revoked) {
    add_move(leaf, one->licence);
    revoked_.push_back({at, leaf.at_unix_s});
    if (one->members == hash_of({})) licences_[one->licence].revoked_without_members.push_back(at);
  }
  check_sum(leaf.index, one->licence, leaf.at_unix_s);
}

void Reckoning::check_receipt(std::uint64_t entry, const Receipt& receipt, std::uint32_t at) {
  const Standing& one = activations_[at];
  const Licence& terms = licences_[one.licence].terms;
  if (receipt.machine_key != one.machine) fault_(entry, "holds a receipt that another machine signed than the one that had the activation");
  if (receipt.licence != terms.id || receipt.product != terms.product || receipt.generation != one.generation)
    fault_(entry, "holds a receipt of another licence, product or generation than its activation's");
  if (!receipt.successor) return;
  std::uint32_t next = one.successor;
  while (next != none && activations_[next].id != *receipt.successor) next = activations_[next].successor;
  if (next == none) fault_(entry, "holds a receipt that names a successor which its activation has not");
}

bool Reckoning::frees_seats(std::uint32_t at, std::uint64_t at_unix_s) const {
  const Standing& one = activations_[at];
  if (one.state == ActivationState::live) return is_live(one, at_unix_s);
  bool was_freed = false;
  std::uint32_t last = at;
  while (activations_[last].successor != none) {
    last = activations_[last].successor;
    was_freed |= activations_[last].freed;
  }
  const Standing& head = activations_[last];
  const bool is_covered = one.seats <= head.seats && (!head.is_certificate || (one.is_certificate && one.not_after <= head.not_after));
  const bool has_ended = one.is_certificate && one.not_after < at_unix_s;
  return !was_freed && !has_ended && is_live(head, at_unix_s) && !is_covered;
}

void Reckoning::take_in_returned(const Leaf& leaf, const Receipt* receipt) {
  const auto& body = std::get<ReturnedLeaf>(leaf.body);
  Standing* const one = find(body.activation);
  const std::string name = activation_id_text(body.activation);
  if (!one) return fault_(leaf.index, "returns activation " + name + ", which is not there");
  const auto at = static_cast<std::uint32_t>(one - activations_.data());
  if (receipt) check_receipt(leaf.index, *receipt, at);
  if (one->state != ActivationState::live && one->state != ActivationState::superseded)
    return fault_(leaf.index, "returns activation " + name + ", which is " + std::string(activation_state_name(one->state)) + " already");
  if (body.uses_quota != frees_seats(at, leaf.at_unix_s))
    fault_(leaf.index, body.uses_quota ? "counts as a move, and frees no seat" : "frees seats, and does not count as a move");
  if (body.uses_quota) check_quota(leaf, licences_[one->licence], body.approvals);
  if (body.uses_quota) add_move(leaf, one->licence);
  one->ended = static_cast<std::uint32_t>(leaf.index);
  if (one->state == ActivationState::live) {
    leave(at);
    one->state = ActivationState::returned;
    return;
  }
  one->state = ActivationState::returned;
  const std::uint32_t last = end_of_chain(at);
  const bool is_live = activations_[last].state == ActivationState::live;
  if (is_live) leave(last);
  count(last, leaf.at_unix_s);
  if (is_live) enter(last);
}

/// docs/format-desk.md, "Ledger leaves": the largest of what may still be out there.
void Reckoning::count(std::uint32_t at, std::uint64_t at_unix_s) {
  Standing& one = activations_[at];
  one.counted = one.counted_after = one.seats;
  one.is_owed = false;
  one.owed_until = 0;
  for (std::uint32_t old = one.freed ? none : one.supersedes; old != none;) {
    const Standing& before = activations_[old];
    const bool is_out = before.state != ActivationState::returned && !(before.is_certificate && before.not_after < at_unix_s);
    if (is_out) one.counted = std::max(one.counted, before.seats);
    if (is_out && !before.is_certificate) one.counted_after = std::max(one.counted_after, before.seats);
    if (is_out && before.is_certificate) {
      one.is_owed = true;
      one.owed_until = std::max(one.owed_until, before.not_after);
    }
    old = before.freed ? none : before.supersedes;
  }
}

void Reckoning::leave(std::uint32_t at) {
  const Standing& one = activations_[at];
  Sold& sold = licences_[one.licence];
  if (is_timed(one)) {
    sold.timed.erase(std::find(sold.timed.begin(), sold.timed.end(), at));
    return;
  }
  sold.steady -= one.counted;
  sold.steady_unreturned -= one.counted > one.seats ? 1U : 0U;
}

void Reckoning::enter(std::uint32_t at) {
  const Standing& one = activations_[at];
  Sold& sold = licences_[one.licence];
  if (is_timed(one)) return sold.timed.push_back(at);
  sold.steady += one.counted;
  sold.steady_unreturned += one.counted > one.seats ? 1U : 0U;
}

std::uint64_t Reckoning::live_seats(const Sold& sold, std::uint64_t at_unix_s) const {
  std::uint64_t sum = sold.steady;
  for (const std::uint32_t at : sold.timed)
    if (is_live(activations_[at], at_unix_s)) sum += counted_at(activations_[at], at_unix_s);
  return sum;
}

void Reckoning::check_sum(std::uint64_t entry, std::uint32_t licence, std::uint64_t at_unix_s) {
  const Sold& sold = licences_[licence];
  const std::uint64_t live = live_seats(sold, at_unix_s);
  if (live > sold.terms.seats)
    fault_(entry, "leaves licence " + sold.terms.id + " with " + std::to_string(live) + " live seats, " + std::to_string(sold.terms.seats) +
                      " bought");
}

void Reckoning::add_move(const Leaf& leaf, std::uint32_t licence) {
  moves_.push_back({static_cast<std::uint32_t>(leaf.index), licence, leaf.at_unix_s});
  licences_[licence].moves.push_back(leaf.at_unix_s);
}

/// What is asked of it while it goes on.
std::optional<Reckoning::Known> Reckoning::known_of(std::string_view licence, std::uint64_t at_unix_s) const {
  const auto found = licence_by_id_.find(licence);
  if (found == licence_by_id_.end()) return std::nullopt;
  const Sold& sold = licences_[found->second];
  Known out{sold.terms, {}, sold.generation, moves_used(sold, at_unix_s)};
  out.totals.live_seats = live_seats(sold, at_unix_s);
  for (const std::uint32_t at : sold.timed)
    if (activations_[at].is_certificate && is_live(activations_[at], at_unix_s)) ++out.totals.certificates;
  return out;
}

std::optional<std::uint32_t> Reckoning::number_of(const ActivationId& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? std::nullopt : std::optional(found->second);
}

std::uint32_t Reckoning::end_of_chain(std::uint32_t number) const {
  while (activations_[number].successor != none) number = activations_[number].successor;
  return number;
}

bool Reckoning::is_live_or_revoked(std::uint32_t number, std::string_view licence) const {
  if (number >= activations_.size()) return false;
  const Standing& one = activations_[number];
  return (one.state == ActivationState::live || one.state == ActivationState::revoked) && licences_[one.licence].terms.id == licence;
}

std::vector<std::uint32_t> Reckoning::revoked_without_members(std::string_view licence) const {
  const auto found = licence_by_id_.find(licence);
  return found == licence_by_id_.end() ? std::vector<std::uint32_t>{} : licences_[found->second].revoked_without_members;
}

void Reckoning::stand(std::uint32_t number, ActivationRecord& record) const {
  const Standing& one = activations_[number];
  record.state = one.state;
  record.counted_seats = one.counted;
  if (one.is_owed) record.owed_until_unix_s = one.owed_until;
  record.counted_after = one.counted_after;
  record.uses_quota = one.freed;
}

}  // namespace oak
