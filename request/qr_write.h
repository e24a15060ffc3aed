#pragma once
// QR symbols from text. The one file that speaks to libqrencode.

#include <string_view>
#include <vector>

#include "core/error.h"

namespace oak {

/// Dark modules of a symbol, row by row, without a quiet zone.
struct QrSymbol {
  std::size_t side = 0;  ///< modules: 17 + 4 · version
  std::vector<bool> dark;
  bool at(std::size_t x, std::size_t y) const { return dark[y * side + x]; }
};

enum class QrLevel { medium, quartile };
inline constexpr std::size_t qr_quiet_modules = 4;

/// How many characters of the QR alphanumeric alphabet fit.
std::size_t qr_capacity(int version, QrLevel level);
/// The smallest version up to `max_version` that holds the text, alphanumeric mode. too_large where none does.
Result<QrSymbol> make_qr_symbol(std::string_view text, QrLevel level, int max_version);

}  // namespace oak
