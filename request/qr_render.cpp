#include "request/qr_render.h"

#include <algorithm>

#include "core/sealed_request.h"
#include "request/picture.h"
#include "request/qr_parts.h"

namespace oak {
namespace {

constexpr std::size_t png_module_pixels = 8;
constexpr std::uint8_t white = 255;

struct Size {
  int version;
  QrLevel level;
};

Size size_for(QrMedium medium) {
  switch (medium) {
    case QrMedium::file: return {18, QrLevel::medium};
    case QrMedium::sheet: return {18, QrLevel::quartile};
    case QrMedium::terminal: break;
  }
  return {10, QrLevel::medium};
}

/// Modules with the quiet zone around them, which is light.
bool dark_at(const QrSymbol& symbol, std::size_t x, std::size_t y) {
  const auto inside = [&](std::size_t at) { return at >= qr_quiet_modules && at < qr_quiet_modules + symbol.side; };
  return inside(x) && inside(y) && symbol.at(x - qr_quiet_modules, y - qr_quiet_modules);
}

std::size_t full_side(const QrSymbol& symbol) { return symbol.side + 2 * qr_quiet_modules; }

bool ends_with_ignoring_case(std::string_view text, std::string_view ending) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return text.size() > ending.size() && std::equal(ending.begin(), ending.end(), text.end() - static_cast<std::ptrdiff_t>(ending.size()),
                                                   [&](char want, char c) { return want == lower(c); });
}

}  // namespace

Result<std::vector<QrSymbol>> make_qr_symbols(ByteView document, QrMedium medium) {
  const auto [version, level] = size_for(medium);
  OAK_ASSIGN(const std::vector<std::string> parts, cut_into_parts(document, qr_capacity(version, level)));
  std::vector<QrSymbol> symbols;
  for (const std::string& part : parts) {
    OAK_ASSIGN(QrSymbol symbol, make_qr_symbol(part, level, version));
    symbols.push_back(std::move(symbol));
  }
  return symbols;
}

Result<Bytes> qr_png(const QrSymbol& symbol) {
  const std::size_t side = full_side(symbol) * png_module_pixels;
  Picture picture{side, side, Bytes(side * side, white)};
  for (std::size_t y = 0; y < side; ++y)
    for (std::size_t x = 0; x < side; ++x)
      if (dark_at(symbol, x / png_module_pixels, y / png_module_pixels)) picture.grey[y * side + x] = 0;
  return write_png(picture);
}

std::string qr_svg(const QrSymbol& symbol) {
  const std::string side = std::to_string(full_side(symbol));
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
                    "\" width=\"80mm\" height=\"80mm\" shape-rendering=\"crispEdges\">\n<rect width=\"" + side + "\" height=\"" + side +
                    "\" fill=\"#fff\"/>\n";
  for (std::size_t y = 0; y < full_side(symbol); ++y)
    for (std::size_t x = 0; x < full_side(symbol); ++x) {
      std::size_t run = 0;
      while (dark_at(symbol, x + run, y)) ++run;
      if (run == 0) continue;
      out += "<rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" width=\"" + std::to_string(run) + "\" height=\"1\"/>\n";
      x += run;
    }
  return out + "</svg>\n";
}

std::string qr_terminal(const QrSymbol& symbol) {
  // Colours 16 and 231 of the 256: black and white themselves, where the first 16 are the theme's to change.
  constexpr std::string_view begin = "\x1b[0;38;5;16;48;5;231m", end = "\x1b[0m\n";
  std::string out;
  for (std::size_t y = 0; y < full_side(symbol); y += 2) {
    out += begin;
    for (std::size_t x = 0; x < full_side(symbol); ++x) {
      const bool upper = dark_at(symbol, x, y), lower = dark_at(symbol, x, y + 1);
      out += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    out += end;
  }
  return out;
}

std::string qr_part_path(const std::string& path, std::size_t number, std::size_t total) {
  if (total == 1) return path;
  const std::size_t dot = path.rfind('.');
  return path.substr(0, dot) + "-" + std::to_string(number) + "of" + std::to_string(total) + path.substr(dot);
}

bool is_qr_file_name(std::string_view path) { return ends_with_ignoring_case(path, ".png") || ends_with_ignoring_case(path, ".svg"); }

Result<std::vector<QrFile>> qr_files(ByteView document, const std::string& path) {
  const bool png = ends_with_ignoring_case(path, ".png");
  if (!is_qr_file_name(path)) return fail(Code::usage, "a QR file ends in .png or .svg");
  OAK_ASSIGN(const std::vector<QrSymbol> symbols, make_qr_symbols(document, QrMedium::file));
  std::vector<QrFile> files;
  for (const QrSymbol& symbol : symbols) {
    QrFile file{qr_part_path(path, files.size() + 1, symbols.size()), {}};
    if (png) {
      OAK_ASSIGN(file.bytes, qr_png(symbol));
    } else {
      const std::string text = qr_svg(symbol);
      file.bytes.assign(text.begin(), text.end());
    }
    files.push_back(std::move(file));
  }
  return files;
}

Result<std::string> qr_terminal_page(ByteView document) {
  OAK_ASSIGN(const DocumentNames names, names_of(document));
  OAK_ASSIGN(const std::vector<QrSymbol> symbols, make_qr_symbols(document, QrMedium::terminal));
  std::string out;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (i > 0) out += '\n';
    out += std::string(names.word) + ", part " + std::to_string(i + 1) + " of " + std::to_string(symbols.size()) + "\n";
    out += qr_terminal(symbols[i]);
  }
  return out;
}

}  // namespace oak
