#include "tests/property/history.h"

#include <array>
#include <random>

namespace oak::property {
namespace {

struct Kind {
  std::string_view name;
  unsigned weight;  ///< how often
};
constexpr std::array<Kind, act_count> kinds = {{{"activate", 10},
                                                {"ask", 4},
                                                {"claim", 5},
                                                {"repeat", 5},
                                                {"import", 5},
                                                {"start", 4},
                                                {"replace part", 3},
                                                {"move board", 6},
                                                {"reinstall", 3},
                                                {"save", 2},
                                                {"restore", 2},
                                                {"clone", 2},
                                                {"give back", 5},
                                                {"accept", 6},
                                                {"revoke", 1},
                                                {"change", 2},
                                                {"wait", 2},
                                                {"old ledger", 1}}};

/// A copied state folder together with a moved board is one machine made two by hand: not told apart by anybody, and left out.
bool fits(Act act, bool with_copies) { return act != (with_copies ? Act::move_board : Act::clone); }

Act pick_act(std::mt19937_64& engine, bool with_copies) {
  unsigned all = 0;
  for (const Kind& kind : kinds) all += kind.weight;
  for (;;) {
    auto at = static_cast<unsigned>(engine() % all);
    unsigned act = 0;
    for (; at >= kinds[act].weight; ++act) at -= kinds[act].weight;
    if (fits(static_cast<Act>(act), with_copies)) return static_cast<Act>(act);
  }
}

}  // namespace

std::string text_of(const Step& step) {
  const char machine = static_cast<char>('A' + step.machine);
  return std::string(kinds[static_cast<unsigned>(step.act)].name) + " " + machine + " " + std::to_string(step.other) + " " +
         std::to_string(step.number);
}

History make_history(std::uint64_t seed) {
  std::mt19937_64 engine(seed * 2 + 1);
  const auto below = [&](std::uint64_t end) { return static_cast<unsigned>(engine() % end); };
  History out{seed, 2 + below(3), 1 + below(3), below(4), {}};
  const bool with_copies = below(2) == 0;
  const unsigned count = 6 + below(15);
  for (unsigned i = 0; i < count; ++i) {
    const Act act = pick_act(engine, with_copies);
    out.steps.push_back({act, below(out.machines), below(64), below(64)});
  }
  return out;
}

std::string text_of(const History& history) {
  std::string out = "seed " + std::to_string(history.seed) + ": " + std::to_string(history.machines) + " machines, " +
                    std::to_string(history.seats) + " seats, " + std::to_string(history.rehosts) + " moves a year\n";
  for (std::size_t i = 0; i < history.steps.size(); ++i) out += "  " + std::to_string(i) + ". " + text_of(history.steps[i]) + "\n";
  return out;
}

History shorten(History history, const Fault& fault, const Play& play) {
  history.steps.resize(fault.step + 1);
  for (bool shorter = true; shorter;) {
    shorter = false;
    for (std::size_t i = history.steps.size(); i-- > 0;) {
      History without = history;
      without.steps.erase(without.steps.begin() + static_cast<std::ptrdiff_t>(i));
      const auto still = play(without);
      if (!still || still->kind != fault.kind) continue;
      history = std::move(without);
      history.steps.resize(still->step + 1);
      shorter = true;
      i = std::min(i, history.steps.size());
    }
  }
  return history;
}

}  // namespace oak::property
