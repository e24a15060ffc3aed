#pragma once
// The desk, as issuer/policy, issuer/issue and issuer/returning have it: what a request is answered with, and what a receipt frees.

#include <optional>

#include "tests/model/state.h"

namespace oak::model {

struct Licence {
  Number seats = 2;
  Number moves = 2;  ///< a year, and all of it happens within one
};

/// What the operator says beside.
struct Approvals {
  bool same_hardware = false;  ///< hardware-already-active
  bool receipt = false;        ///< needs-receipt
  bool certificate = false;    ///< for this month and the next, not for ever
};

class Desk {
 public:
  Desk(State& state, const Licence& licence, const Switches& switches) : state_(state), licence_(licence), switches_(switches) {}

  /// Where it is refused, nothing changes.
  void answer(Number request, Approvals approvals);
  void accept(Number activation, Number successor);

  Number live_seats() const;
  /// Rule 3: the largest number that may still be out there, of the activation and those before it.
  Number counted(Number activation) const;
  /// Whether a move in the ledger speaks for whoever still runs it: the receipt that freed its seats, or an operator's word.
  bool is_accounted(Number activation) const;
  /// Some checkpoint knows of entries that are not here: then the ledger doesn't open for writing.
  bool is_behind_checkpoint() const { return switches_.checkpoints && state_.ledger.length < state_.checkpoint; }

 private:
  struct Old {
    Number activation = none;
    bool stranger = false;  ///< the request does not speak for it
  };
  bool has_ended(Number activation) const { return state_.activations[activation].ends < state_.month; }
  bool is_live(Number activation) const { return entry(activation).standing == Standing::live && !has_ended(activation); }
  const Entry& entry(Number activation) const { return state_.ledger.entries[activation]; }
  Number end_of_chain(Number activation) const;
  bool frees_seats(Number activation) const;
  bool speaks_for(const Request& request, Number current) const;
  Old find_old(const Request& request, Number current) const;
  bool is_on_other_live_one(const Request& request, Number old) const;
  void hand_out_again(Number activation);
  /// The last month of what takes the place of `old`; nothing where it is too early for that.
  std::optional<Number> end_of(const Request& request, const Old& old, bool certificate) const;
  void record(Number request, Number old, bool freed, Number ends);

  State& state_;
  const Licence& licence_;
  const Switches& switches_;
};

}  // namespace oak::model
