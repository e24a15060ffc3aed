#pragma once
// One state of the small world that the search walks through: two machines, a desk with one licence, and all that was ever sent. Bytes
// only, so that two states are equal where their bytes are.

#include <array>
#include <compare>
#include <cstdint>
#include <type_traits>

namespace oak::model {

using Number = std::uint8_t;
inline constexpr Number most_requests = 4, most_activations = 4, machine_count = 2, none = 15;

/// What is switched off; nothing, in the kit.
struct Switches {
  bool rule_2 = true;             ///< who supersedes must have signed with the old one's machine key
  bool rule_3_moves = true;       ///< other hardware needs the operator's word, which counts
  bool rule_3_reductions = true;  ///< of two numbers of seats the larger counts until the receipt is in
  bool rule_4 = true;             ///< an answer that has ended is handed out no more
  bool rule_6 = true;             ///< the mark of the generation
  bool checkpoints = true;        ///< a ledger that is behind its newest one takes nothing
};

/// On some medium, for ever. It may reach the desk at any time, and again.
struct Request {
  Number key = none;      ///< the machine key that signed it
  Number machine = none;  ///< its network card, disk and system
  Number board = none;    ///< its mainboard
  Number seats = 0;
  Number supersedes = none;
  Number answer = none;  ///< the newest activation that it got

  auto operator<=>(const Request&) const = default;
};

/// On some medium, too. What the desk thinks of it stands in the ledger.
struct Activation {
  Number key = none, machine = none, board = none, seats = 0;
  Number generation = 0;
  Number supersedes = none;
  Number freed = 0;    ///< an operator said that what came before it is gone: a move
  Number ends = none;  ///< a certificate's last month; none: permanent, and later than any
};

enum class Standing : Number { absent, live, superseded, returned };

struct Entry {
  Standing standing = Standing::absent;
  Number successor = none;
  Number move = 0;  ///< its receipt freed seats, and counted
};

struct Ledger {
  std::array<Entry, most_activations> entries{};
  Number moves = 0;
  Number length = 0;  ///< entries in all
};

/// The state folder of a machine. What is kept for each activation: sets of them, as bits.
struct Folder {
  Number key = none;
  Number stored = 0, returned = 0;
  Number late = 0;                   ///< imported from what the desk handed out after it had ended
  Number receipts = 0;               ///< those for which one is kept
  Number generation = 0, month = 0;  ///< the marks
};

struct Machine {
  Folder folder, image;
  Number has_image = 0;
  Number board = none;
  Number stands_still = none;  ///< the month that its clock shows for ever; none: it goes right
};

struct State {
  std::array<Machine, machine_count> machines{};
  std::array<Request, most_requests> requests{};
  std::array<Activation, most_activations> activations{};
  Ledger ledger, copy;
  Number has_copy = 0, is_swapped = 0;
  Number checkpoint = 0;  ///< the length of the ledger that the newest one speaks of
  Number requests_made = 0, activations_made = 0, keys_made = 0, boards_moved = 0, folders_copied = 0, images_made = 0, late = 0, month = 0;
  std::array<Number, most_activations> receipts{};  ///< which were made, a bit for each successor; the highest: without one
};
static_assert(std::has_unique_object_representations_v<State>, "states are compared by their bytes");

constexpr Number bit(Number number) { return static_cast<Number>(1U << number); }
constexpr bool has(Number set, Number number) { return (set >> number & 1U) != 0; }
constexpr void add(Number& set, Number number) { set = static_cast<Number>(set | bit(number)); }

/// How a receipt that names `successor`, or none, is told from others of the same activation.
constexpr Number receipt_number(Number successor) { return successor == none ? most_activations : successor; }

}  // namespace oak::model
