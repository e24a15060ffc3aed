#include "seats/keeping.h"

#include <algorithm>

#include "core/json_writer.h"

namespace oak::seats {
namespace {

constexpr std::uint64_t try_again_ms = 2'000, borrowed_look_ms = 60'000;

}  // namespace

Keeping::Keeping(Client& client, Disk& disk, BootClock& boot, Random& random, Seat seat, std::string note_path)
    : client_(client), disk_(disk), boot_(boot), random_(random), seat_(seat), note_path_(std::move(note_path)) {
  plan(seat_.borrowed ? borrowed_look_ms : seat_.heartbeat_ms);
  tell();
}

/// Up to a tenth earlier or later, so that computers that began together don't come together.
void Keeping::plan(std::uint64_t after_ms) {
  const std::uint64_t span = after_ms / 5;
  std::uint8_t dice = 0;
  random_.fill(&dice, 1);
  next_ms_ = boot_.now_boot_ms() + after_ms - span / 2 + span * dice / 256;
}

std::uint64_t Keeping::sleep_ms() const {
  const std::uint64_t now = boot_.now_boot_ms();
  std::uint64_t until = next_ms_;
  if (held_ && !seat_.borrowed) until = std::min(until, seat_.until_boot_ms);
  return until > now ? until - now : 0;
}

Keeping::Change Keeping::turn() {
  const bool was_held = held_;
  const std::uint64_t now = boot_.now_boot_ms();
  if (now >= next_ms_) {
    // Another program of this computer may have renewed it already.
    const auto asked = client_.acquire();
    trouble_ = asked ? std::string() : asked.error().message;
    if (asked) {
      seat_ = *asked;
      held_ = seat_.held;
      plan(!held_ ? std::max<std::uint64_t>(seat_.retry_after_ms, 100) : seat_.borrowed ? borrowed_look_ms : seat_.heartbeat_ms);
    } else {
      plan(std::min<std::uint64_t>(try_again_ms, std::max<std::uint64_t>(seat_.ttl_ms / 12, 100)));
    }
  }
  if (held_ && !seat_.borrowed && boot_.now_boot_ms() >= seat_.until_boot_ms) held_ = false;
  if (held_ && seat_.borrowed && trouble_.empty()) {
    const auto still = client_.held_now();
    held_ = still && still->held;
  }
  if (held_ || held_ != was_held) tell();
  return held_ == was_held ? Change::none : held_ ? Change::held : Change::lost;
}

void Keeping::tell() {
  if (note_path_.empty()) return;
  JsonWriter json;
  json.begin_object().key("held").boolean(held_).key("until_boot_ms").number(held_ ? seat_.until_boot_ms : 0);
  json.key("until").number(held_ ? seat_.until_unix_s : 0).key("borrowed").boolean(held_ && seat_.borrowed).end_object();
  const auto written = disk_.write(note_path_, as_bytes(json.str() + "\n"), 0644, Existing::replace);
  if (!written && trouble_.empty()) trouble_ = "cannot write " + note_path_;
}

}  // namespace oak::seats
