// Goal: seats are never given away, in any history of a small world: two machines, one desk, one licence of two seats, and messages that
// are lost, repeated and reordered at will. With a rule of the design switched off there is such a history, and a shortest one is printed.
// What is known not to hold is printed in the same way. Exits with 1 where anything is otherwise than it says here.
//
// Not in it: cryptography, revocations, changes of a licence, thin fingerprints, grace. tests/property plays random histories on the real
// code, with more of everything.

#include <cstdio>

#include "tests/model/properties.h"

namespace {

using namespace oak::model;

/// More than there are; but where everything happens at once, no more than this.
constexpr std::uint64_t all_states = 5'000'000, some_states = 1'500'000;

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

World with(World world, void (*change)(World&)) {
  change(world);
  return world;
}

const World mail;  // any message reaches anybody at any time, again and again, or never
const World claims_and_boards = with(mail, [](World& world) { world.claims = world.boards = true; });
const World approvals = with(mail, [](World& world) { world.approvals = true; });
const World copies = with(approvals, [](World& world) { world.copies = true; });
const World images = with(mail, [](World& world) { world.images = true; });
const World certificates = with(mail, [](World& world) { world.months = 3; });
const World noticed = with(approvals, [](World& world) { world.rollback = World::Rollback::noticed; });
const World unnoticed = with(mail, [](World& world) { world.rollback = World::Rollback::unnoticed; });
const World all_but_boards = with(noticed, [](World& world) { world.copies = world.images = true; });

struct Holding {
  const char* what;
  World world;
  Property property = Property::strict;
  std::uint64_t most_states = all_states;
};

const Holding holdings[] = {
    {"a request may name any activation, and a board moves", with(claims_and_boards, [](World& world) { world.requests = 4; })},
    {"certificates, and three months", certificates},
    {"certificates, three months, and the operator believes anything", with(certificates, [](World& world) { world.approvals = true; }),
     Property::accounted},
    {"an image of a state folder is put back", images, Property::accounted},
    {"a state folder is copied, and the operator believes anything", copies, Property::accounted},
    {"a request may name any activation, a board moves, and the operator believes anything",
     with(claims_and_boards, [](World& world) { world.approvals = true; }), Property::accounted},
    {"an old ledger comes back behind its checkpoint, and the operator believes anything", noticed, Property::accounted},
    {"a state folder is copied, an image put back, an old ledger comes back behind its checkpoint, and the operator believes anything",
     all_but_boards, Property::accounted, some_states},
    {"an old ledger comes back, and no checkpoint tells", unnoticed, Property::ledger},
};

struct Failing {
  const char* what;
  World world;
  Property property = Property::strict;
  Switches switches{};
};

const Failing without_rules[] = {
    {"rule 2 (only the old machine key supersedes)", claims_and_boards, Property::strict, {.rule_2 = false}},
    {"rule 3, moves (other hardware needs a word that counts)", copies, Property::accounted, {.rule_3_moves = false}},
    {"rule 3, reductions (the larger number until the receipt)", mail, Property::strict, {.rule_3_reductions = false}},
    {"rule 4 (what has ended is handed out no more)", approvals, Property::accounted, {.rule_4 = false}},
    {"rule 6 (the generation's mark)", mail, Property::strict, {.rule_6 = false}},
    {"the checkpoint's refusal", noticed, Property::accounted, {.checkpoints = false}},
};

const Failing weaknesses[] = {
    {"a state folder is rolled back: what it gave back runs on, and the receipt counts as a move", images},
    {"the operator was told wrong: his word counts as a move", approvals},
    {"a copied state beside a moved board", with(copies, [](World& world) { world.boards = true; }), Property::accounted},
    {"an old ledger without a newer checkpoint", unnoticed, Property::accounted},
    {"a clock that stands still", with(certificates, [](World& world) { world.clocks = true; })},
};

class Telling {
 public:
  void holds(const Holding& holding) {
    const Switches switches;
    const Found found = search(holding.world, switches, judge_of(holding.property, holding.world, switches, false), holding.most_states);
    count(found);
    const char* const what = holding.property == Property::ledger   ? "the ledger's live seats are covered"
                             : holding.property == Property::strict ? "every seat that runs is counted"
                                                                    : "every seat that runs is counted, or a move speaks for it";
    print(std::string(found.wrong.empty() ? "holds: " : "FAILS: ") + holding.what + ": " + what + "\n  " + std::to_string(found.states) +
          " states, " + (found.is_complete ? "all that there are" : "all within " + std::to_string(found.depth) + " steps") + "\n");
    if (found.wrong.empty()) return;
    is_as_said_ = false;
    tell(found);
  }

  void fails(const Failing& failing) {
    const Found found =
        search(failing.world, failing.switches, judge_of(failing.property, failing.world, failing.switches, true), all_states);
    count(found);
    print(std::string(failing.what) + "\n");
    if (found.wrong.empty()) {
      is_as_said_ = false;
      return print("  FOUND NOTHING in " + std::to_string(found.states) + " states\n");
    }
    tell(found);
  }

  bool end() const {
    print("\n" + std::to_string(states_) + " states, " + std::to_string(steps_) + " steps\n");
    return is_as_said_;
  }

 private:
  void count(const Found& found) {
    states_ += found.states;
    steps_ += found.steps;
  }
  static void tell(const Found& found) {
    for (std::size_t at = 0; at < found.history.size(); ++at) print("  " + std::to_string(at + 1) + ". " + found.history[at] + "\n");
    print("  " + found.wrong + "\n");
  }

  std::uint64_t states_ = 0, steps_ = 0;
  bool is_as_said_ = true;
};

}  // namespace

int main() {
  Telling telling;
  print("What holds\n");
  for (const Holding& holding : holdings) telling.holds(holding);
  print("\nWith one rule switched off, a seat runs twice\n");
  for (const Failing& failing : without_rules) telling.fails(failing);
  print("\nWhat does not hold\n");
  for (const Failing& failing : weaknesses) telling.fails(failing);
  return telling.end() ? 0 : 1;
}
