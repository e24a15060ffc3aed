#include "tests/model/properties.h"

#include <utility>

#include "tests/model/site.h"

namespace oak::model {
namespace {

/// What the desk hands out after its end, no move speaks for.
bool is_excused(const Desk& desk, const Folder& folder, Number activation) {
  return !has(folder.late, activation) && desk.is_accounted(activation);
}

Number seats_run_by(State& state, Number machine, const Desk& desk, const Switches& switches, bool all) {
  const Site site(state, machine, switches);
  for (Number seats = 2; seats > 0; --seats) {
    const Number by = site.active_with(seats);
    if (by != none && (all || !is_excused(desk, state.machines[machine].folder, by))) return seats;
  }
  return 0;
}

std::optional<std::string> judge(State state, Property property, const World& world, const Switches& switches, bool only_double) {
  // The one that an operator will find again.
  if (state.is_swapped != 0 && switches.checkpoints) std::swap(state.ledger, state.copy);
  const Desk desk(state, world.licence, switches);
  const Number bought = world.licence.seats, live = desk.live_seats();
  const std::string seats = std::to_string(bought) + " bought, " + std::to_string(live) + " live in the ledger";
  if (live > bought && !only_double) return "too many live seats: " + seats;
  if (state.ledger.moves > world.licence.moves && !only_double) return "more moves than the quota allows";
  if (property == Property::ledger) return std::nullopt;
  Number run = 0;
  std::string who;
  for (Number machine = 0; machine < machine_count; ++machine) {
    const Number one = seats_run_by(state, machine, desk, switches, property == Property::strict);
    run = static_cast<Number>(run + one);
    who += std::string(1, static_cast<char>('A' + machine)) + " runs " + std::to_string(one) + (machine == 0 ? ", " : "");
  }
  if (run > bought) return "double seat: " + seats + "; " + who;
  if (run > live && !only_double) return "uncounted seat: " + seats + "; " + who;
  return std::nullopt;
}

}  // namespace

Judge judge_of(Property property, const World& world, const Switches& switches, bool only_double) {
  return [=](const State& state) { return judge(state, property, world, switches, only_double); };
}

}  // namespace oak::model
