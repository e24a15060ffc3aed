#include "core/text.h"

#include <array>
#include <optional>

#include "core/bytes.h"

namespace oak {
namespace {

struct CodePoint {
  char32_t value;
  std::size_t length;
};

/// The code point at the front of `text` (RFC 3629 §4), or nothing where the bytes are not well-formed.
std::optional<CodePoint> front(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return CodePoint{lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return std::nullopt;
  char32_t value = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    value = (value << 6) | (byte(i) & 0x3f);
  }
  static constexpr std::array<char32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  if (value < smallest[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return std::nullopt;
  return CodePoint{value, length};
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::string two_digits(std::uint64_t value) { return {static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)}; }

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto point = front(text);
    if (!point) return false;
    text.remove_prefix(point->length);
  }
  return true;
}

bool has_control_characters(std::string_view text) {
  while (!text.empty()) {
    const auto point = front(text);
    if (!point || is_control(point->value)) return true;
    text.remove_prefix(point->length);
  }
  return false;
}

bool is_name(std::string_view text, std::size_t max_length) {
  if (text.empty() || text.size() > max_length || !is_letter_or_digit(text.front())) return false;
  for (const char c : text)
    if (!is_letter_or_digit(c) && c != '.' && c != '_' && c != '-') return false;
  return true;
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto point = front(text);
    const std::size_t length = point ? point->length : 1;
    if (point && !is_control(point->value)) {
      out += text.substr(0, length);
    } else {
      for (const char c : text.substr(0, length)) out += "\\x" + to_hex(as_bytes({&c, 1}));
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string in_quotes(std::string_view text) { return "'" + printable(text) + "'"; }

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view white = " \t\r\n\v\f";
  const std::size_t begin = text.find_first_not_of(white);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white) - begin + 1);
}

std::string utc_date(std::uint64_t unix_s) {
  // Days to civil date in the proleptic Gregorian calendar; March is the year's first month, so leap days come last.
  const std::uint64_t days = unix_s / 86400 + 719468;
  const std::uint64_t era = days / 146097, day_of_era = days % 146097;
  const std::uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint64_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::uint64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const std::uint64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const std::uint64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return std::to_string(year) + "-" + two_digits(month) + "-" + two_digits(day);
}

std::string utc_text(std::uint64_t unix_s) {
  const std::uint64_t second = unix_s % 86400;
  return utc_date(unix_s) + " " + two_digits(second / 3600) + ":" + two_digits(second / 60 % 60) + ":" + two_digits(second % 60) + " UTC";
}

}  // namespace oak
