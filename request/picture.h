#pragma once
// Pictures in memory: grey, one byte a pixel. Reads PNG (libpng's simplified API) and JPEG (TurboJPEG) by content.
// Hostile input: only call `read_picture` inside the sandbox (request/sandbox.h).

#include <cstddef>

#include "core/bytes.h"
#include "core/error.h"

namespace oak {

inline constexpr std::size_t max_picture_pixels = 64'000'000;
inline constexpr std::size_t max_picture_file_bytes = 16U << 20;

struct Picture {
  std::size_t width = 0, height = 0;
  Bytes grey;  ///< width · height, 0 black
  std::uint8_t at(std::size_t x, std::size_t y) const { return grey[y * width + x]; }
};

enum class PictureFormat { png, jpeg };
/// By the file's first bytes; bad_picture where it is neither.
Result<PictureFormat> picture_format(ByteView file);
/// too_large before any pixel is decoded where the header claims more than max_picture_pixels; bad_picture.
/// A transparent pixel is laid on white.
Result<Picture> read_picture(ByteView file);
/// An 8-bit grey PNG.
Result<Bytes> write_png(const Picture& picture);

Picture blurred(const Picture& picture);                      ///< 3×3 box
Picture scaled_up(const Picture& picture, std::size_t by);    ///< bilinear
Picture scaled_down(const Picture& picture, std::size_t by);  ///< mean of by·by pixels
Picture inverted(const Picture& picture);

}  // namespace oak
