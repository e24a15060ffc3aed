#pragma once
// Base32 (RFC 4648 §6): upper case, no padding, spare bits zero. One spelling for each byte string.

#include <string>

#include "core/bytes.h"
#include "core/error.h"

namespace oak {

std::string base32_encode(ByteView bytes);
/// Refuses anything but A–Z and 2–7, impossible lengths and non-zero spare bits (bad_base32, "character N").
Result<Bytes> base32_decode(std::string_view text);
/// Where the first character lies that is none of the alphabet; npos where all are.
std::size_t find_not_base32(std::string_view text);
/// 0 to 31, or −1 for a character outside the alphabet. Upper case only.
int base32_value(char c);
char base32_char(unsigned value);

}  // namespace oak
