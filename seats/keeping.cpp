#include "seats/keeping.h"

#include <algorithm>

namespace oak::seats {
namespace {

constexpr std::uint64_t try_again_ms = 2'000, refused_again_ms = 10'000, shortest_ms = 100, borrowed_look_ms = 60'000;

}  // namespace

std::uint64_t Standing::left_ms(std::uint64_t now_boot_ms, std::uint64_t now_unix_s) const {
  if (!held) return 0;
  if (borrowed) return until_unix_s >= now_unix_s ? (until_unix_s - now_unix_s) * 1000 + 1 : 0;
  return until_boot_ms > now_boot_ms ? until_boot_ms - now_boot_ms : 0;
}

/// Up to a tenth earlier or later, so that computers that began together don't come together.
void Keeping::plan(std::uint64_t after_ms) {
  const std::uint64_t span = after_ms / 5;
  std::uint8_t dice = 0;
  random_.fill(&dice, 1);
  next_ms_ = boot_.now_boot_ms() + after_ms - span / 2 + span * dice / 256;
}

Keeping::Change Keeping::stands(bool held) {
  if (held == standing_.held) return Change::none;
  standing_.held = held;
  ++standing_.changes;
  return held ? Change::held : Change::lost;
}

/// What was answered is what stands; without an answer what is held goes on to its end.
Outcome<Seat> Keeping::take(Outcome<Seat> asked) {
  wants_it_ = true;
  failure_ = asked ? std::nullopt : std::optional(asked.error());
  if (!asked) {
    const std::uint64_t soon_ms = std::min(try_again_ms, std::max(seat_.ttl_ms / 12, shortest_ms));
    // On a journey there is no server, and nothing is lost by that.
    plan(standing_.held && seat_.borrowed      ? borrowed_look_ms
         : asked.error().code == Code::refused ? refused_again_ms
         : standing_.held                      ? soon_ms
                                               : try_again_ms);
    return asked;
  }
  seat_ = *asked;
  stands(seat_.held);
  standing_.borrowed = seat_.held && seat_.borrowed;
  standing_.until_boot_ms = seat_.held ? seat_.until_boot_ms : 0;
  standing_.until_unix_s = seat_.held ? seat_.until_unix_s : 0;
  standing_.position = seat_.held ? 0 : seat_.position;
  plan(!seat_.held ? std::max(seat_.retry_after_ms, shortest_ms) : seat_.borrowed ? borrowed_look_ms : seat_.heartbeat_ms);
  return asked;
}

Outcome<Seat> Keeping::acquire() { return take(client_.acquire()); }

Outcome<Seat> Keeping::borrow(std::uint64_t days) {
  auto asked = client_.borrow(days);
  return asked ? take(std::move(asked)) : asked;  // a refusal takes nothing away
}

void Keeping::stop() {
  wants_it_ = false;
  failure_.reset();
  stands(false);
  standing_.position = 0;
}

Outcome<Seat> Keeping::release(FileLock& use) {
  if (use.become_alone()) stop();
  return client_.release(use);
}

std::optional<std::uint64_t> Keeping::next_ms() const {
  if (!wants_it_) return std::nullopt;
  return standing_.held && !standing_.borrowed ? std::min(next_ms_, standing_.until_boot_ms) : next_ms_;
}

std::optional<std::uint64_t> Keeping::sleep_ms() const {
  const auto next = next_ms();
  const std::uint64_t now = boot_.now_boot_ms();
  return next ? std::optional(*next > now ? *next - now : 0) : std::nullopt;
}

Keeping::Change Keeping::turn() {
  if (!wants_it_) return Change::none;
  const bool was_held = standing_.held;
  // Another program of this computer may have renewed it already.
  if (boot_.now_boot_ms() >= next_ms_) static_cast<void>(take(client_.acquire()));
  if (standing_.held && standing_.borrowed) {
    const auto still = client_.held_now();
    stands(still && still->held);
  } else if (standing_.left_ms(boot_.now_boot_ms(), clock_.now_unix_s()) == 0) {
    stands(false);
  }
  return standing_.held == was_held ? Change::none : standing_.held ? Change::held : Change::lost;
}

}  // namespace oak::seats
