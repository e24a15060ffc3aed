#pragma once
// Documents and pictures for the tests of QR: documents of any size, symbols drawn on one picture, a disk of strings.

#include <catch2/catch.hpp>

#include <map>

#include "core/crypto.h"
#include "core/envelope.h"
#include "core/text.h"
#include "request/picture.h"
#include "request/qr_parts.h"
#include "request/qr_render.h"
#include "request/scan.h"
#include "tests/unit/verifier_world.h"

/// AddressSanitizer: slow, and with memory of its own.
#ifdef __SANITIZE_ADDRESS__
#define OAK_SLOW true
#else
#define OAK_SLOW false
#endif

namespace oak::test {

/// A signed document of `type` whose payload has `payload_bytes` bytes that mean nothing; `seed` makes it another one.
inline Bytes document_of(std::size_t payload_bytes, std::uint8_t seed = 1, DocumentType type = DocumentType::request) {
  CountingRandom random(seed);
  const KeyPair key = make_key_pair(random);
  Bytes payload(payload_bytes);
  random.fill(payload.data(), payload.size());
  return seal_sign1(type, payload, key);
}

inline std::vector<std::string> parts_of(ByteView document, QrLevel level = QrLevel::medium, int version = 18) {
  return cut_into_parts(document, qr_capacity(version, level)).value();
}

inline std::vector<QrSymbol> symbols_of(ByteView document, QrMedium medium) { return make_qr_symbols(document, medium).value(); }

inline std::vector<QrFile> files_of(ByteView document, const std::string& path) { return qr_files(document, path).value(); }

/// A text, in capitals and digits, as a PNG of its symbol: what a stranger's code, or a forged part, looks like.
inline Bytes png_of(std::string_view text) { return qr_png(make_qr_symbol(text, QrLevel::medium, 40).value()).value(); }

/// Symbols beside one another, at 4 pixels a module.
inline Picture sheet_of(const std::vector<QrSymbol>& symbols, std::size_t across) {
  constexpr std::size_t module = 4;
  std::size_t pitch = 0;
  for (const QrSymbol& symbol : symbols) pitch = std::max(pitch, (symbol.side + 2 * qr_quiet_modules) * module);
  const std::size_t down = (symbols.size() + across - 1) / across;
  Picture sheet{pitch * across, pitch * down, Bytes(pitch * across * pitch * down, 255)};
  for (std::size_t i = 0; i < symbols.size(); ++i)
    for (std::size_t y = 0; y < symbols[i].side * module; ++y)
      for (std::size_t x = 0; x < symbols[i].side * module; ++x) {
        const std::size_t column = i % across * pitch + qr_quiet_modules * module + x;
        const std::size_t row = i / across * pitch + qr_quiet_modules * module + y;
        if (symbols[i].at(x / module, y / module)) sheet.grey[row * sheet.width + column] = 0;
      }
  return sheet;
}

/// Pictures on a disk, named as they are given: "0", "1" …
struct OnDisk {
  explicit OnDisk(const std::vector<Bytes>& pictures) {
    for (const Bytes& picture : pictures) {
      paths.push_back(std::to_string(paths.size()));
      disk.files[paths.back()].bytes = picture;
    }
  }
  FakeDisk disk;
  std::vector<std::string> paths;
};

inline Outcome<Carried> scan_pictures(const std::vector<Bytes>& pictures) {
  OnDisk given(pictures);
  return scan_documents(given.disk, given.paths);
}

/// The one document that the pictures hold.
inline Bytes document_in(const std::vector<Bytes>& pictures) {
  const auto carried = scan_pictures(pictures);
  if (!carried) FAIL(carried.error().message);
  REQUIRE(carried->documents.size() == 1);
  return carried->documents.front().file;
}

}  // namespace oak::test
