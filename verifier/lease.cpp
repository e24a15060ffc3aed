#include "verifier/lease.h"

#include <algorithm>

#include "core/text.h"
#include "verifier/advice.h"
#include "verifier/record.h"

namespace oak {
namespace {

/// Why the seat does not count, and the command that helps.
struct Finding {
  Verdict verdict = Verdict::not_verified;
  std::string detail, next;
};
using Found = std::optional<Finding>;

Result<OpenedSeatLease> open_under(const Trusts& trusts, ByteView document, std::string_view product) {
  auto opened = open_seat_lease(document, trusts.back(), product);
  for (std::size_t i = trusts.size() - 1; !opened && i > 0; --i)
    if (auto older = open_seat_lease(document, trusts[i - 1], product)) return older;
  return opened;
}

/// Damage is a verdict; whatever else keeps a file from being read is no answer.
template <typename T>
Outcome<void> readable(const Result<T>& read) {
  if (read || read.error().code == Code::damaged_state) return {};
  return tl::unexpected(state_failure(read.error()));
}

/// One answer in the making.
class Leasing {
 public:
  Leasing(const Machine& machine, const Chain& chain, const Question& question)
      : machine_(machine), chain_(chain), question_(question), state_(machine.disk, machine.state_dir, chain.product) {
    answer_.product = chain.product;
    answer_.trust = chain.trust_origin;
  }
  Outcome<std::optional<Answer>> judge();

 private:
  Outcome<Found> look_at_marks() const;
  Outcome<Found> look_at_computer(const SeatLease& lease) const;
  Outcome<Found> look_at_time(const OpenedSeatLease& opened, const HeldLease& held);
  Outcome<Answer> judge_held(const HeldLease& held, const SeatToken& token);
  Outcome<Answer> judge_opened(const OpenedSeatLease& opened, const HeldLease& held);
  Found judge_borrowed(const OpenedSeatLease& opened, const HeldLease& held, const LeaseMoment& now) const;
  void note_time(std::uint64_t now_unix_s, std::uint64_t mark_unix_s);
  Answer judge_fit(const Activation& activation);
  Answer say(Finding finding);

  std::string state_option() const {
    return machine_.state_dir == default_state_dir ? std::string() : " --state-dir " + shell_word(machine_.state_dir);
  }
  std::string acquire() const { return "oak-seat acquire --product " + chain_.product + state_option(); }
  Finding enrol_anew(std::string_view file, bool is_there) const {
    return {Verdict::malformed,
            in_quotes(state_.folder() + "/" + std::string(file)) + (is_there ? " is damaged" : " is gone") + ": enrol this computer anew",
            "oak-seat enrol --server " + (url_.empty() ? "URL" : shell_word(url_)) + " --product " + chain_.product + " --code CODE" +
                state_option()};
  }

