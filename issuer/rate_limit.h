#pragma once
// How often somebody may ask: a burst, and one more after each interval. Pure: the time is handed in.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace oak {

class RateLimit {
 public:
  struct Rate {
    std::uint64_t burst = 1;           ///< so many at once, at least 1
    std::uint64_t interval_ms = 1000;  ///< then one each
  };

  explicit RateLimit(Rate rate, std::size_t most_remembered = 65'536) : rate_(rate), most_(most_remembered) {}

  /// nullopt: he may, and it counts. Else after how many ms he may, and nothing counts. `now_ms` never goes back.
  std::optional<std::uint64_t> take(const std::string& who, std::uint64_t now_ms) { return take(who, now_ms, rate_); }
  /// The same with a rate of his own.
  std::optional<std::uint64_t> take(const std::string& who, std::uint64_t now_ms, Rate rate);
  /// Never more than the most and one.
  std::size_t remembered() const { return free_at_ms_.size(); }

 private:
  void make_room(std::uint64_t now_ms);
  Rate rate_;
  std::size_t most_;
  /// When his whole burst would be free again (the virtual scheduling of GCRA, ITU-T I.371).
  std::unordered_map<std::string, std::uint64_t> free_at_ms_;
  std::uint64_t swept_at_ms_ = 0;
};

}  // namespace oak
