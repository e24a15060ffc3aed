#include "verifier/lease.h"

#include <algorithm>

#include "core/seat_lease.h"
#include "core/text.h"
#include "verifier/advice.h"
#include "verifier/seat_state.h"

namespace oak {
namespace {

Result<OpenedSeatLease> open_under(const Trusts& trusts, ByteView document, std::string_view product) {
  auto opened = open_seat_lease(document, trusts.back(), product);
  for (std::size_t i = trusts.size() - 1; !opened && i > 0; --i)
    if (auto older = open_seat_lease(document, trusts[i - 1], product)) return older;
  return opened;
}

/// Lends words to one answer in the making.
class Leasing {
 public:
  Leasing(const Machine& machine, const Chain& chain, const Question& question, const SeatServer& server)
      : machine_(machine), chain_(chain), question_(question), server_(server) {
    answer_.product = chain.product;
    answer_.trust = chain.trust_origin;
    answer_.next = "oak-seat acquire --product " + chain.product;
    if (machine.state_dir != default_state_dir) answer_.next += " --state-dir " + shell_word(machine.state_dir);
  }

  Answer say(Verdict verdict, std::string detail) {
    answer_.verdict = verdict;
    answer_.details.push_back(std::move(detail));
    return std::move(answer_);
  }

  Answer judge(const OpenedSeatLease& opened, const HeldLease& held, const KeyPair& computer, SeatState& state) {
    const SeatLease& lease = *opened.lease;
    const Activation& activation = *opened.activation.activation;
    answer_.activation = activation;
    answer_.id = opened.activation.id;
    if (lease.computer_key != computer.public_key) return say(Verdict::malformed, "the seat was lent to another computer");
    const std::uint64_t issuer = opened.activation.issuer->serial;
    const Revocations& revocations = chain_.bulletins->revocations;
    if (revocations.revokes(issuer, opened.activation.id))
      return say(Verdict::revoked,
                 "activation " + activation_id_text(opened.activation.id) + " of the seat server was revoked by the vendor");
    if (const auto over = lease.not_after_unix_s ? judge_borrowed(*lease.not_after_unix_s, state) : judge_held(lease, held)) return *over;
    answer_.reasons.licence = question_.seats_in_use > 1;
    answer_.reasons.version = question_.version && !activation.versions.contains(*question_.version);
    if (answer_.reasons.licence)
      answer_.details.push_back("licence: " + std::to_string(question_.seats_in_use) + " seats in use, one was lent to this computer");
    if (answer_.reasons.version)
      answer_.details.push_back("version: " + question_.version_text + " is not in " + activation.versions.text());
    answer_.verdict = answer_.reasons.any() ? Verdict::rebind : Verdict::active;
    answer_.next =
        answer_.reasons.any() ? "on the seat server: oak-request create --product " + chain_.product + " --version VERSION" : std::string();
    return std::move(answer_);
  }

 private:
  /// By this boot's own clock: a wall clock that is set says nothing here.
  std::optional<Answer> judge_held(const SeatLease& lease, const HeldLease& held) {
    const auto boot_id = machine_.boot ? machine_.boot->boot_id() : std::nullopt;
    const std::uint64_t now = machine_.boot ? machine_.boot->now_boot_ms() : UINT64_MAX;
    if (boot_id != held.boot_id) return say(Verdict::expired, "the seat was lent before this machine was started anew");
    if (now < held.sent_at_ms || now - held.sent_at_ms >= lease.ttl_s * 1000)
      return say(Verdict::expired, "the seat that " + in_quotes(server_.url) + " lent was not renewed in time");
    return std::nullopt;
  }

  /// As a certificate: by the clock, and the latest time that was seen.
  std::optional<Answer> judge_borrowed(std::uint64_t until_unix_s, SeatState& state) {
    const std::uint64_t now = machine_.clock.now_unix_s(), mark = state.time_mark().value_or(0);
    if (std::max(now, mark) > until_unix_s) return say(Verdict::expired, "the borrowed seat ended at " + utc_text(until_unix_s));
    if (now + set_back_tolerance_s < mark)
      return say(Verdict::clock_set_back, "the clock shows " + utc_text(now) + ", but " + utc_text(mark) + " has been seen already");
    if (now > mark && !state.put_time_mark(now)) answer_.warnings.push_back("the time could not be noted in " + in_quotes(state.folder()));
    return std::nullopt;
  }

  const Machine& machine_;
  const Chain& chain_;
  const Question& question_;
  const SeatServer& server_;
  Answer answer_;
};

}  // namespace

Outcome<std::optional<Answer>> answer_for_lease(const Machine& machine, const Chain& chain, const Question& question) {
  SeatState state(machine.disk, machine.state_dir, chain.product);
  const auto server = state.server();
  if (!server) return tl::unexpected(state_failure(server.error()));
  if (!*server) return std::optional<Answer>{};
  Leasing leasing(machine, chain, question, **server);
  const auto held = state.lease();
  if (!held && held.error().code != Code::damaged_state) return tl::unexpected(state_failure(held.error()));
  if (!held) return std::optional(leasing.say(Verdict::malformed, in_quotes(held.error().context) + " is damaged"));
  if (!*held) return std::optional(leasing.say(Verdict::expired, "no seat is held: " + in_quotes((*server)->url) + " lends them"));
  if (!chain.bulletins)
    return std::optional(leasing.say(Verdict::untrusted, "no trust of the vendor is in place for " + in_quotes(chain.product)));
  const auto opened = open_under(chain.bulletins->trusts, (*held)->document, chain.product);
  if (!opened)
    return std::optional(
        leasing.say(Verdict::untrusted, "the lent seat can't be traced to the vendor: " + std::string(code_cause(opened.error().code))));
  const auto computer = state.computer_key();
  if (!computer && computer.error().code != Code::damaged_state) return tl::unexpected(state_failure(computer.error()));
  if (!computer || !*computer)
    return std::optional(leasing.say(Verdict::malformed, "this computer's key is damaged or gone: enrol it anew"));
  return std::optional(leasing.judge(*opened, **held, **computer, state));
}

}  // namespace oak
