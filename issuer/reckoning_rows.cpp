// What a reckoning comes to: the sums of licences, and the rows that the derived tables must hold.

#include "issuer/ledger_derived.h"
#include "issuer/reckoning.h"

namespace oak {

std::vector<Reckoning::LicenceSum> Reckoning::sums(std::uint64_t now_unix_s) const {
  std::vector<LicenceSum> out;
  for (const Sold& sold : licences_) out.push_back({sold.terms.id, sold.terms.seats, live_seats(sold, now_unix_s), 0});
  for (const Standing& one : activations_)
    if (is_live(one, now_unix_s) && counted_at(one, now_unix_s) > one.seats) ++out[one.licence].unreturned;
  return out;
}

std::vector<std::pair<std::string, std::uint64_t>> Reckoning::key_numbers() const {
  std::vector<std::pair<std::string, std::uint64_t>> out;
  for (const auto& [id, at] : licence_by_id_) out.emplace_back(id, licences_[at].terms.key_number);
  return out;
}

std::vector<LicenceRow> Reckoning::licence_rows() const {
  std::vector<LicenceRow> out;
  for (const auto& [id, at] : licence_by_id_)
    out.push_back({id, folded_case(id), licences_[at].entry, licences_[at].added, licences_[at].steady, licences_[at].steady_unreturned,
                   licences_[at].entries});
  return out;
}

std::vector<ProductRow> Reckoning::product_rows() const {
  std::vector<ProductRow> out;
  for (const auto& [name, product] : products_) out.push_back({name, product.entry});
  return out;
}

ActivationRow Reckoning::activation_row(std::size_t at) const {
  const Standing& one = activations_[at];
  ActivationRow row;
  row.entry = one.entry;
  row.id.assign(one.id.begin(), one.id.end());
  row.text = activation_id_text(one.id);
  row.licence = licences_[one.licence].terms.id;
  row.state = static_cast<std::uint64_t>(one.state);
  row.generation = one.generation;
  row.request.assign(one.request.begin(), one.request.end());
  row.machine.assign(one.machine.begin(), one.machine.end());
  row.seats = one.seats;
  row.counted = one.counted;
  if (one.is_owed) row.owed_until = one.owed_until;
  row.counted_after = one.counted_after;
  if (one.is_certificate) row.not_after = one.not_after;
  if (one.has_claimed) row.supersedes.assign(one.claimed.begin(), one.claimed.end());
  if (one.successor != none) row.successor.assign(activations_[one.successor].id.begin(), activations_[one.successor].id.end());
  row.freed = one.freed ? 1 : 0;
  row.weak = one.is_weak ? 1 : 0;
  if (one.ended != none) row.ended = one.ended;
  return row;
}

std::vector<MoveRow> Reckoning::move_rows() const {
  std::vector<MoveRow> out;
  for (const Move& move : moves_) out.push_back({move.entry, licences_[move.licence].terms.id, move.at});
  return out;
}

std::vector<std::uint64_t> Reckoning::entries_of_live() const {
  const Digest nothing = hash_of({});
  std::vector<std::uint64_t> out;
  for (const Standing& one : activations_)
    if (one.state == ActivationState::live && one.members != nothing) out.push_back(one.entry);
  return out;
}

std::optional<std::uint64_t> Reckoning::entry_of(ByteView id) const {
  const auto key = to_array<16>(id);
  const auto found = key ? by_id_.find(*key) : by_id_.end();
  if (found == by_id_.end()) return std::nullopt;
  return activations_[found->second].entry;
}

std::optional<std::uint64_t> Reckoning::entry_of_live(ByteView id, const std::vector<Bytes>& members) const {
  const auto key = to_array<16>(id);
  const auto found = key ? by_id_.find(*key) : by_id_.end();
  if (found == by_id_.end()) return std::nullopt;
  const Standing& one = activations_[found->second];
  if (one.state != ActivationState::live || one.members != hash_of(members)) return std::nullopt;
  return one.entry;
}

}  // namespace oak
