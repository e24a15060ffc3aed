#pragma once
// A random history of sites and a desk: steps that make sense in any order, so that a failing one can be made shorter by leaving
// steps out.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace oak::property {

enum class Act {
  activate,      ///< asks and imports the answer
  ask,           ///< asks; the answer lies about, and may never arrive
  claim,         ///< asks, and says that another machine's activation is to be superseded
  repeat,        ///< an earlier request reaches the desk once more
  import,        ///< some answer, at some machine
  start,         ///< the product starts
  replace_part,  ///< a new network card, disk, system or board
  move_board,    ///< a board goes to another machine, which had its own; a new one takes its place
  reinstall,     ///< the state folder is gone
  save,          ///< an image of the state folder
  restore,       ///< the image is put back
  clone,         ///< the state folder on another machine as well
  give_back,     ///< return: a receipt that lies about
  accept,        ///< some receipt reaches the desk
  revoke,        ///< some activation
  change,        ///< the licence's seats or moves
  wait,          ///< days
  old_ledger,    ///< the desk's ledger is an old copy when a machine asks
};
inline constexpr unsigned act_count = static_cast<unsigned>(Act::old_ledger) + 1;

/// Which machine, which other thing, how much: taken modulo what there is.
struct Step {
  Act act = Act::start;
  unsigned machine = 0, other = 0, number = 0;
};
std::string text_of(const Step& step);

struct History {
  std::uint64_t seed = 0;
  unsigned machines = 2, seats = 1, rehosts = 2;
  std::vector<Step> steps;
};
History make_history(std::uint64_t seed);
std::string text_of(const History& history);

/// What a history ran into, in one sentence; `kind` tells whether a shorter one runs into the same.
struct Fault {
  std::string kind, text;
  std::size_t step = 0;  ///< its index
};
using Play = std::function<std::optional<Fault>(const History&)>;
/// Leaves out steps, the last first, as long as the same kind of fault remains.
History shorten(History history, const Fault& fault, const Play& play);

}  // namespace oak::property
