#pragma once
// Every state that can be reached, in breadth: so that the first history that goes wrong is a shortest one.

#include <functional>
#include <optional>
#include <string>

#include "tests/model/step.h"

namespace oak::model {

/// What is wrong with a state, in one sentence; nothing where all is well.
using Judge = std::function<std::optional<std::string>(const State&)>;

struct Found {
  std::uint64_t states = 0, steps = 0;
  Number depth = 0;         ///< all histories of so many steps were looked at
  bool is_complete = true;  ///< and longer ones lead to nothing new
  std::string wrong;        ///< empty: nothing
  std::vector<std::string> history;
};

/// Ends with the step after which there are `most_states`.
Found search(const World& world, const Switches& switches, const Judge& judge, std::uint64_t most_states);

}  // namespace oak::model
