#include "core/version.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace oak {
namespace {

constexpr std::uint64_t max_number = 0xffffffff;
constexpr VersionNumbers lowest = {0, 0, 0, 0};
constexpr VersionNumbers above_all = {max_number + 1, 0, 0, 0};

std::vector<std::string_view> pieces(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find(separator);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || text.size() > 10 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > max_number) return std::nullopt;
  return value;
}

bool is_pre_tag(std::string_view text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-';
  });
}

/// The least version above all that begin with the numbers up to `place`. It carries as a clock does, so that one set
/// of versions has one pair of ends; only the first place may reach above_all.
VersionNumbers next_after(VersionNumbers numbers, std::size_t place) {
  for (std::size_t i = place + 1; i < numbers.size(); ++i) numbers[i] = 0;
  for (; place > 0 && numbers[place] == max_number; --place) numbers[place] = 0;
  ++numbers[place];
  return numbers;
}

struct Interval {
  VersionNumbers low = lowest, high = above_all;
};

std::optional<Interval> wildcard(std::string_view text) {
  if (text == "*") return Interval{};
  if (!text.ends_with(".*")) return std::nullopt;
  const auto parts = pieces(text.substr(0, text.size() - 2), '.');
  if (parts.size() > 3) return std::nullopt;
  VersionNumbers numbers{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto value = number(parts[i]);
    if (!value) return std::nullopt;
    numbers[i] = *value;
  }
  return Interval{numbers, next_after(numbers, parts.size() - 1)};
}

std::optional<Interval> comparison(std::string_view text) {
  std::string_view op;
  for (const std::string_view candidate : {">=", "<=", ">", "<", "="})
    if (text.starts_with(candidate)) {
      op = candidate;
      break;
    }
  const auto version = parse_version(text.substr(op.size()));
  if (!version || !version->pre.empty()) return std::nullopt;
  const VersionNumbers& at = version->numbers;
  const VersionNumbers above = next_after(at, 3);
  if (op == ">=") return Interval{at, above_all};
  if (op == ">") return Interval{above, above_all};
  if (op == "<") return Interval{lowest, at};
  if (op == "<=") return Interval{lowest, above};
  return Interval{at, above};
}

}  // namespace

Result<Version> parse_version(std::string_view text) {
  const auto refuse = [&] { return fail(Code::bad_version, std::string(text.substr(0, max_version_bytes))); };
  if (text.size() > max_version_bytes) return refuse();
  Version version;
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    if (!is_pre_tag(text.substr(dash + 1))) return refuse();
    version.pre = text.substr(dash + 1);
  }
  const auto parts = pieces(text.substr(0, dash), '.');
  if (parts.size() > version.numbers.size()) return refuse();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto value = number(parts[i]);
    if (!value) return refuse();
    version.numbers[i] = *value;
  }
  return version;
}

Result<VersionRange> VersionRange::parse(std::string_view text) {
  const auto refuse = [&] { return fail(Code::bad_range, std::string(text.substr(0, max_version_bytes))); };
  if (text.size() > max_version_bytes) return refuse();
  VersionRange range;
  Interval all;
  std::size_t count = 0;
  for (const std::string_view piece : pieces(text, ' ')) {
    if (piece.empty()) continue;
    auto interval = wildcard(piece);
    if (!interval) interval = comparison(piece);
    if (!interval) return refuse();
    all.low = std::max(all.low, interval->low);
    all.high = std::min(all.high, interval->high);
    range.text_ += (count++ > 0 ? " " : "") + std::string(piece);
  }
  if (count == 0 || !(all.low < all.high)) return refuse();
  range.low_ = all.low;
  range.high_ = all.high;
  return range;
}

bool VersionRange::contains(const Version& version) const { return low_ <= version.numbers && version.numbers < high_; }

std::string VersionRange::lowest_text() const {
  std::size_t count = low_.size();
  while (count > 2 && low_[count - 1] == 0) --count;
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ".") + std::to_string(low_[i]);
  return out;
}

bool VersionRange::covers(const VersionRange& other) const { return low_ <= other.low_ && other.high_ <= high_; }

}  // namespace oak
