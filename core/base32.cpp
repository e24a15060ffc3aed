#include "core/base32.h"

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

Result<Bytes> base32_decode(std::string_view text) {
  Bytes out(text.size() * 5 / 8);
  std::size_t filled = 0;
  unsigned buffer = 0, bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = base32_value(text[i]);
    if (value < 0) return fail(Code::bad_base32, "character " + std::to_string(i + 1));
    buffer = ((buffer << 5) | static_cast<unsigned>(value)) & 0xfff;
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
