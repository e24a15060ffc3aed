#pragma once
// A check on a computer that has no activation of its own, but was lent a seat (docs/format-seats.md, "What a computer keeps").

#include "core/seat_lease.h"
#include "verifier/answer.h"
#include "verifier/chain.h"
#include "verifier/machine.h"
#include "verifier/seat_state.h"

namespace oak {

/// A lease at this moment: a held one by this boot's own clock, whatever the calendar says; a borrowed one as a certificate, by the
/// calendar and the latest time that was seen.
enum class LeaseTime { good, other_boot, over, not_yet_valid, clock_set_back };
struct LeaseMoment {
  std::optional<ByteArray<16>> boot_id;
  std::uint64_t boot_ms = 0, unix_s = 0, time_mark_unix_s = 0;
};
LeaseTime judge_lease_time(const SeatLease& lease, const HeldLease& held, const LeaseMoment& now);
/// Of a borrowed seat: its end by this computer's calendar, which may go ahead of the server's or behind it.
std::uint64_t borrowed_end_unix_s(const SeatLease& lease, const HeldLease& held);

/// nullopt where this computer is not enrolled with a seat server. Fails where its state can't be read.
Outcome<std::optional<Answer>> answer_for_lease(const Machine& machine, const Chain& chain, const Question& question);

}  // namespace oak
