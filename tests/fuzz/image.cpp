#include <turbojpeg.h>

#include "request/picture.h"
#include "request/qr_read.h"
#include "request/qr_render.h"
#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {
namespace {

constexpr std::size_t max_searched_pixels = 40'000;  // of a larger picture the ladder takes too long for a fuzzer

Bytes jpeg_of(const Picture& picture) {
  const tjhandle compressor = tjInitCompress();
  unsigned char* out = nullptr;
  unsigned long size = 0;
  const int failed = tjCompress2(compressor, picture.grey.data(), static_cast<int>(picture.width), 0, static_cast<int>(picture.height),
                                 TJPF_GRAY, &out, &size, TJSAMP_GRAY, 80, 0);
  Bytes bytes = failed ? Bytes{} : Bytes(out, out + size);
  tjFree(out);
  tjDestroy(compressor);
  return bytes;
}

Picture picture_of(const QrSymbol& symbol, std::size_t pixels) {
  const std::size_t side = (symbol.side + 2 * qr_quiet_modules) * pixels;
  Picture picture{side, side, Bytes(side * side, 255)};
  for (std::size_t y = 0; y < symbol.side * pixels; ++y)
    for (std::size_t x = 0; x < symbol.side * pixels; ++x)
      if (symbol.at(x / pixels, y / pixels)) picture.grey[(y + qr_quiet_modules * pixels) * side + x + qr_quiet_modules * pixels] = 0;
  return picture;
}

}  // namespace

/// The loader, and the search for symbols, outside of the sandbox in which they run for people.
void run(ByteView input) {
  const auto format = picture_format(input);
  const auto picture = read_picture(input);
  if (!picture) return;
  require(format.has_value(), "what is read is of a known format");
  require(picture->grey.size() == picture->width * picture->height, "a picture has a byte for each pixel");
  require(picture->grey.size() <= max_picture_pixels, "no picture is larger than the cap");
  if (picture->grey.size() > max_searched_pixels) return;
  require(read_qr_symbols(*picture).size() <= 64, "no picture gives more texts than the cap");
  (void)read_qr_symbols_plainly(*picture);
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> made;
  for (const std::string_view text : {"OAK", "OAK1R 3F2A 1 OF 2 ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"}) {
    const auto symbol = make_qr_symbol(text, QrLevel::medium, 10);
    if (!symbol) continue;
    const Picture small = picture_of(*symbol, 3);
    if (const auto png = write_png(small)) made.push_back(*png);
    made.push_back(jpeg_of(small));
  }
  return made;
}

}  // namespace oak::fuzz
