// Goal: the small world that the search walks through is the kit's. Random walks through it are taken on the real desk and real machines
// as well, step by step: what is asked, issued, refused, kept, given back and counted, and which activation each start would run by,
// must be the same. follow [WALKS [FIRST]]; prints the first walk that differs, and exits with 1.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <string>

#include "request/returning.h"
#include "tests/model/site.h"
#include "tests/model/step.h"
#include "tests/property/play.h"

namespace oak::model {
namespace {

using property::Computer;
using property::FreshDesk;

/// A month; a certificate lasts to the end of the next, in whose second half it may be renewed.
constexpr std::uint64_t month_s = 30 * desk_test::day, certificate_days = 40;
constexpr unsigned steps_a_walk = 24;

World world_of(std::mt19937_64& engine) {
  const std::uint64_t bits = engine();
  World world;
  world.requests = most_requests;
  world.claims = (bits & 1) != 0;
  world.boards = (bits & 2) != 0;
  world.copies = (bits & 4) != 0;
  world.images = (bits & 8) != 0;
  world.approvals = (bits & 16) != 0;
  if ((bits & 32) != 0) world.months = 4;
  if ((bits & 192) == 0) world.rollback = World::Rollback::unnoticed;
  return world;
}

class Following {
 public:
  Following(FreshDesk& desk, std::uint64_t seed)
      : desk_(desk), engine_(seed), world_(world_of(engine_)), random_(seed), site_{{}, {}, {}, random_} {
    desk_.start_again();
    desk_.sell(world_.licence.seats, world_.licence.moves);
    site_.clock.now = desk_.office.clock.now;
    site_.trust.argument_bytes = desk_.trust_document;
    site_.licence_key = *parse_licence_key(format_licence_key(desk_.licence_key));
    for (Number machine = 0; machine < machine_count; ++machine) {
      state_.machines[machine].board = machine;
      computers_.push_back(std::make_unique<Computer>(site_, machine + 1U));
    }
  }

  /// What differs, and the walk that leads there; empty: nothing.
  std::string run() {
    for (unsigned i = 0; i < steps_a_walk && wrong_.empty() && !is_ambiguous(); ++i) {
      const Step step = choose();
      const State before = state_;
      state_ = after(before, step, world_, switches_);
      walk_ += "  " + text_of(step, before, state_) + "\n";
      take(step, before);
      if (wrong_.empty()) compare();
    }
    return wrong_.empty() ? std::string() : walk_ + "  " + wrong_ + "\n";
  }

 private:
  struct Asked {
    Request request;  ///< as the model has it, without its answer
    Bytes document;
    Number answer = none;
  };
  struct Issued {
    ActivationId id{};
    std::uint64_t generation = 0, index = 0;
    Bytes document;
  };

  /// Mostly one that changes something.
  Step choose() {
    const std::vector<Step> all = steps_from(state_, world_);
    for (unsigned tries = 0;; ++tries) {
      const Step& step = all[engine_() % all.size()];
      if (step.act == Act::deliver && state_.activations_made == most_activations) continue;  // there is no room for another one
      if (tries >= 8 || !(same(after(state_, step, world_, switches_), state_))) return step;
    }
  }
  /// An old ledger went on: of two activations of one generation a machine takes either.
  bool is_ambiguous() const {
    for (Number one = 0; one < state_.activations_made; ++one)
      for (Number two = 0; two < one; ++two)
        if (state_.activations[one].generation == state_.activations[two].generation) return true;
    return false;
  }
  static bool same(const State& one, const State& two) { return std::memcmp(&one, &two, sizeof one) == 0; }

