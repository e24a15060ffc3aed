#include "core/base32.h"

#include <algorithm>
#include <array>

namespace oak {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

constexpr auto values = [] {
  std::array<std::int8_t, 256> out{};
  out.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return out;
}();

}  // namespace

int base32_value(char c) { return values[static_cast<unsigned char>(c)]; }

char base32_char(unsigned value) { return alphabet[value & 31]; }

std::string base32_encode(ByteView bytes) {
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  unsigned buffer = 0, bits = 0;
  for (const std::uint8_t byte : bytes) {
    buffer = (buffer << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += base32_char(buffer >> (bits - 5));
    buffer &= 0xff;
  }
  if (bits > 0) out += base32_char(buffer << (5 - bits));
  return out;
}

std::size_t find_not_base32(std::string_view text) {
  const auto found = std::find_if(text.begin(), text.end(), [](char c) { return values[static_cast<unsigned char>(c)] < 0; });
  return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

Result<Bytes> base32_decode(std::string_view text) {
  if (const std::size_t other = find_not_base32(text); other != std::string_view::npos)
    return fail(Code::bad_base32, "character " + std::to_string(other + 1));
  Bytes out(text.size() * 5 / 8);
  const auto value_at = [&](std::size_t i) { return static_cast<std::uint8_t>(values[static_cast<unsigned char>(text[i])]); };
  std::size_t filled = 0, i = 0;
  // Eight characters are five bytes.
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t group = 0;
    for (std::size_t k = 0; k < 8; ++k) group = (group << 5) | value_at(i + k);
    for (unsigned shift = 40; shift > 0; shift -= 8) out[filled++] = static_cast<std::uint8_t>(group >> (shift - 8));
  }
  unsigned buffer = 0, bits = 0;
  for (; i < text.size(); ++i) {
    buffer = ((buffer << 5) | value_at(i)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[filled++] = static_cast<std::uint8_t>(buffer >> bits);
    }
  }
  // One, three or six left-over characters can't come from whole bytes; spare bits that are set would be a second
  // spelling of the same bytes.
  if (bits >= 5 || (buffer & ((1U << bits) - 1)) != 0) return fail(Code::bad_base32, "character " + std::to_string(text.size()));
  return out;
}

}  // namespace oak