  const Machine& machine_;
  const Chain& chain_;
  const Question& question_;
  SeatState state_;
  std::string url_;
  Answer answer_;
};

Answer Leasing::say(Finding finding) {
  answer_.verdict = finding.verdict;
  answer_.details.push_back(std::move(finding.detail));
  answer_.next = std::move(finding.next);
  return std::move(answer_);
}

Outcome<std::optional<Answer>> Leasing::judge() {
  const auto server = state_.server();
  OAK_TRY(readable(server));
  if (server && !*server) return std::optional<Answer>{};
  if (!server) return std::optional(say(enrol_anew("server.oak", true)));
  url_ = (*server)->url;
  OAK_ASSIGN(Found marks, look_at_marks());
  if (marks) return std::optional(say(std::move(*marks)));
  // Before the lease: one that comes meanwhile is newer than the token that was read, and never older.
  const auto token = state_.token();
  OAK_TRY(readable(token));
  if (!token || !*token) return std::optional(say(enrol_anew("token.oak", !token)));
  const auto held = state_.lease();
  OAK_TRY(readable(held));
  if (!held) return std::optional(say({Verdict::malformed, in_quotes(held.error().context) + " is damaged", acquire()}));
  if (!*held) return std::optional(say({Verdict::expired, "no seat is held: " + in_quotes(url_) + " lends them", acquire()}));
  OAK_ASSIGN(Answer answer, judge_held(**held, **token));
  return std::optional(std::move(answer));
}

/// A computer has none before its first bulletin.
Outcome<Found> Leasing::look_at_marks() const {
  const Store store(machine_.disk, machine_.state_dir, machine_.own_uid);
  const auto marks = store.marks(chain_.product);
  OAK_TRY(readable(marks));
  const std::string import = "oak-request import BULLETIN-FILE" + state_option();
  if (!marks)
    return Found({Verdict::malformed,
                  in_quotes(marks.error().context) + " is damaged: take it away, and import the vendor's newest bulletin",
                  "sudo rm " + shell_word(marks.error().context) + " && " + import});
  if (*marks && chain_.bulletins && chain_.bulletins->lacks(**marks))
    return Found({Verdict::malformed, std::string(lacking_bulletin), import});
  return Found();
}

Outcome<Answer> Leasing::judge_held(const HeldLease& held, const SeatToken& token) {
  if (!chain_.bulletins)
    return say({Verdict::untrusted, "no trust of the vendor is in place for " + in_quotes(chain_.product),
                "sudo install -D -m 0644 trust.oak " + chain_.site_trust_file});
  const auto opened = open_under(chain_.bulletins->trusts, held.document, chain_.product);
  if (!opened)
    return say(
        {Verdict::untrusted, "the lent seat can't be traced to the vendor: " + std::string(code_cause(opened.error().code)), acquire()});
  answer_.activation = *opened->activation.activation;
  answer_.id = opened->activation.id;
  if (held.number < token.answers)
    return say({Verdict::superseded, "this seat was held here before: a later answer of the server took its place", acquire()});
  return judge_opened(*opened, held);
}

Outcome<Answer> Leasing::judge_opened(const OpenedSeatLease& opened, const HeldLease& held) {
  // The time first: it has been seen, whatever the verdict is.
  OAK_ASSIGN(Found over, look_at_time(opened, held));
  OAK_ASSIGN(Found foreign, look_at_computer(*opened.lease));
  if (foreign) return say(std::move(*foreign));
  if (chain_.bulletins->revocations.revokes(opened.activation.issuer->serial, opened.activation.id))
    return say({Verdict::revoked,
                "activation " + activation_id_text(opened.activation.id) + " of the seat server was revoked by the vendor",
                "on the seat server: oak-request create --product " + chain_.product + " --version VERSION"});
  if (over) return say(std::move(*over));
  return judge_fit(*opened.activation.activation);
}

Outcome<Found> Leasing::look_at_computer(const SeatLease& lease) const {
  const auto computer = state_.computer_key();
  OAK_TRY(readable(computer));
  if (!computer || !*computer) return Found(enrol_anew("computer.key", !computer));
  if (lease.computer_key == (*computer)->public_key) return Found();
  return Found({Verdict::malformed, "the seat was lent to another computer", acquire()});
}

Outcome<Found> Leasing::look_at_time(const OpenedSeatLease& opened, const HeldLease& held) {
  const SeatLease& lease = *opened.lease;
  LeaseMoment now;
  if (machine_.boot) now.boot_id = machine_.boot->boot_id();
  if (machine_.boot) now.boot_ms = machine_.boot->now_boot_ms();
  if (!lease.not_after_unix_s) {
    switch (judge_lease_time(lease, held, now)) {
      case LeaseTime::good: return Found();
      case LeaseTime::other_boot: return Found({Verdict::expired, "the seat was lent before this machine was started anew", acquire()});
      default: return Found({Verdict::expired, "the seat that " + in_quotes(url_) + " lent was not renewed in time", acquire()});
    }
  }
  const auto mark = state_.time_mark();
  OAK_TRY(readable(mark));
  if (!mark || !*mark)
    return Found({Verdict::malformed,
                  in_quotes(state_.folder() + "/clock.oak") + (mark ? " is gone" : " is damaged") +
                      ": how long the seat is borrowed can't be told; renew it at its server",
                  acquire()});
  now.unix_s = machine_.clock.now_unix_s();
  now.time_mark_unix_s = **mark;
  note_time(now.unix_s, now.time_mark_unix_s);
  answer_.judged_at_unix_s = std::max(now.unix_s, now.time_mark_unix_s);
  return judge_borrowed(opened, held, now);
}

Found Leasing::judge_borrowed(const OpenedSeatLease& opened, const HeldLease& held, const LeaseMoment& now) const {
  const std::string set_clock = "sudo timedatectl set-time 'YYYY-MM-DD HH:MM:SS'", clock = "the clock shows " + utc_text(now.unix_s);
  // A certificate lends nothing beyond its own end.
  const std::uint64_t certificate_end = opened.activation.activation->not_after_unix_s.value_or(UINT64_MAX);
  const std::uint64_t end = std::min(borrowed_end_unix_s(*opened.lease, held), certificate_end);
  LeaseTime time = judge_lease_time(*opened.lease, held, now);
  if (time != LeaseTime::not_yet_valid && std::max(now.unix_s, now.time_mark_unix_s) > end) time = LeaseTime::over;
  switch (time) {
    case LeaseTime::good: return {};
    case LeaseTime::not_yet_valid:
      return Finding{Verdict::not_yet_valid, "the seat was borrowed at " + utc_text(opened.lease->issued_at_unix_s) + ", and " + clock,
                     set_clock};
    case LeaseTime::clock_set_back:
      return Finding{Verdict::clock_set_back, clock + ", but " + utc_text(now.time_mark_unix_s) + " has been seen already", set_clock};
    default: return Finding{Verdict::expired, "the borrowed seat ended at " + utc_text(end), acquire()};
  }
}

void Leasing::note_time(std::uint64_t now_unix_s, std::uint64_t mark_unix_s) {
  if (now_unix_s < mark_unix_s + time_step_s) return;
  const bool may_write = state_.may_write();
  if (may_write ? state_.put_time_mark(now_unix_s).has_value() : machine_.own_uid != 0) return;
  answer_.warnings.push_back("the time could not be noted in " + in_quotes(state_.folder()));
}

Answer Leasing::judge_fit(const Activation& activation) {
  answer_.reasons.licence = question_.seats_in_use > 1;
  answer_.reasons.version = question_.version && !activation.versions.contains(*question_.version);
  if (answer_.reasons.licence)
    answer_.details.push_back("licence: " + std::to_string(question_.seats_in_use) + " seats in use, one was lent to this computer");
  if (answer_.reasons.version) answer_.details.push_back("version: " + question_.version_text + " is not in " + activation.versions.text());
  answer_.verdict = answer_.reasons.any() ? Verdict::rebind : Verdict::active;
  if (answer_.reasons.any()) answer_.next = "on the seat server: oak-request create --product " + chain_.product + " --version VERSION";
  return std::move(answer_);
}

}  // namespace

LeaseTime judge_lease_time(const SeatLease& lease, const HeldLease& held, const LeaseMoment& now) {
  if (!lease.not_after_unix_s) {
    if (now.boot_id != held.boot_id) return LeaseTime::other_boot;
    const bool is_over = now.boot_ms < held.sent_at_ms || now.boot_ms - held.sent_at_ms >= lease.ttl_s * 1000;
    return is_over ? LeaseTime::over : LeaseTime::good;
  }
  const auto verdict = judge_window({lease.issued_at_unix_s, borrowed_end_unix_s(lease, held)}, now.time_mark_unix_s, now.unix_s);
  if (!verdict) return LeaseTime::good;
  return *verdict == Verdict::expired          ? LeaseTime::over
         : *verdict == Verdict::clock_set_back ? LeaseTime::clock_set_back
                                               : LeaseTime::not_yet_valid;
}

std::uint64_t borrowed_end_unix_s(const SeatLease& lease, const HeldLease& held) {
  const std::uint64_t until = lease.not_after_unix_s.value_or(0), issued = std::min(lease.issued_at_unix_s, until);
  return std::min(until, held.sent_at_unix_s + (until - issued));
}

Outcome<std::optional<Answer>> answer_for_lease(const Machine& machine, const Chain& chain, const Question& question) {
  return Leasing(machine, chain, question).judge();
}

}  // namespace oak
