#include "request/qr_read.h"

#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/text.h"

namespace oak {
namespace {

constexpr std::size_t large_enough = 4'000'000;  // pixels: a larger picture gains nothing from being enlarged
constexpr std::size_t most_symbols = 64;

ZXing::ImageView view_of(const Picture& picture) {
  return {picture.grey.data(), static_cast<int>(picture.width), static_cast<int>(picture.height), ZXing::ImageFormat::Lum};
}

ZXing::DecodeHints hints_for(ZXing::Binarizer binarizer) {
  ZXing::DecodeHints hints;
  hints.setFormats(ZXing::BarcodeFormat::QRCode);
  hints.setTryHarder(true);
  hints.setTryRotate(true);
  hints.setTryDownscale(true);
  hints.setBinarizer(binarizer);
  return hints;
}

/// The symbol's own bytes where they are text; else what the library makes of their character set.
std::string text_of(const ZXing::Result& result) {
  const auto& bytes = result.bytes();
  std::string raw(bytes.begin(), bytes.end());
  return is_utf8(raw) ? raw : result.text();
}

void paint_white(Picture& picture, const ZXing::Position& position) {
  // The outline's bounding box: a neighbour that it touches would have been found at an earlier pass or overlaps.
  int left = position[0].x, right = left, top = position[0].y, bottom = top;
  for (const auto& corner : position) {
    left = std::min(left, corner.x);
    right = std::max(right, corner.x);
    top = std::min(top, corner.y);
    bottom = std::max(bottom, corner.y);
  }
  const auto clamp = [](int value, std::size_t size) { return static_cast<std::size_t>(std::clamp(value, 0, static_cast<int>(size))); };
  const std::size_t x0 = clamp(left, picture.width), x1 = clamp(right + 1, picture.width);
  for (std::size_t y = clamp(top, picture.height); y < clamp(bottom + 1, picture.height); ++y)
    std::fill(picture.grey.begin() + static_cast<std::ptrdiff_t>(y * picture.width + x0),
              picture.grey.begin() + static_cast<std::ptrdiff_t>(y * picture.width + x1), std::uint8_t{255});
}

/// One rung: everything that one binariser sees, found symbols painted over until nothing is left.
std::vector<std::string> search(Picture picture, ZXing::Binarizer binarizer) {
  std::vector<std::string> found;
  while (found.size() < most_symbols) {
    const ZXing::Results results = ZXing::ReadBarcodes(view_of(picture), hints_for(binarizer));
    const std::size_t before = found.size();
    for (const ZXing::Result& result : results) {
      if (!result.isValid()) continue;
      std::string text = text_of(result);
      if (std::find(found.begin(), found.end(), text) == found.end()) found.push_back(std::move(text));
      paint_white(picture, result.position());
    }
    if (found.size() == before) return found;
  }
  return found;
}

enum class Rung { original, blurred, twice, thrice, half, quarter, inverted };
constexpr std::array rungs = {Rung::original, Rung::blurred, Rung::twice, Rung::thrice, Rung::half, Rung::quarter, Rung::inverted};

/// nullopt where the picture is too large or too small for this rung.
std::optional<Picture> step_on(Rung rung, const Picture& picture) {
  const auto enlarged = [&](std::size_t by) -> std::optional<Picture> {
    if (picture.grey.size() > large_enough) return std::nullopt;
    return scaled_up(picture, by);
  };
  const auto reduced = [&](std::size_t by) -> std::optional<Picture> {
    constexpr std::size_t smallest_symbol = 21;
    if (std::min(picture.width, picture.height) < smallest_symbol * by) return std::nullopt;
    return scaled_down(picture, by);
  };
  switch (rung) {
    case Rung::original: return picture;
    case Rung::blurred: return blurred(picture);
    case Rung::twice: return enlarged(2);
    case Rung::thrice: return enlarged(3);
    case Rung::half: return reduced(2);
    case Rung::quarter: return reduced(4);
    case Rung::inverted: break;
  }
  return inverted(picture);
}

}  // namespace

std::vector<std::string> read_qr_symbols(const Picture& picture, bool ladder) {
  if (!ladder) {
    std::vector<std::string> found;
    ZXing::DecodeHints plain;
    plain.setFormats(ZXing::BarcodeFormat::QRCode);
    for (const ZXing::Result& result : ZXing::ReadBarcodes(view_of(picture), plain))
      if (result.isValid()) found.push_back(text_of(result));
    return found;
  }
  for (const Rung rung : rungs) {
    const auto variant = step_on(rung, picture);
    if (!variant) continue;
    for (const auto binarizer : {ZXing::Binarizer::LocalAverage, ZXing::Binarizer::GlobalHistogram}) {
      auto found = search(*variant, binarizer);
      if (!found.empty()) return found;
    }
  }
  return {};
}

}  // namespace oak
