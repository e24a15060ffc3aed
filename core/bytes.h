#pragma once
// Byte strings as every floor passes them around.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace oak {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Lower-case hex, two characters a byte.
std::string to_hex(ByteView bytes);

}  // namespace oak
