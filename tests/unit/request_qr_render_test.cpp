// Goal: what is drawn is read again: PNG, SVG and terminal text come back through the sandboxed scan to the document's
// own bytes. SVG is painted here by its rectangles, the terminal's characters as a terminal with square half cells
// would; a real renderer is tried in tests/cli, with the sheet.
#include <algorithm>
#include <regex>

#include "tests/unit/request_qr_world.h"

namespace oak::test {
namespace {

/// The rectangles of an SVG at `scale` pixels a unit; the colour is black where none is given.
Picture painted_svg(const std::string& svg, std::size_t scale) {
  static const std::regex view("viewBox=\"0 0 ([0-9]+) ([0-9]+)\""), rect("<rect ([^>]*)/>"), attribute("([a-z]+)=\"([^\"]*)\"");
  std::smatch size;
  REQUIRE(std::regex_search(svg, size, view));
  Picture picture{std::stoul(size[1]) * scale, std::stoul(size[2]) * scale, {}};
  picture.grey.assign(picture.width * picture.height, 128);
  for (auto at = std::sregex_iterator(svg.begin(), svg.end(), rect); at != std::sregex_iterator(); ++at) {
    std::map<std::string, std::string> values{{"x", "0"}, {"y", "0"}};
    const std::string inside = (*at)[1];
    for (auto one = std::sregex_iterator(inside.begin(), inside.end(), attribute); one != std::sregex_iterator(); ++one)
      values[(*one)[1]] = (*one)[2];
    const std::size_t x = std::stoul(values["x"]) * scale, y = std::stoul(values["y"]) * scale;
    const std::size_t width = std::stoul(values["width"]) * scale, height = std::stoul(values["height"]) * scale;
    for (std::size_t row = y; row < y + height; ++row)
      for (std::size_t column = x; column < x + width; ++column)
        picture.grey[row * picture.width + column] = values["fill"] == "#fff" ? 255 : 0;
  }
  return picture;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// What a terminal with a dark theme shows: black where nothing was said, else what the escape sequences say.
Picture painted_terminal(const std::string& text, std::size_t columns) {
  constexpr std::size_t cell = 6;  // pixels across; twice as many down
  const auto lines = lines_of(text);
  Picture picture{(columns + 4) * cell, lines.size() * 2 * cell, {}};
  picture.grey.assign(picture.width * picture.height, 0);
  for (std::size_t row = 0; row < lines.size(); ++row) {
    std::string_view rest = lines[row];
    bool black_on_white = false;
    for (std::size_t column = 0; !rest.empty();) {
      if (rest.starts_with("\x1b[")) {
        const std::string_view code = rest.substr(2, rest.find('m') - 2);
        black_on_white = code == "0;38;5;16;48;5;231";
        REQUIRE((black_on_white || code == "0"));
        rest.remove_prefix(code.size() + 3);
        continue;
      }
      bool upper = false, lower = false;
      std::size_t bytes = 3;
      if (rest.starts_with("█"))
        upper = lower = true;
      else if (rest.starts_with("▀"))
        upper = true;
      else if (rest.starts_with("▄"))
        lower = true;
      else
        bytes = 1;
      rest.remove_prefix(bytes);
      for (std::size_t y = 0; y < 2 * cell; ++y)
        for (std::size_t x = 0; x < cell; ++x)
          if (black_on_white && !(y < cell ? upper : lower)) picture.grey[(row * 2 * cell + y) * picture.width + column * cell + x] = 255;
      REQUIRE(++column <= columns + 4);
    }
    REQUIRE_FALSE(black_on_white);  // a line that leaves its colours on paints the rest of the terminal
  }
  return picture;
}

TEST_CASE("PNG files come back, at 8 pixels a module with a quiet zone of four") {
  for (const std::size_t size : {330U, 700U, 2000U}) {
    const Bytes document = document_of(size);
    const auto files = qr_files(document, "out.PNG");
    REQUIRE(files);
    std::vector<Bytes> pictures;
    for (const QrFile& file : *files) pictures.push_back(file.bytes);
    CHECK(document_in(pictures) == document);
    const Picture picture = read_picture(pictures[0]).value();
    CHECK(picture.width == picture.height);
    CHECK(picture.width % 8 == 0);
    CHECK(picture.width / 8 <= 89 + 8);
    const auto row_is_white = [&](std::size_t y) {
      const auto row = picture.grey.begin() + static_cast<std::ptrdiff_t>(y * picture.width);
      return std::all_of(row, row + static_cast<std::ptrdiff_t>(picture.width), [](std::uint8_t grey) { return grey == 255; });
    };
    CHECK(row_is_white(31));
    CHECK_FALSE(row_is_white(32));
  }
}

TEST_CASE("SVG comes back when its rectangles are painted, file and sheet") {
  const Bytes document = document_of(700);
  const auto files = qr_files(document, "out.svg");
  REQUIRE(files);
  std::vector<Bytes> pictures;
  for (const QrFile& file : *files) pictures.push_back(write_png(painted_svg(std::string(as_text(file.bytes)), 5)).value());
  CHECK(document_in(pictures) == document);
  pictures.clear();
  for (const QrSymbol& symbol : symbols_of(document, QrMedium::sheet))
    pictures.push_back(write_png(painted_svg(qr_svg(symbol), 3)).value());
  CHECK(document_in(pictures) == document);
}

TEST_CASE("The terminal's characters come back from a picture of a dark terminal") {
  const Bytes document = document_of(330);
  const auto page = qr_terminal_page(document);
  REQUIRE(page);
  CHECK(page->find("request, part 1 of 3\n") == 0);
  constexpr std::size_t columns = 57 + 8;
  CHECK(document_in({write_png(painted_terminal(*page, columns)).value()}) == document);
  for (const QrSymbol& symbol : symbols_of(document, QrMedium::terminal)) {
    CHECK(symbol.side <= 57);
    CHECK(lines_of(qr_terminal(symbol)).size() == (symbol.side + 9) / 2);
  }
}

TEST_CASE("Files are named by part, and by the ending alone PNG or SVG") {
  const auto names = [](std::size_t size, const std::string& path) {
    std::vector<std::string> out;
    for (const QrFile& file : files_of(document_of(size), path)) out.push_back(file.path);
    return out;
  };
  CHECK(names(330, "a.b/out.png") == std::vector<std::string>{"a.b/out.png"});
  CHECK(names(700, "a.b/out.svg") == std::vector<std::string>{"a.b/out-1of2.svg", "a.b/out-2of2.svg"});
  for (const std::string path : {"out.gif", "out", "png", ".png", "out.png.txt"}) {
    const auto files = qr_files(document_of(330), path);
    REQUIRE_FALSE(files);
    CHECK(files.error().code == Code::usage);
  }
}

TEST_CASE("Symbols are no larger than their medium allows") {
  const Bytes document = document_of(2000);
  for (const QrSymbol& symbol : symbols_of(document, QrMedium::file)) CHECK(symbol.side <= 89);
  for (const QrSymbol& symbol : symbols_of(document, QrMedium::sheet)) CHECK(symbol.side <= 89);
  CHECK(make_qr_symbol(std::string(817, 'A'), QrLevel::medium, 18).error().code == Code::too_large);
  CHECK(make_qr_symbol(std::string(816, 'A'), QrLevel::medium, 18)->side == 89);
  CHECK(make_qr_symbol(std::string(575, 'A'), QrLevel::quartile, 18).error().code == Code::too_large);
  CHECK(make_qr_symbol(std::string(574, 'A'), QrLevel::quartile, 18)->side == 89);
  CHECK(make_qr_symbol(std::string(312, 'A'), QrLevel::medium, 10).error().code == Code::too_large);
  CHECK(make_qr_symbol(std::string(311, 'A'), QrLevel::medium, 10)->side == 57);
}

}  // namespace
}  // namespace oak::test
