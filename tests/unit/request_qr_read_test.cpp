// Goal: pictures are read by their content, PNG and JPEG, whole or not at all; the ladder finds what one pass of the
// library does not. How much it finds in photographs is request_qr_photos_test.cpp's, and `./kit bench qr`'s.
#include <turbojpeg.h>

#include <memory>

#include "request/qr_read.h"
#include "tests/unit/request_qr_world.h"

namespace oak::test {
namespace {

Bytes jpeg_of(const Picture& picture, int quality) {
  const std::unique_ptr<void, decltype(&tjDestroy)> encoder(tjInitCompress(), &tjDestroy);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  REQUIRE(tjCompress2(encoder.get(), picture.grey.data(), static_cast<int>(picture.width), 0, static_cast<int>(picture.height), TJPF_GRAY,
                      &out, &size, TJSAMP_GRAY, quality, 0) == 0);
  const std::unique_ptr<unsigned char, decltype(&tjFree)> owner(out, &tjFree);
  return {out, out + size};
}

QrSymbol symbol_of(const std::string& text) { return make_qr_symbol(text, QrLevel::medium, 18).value(); }

Picture picture_of(const std::string& text) { return sheet_of({symbol_of(text)}, 1); }

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

const auto none_is_enough = [](const std::vector<std::string>&) { return false; };

TEST_CASE("A JPEG is read, and refused at every length short of its own") {
  const Bytes jpeg = jpeg_of(picture_of("FIRST"), 30);
  CHECK(read_qr_symbols(read_picture(jpeg).value()) == std::vector<std::string>{"FIRST"});
  // The last two bytes are the end marker; what lies before it is the picture.
  for (std::size_t size = 0; size + 2 < jpeg.size(); size += size < 700 ? 1 : 13) {
    const auto picture = read_picture(ByteView(jpeg).first(size));
    if (!picture) CHECK(picture.error().code == Code::bad_picture);
    CHECK_FALSE(picture);
  }
}

TEST_CASE("A JPEG with odd bytes before its end, or between its segments, is read all the same") {
  const Bytes good = jpeg_of(picture_of("FIRST"), 90), odd(40, 1);
  REQUIRE(good[3] == 0xe0);  // the first segment, which gives its own length
  const std::size_t second = 4U + good[4] * 256U + good[5];
  for (const std::size_t at : {good.size() - 2, second}) {
    Bytes jpeg = good;
    jpeg.insert(jpeg.begin() + static_cast<std::ptrdiff_t>(at), odd.begin(), odd.end());
    const auto picture = read_picture(jpeg);
    REQUIRE(picture);
    CHECK(read_qr_symbols(*picture) == std::vector<std::string>{"FIRST"});
  }
}

TEST_CASE("A PNG is refused at every length short of its own") {
  const Bytes png = png_of("FIRST");
  for (std::size_t size = 0; size + 12 < png.size(); ++size) CHECK_FALSE(read_picture(ByteView(png).first(size)));
}

TEST_CASE("Pictures are scaled between the centres of their pixels") {
  const Picture two{2, 1, {0, 200}};
  CHECK(scaled_up(two, 2).grey == Bytes{0, 50, 150, 200, 0, 50, 150, 200});
  CHECK(scaled_up(two, 3).width == 6);
  CHECK(scaled_up({1, 1, {77}}, 3).grey == Bytes(9, 77));
  CHECK(scaled_down({4, 2, {0, 10, 20, 30, 40, 50, 60, 70}}, 2).grey == Bytes{25, 45});
  CHECK(scaled_down({3, 3, Bytes(9, 7)}, 2).grey == Bytes{7});
  CHECK(blurred({3, 3, {9, 9, 9, 9, 0, 9, 9, 9, 9}}).grey == Bytes{9, 9, 9, 9, 8, 9, 9, 9, 9});
  CHECK(inverted(two).grey == Bytes{255, 55});
}

TEST_CASE("Whoever wants more gets what a later rung sees: a light symbol on a dark ground") {
  Picture picture = sheet_of({symbol_of("DARK"), symbol_of("LIGHT")}, 2);
  for (std::size_t y = 0; y < picture.height; ++y)
    for (std::size_t x = picture.width / 2; x < picture.width; ++x) {
      std::uint8_t& grey = picture.grey[y * picture.width + x];
      grey = static_cast<std::uint8_t>(255 - grey);
    }
  CHECK(read_qr_symbols(picture) == std::vector<std::string>{"DARK"});
  CHECK(sorted(read_qr_symbols(picture, none_is_enough)) == std::vector<std::string>{"DARK", "LIGHT"});
}

TEST_CASE("A sheet of many is read whole, where one pass misses some") {
  std::vector<QrSymbol> symbols;
  std::vector<std::string> texts;
  for (std::uint8_t i = 0; i < 12; ++i) {
    texts.push_back(parts_of(document_of(330, i)).front());
    symbols.push_back(symbol_of(texts.back()));
  }
  const Picture picture = sheet_of(symbols, 4);
  CHECK(read_qr_symbols_plainly(picture).size() < 12);
  CHECK(sorted(read_qr_symbols(picture)) == sorted(texts));
}

}  // namespace
}  // namespace oak::test