  void take(const Step& step, const State& before) {
    // Else an old ledger that goes on would issue the same activation once more, byte for byte.
    site_.clock.now = ++desk_.office.clock.now;
    Computer& computer = *computers_[step.machine];
    Computer& other = *computers_[1U - step.machine];
    switch (step.act) {
      case Act::ask: return ask(step, before);
      case Act::deliver: return deliver(step, before);
      case Act::import: computer.import(issued_[step.what].document); return;
      case Act::start: computer.check(step.what); return;
      case Act::give_back: return note(step.machine, computer.give_back(text_of_id(step.what)), before);
      case Act::give_back_replaced: return note(step.machine, computer.give_back_replaced(), before);
      case Act::accept:
        accept_receipt(*desk_.office.desk, desk_.office.world, {{}, "test", {}}, receipts_.at({step.what, step.how}));
        return;
      case Act::move_board: return computer.take_board_of(other);
      case Act::copy_folder: other.state = computer.state; return;
      case Act::save_image: computer.image = computer.state; return;
      case Act::restore_image: computer.state = *computer.image; return;
      case Act::pass_month: site_.clock.now = desk_.office.clock.now += month_s; return;
      case Act::save_ledger: copy_ = desk_.ledger(); return;
      case Act::swap_ledger: return desk_.put_ledger(copy_);
      case Act::stop_clock:
      case Act::checkpoint: break;  // in none of these worlds
    }
    differ("there is no such step");
  }

  void ask(const Step& step, const State& before) {
    Computer& computer = *computers_[step.machine];
    const auto created = computer.ask(step.what);
    if (!created) return differ("no request could be made: " + created.error().message);
    Asked asked{{computer_key(step.machine), step.machine, before.machines[step.machine].board, step.what, step.how, none},
                created->document};
    if (number_of(created->request.supersedes) != step.how) {
      oak::Request request = created->request;
      request.supersedes.reset();
      if (step.how != none) request.supersedes = {issued_[step.how].id, issued_[step.how].generation, issued_[step.how].index};
      const SymmetricKey proof = proof_key_of(site_.licence_key);
      asked.document = seal_request(request, computer.machine_key(), &proof);
    }
    const bool is_own = step.how == own_of(before, step.machine);
    if (is_own && asked.document != created->document) differ("create found another activation to supersede");
    asked_.push_back(std::move(asked));
  }

  /// What the model says that a machine's own request names: the first that is offered.
  Number own_of(const State& before, Number machine) const {
    for (const Step& step : steps_from(before, world_))
      if (step.act == Act::ask && step.machine == machine) return step.how;
    return none;
  }
  Number computer_key(Number machine) const { return state_.machines[machine].folder.key; }

  Number number_of(const std::optional<Supersedes>& named) const {
    if (!named) return none;
    for (Number at = 0; at < issued_.size(); ++at)
      if (issued_[at].id == named->activation) return at;
    return none;
  }

  void deliver(const Step& step, const State& before) {
    oak::model::Request wanted = before.requests[step.what];
    const Number answer = std::exchange(wanted.answer, none);
    const auto asked =
        std::find_if(asked_.begin(), asked_.end(), [&](const Asked& one) { return one.request == wanted && one.answer == answer; });
    if (asked == asked_.end()) return differ("the request was never made");
    IssueTerms terms;
    terms.reason = "test";
    if ((step.how & 1) != 0) terms.approvals.emplace_back("hardware-already-active");
    if ((step.how & 2) != 0) terms.approvals.emplace_back("needs-receipt");
    if ((step.how & 4) != 0) terms.days = certificate_days;
    const auto answered = oak::issue(*desk_.office.desk, desk_.office.world, desk_.office.keys, terms, asked->document);
    if (!answered) return differ("the desk could not answer: " + answered.error().message);
    std::string codes;
    for (const Refusal& refusal : answered->refusals) codes += " " + refusal.code;
    const bool is_new = answered->refusals.empty() && !answered->repeat;
    if (is_new != (state_.activations_made > before.activations_made))
      return differ(is_new ? "the real desk issues" : "the real desk does not issue:" + codes);
    if (!is_new) return;
    const oak::Activation& made = answered->record.activation;
    issued_.push_back({answered->record.id, made.generation, made.index, answered->record.document});
    asked->answer = static_cast<Number>(issued_.size() - 1);
    const oak::model::Activation& by_model = state_.activations[asked->answer];
    std::optional<ActivationId> old;
    if (by_model.supersedes != none) old = issued_[by_model.supersedes].id;
    if (made.supersedes != old) differ("another one is superseded");
    if (made.generation != by_model.generation) differ("another generation");
    if (made.not_after_unix_s.has_value() != (by_model.ends != none)) differ("another kind");
  }

