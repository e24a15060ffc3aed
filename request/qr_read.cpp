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
constexpr std::size_t largest_searched = 16'000'000;
constexpr std::size_t most_symbols = 64, most_fruitless_passes = 3;

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

/// Paints the outline's inside, not its bounding box: a turned symbol's box reaches into its neighbours.
void paint_white(Picture& picture, const ZXing::Position& outline, double scale) {
  const auto clamp = [](double value, std::size_t size) {
    return static_cast<std::size_t>(std::clamp(value, 0.0, static_cast<double>(size)));
  };
  const auto [first, last] = std::minmax_element(outline.begin(), outline.end(), [](const auto& a, const auto& b) { return a.y < b.y; });
  for (std::size_t y = clamp(first->y * scale, picture.height); y < clamp(last->y * scale + 1, picture.height); ++y) {
    // Four corners span one run of pixels a row: from the leftmost edge that crosses it to the rightmost.
    double left = static_cast<double>(picture.width), right = 0;
    for (std::size_t i = 0; i < outline.size(); ++i) {
      const auto& a = outline[i];
      const auto& b = outline[(i + 1) % outline.size()];
      const double row = std::clamp(static_cast<double>(y) / scale, static_cast<double>(first->y), static_cast<double>(last->y));
      if (a.y == b.y || row < std::min(a.y, b.y) || row > std::max(a.y, b.y)) continue;
      const double x = (a.x + (row - a.y) / (b.y - a.y) * (b.x - a.x)) * scale;
      left = std::min(left, x);
      right = std::max(right, x);
    }
    const std::size_t from = clamp(left, picture.width), to = clamp(right + 1, picture.width);
    if (from < to) std::fill_n(picture.grey.begin() + static_cast<std::ptrdiff_t>(y * picture.width + from), to - from, std::uint8_t{255});
  }
}

/// What one step of the ladder looks at, and how many of its pixels a pixel of the picture gave.
struct Rung {
  Picture picture;
  double scale = 1;
};

enum class Step { original, blurred, twice, thrice, half, quarter, inverted };
constexpr std::array ladder = {Step::original, Step::blurred, Step::twice, Step::thrice, Step::half, Step::quarter, Step::inverted};

/// nullopt where the picture is too large or too small for this step.
std::optional<Rung> rung_of(Step step, const Picture& picture) {
  const auto enlarged = [&](std::size_t by) -> std::optional<Rung> {
    if (picture.grey.size() > large_enough) return std::nullopt;
    return Rung{scaled_up(picture, by), static_cast<double>(by)};
  };
  const auto reduced = [&](std::size_t by) -> std::optional<Rung> {
    constexpr std::size_t smallest_symbol = 21;
    if (std::min(picture.width, picture.height) < smallest_symbol * by) return std::nullopt;
    return Rung{scaled_down(picture, by), 1 / static_cast<double>(by)};
  };
  switch (step) {
    case Step::original: return Rung{picture};
    case Step::blurred: return Rung{blurred(picture)};
    case Step::twice: return enlarged(2);
    case Step::thrice: return enlarged(3);
    case Step::half: return reduced(2);
    case Step::quarter: return reduced(4);
    case Step::inverted: break;
  }
  return Rung{inverted(picture)};
}

/// Everything that one binariser sees on a rung: what it finds is painted over, on the picture as well, until nothing
/// is left.
void search(Rung& rung, ZXing::Binarizer binarizer, Picture& picture, std::vector<std::string>& found) {
  // Copies of what is known can hide something new, but a wall of them is not searched to its end.
  for (std::size_t pass = 0, fruitless = 0; pass < most_symbols && fruitless < most_fruitless_passes; ++pass) {
    bool any = false;
    const std::size_t before = found.size();
    for (const ZXing::Result& result : ZXing::ReadBarcodes(view_of(rung.picture), hints_for(binarizer))) {
      if (!result.isValid()) continue;
      any = true;
      std::string text = text_of(result);
      if (found.size() < most_symbols && std::find(found.begin(), found.end(), text) == found.end()) found.push_back(std::move(text));
      paint_white(rung.picture, result.position(), 1);
      paint_white(picture, result.position(), 1 / rung.scale);
    }
    if (!any) return;
    fruitless = found.size() == before ? fruitless + 1 : 0;
  }
}

}  // namespace

std::vector<std::string> read_qr_symbols(Picture picture, const EnoughTexts& enough) {
  if (picture.grey.size() > largest_searched) picture = scaled_down(picture, 2);
  std::vector<std::string> found;
  for (const Step step : ladder) {
    auto rung = rung_of(step, picture);
    if (!rung) continue;
    for (const auto binarizer : {ZXing::Binarizer::LocalAverage, ZXing::Binarizer::GlobalHistogram}) {
      search(*rung, binarizer, picture, found);
      if (!found.empty() && enough(found)) return found;
    }
  }
  return found;
}

std::vector<std::string> read_qr_symbols_plainly(const Picture& picture) {
  std::vector<std::string> found;
  ZXing::DecodeHints hints;
  hints.setFormats(ZXing::BarcodeFormat::QRCode);
  for (const ZXing::Result& result : ZXing::ReadBarcodes(view_of(picture), hints))
    if (result.isValid()) found.push_back(text_of(result));
  return found;
}

}  // namespace oak
