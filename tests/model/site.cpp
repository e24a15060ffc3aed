#include "tests/model/site.h"

#include <algorithm>

namespace oak::model {

void Site::ask(Number seats, Number supersedes) {
  if (folder_.key == none) folder_.key = state_.keys_made++;
  state_.requests[state_.requests_made++] = {folder_.key, number_, machine_.board, seats, supersedes};
}

/// Neither given back nor superseded, as far as the folder remembers.
bool Site::is_standing(Number number) const {
  return !has(folder_.returned, number) && (!switches_.rule_6 || activation(number).generation >= folder_.generation);
}

/// A permanent activation needs no clock at all.
bool Site::is_in_window(Number number) const {
  if (activation(number).ends == none) return true;
  return std::max(month(), folder_.month) <= activation(number).ends && month() >= folder_.month;
}

void Site::import(Number number, bool late) {
  if (!is_standing(number) || !fits(number)) return;
  add(folder_.stored, number);
  if (late) add(folder_.late, number);
  if (activation(number).ends != none) folder_.month = std::max(folder_.month, month());
}

Number Site::active_with(Number seats) const {
  Number best = none;
  for (Number at = 0; at < state_.activations_made; ++at) {
    if (!has(folder_.stored, at) || !is_standing(at) || !is_in_window(at) || !fits(at) || activation(at).seats < seats) continue;
    if (best == none || activation(best).generation < activation(at).generation) best = at;
  }
  return best;
}

void Site::start(Number seats) {
  for (Number at = 0; at < state_.activations_made; ++at)
    if (has(folder_.stored, at) && is_standing(at) && activation(at).ends != none) folder_.month = std::max(folder_.month, month());
  const Number active = active_with(seats);
  if (active == none || activation(active).generation <= folder_.generation) return;
  folder_.generation = activation(active).generation;
  for (Number at = 0; at < state_.activations_made; ++at) {
    if (!has(folder_.stored, at) || activation(at).generation >= folder_.generation) continue;
    const bool owes = activation(at).seats > activation(active).seats || has(folder_.returned, at);
    if (owes && !has(folder_.receipts, at)) continue;
    folder_.stored = static_cast<Number>(folder_.stored & ~bit(at));
  }
}

/// Of those that stand, the newest.
Number Site::in_force() const {
  Number best = none;
  for (Number at = 0; at < state_.activations_made; ++at)
    if (has(folder_.stored, at) && is_standing(at) && (best == none || activation(best).generation < activation(at).generation)) best = at;
  return best;
}

bool Site::can_give_back(Number number) const {
  return has(folder_.stored, number) && !has(folder_.receipts, number) && activation(number).key == folder_.key;
}

void Site::write_receipt(Number number, Number successor) {
  add(folder_.receipts, number);
  add(state_.receipts[number], receipt_number(successor));
}

void Site::give_back(Number number) {
  const Number newest = in_force();
  const bool newer_stays = newest != none && activation(newest).generation > activation(number).generation;
  if (!newer_stays && !has(folder_.returned, number))
    for (Number at = 0; at < state_.activations_made; ++at)
      if (has(folder_.stored, at) && activation(at).generation < activation(number).generation) add(folder_.returned, at);
  add(folder_.returned, number);
  folder_.generation = std::max(folder_.generation, activation(number).generation);
  write_receipt(number, newer_stays ? newest : none);
}

/// Those of more seats than the one that took their place, once it has been active or would be.
void Site::give_back_replaced() {
  const Number next = in_force();
  if (next == none) return;
  const Number mark = folder_.generation;
  for (Number at = 0; at < state_.activations_made; ++at) {
    if (!can_give_back(at) || activation(at).generation >= activation(next).generation || activation(at).seats <= activation(next).seats)
      continue;
    const bool was_returned = has(folder_.returned, at);
    if (!was_returned && mark < activation(next).generation && !(is_in_window(next) && fits(next))) continue;
    add(folder_.returned, at);
    folder_.generation = std::max(folder_.generation, activation(was_returned ? at : next).generation);
    write_receipt(at, next);
  }
}

}  // namespace oak::model
