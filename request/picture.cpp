#include "request/picture.h"

#include <png.h>
#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <memory>

namespace oak {
namespace {

Status check_size(std::size_t width, std::size_t height) {
  if (width == 0 || height == 0) return fail(Code::bad_picture, "it has no pixels");
  if (width > max_picture_pixels / height) return fail(Code::too_large, std::to_string(width) + " × " + std::to_string(height) + " pixels");
  return {};
}

Result<Picture> read_png(ByteView file) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0)
    return fail(Code::bad_picture, std::string("PNG: ") + image.message);
  const std::unique_ptr<png_image, decltype(&png_image_free)> owner(&image, &png_image_free);
  OAK_TRY(check_size(image.width, image.height));
  image.format = PNG_FORMAT_GRAY;
  Picture picture{image.width, image.height, Bytes(std::size_t{image.width} * image.height)};
  const png_color white = {255, 255, 255};
  if (png_image_finish_read(&image, &white, picture.grey.data(), 0, nullptr) == 0)
    return fail(Code::bad_picture, std::string("PNG: ") + image.message);
  return picture;
}

/// Cameras write files that draw warnings, and those are read. A truncated file is an error, not a picture with a grey
/// half: a symbol in it would be called missing otherwise. The library tells the two apart by its words alone.
Status check_jpeg(int answer, tjhandle decoder) {
  if (answer == 0) return {};
  const std::string message = tjGetErrorStr2(decoder);
  if (tjGetErrorCode(decoder) == TJERR_WARNING && message.find("remature end") == std::string::npos) return {};
  return fail(Code::bad_picture, "JPEG: " + message);
}

Result<Picture> read_jpeg(ByteView file) {
  const std::unique_ptr<void, decltype(&tjDestroy)> decoder(tjInitDecompress(), &tjDestroy);
  if (!decoder) return fail(Code::out_of_memory);
  int width = 0, height = 0, subsampling = 0, colours = 0;
  OAK_TRY(check_jpeg(tjDecompressHeader3(decoder.get(), file.data(), file.size(), &width, &height, &subsampling, &colours), decoder.get()));
  if (width < 0 || height < 0) return fail(Code::bad_picture, "JPEG: its size is negative");
  OAK_TRY(check_size(static_cast<std::size_t>(width), static_cast<std::size_t>(height)));
  Picture picture{static_cast<std::size_t>(width), static_cast<std::size_t>(height), {}};
  picture.grey.resize(picture.width * picture.height);
  OAK_TRY(check_jpeg(tjDecompress2(decoder.get(), file.data(), file.size(), picture.grey.data(), width, 0, height, TJPF_GRAY, 0),
                     decoder.get()));
  return picture;
}

/// Where a pixel of a picture that is enlarged `by` times comes from: between the centres of two source pixels, the second
/// one's weight in units of 1/(2·by).
struct Between {
  std::size_t first = 0, second = 0, weight = 0;
};

Between source_of(std::size_t target, std::size_t size, std::size_t by) {
  const std::size_t centre = 2 * target + 1;
  if (centre <= by) return {0, 0, 0};
  const std::size_t first = (centre - by) / (2 * by);
  if (first + 1 >= size) return {size - 1, size - 1, 0};
  return {first, first + 1, (centre - by) % (2 * by)};
}

}  // namespace

Result<PictureFormat> picture_format(ByteView file) {
  static constexpr std::array<std::uint8_t, 8> png = {0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a};
  static constexpr std::array<std::uint8_t, 3> jpeg = {0xff, 0xd8, 0xff};
  const auto begins = [&](const auto& magic) {
    return file.size() >= magic.size() && std::equal(magic.begin(), magic.end(), file.begin());
  };
  if (begins(png)) return PictureFormat::png;
  if (begins(jpeg)) return PictureFormat::jpeg;
  return fail(Code::bad_picture, "it is neither PNG nor JPEG");
}

Result<Picture> read_picture(ByteView file) {
  OAK_ASSIGN(const PictureFormat format, picture_format(file));
  return format == PictureFormat::png ? read_png(file) : read_jpeg(file);
}

Result<Bytes> write_png(const Picture& picture) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = PNG_FORMAT_GRAY;
  png_alloc_size_t size = 0;
  if (png_image_write_to_memory(&image, nullptr, &size, 0, picture.grey.data(), 0, nullptr) == 0)
    return fail(Code::bad_picture, image.message);
  Bytes out(size);
  if (png_image_write_to_memory(&image, out.data(), &size, 0, picture.grey.data(), 0, nullptr) == 0)
    return fail(Code::bad_picture, image.message);
  out.resize(size);
  return out;
}

Picture blurred(const Picture& picture) {
  Picture out = picture;
  for (std::size_t y = 1; y + 1 < picture.height; ++y)
    for (std::size_t x = 1; x + 1 < picture.width; ++x) {
      unsigned sum = 0;
      for (std::size_t row = y - 1; row <= y + 1; ++row)
        for (std::size_t column = x - 1; column <= x + 1; ++column) sum += picture.at(column, row);
      out.grey[y * out.width + x] = static_cast<std::uint8_t>(sum / 9);
    }
  return out;
}

Picture scaled_up(const Picture& picture, std::size_t by) {
  if (by < 2) return picture;
  Picture out{picture.width * by, picture.height * by, {}};
  out.grey.reserve(out.width * out.height);
  const std::size_t unit = 2 * by;
  for (std::size_t y = 0; y < out.height; ++y) {
    const Between row = source_of(y, picture.height, by);
    for (std::size_t x = 0; x < out.width; ++x) {
      const Between column = source_of(x, picture.width, by);
      const auto mix = [&](std::size_t at) {
        return picture.at(column.first, at) * (unit - column.weight) + picture.at(column.second, at) * column.weight;
      };
      const std::size_t sum = mix(row.first) * (unit - row.weight) + mix(row.second) * row.weight;
      out.grey.push_back(static_cast<std::uint8_t>(sum / (unit * unit)));
    }
  }
  return out;
}

Picture scaled_down(const Picture& picture, std::size_t by) {
  Picture out{picture.width / by, picture.height / by, {}};
  out.grey.reserve(out.width * out.height);
  for (std::size_t y = 0; y < out.height; ++y)
    for (std::size_t x = 0; x < out.width; ++x) {
      std::size_t sum = 0;
      for (std::size_t row = 0; row < by; ++row)
        for (std::size_t column = 0; column < by; ++column) sum += picture.at(x * by + column, y * by + row);
      out.grey.push_back(static_cast<std::uint8_t>(sum / (by * by)));
    }
  return out;
}

Picture inverted(const Picture& picture) {
  Picture out = picture;
  for (std::uint8_t& pixel : out.grey) pixel = static_cast<std::uint8_t>(255 - pixel);
  return out;
}

}  // namespace oak