  /// Receipts that the real machine wrote must be those that came new into the model.
  void note(Number machine, std::vector<property::Returned> returned, const State& before) {
    for (property::Returned& one : returned) {
      const auto opened = open_receipt(one.receipt);
      const Number activation = number_of(Supersedes{opened->receipt->activation});
      const Number successor = opened->receipt->successor ? number_of(Supersedes{*opened->receipt->successor}) : none;
      const bool is_kept = has(before.machines[machine].folder.receipts, activation);
      if (!is_kept && !has(state_.machines[machine].folder.receipts, activation))
        return differ("it wrote a receipt for another activation");
      receipts_.insert_or_assign({activation, successor}, std::move(one.receipt));
    }
    for (Number at = 0; at < state_.activations_made; ++at)
      for (Number successor = 0; successor <= most_activations; ++successor)
        if (has(state_.receipts[at], successor) && receipts_.count({at, successor == most_activations ? none : successor}) == 0)
          differ("it wrote no receipt, or one that says another thing");
  }

  void compare() {
    const Desk desk(state_, world_.licence, switches_);
    const std::uint64_t live = desk_.office.live_seats_of("L1");
    if (live != desk.live_seats())
      differ(std::to_string(live) + " live in the real ledger, " + std::to_string(desk.live_seats()) + " here");
    const std::uint64_t moves = *desk_.office.desk->ledger().quota_used_since("L1", desk_test::start_of_tests - 1);
    if (moves != state_.ledger.moves)
      differ(std::to_string(moves) + " moves in the real ledger, " + std::to_string(state_.ledger.moves) + " here");
    for (Number machine = 0; machine < machine_count; ++machine) {
      const Site site(state_, machine, switches_);
      for (Number seats = 1; seats <= 2; ++seats) {
        const auto answer = computers_[machine]->look(seats);
        const Number real = answer && answer->verdict == Verdict::active ? number_of(Supersedes{answer->id}) : none;
        const Number here = site.active_with(seats);
        if (real != here)
          differ("machine " + std::to_string(machine) + " with " + std::to_string(seats) + ": activation " + std::to_string(real + 1) +
                 " by the real verifier, " + std::to_string(here + 1) + " here");
      }
    }
  }

  std::string text_of_id(Number activation) const { return activation_id_text(issued_[activation].id); }
  void differ(std::string text) {
    if (wrong_.empty()) wrong_ = std::move(text);
  }

  FreshDesk& desk_;
  std::mt19937_64 engine_;
  World world_;
  Switches switches_;
  State state_;
  desk_test::SeededRandom random_;
  property::Site site_;
  std::vector<std::unique_ptr<Computer>> computers_;
  std::vector<Asked> asked_;
  std::vector<Issued> issued_;
  std::map<std::pair<Number, Number>, Bytes> receipts_;  ///< by activation and successor
  Bytes copy_;
  std::string walk_, wrong_;
};

}  // namespace
}  // namespace oak::model

int main(int argc, char** argv) {
  const std::uint64_t walks = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 400,
                      first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
  if (!oak::crypto_start()) return 2;
  oak::property::FreshDesk desk;
  for (std::uint64_t seed = first; seed < first + walks; ++seed) {
    const std::string wrong = oak::model::Following(desk, seed).run();
    if (wrong.empty()) continue;
    std::printf("walk %llu\n%s", static_cast<unsigned long long>(seed), wrong.c_str());
    return 1;
  }
  std::printf("%llu walks of %u steps, seeds from %llu: the kit goes the same way\n", static_cast<unsigned long long>(walks),
              oak::model::steps_a_walk, static_cast<unsigned long long>(first));
  return 0;
}
