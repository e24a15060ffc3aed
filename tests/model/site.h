#pragma once
// One machine, as request/create, request/returning, verifier/install, verifier/check and verifier/record have it.

#include "tests/model/state.h"

namespace oak::model {

class Site {
 public:
  Site(State& state, Number machine, const Switches& switches)
      : state_(state), machine_(state.machines[machine]), folder_(machine_.folder), number_(machine), switches_(switches) {}

  void ask(Number seats, Number supersedes);
  void import(Number activation, bool late);
  /// The product starts, and says that it uses so many seats.
  void start(Number seats);
  void give_back(Number activation);
  void give_back_replaced();
  bool can_give_back(Number activation) const;

  /// What a check with so many seats answers for, none where it is not active.
  Number active_with(Number seats) const;

 private:
  const Activation& activation(Number number) const { return state_.activations[number]; }
  bool is_standing(Number number) const;
  bool fits(Number number) const { return activation(number).machine == number_; }
  Number month() const { return machine_.stands_still == none ? state_.month : machine_.stands_still; }
  bool is_in_window(Number number) const;
  Number in_force() const;
  void write_receipt(Number number, Number successor);

  State& state_;
  Machine& machine_;
  Folder& folder_;
  Number number_;
  const Switches& switches_;
};

}  // namespace oak::model
