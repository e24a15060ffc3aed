#include "issuer/rate_limit.h"

#include <algorithm>

namespace oak {
namespace {

/// Who comes while everybody who is remembered must be: one place for all of those.
const std::string the_others = "the others";
constexpr std::uint64_t sweep_again_ms = 1'000;

}  // namespace

std::optional<std::uint64_t> RateLimit::take(const std::string& who, std::uint64_t now_ms, Rate rate) {
  auto found = free_at_ms_.find(who);
  if (found == free_at_ms_.end()) {
    if (free_at_ms_.size() >= most_) make_room(now_ms);
    found = free_at_ms_.try_emplace(free_at_ms_.size() >= most_ ? the_others : who, now_ms).first;
  }
  const std::uint64_t from = std::max(found->second, now_ms), whole_burst_ms = rate.burst * rate.interval_ms;
  if (from + rate.interval_ms > now_ms + whole_burst_ms) return from + rate.interval_ms - now_ms - whole_burst_ms;
  found->second = from + rate.interval_ms;
  return std::nullopt;
}

/// Whoever has his whole burst again is as one who never came.
void RateLimit::make_room(std::uint64_t now_ms) {
  if (swept_at_ms_ != 0 && now_ms < swept_at_ms_ + sweep_again_ms) return;  // each newcomer would walk them all
  swept_at_ms_ = now_ms;
  for (auto each = free_at_ms_.begin(); each != free_at_ms_.end();)
    each = each->second <= now_ms ? free_at_ms_.erase(each) : std::next(each);
}

}  // namespace oak
