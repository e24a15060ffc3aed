#include "tests/model/step.h"

#include <algorithm>
#include <utility>

#include "tests/model/site.h"

namespace oak::model {
namespace {

Number other(Number machine) { return static_cast<Number>(1 - machine); }

/// What `create` finds in the folder by itself.
Number newest_stored(const State& state, const Folder& folder) {
  Number newest = none;
  for (Number at = 0; at < state.activations_made; ++at)
    if (has(folder.stored, at) && !has(folder.returned, at) &&
        (newest == none || state.activations[newest].generation < state.activations[at].generation))
      newest = at;
  return newest;
}

void add_requests(std::vector<Step>& out, const State& state, const World& world) {
  if (state.requests_made == world.requests) return;
  for (Number machine = 0; machine < machine_count; ++machine) {
    if (state.requests_made == 0 && machine != 0) continue;  // which of the two is called A makes no difference
    const Number own = newest_stored(state, state.machines[machine].folder);
    for (Number seats = 1; seats <= 2; ++seats) {
      out.push_back({Act::ask, machine, seats, own});
      if (world.claims)
        for (Number named = 0; named <= state.activations_made; ++named) {
          const Number claim = named == state.activations_made ? none : named;
          if (claim != own) out.push_back({Act::ask, machine, seats, claim});
        }
    }
  }
}

void add_deliveries(std::vector<Step>& out, const State& state, const World& world) {
  for (Number request = 0; request < state.requests_made; ++request)
    for (Number approvals = 0; approvals < (world.approvals ? 4 : 1); ++approvals) {
      out.push_back({Act::deliver, state.requests[request].machine, request, approvals});
      if (world.months > 1) out.push_back({Act::deliver, state.requests[request].machine, request, static_cast<Number>(approvals | 4)});
    }
  for (Number activation = 0; activation < state.activations_made; ++activation)
    for (Number successor = 0; successor <= most_activations; ++successor)
      if (has(state.receipts[activation], successor))
        out.push_back({Act::accept, 0, activation, successor == most_activations ? none : successor});
}

void add_site_steps(std::vector<Step>& out, const State& state, Number machine) {
  Switches all;
  State copy = state;
  const Site site(copy, machine, all);
  for (Number activation = 0; activation < state.activations_made; ++activation) {
    out.push_back({Act::import, machine, activation, 0});
    if (has(state.late, activation)) out.push_back({Act::import, machine, activation, 1});
    if (site.can_give_back(activation)) out.push_back({Act::give_back, machine, activation, none});
  }
  for (Number seats = 1; seats <= 2; ++seats) out.push_back({Act::start, machine, seats, none});
  out.push_back({Act::give_back_replaced, machine, none, none});
}

void add_accidents(std::vector<Step>& out, const State& state, const World& world) {
  for (Number machine = 0; machine < machine_count; ++machine) {
    const Machine& one = state.machines[machine];
    if (world.boards && state.boards_moved == 0) out.push_back({Act::move_board, machine, none, none});
    if (world.copies && state.folders_copied == 0) out.push_back({Act::copy_folder, machine, none, none});
    if (world.clocks && one.stands_still == none) out.push_back({Act::stop_clock, machine, none, none});
    if (world.images && state.images_made == 0) out.push_back({Act::save_image, machine, none, none});
    if (one.has_image != 0) out.push_back({Act::restore_image, machine, none, none});
  }
  if (state.month + 1 < world.months) out.push_back({Act::pass_month, 0, none, none});
  if (world.rollback == World::Rollback::never) return;
  if (state.has_copy == 0) return out.push_back({Act::save_ledger, 0, none, none});
  const bool noticed = world.rollback == World::Rollback::noticed;
  if (noticed && state.is_swapped == 0) out.push_back({Act::checkpoint, 0, none, none});
  if (!noticed || state.is_swapped != 0 || state.checkpoint > state.copy.length) out.push_back({Act::swap_ledger, 0, none, none});
}

/// What can make no difference any more is made equal, so that fewer states are left.
void forget_what_is_past(State& state, const World& world) {
  // Which of the requests was made first.
  std::sort(state.requests.begin(), state.requests.begin() + state.requests_made);
  for (Machine& machine : state.machines)
    for (Folder* const folder : {&machine.folder, &machine.image})
      folder->stored = static_cast<Number>(folder->stored & ~(folder->returned & folder->receipts));
  // A receipt that is in already; but an old ledger that comes back might take it once more.
  if (world.rollback == World::Rollback::unnoticed) return;
  const Ledger& newest = state.is_swapped != 0 ? state.copy : state.ledger;
  for (Number at = 0; at < state.activations_made; ++at)
    if (newest.entries[at].standing == Standing::returned) state.receipts[at] = 0;
}

std::string seats_text(Number seats) { return std::to_string(seats) + (seats == 1 ? " seat" : " seats"); }
std::string name_of(Number machine) { return std::string(1, static_cast<char>('A' + machine)); }
std::string activation_text(Number activation) { return "activation " + std::to_string(activation + 1); }

std::string request_text(Number machine, Number seats, Number supersedes) {
  std::string out = name_of(machine) + "'s request for " + seats_text(seats);
  return supersedes == none ? out : out + " in place of " + activation_text(supersedes);
}

std::string answer_text(const Step& step, const State& before, const State& now) {
  const Request& request = before.requests[step.what];
  std::string out = request_text(request.machine, request.seats, request.supersedes) + " reaches the desk";
  const int approved = step.how & 3;
  if (approved == 1) out += ", whose operator believes that the machine was reinstalled";
  if (approved == 2) out += ", whose operator believes that the old machine is gone";
  if (approved == 3) out += ", whose operator believes whatever the site says";
  if (now.activations_made == before.activations_made) return out + ", which hands out again an answer that has ended";
  const Activation& made = now.activations[before.activations_made];
  out += ", which issues " + activation_text(before.activations_made) + ": " + seats_text(made.seats) + " for " + name_of(made.machine);
  if (made.ends != none) out += " until the end of month " + std::to_string(made.ends + 1);
  if (made.supersedes != none) out += ", in place of " + activation_text(made.supersedes);
  return out + (made.freed != 0 ? "; that counts as a move" : "");
}

}  // namespace

std::vector<Step> steps_from(const State& state, const World& world) {
  std::vector<Step> out;
  add_requests(out, state, world);
  add_deliveries(out, state, world);
  for (Number machine = 0; machine < machine_count; ++machine) add_site_steps(out, state, machine);
  add_accidents(out, state, world);
  return out;
}

State after(const State& state, const Step& step, const World& world, const Switches& switches) {
  State out = state;
  Machine& machine = out.machines[step.machine];
  Site site(out, step.machine, switches);
  Desk desk(out, world.licence, switches);
  switch (step.act) {
    case Act::ask: site.ask(step.what, step.how); break;
    case Act::deliver: desk.answer(step.what, {(step.how & 1) != 0, (step.how & 2) != 0, (step.how & 4) != 0}); break;
    case Act::import: site.import(step.what, step.how != 0); break;
    case Act::start: site.start(step.what); break;
    case Act::give_back: site.give_back(step.what); break;
    case Act::give_back_replaced: site.give_back_replaced(); break;
    case Act::accept: desk.accept(step.what, step.how); break;
    case Act::move_board:
      machine.board = std::exchange(out.machines[other(step.machine)].board, machine_count);
      out.boards_moved = 1;
      break;
    case Act::copy_folder:
      out.machines[other(step.machine)].folder = machine.folder;
      out.folders_copied = 1;
      break;
    case Act::save_image:
      machine.image = machine.folder;
      machine.has_image = 1;
      out.images_made = 1;
      break;
    case Act::restore_image: machine.folder = machine.image; break;
    case Act::pass_month: out.month = static_cast<Number>(out.month + 1); break;
    case Act::stop_clock: machine.stands_still = out.month; break;
    case Act::save_ledger:
      out.copy = out.ledger;
      out.has_copy = 1;
      break;
    case Act::checkpoint: out.checkpoint = out.ledger.length; break;
    case Act::swap_ledger:
      if (world.rollback == World::Rollback::unnoticed) {
        out.ledger = out.copy;
      } else {
        std::swap(out.ledger, out.copy);
        out.is_swapped ^= 1;
      }
      break;
  }
  forget_what_is_past(out, world);
  return out;
}

std::string text_of(const Step& step, const State& before, const State& now) {
  const std::string machine = name_of(step.machine), mate = name_of(other(step.machine));
  switch (step.act) {
    case Act::ask:
      return machine + " asks for " + seats_text(step.what) + (step.how == none ? "" : " in place of " + activation_text(step.how));
    case Act::deliver: return answer_text(step, before, now);
    case Act::import: return machine + " imports " + activation_text(step.what) + (step.how != 0 ? " as it was handed out again" : "");
    case Act::start: return "the product starts on " + machine + " for " + seats_text(step.what);
    case Act::give_back: return machine + " gives " + activation_text(step.what) + " back";
    case Act::give_back_replaced: return machine + " gives back what was replaced";
    case Act::accept:
      return "the receipt for " + activation_text(step.what) + " reaches the desk" +
             (now.ledger.moves != before.ledger.moves ? "; that counts as a move" : "");
    case Act::move_board: return machine + " gets the board of " + mate + ", which gets a new one";
    case Act::copy_folder: return "the state folder of " + machine + " is copied onto " + mate;
    case Act::save_image: return "an image of the state folder of " + machine + " is made";
    case Act::restore_image: return "the image of " + machine + " is put back";
    case Act::pass_month: return "a month passes";
    case Act::stop_clock: return "the clock of " + machine + " stops";
    case Act::save_ledger: return "the ledger is backed up";
    case Act::checkpoint: return "a checkpoint is made";
    case Act::swap_ledger:
      return now.is_swapped < before.is_swapped ? "the newest ledger is put back" : "the backup of the ledger is put back";
  }
  return {};
}

}  // namespace oak::model
