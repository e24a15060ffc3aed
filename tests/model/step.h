#pragma once
// What can happen next in the small world, one thing at a time.

#include <string>
#include <vector>

#include "tests/model/desk.h"

namespace oak::model {

/// How far the search goes, and what may happen in it.
struct World {
  std::string name;  ///< what may happen, in words
  Number requests = 3;
  Number activations = 4;
  bool claims = false;     ///< a request may name any activation, not only the machine's own
  bool boards = false;     ///< one mainboard moves to the other machine, once
  bool copies = false;     ///< one state folder is copied onto the other machine, once
  bool images = false;     ///< an image of each state folder, put back
  Number months = 1;       ///< how many pass; certificates are issued where it is more than one
  bool clocks = false;     ///< the clock of a machine may stop
  bool approvals = false;  ///< the operator believes what the site says
  enum class Rollback { never, noticed, unnoticed } rollback = Rollback::never;  ///< of the ledger, with a checkpoint or without
  Licence licence;
};

enum class Act : Number {
  ask,
  deliver,
  import,
  start,
  give_back,
  give_back_replaced,
  accept,
  move_board,
  copy_folder,
  save_image,
  restore_image,
  pass_month,
  stop_clock,
  save_ledger,
  checkpoint,
  swap_ledger
};

/// `what` and `how` are a number of seats, a request, an activation: whatever the act is about.
struct Step {
  Act act = Act::ask;
  Number machine = 0, what = none, how = none;
};

std::vector<Step> steps_from(const State& state, const World& world);
State after(const State& state, const Step& step, const World& world, const Switches& switches);
/// In words; `before` and `now` are the states around it.
std::string text_of(const Step& step, const State& before, const State& now);

}  // namespace oak::model
