#include "issuer/timeline.h"

#include <algorithm>

namespace oak {
namespace {

Event event_of(const Leaf& leaf) {
  Event out{leaf.index, leaf.at_unix_s, leaf.kind, leaf.operator_name, leaf.reason, {}, leaf.kind == LeafKind::revoked};
  if (const auto* returned = std::get_if<ReturnedLeaf>(&leaf.body)) {
    out.approvals = returned->approvals;
    out.uses_quota = returned->uses_quota;
  }
  return out;
}

Result<ActivationRecord> known(Ledger& ledger, const ActivationId& id) {
  OAK_ASSIGN(auto found, ledger.activation(id));
  if (!found) return fail(Code::ledger_damaged, "activation " + activation_id_text(id) + " is missing");
  return std::move(*found);
}

/// The entry is what the tables say that it is: the end of this activation.
Result<Event> ending(Ledger& ledger, std::uint64_t entry, const ActivationId& id) {
  OAK_ASSIGN(const Leaf leaf, ledger.leaf(entry));
  const auto* ended = std::get_if<EndedLeaf>(&leaf.body);
  const auto* returned = std::get_if<ReturnedLeaf>(&leaf.body);
  if ((!ended || ended->activation != id) && (!returned || returned->activation != id))
    return fail(Code::ledger_damaged, "entry " + std::to_string(entry) + " does not end activation " + activation_id_text(id));
  return event_of(leaf);
}

Result<std::vector<Event>> history_of(Ledger& ledger, const ActivationRecord& record) {
  std::vector<Event> out = {{record.activation.index, record.at_unix_s, LeafKind::issued, record.operator_name, record.reason,
                             record.approvals, record.uses_quota}};
  // Behind what took its place, in the same transaction (docs/format-desk.md, "Ledger leaves").
  std::optional<std::uint64_t> superseded;
  if (record.successor) {
    OAK_ASSIGN(const ActivationRecord successor, known(ledger, *record.successor));
    superseded = successor.activation.index + 1;
    OAK_ASSIGN(Event event, ending(ledger, *superseded, record.id));
    out.push_back(std::move(event));
  }
  if (record.ended && record.ended != superseded) {
    OAK_ASSIGN(Event event, ending(ledger, *record.ended, record.id));
    out.push_back(std::move(event));
  }
  return out;
}

bool may_be_out(const ActivationRecord& before, std::uint64_t now_unix_s) {
  const auto& end = before.activation.not_after_unix_s;
  return before.state != ActivationState::returned && !(end && *end < now_unix_s);
}

}  // namespace

Result<std::vector<Owed>> owed_before(Ledger& ledger, const ActivationRecord& record, std::uint64_t now_unix_s) {
  std::vector<Owed> out;
  bool freed = record.uses_quota;
  for (std::optional<ActivationId> at = record.activation.supersedes; at && !freed;) {
    OAK_ASSIGN(const ActivationRecord before, known(ledger, *at));
    const Activation& activation = before.activation;
    if (may_be_out(before, now_unix_s) && activation.seats > record.activation.seats)
      out.push_back({before.id, activation.site, activation.seats, activation.not_after_unix_s});
    freed = before.uses_quota;
    at = activation.supersedes;
  }
  return out;
}

Result<ActivationView> view_activation(Ledger& ledger, ActivationRecord record, std::uint64_t now_unix_s) {
  ActivationView out;
  out.record = std::move(record);
  OAK_ASSIGN(out.history, history_of(ledger, out.record));
  if (out.record.is_live(now_unix_s)) {
    OAK_ASSIGN(out.owed, owed_before(ledger, out.record, now_unix_s));
  }
  for (std::optional<ActivationId> at = out.record.successor; at;) {
    OAK_ASSIGN(out.in_place.emplace(), known(ledger, *at));
    at = out.in_place->successor;
  }
  if (!out.in_place || !out.in_place->is_live(now_unix_s)) return out;
  OAK_ASSIGN(const std::vector<Owed> owed, owed_before(ledger, *out.in_place, now_unix_s));
  out.is_owed = std::any_of(owed.begin(), owed.end(), [&](const Owed& one) { return one.id == out.record.id; });
  return out;
}

}  // namespace oak
