#include "verifier/check.h"

#include <algorithm>

#include "core/licence_key.h"
#include "core/text.h"
#include "machine-id/snapshot.h"
#include "verifier/advice.h"
#include "verifier/grace.h"
#include "verifier/lease.h"
#include "verifier/record.h"

namespace oak {
namespace {

/// What was found about one candidate.
struct Judged {
  const Candidate* candidate = nullptr;
  Verdict verdict = Verdict::not_verified;
  RebindReasons reasons;
  bool lacks_bulletin = false;
  std::optional<Judgement> hardware;
  std::vector<std::string> details;
  Grace grace;  ///< where the hardware is all that does not fit
  std::uint64_t generation() const { return candidate->opened ? candidate->opened->activation->generation : 0; }
  bool is_by_grace() const { return verdict == Verdict::active && reasons.hardware; }
  /// The best verdict counts, and what fits comes before what is given grace; of equals, the higher generation.
  bool is_better_than(const Judged& other) const {
    if (verdict != other.verdict) return verdict < other.verdict;
    if (is_by_grace() != other.is_by_grace()) return !is_by_grace();
    return generation() > other.generation();
  }
};

/// The hardware and the clock are read at most once, and only where a candidate gets that far.
class Bench {
 public:
  Bench(const Machine& machine, const Store& store, const Chain& chain, const Marks& marks, const Question& question)
      : machine_(machine), store_(store), chain_(chain), marks_(marks), question_(question) {}

  Outcome<Judged> judge_candidate(const Candidate& candidate);
  const std::optional<std::uint64_t>& clock_read() const { return now_; }
  /// Why a boot snapshot that was needed is not used, else empty.
  const std::string& snapshot_refusal() const { return snapshot_refusal_; }

 private:
  Outcome<Judgement> look_at_hardware(const Activation& activation);
  void give_grace(const OpenedActivation& opened, Judged& judged);
  std::uint64_t now() {
    if (!now_) now_ = machine_.clock.now_unix_s();
    return *now_;
  }

