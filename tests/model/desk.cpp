#include "tests/model/desk.h"

#include <algorithm>

namespace oak::model {
namespace {

/// By the tolerance rule, with the default weights: the rest of a machine is enough without its board, a board is not without the rest.
bool is_accepted(const Activation& old, const Request& request) { return old.machine == request.machine; }
/// Platform holds: only then the machine is the same without an operator's word.
bool is_anchored(const Activation& old, const Request& request) { return old.board == request.board; }

}  // namespace

Number Desk::end_of_chain(Number activation) const {
  while (entry(activation).successor != none) activation = entry(activation).successor;
  return activation;
}

Number Desk::counted(Number activation) const {
  Number most = state_.activations[activation].seats;
  if (!switches_.rule_3_reductions) return most;
  for (Number at = activation; state_.activations[at].freed == 0 && state_.activations[at].supersedes != none;) {
    at = state_.activations[at].supersedes;
    if (entry(at).standing != Standing::returned && !has_ended(at)) most = std::max(most, state_.activations[at].seats);
  }
  return most;
}

Number Desk::live_seats() const {
  Number sum = 0;
  for (Number at = 0; at < state_.activations_made; ++at)
    if (is_live(at)) sum = static_cast<Number>(sum + counted(at));
  return sum;
}

bool Desk::speaks_for(const Request& request, Number current) const {
  if (current == none || entry(current).standing != Standing::live) return false;
  if (!switches_.rule_2) return true;
  return state_.activations[request.supersedes].key == request.key && state_.activations[current].key == request.key;
}

Desk::Old Desk::find_old(const Request& request, Number current) const {
  // What has ended holds no machine: other hardware is simply new.
  if (speaks_for(request, current) && (is_live(current) || is_anchored(state_.activations[current], request))) return {current, false};
  if (current != none && is_live(current)) return {current, true};
  for (Number at = 0; at < state_.activations_made; ++at)
    if (is_live(at) && (state_.activations[at].key == request.key || is_accepted(state_.activations[at], request))) return {at, true};
  return {};
}

bool Desk::is_on_other_live_one(const Request& request, Number old) const {
  for (Number at = 0; at < state_.activations_made; ++at)
    if (at != old && is_live(at) && is_accepted(state_.activations[at], request)) return true;
  return false;
}

void Desk::hand_out_again(Number activation) {
  if (!is_live(activation) && !switches_.rule_4) add(state_.late, activation);
}

void Desk::answer(Number number, Approvals approvals) {
  if (is_behind_checkpoint()) return;
  const Request& request = state_.requests[number];
  if (request.answer != none && entry(request.answer).standing != Standing::absent) return hand_out_again(request.answer);
  // Rule 11: it knows of more than this ledger does.
  if (request.supersedes != none && entry(request.supersedes).standing == Standing::absent) return;
  const Old old = find_old(request, request.supersedes == none ? none : end_of_chain(request.supersedes));
  if (!old.stranger && is_on_other_live_one(request, old.activation) && !approvals.same_hardware) return;
  bool freed = false;
  if (old.activation != none) {
    const Activation& before = state_.activations[old.activation];
    const bool accepted = is_accepted(before, request), anchored = is_anchored(before, request) || !switches_.rule_3_moves;
    if (old.stranger && accepted && !approvals.same_hardware) return;
    if (!(old.stranger && accepted) && (old.stranger || !anchored) && !approvals.receipt) return;
    // A certificate frees its seats by its end, but not those of a permanent activation, which may still be out there.
    const bool shortens = approvals.certificate && before.ends == none;
    if (shortens && !old.stranger && anchored && !approvals.receipt) return;
    const bool falls = is_live(old.activation) && request.seats < counted(old.activation);
    freed = !anchored || (old.stranger && !accepted) || shortens || (falls && approvals.receipt);
    if (freed && state_.ledger.moves >= licence_.moves) return;
  }
  const Number before = old.activation != none && is_live(old.activation) ? counted(old.activation) : Number{0};
  const Number stays = freed || !switches_.rule_3_reductions ? request.seats : std::max(request.seats, before);
  if (live_seats() - before + stays > licence_.seats) return;
  if (const auto ends = end_of(request, old, approvals.certificate)) record(number, old.activation, freed, *ends);
}

std::optional<Number> Desk::end_of(const Request& request, const Old& old, bool certificate) const {
  const auto next_month = static_cast<Number>(state_.month + 1);
  const Activation* const before = old.activation == none ? nullptr : &state_.activations[old.activation];
  if (before == nullptr || before->ends == none || !is_live(old.activation)) return certificate ? next_month : none;
  const bool keeps_end = old.stranger || !is_accepted(*before, request) || !is_anchored(*before, request) || request.seats != before->seats;
  const bool may_renew = state_.month >= before->ends;
  if (!certificate && !keeps_end) return none;
  if (keeps_end && !(may_renew && certificate)) return before->ends;
  if (!may_renew) return std::nullopt;
  return std::max(next_month, before->ends);
}

void Desk::record(Number number, Number old, bool freed, Number ends) {
  Request& request = state_.requests[number];
  if (state_.activations_made == most_activations) return;
  Number generation = 0;
  for (Number at = 0; at < state_.activations_made; ++at)
    if (entry(at).standing != Standing::absent) generation = std::max(generation, state_.activations[at].generation);
  const Number id = state_.activations_made++;
  state_.activations[id] = {request.key, request.machine, request.board, request.seats, static_cast<Number>(generation + 1),
                            old,         freed,           ends};
  request.answer = id;
  Ledger& ledger = state_.ledger;
  ledger.entries[id] = {Standing::live, none, 0};
  ledger.length = static_cast<Number>(ledger.length + 1);
  ledger.moves = static_cast<Number>(ledger.moves + (freed ? 1 : 0));
  if (old == none) return;
  ledger.entries[old].standing = Standing::superseded;
  ledger.entries[old].successor = id;
}

bool Desk::frees_seats(Number activation) const {
  if (entry(activation).standing == Standing::live || has_ended(activation)) return is_live(activation);
  bool freed = false;
  Number head = activation;
  while (entry(head).successor != none) {
    head = entry(head).successor;
    freed = freed || state_.activations[head].freed != 0;
  }
  const Activation &owed = state_.activations[activation], &last = state_.activations[head];
  return !freed && is_live(head) && (owed.seats > last.seats || owed.ends > last.ends);
}

void Desk::accept(Number activation, Number successor) {
  if (is_behind_checkpoint()) return;
  Ledger& ledger = state_.ledger;
  Entry& returned = ledger.entries[activation];
  if (returned.standing == Standing::absent || returned.standing == Standing::returned) return;
  if (successor != none) {
    Number at = returned.successor;
    while (at != none && at != successor) at = ledger.entries[at].successor;
    if (at == none) return;
  }
  const bool is_move = frees_seats(activation);
  if (is_move && ledger.moves >= licence_.moves) return;
  returned.standing = Standing::returned;
  returned.move = is_move ? 1 : 0;
  ledger.moves = static_cast<Number>(ledger.moves + returned.move);
  ledger.length = static_cast<Number>(ledger.length + 1);
}

bool Desk::is_accounted(Number activation) const {
  // A receipt speaks for those before it as well: where it ended the chain, or where theirs are in too.
  bool are_in = true;
  for (Number at = activation;;) {
    const Entry& here = entry(at);
    if (here.move != 0 && (are_in || here.successor == none)) return true;
    if (here.successor == none) return false;
    are_in = are_in && here.standing == Standing::returned;
    at = here.successor;
    if (state_.activations[at].freed != 0) return true;
  }
}

}  // namespace oak::model
