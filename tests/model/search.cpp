#include "tests/model/search.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace oak::model {
namespace {

/// A state is remembered by 128 bits: among ten million the odds that two share them are below 10⁻²⁴.
struct Mark {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Mark&) const = default;
};

std::uint64_t mix(std::uint64_t word) {
  word ^= word >> 32;
  word *= 0xd6e8feb86659fd93;
  word ^= word >> 32;
  word *= 0xd6e8feb86659fd93;
  return word ^ word >> 32;
}

Mark mark_of(const State& state) {
  Mark out{0x243f6a8885a308d3, 0x13198a2e03707344};
  std::array<std::uint64_t, (sizeof(State) + 7) / 8> words{};
  std::memcpy(words.data(), &state, sizeof state);
  for (const std::uint64_t word : words) {
    out.high = (out.high ^ word) * 0x9e3779b97f4a7c15;
    out.high ^= out.high >> 29;
    out.low = (out.low + word + out.high) * 0xd6e8feb86659fd93;
    out.low ^= out.low >> 31;
  }
  out = {mix(out.high), mix(out.low)};
  if (out == Mark{}) out.low = 1;  // that means: no mark
  return out;
}

/// A set of marks: open addressing, twice as large whenever it is two thirds full.
class Marks {
 public:
  Marks() : slots_(1 << 16) {}
  bool insert(const Mark& mark) {
    if (3 * (count_ + 1) > 2 * slots_.size()) grow();
    Mark& slot = slots_[place(mark)];
    if (slot == mark) return false;
    slot = mark;
    ++count_;
    return true;
  }

 private:
  std::size_t place(const Mark& mark) const {
    std::size_t at = mark.low & (slots_.size() - 1);
    while (slots_[at] != Mark{} && slots_[at] != mark) at = (at + 1) & (slots_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<Mark> old(2 * slots_.size());
    old.swap(slots_);
    for (const Mark& mark : old)
      if (mark != Mark{}) slots_[place(mark)] = mark;
  }
  std::vector<Mark> slots_;
  std::size_t count_ = 0;
};

/// How each state was first reached.
struct Origin {
  std::uint32_t from = 0;
  Step step;
};

State first_state() {
  State state;
  for (Number machine = 0; machine < machine_count; ++machine) state.machines[machine].board = machine;
  return state;
}

class Search {
 public:
  Search(const World& world, const Switches& switches, const Judge& judge) : world_(world), switches_(switches), judge_(judge) {}

  Found run(std::uint64_t most_states) {
    std::vector<State> level{first_state()}, next;
    std::uint32_t number = 0;  // of level's first
    marks_.insert(mark_of(level.front()));
    origins_.push_back({});
    while (!level.empty() && out_.wrong.empty()) {
      for (std::uint32_t at = 0; at < level.size() && out_.wrong.empty() && out_.is_complete; ++at) {
        expand(level[at], number + at, next);
        out_.is_complete = origins_.size() <= most_states;
      }
      if (!out_.is_complete) break;
      number += static_cast<std::uint32_t>(level.size());
      level.swap(next);
      next.clear();
      ++out_.depth;
    }
    out_.states = origins_.size();
    return std::move(out_);
  }

 private:
  void expand(const State& state, std::uint32_t number, std::vector<State>& next) {
    for (const Step& step : steps_from(state, world_)) {
      ++out_.steps;
      State reached = after(state, step, world_, switches_);
      if (std::memcmp(&reached, &state, sizeof state) == 0 || !marks_.insert(mark_of(reached))) continue;
      origins_.push_back({number, step});
      if (const auto wrong = judge_(reached)) {
        out_.wrong = *wrong;
        return tell();
      }
      next.push_back(reached);
    }
  }

  void tell() {
    std::vector<Step> steps;
    for (std::size_t at = origins_.size() - 1; at != 0; at = origins_[at].from) steps.push_back(origins_[at].step);
    std::reverse(steps.begin(), steps.end());
    State state = first_state();
    for (const Step& step : steps) {
      const State now = after(state, step, world_, switches_);
      out_.history.push_back(text_of(step, state, now));
      state = now;
    }
  }

  const World& world_;
  const Switches& switches_;
  const Judge& judge_;
  Marks marks_;
  std::vector<Origin> origins_;
  Found out_;
};

}  // namespace

Found search(const World& world, const Switches& switches, const Judge& judge, std::uint64_t most_states) {
  return Search(world, switches, judge).run(most_states);
}

}  // namespace oak::model