  const Machine& machine_;
  const Store& store_;
  const Chain& chain_;
  const Marks& marks_;
  const Question& question_;
  std::optional<Facts> facts_;
  std::string snapshot_refusal_;
  std::optional<std::uint64_t> now_;
};

Outcome<Judgement> Bench::look_at_hardware(const Activation& activation) {
  const auto stored = store_.fingerprint_key(chain_.product, activation.fingerprint_key);
  if (!stored) return tl::unexpected(key_failure(stored.error(), activation));
  if (!facts_) facts_ = collect_components(machine_.host);
  Sighting seen = observe_with_snapshot(machine_.disk, machine_.host, *facts_, chain_.product, stored->key);
  if (!seen.refusal.empty()) snapshot_refusal_ = std::move(seen.refusal);
  return judge(activation.fingerprint, seen.observations, activation.policy);
}

Outcome<Judged> Bench::judge_candidate(const Candidate& candidate) {
  Judged out;
  out.candidate = &candidate;
  out.verdict = candidate.verdict;
  // Stages 1 to 5 have refused it.
  if (!candidate.opened) {
    out.details.push_back(candidate.why);
    return out;
  }
  const OpenedActivation& opened = *candidate.opened;
  const Activation& activation = *opened.activation;
  // Without a bulletin that was seen here nobody knows what it revoked.
  if (chain_.bulletins->lacks(marks_)) {
    out.verdict = Verdict::malformed;
    out.lacks_bulletin = true;
    out.details.emplace_back(lacking_bulletin);
    return out;
  }
  // Stage 6: returned, superseded, revoked.
  if (const auto verdict = judge_standing(opened, marks_, chain_.bulletins->revocations)) {
    out.verdict = *verdict;
    out.details.push_back(standing_detail(*verdict, activation, opened.id));
    return out;
  }
  // Stage 7: the window. A permanent activation never reads the clock.
  if (activation.kind == Kind::certificate)
    if (const auto verdict = judge_window(activation, marks_.time_unix_s, now())) {
      out.verdict = *verdict;
      out.details.push_back(window_detail(*verdict, activation, marks_.time_unix_s, now()));
      return out;
    }
  // Stage 8: hardware, licence, version.
  OAK_ASSIGN(out.hardware, look_at_hardware(activation));
  out.reasons = judge_fit(activation, *out.hardware, question_);
  out.details = rebind_details(activation, out.reasons, *out.hardware, question_);
  out.verdict = out.reasons.any() ? Verdict::rebind : Verdict::active;
  if (out.reasons.hardware && !out.reasons.licence && !out.reasons.version) give_grace(opened, out);
  return out;
}

/// A start that can't be written down is no start: it would never end.
void Bench::give_grace(const OpenedActivation& opened, Judged& judged) {
  const Activation& activation = *opened.activation;
  if (activation.grace_days == 0) return;
  judged.grace = judge_grace(activation, opened.id, *judged.hardware, marks_, now());
  const bool starts = judged.grace.state == GraceState::may_start && store_.may_write(chain_.product);
  if (starts || judged.grace.state == GraceState::runs) judged.verdict = Verdict::active;
}

/// A candidate without an answer is the answer only where no other is active.
Outcome<Judged> best_of(Bench& bench, const std::vector<Candidate>& candidates, std::vector<std::string>& warnings) {
  std::optional<Judged> best;
  std::optional<Failure> failure;
  for (const Candidate& candidate : candidates) {
    auto judged = bench.judge_candidate(candidate);
    if (!judged) {
      failure = std::move(judged).error();
      continue;
    }
    if (judged->verdict == Verdict::malformed && candidates.size() > 1)
      warnings.push_back("a stored activation can't be used: " + judged->details.front());
    if (!best || judged->is_better_than(*best)) best = std::move(*judged);
  }
  if (failure && (!best || best->verdict != Verdict::active)) return tl::unexpected(std::move(*failure));
  return std::move(*best);
}

Advice advice_of(const Machine& machine, const Chain& chain, const Question& question) {
  return {chain.product, question.version_text, machine.state_dir, chain.site_trust_file, !chain.trust_origin};
}

Answer not_activated(const Chain& chain, const Advice& advice, const Question& question) {
  Answer answer;
  answer.product = chain.product;
  answer.trust = chain.trust_origin;
  answer.verdict = Verdict::not_activated;
  answer.details.push_back("no activation of " + in_quotes(chain.product) + " is stored on this machine");
  answer.next = next_command(answer.verdict, advice, question.seats_in_use);
  return answer;
}

/// Marks that can't be relied on: an older activation could be told from the newest one no more.
Answer damaged_marks(const Chain& chain, const std::string& why, const std::string& folder) {
  Answer answer;
  answer.product = chain.product;
  answer.trust = chain.trust_origin;
  answer.verdict = Verdict::malformed;
  answer.details.push_back("the marks of " + in_quotes(chain.product) + " " + why +
                           ": take the activations out of the folder and import the newest one again; the keys stay");
  answer.next =
      "sudo rm " + shell_word(folder) + "/marks.oak " + shell_word(folder) + "/activation-*.oak && oak-request import ACTIVATION-FILE";
  return answer;
}

/// Grace begins when its start is on the disk, and not before.
void start_grace(Store& store, Judged& judged, std::uint64_t now_unix_s) {
  if (!judged.is_by_grace() || judged.grace.state != GraceState::may_start) return;
  if (record_grace(store, *judged.candidate->opened, now_unix_s))
    judged.grace.state = GraceState::runs;
  else
    judged.verdict = Verdict::rebind;
}

void describe_grace(Answer& answer, const Grace& grace, std::uint64_t now_unix_s) {
  if (grace.state == GraceState::none) return;
  if (answer.verdict == Verdict::active) {
    answer.grace_until_unix_s = grace.until_unix_s;
    answer.warnings.push_back(grace_warning(grace));
  } else if (std::string why = grace_detail(grace, *answer.activation, now_unix_s); !why.empty()) {
    answer.details.push_back(std::move(why));
  }
}

void describe(Answer& answer, Judged&& judged, const Chain& chain, const Advice& advice, const Question& question, bool is_root) {
  answer.product = chain.product;
  answer.trust = chain.trust_origin;
  answer.verdict = judged.verdict;
  answer.reasons = judged.reasons;
  answer.details = std::move(judged.details);
  std::uint64_t seats = question.seats_in_use;
  if (judged.candidate->opened) {
    answer.activation = *judged.candidate->opened->activation;
    answer.id = judged.candidate->opened->id;
    seats = std::max(seats, answer.activation->seats);
  }
  if (judged.hardware)
    for (std::string& warning : hardware_warnings(*answer.activation, *judged.hardware)) answer.warnings.push_back(std::move(warning));
  answer.hardware = std::move(judged.hardware);
  // A request is what ends grace well, too.
  answer.next = next_command(answer.reasons.any() ? Verdict::rebind : answer.verdict, advice, seats);
  if (judged.lacks_bulletin) answer.next = import_bulletin_command(advice);
  const bool only_hardware = answer.reasons.hardware && !answer.reasons.licence && !answer.reasons.version;
  if (only_hardware && !is_root && may_hold_unread(*answer.hardware, answer.activation->policy))
    answer.next = "sudo systemctl enable --now oak-snapshot@" + answer.product;
}

}  // namespace

Outcome<void> check_product_name(std::string_view product) {
  if (is_name(product, max_product_bytes)) return {};
  return tl::unexpected(Failure{Code::usage, in_quotes(product) + " is not the name of a product",
                                "names have letters, digits, dots, dashes and underscores, at most 40"});
}

Failure key_failure(const Error& error, const Activation& activation) {
  if (error.code != Code::fingerprint_key_missing) return state_failure(error);
  return {Code::fingerprint_key_missing, "this machine lacks the fingerprint key of its activation (" + in_quotes(error.context) + ")",
          "import the activation again with the key of licence " + activation.licence +
              ": oak-verifier install ACTIVATION-FILE --licence-key-file KEY-FILE"};
}

Outcome<Check> Check::load(const Machine& machine, const TrustSource& source, std::string_view product) {
  OAK_TRY(check_product_name(product));
  Store store(machine.disk, machine.state_dir, machine.own_uid);
  const auto held = machine.disk.hold_folder(store.product_folder(product));
  OAK_ASSIGN(Chain chain, load_chain(machine.disk, store, source, product));
  return Check(machine, std::move(store), std::move(chain));
}

Outcome<Answer> Check::answer(const Question& question) {
  const Advice advice = advice_of(machine_, chain_, question);
  if (chain_.candidates.empty()) {
    OAK_ASSIGN(auto lent, answer_for_lease(machine_, chain_, question));
    return lent ? std::move(*lent) : not_activated(chain_, advice, question);
  }
  const std::string folder = store_.product_folder(chain_.product);
  auto held = machine_.disk.hold_folder(folder);
  const auto marks = store_.marks(chain_.product);
  if (!marks && marks.error().code != Code::damaged_state) return tl::unexpected(state_failure(marks.error()));
  if (!marks) return damaged_marks(chain_, "are damaged", folder);
  if (!*marks) return damaged_marks(chain_, "are missing", folder);

  Answer answer;
  if (chain_.too_many) answer.warnings.push_back("the store holds more documents than are looked at: " + in_quotes(folder));
  Bench bench(machine_, store_, chain_, **marks, question);
  OAK_ASSIGN(Judged judged, best_of(bench, chain_.candidates, answer.warnings));
  if (!bench.snapshot_refusal().empty()) answer.warnings.push_back(bench.snapshot_refusal());
  const std::uint64_t now = bench.clock_read().value_or(0);
  held.reset();  // what is written goes to the folder that has the name by then
  start_grace(store_, judged, now);
  // Active on its version: an answer for any version ends no older activation.
  const bool fits = judged.verdict == Verdict::active && !judged.is_by_grace() && question.version;
  const Seen seen{fits ? &*judged.candidate->opened : nullptr, bench.clock_read()};
  for (std::string& warning : record(store_, chain_, **marks, seen, machine_.own_uid == 0)) answer.warnings.push_back(std::move(warning));
  if (bench.clock_read()) answer.judged_at_unix_s = std::max(now, (*marks)->time_unix_s);
  const Grace grace = judged.grace;
  describe(answer, std::move(judged), chain_, advice, question, machine_.own_uid == 0);
  describe_grace(answer, grace, now);
  if (is_renewal_due(answer)) answer.warnings.push_back(renewal_warning(answer));
  return answer;
}

}  // namespace oak
