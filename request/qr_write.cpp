#include "request/qr_write.h"

#include <qrencode.h>

#include <memory>

namespace oak {
namespace {

QRecLevel to_library(QrLevel level) { return level == QrLevel::medium ? QR_ECLEVEL_M : QR_ECLEVEL_Q; }

using Input = std::unique_ptr<QRinput, decltype(&QRinput_free)>;
using EncodedCode = std::unique_ptr<QRcode, decltype(&QRcode_free)>;

EncodedCode encode(std::string_view text, QrLevel level, int version) {
  const Input input(QRinput_new2(version, to_library(level)), &QRinput_free);
  if (!input) return {nullptr, &QRcode_free};
  const int size = static_cast<int>(text.size());
  if (QRinput_append(input.get(), QR_MODE_AN, size, reinterpret_cast<const unsigned char*>(text.data())) != 0)
    return {nullptr, &QRcode_free};
  return {QRcode_encodeInput(input.get()), &QRcode_free};
}

}  // namespace

std::size_t qr_capacity(int version, QrLevel level) {
  // ISO/IEC 18004, table 7, alphanumeric mode, for the versions that OAK uses.
  if (version >= 18) return level == QrLevel::medium ? 816 : 574;
  return level == QrLevel::medium ? 311 : 221;
}

Result<QrSymbol> make_qr_symbol(std::string_view text, QrLevel level, int max_version) {
  // Version 0 asks for the smallest that fits; a version that is too small is silently raised, so the result is looked at.
  const EncodedCode code = encode(text, level, 0);
  if (!code || code->version > max_version) return fail(Code::too_large, std::to_string(text.size()) + " characters for a QR symbol");
  QrSymbol symbol{static_cast<std::size_t>(code->width), {}};
  symbol.dark.reserve(symbol.side * symbol.side);
  for (std::size_t i = 0; i < symbol.side * symbol.side; ++i) symbol.dark.push_back((code->data[i] & 1) != 0);
  return symbol;
}

}  // namespace oak
