#include "machine-id/normalise.h"

#include <algorithm>

namespace oak {
namespace {

/// Visible ASCII counts; the rest is space: NULs, control characters, and what an unprogrammed EEPROM holds (0xFF).
bool is_space(char c) { return c <= ' ' || c > '~'; }

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// The digits of a lower-case text with separators at fixed places, or nothing.
std::optional<std::string> hex_digits(std::string_view text, std::string_view separators, std::size_t count) {
  std::string digits;
  for (const char c : text) {
    if (separators.find(c) != std::string_view::npos) continue;
    if (!is_hex(c)) return std::nullopt;
    digits += c;
  }
  if (digits.size() != count) return std::nullopt;
  return digits;
}

std::string with_dashes(const std::string& digits) {
  return digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" + digits.substr(16, 4) + "-" +
         digits.substr(20);
}

std::string byte_swapped(const std::string& digits) {
  std::string out;
  for (const std::size_t at : {6U, 4U, 2U, 0U, 10U, 8U, 14U, 12U}) out += digits.substr(at, 2);
  return out + digits.substr(16);
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string folded(std::string_view value) {
  std::string out;
  bool gap = false;
  for (const char c : value) {
    if (is_space(c)) {
      gap = !out.empty();
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    out += c;
  }
  return out;
}

std::string normalised_serial(std::string_view value) {
  std::string out = folded(value);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::optional<std::string> canonical_uuid(std::string_view value) {
  const auto digits = hex_digits(lower_case(folded(value)), "-", 32);
  if (!digits) return std::nullopt;
  return with_dashes(std::min(*digits, byte_swapped(*digits)));
}

std::optional<std::string> normalised_mac(std::string_view value) {
  const auto digits = hex_digits(lower_case(folded(value)), ":-", 12);
  if (!digits) return std::nullopt;
  std::string out = digits->substr(0, 2);
  for (std::size_t at = 2; at < 12; at += 2) out += ":" + digits->substr(at, 2);
  return out;
}

std::optional<std::string> normalised_machine_id(std::string_view value) { return hex_digits(lower_case(folded(value)), "-", 32); }

}  // namespace oak
