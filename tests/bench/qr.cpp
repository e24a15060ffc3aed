// How often a symbol is read, by version, under a synthetic camera, and how long a picture takes: the ladder beside the
// library as it comes. Usage: qr [TRIALS]. Every run makes the same pictures.
#include <turbojpeg.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include "request/picture.h"
#include "request/qr_read.h"
#include "request/qr_write.h"

namespace {

using namespace oak;

struct Version {
  int number;
  std::size_t capacity;  // alphanumeric characters at level M, ISO/IEC 18004 table 7
};
constexpr std::array versions = {Version{5, 122}, Version{10, 311}, Version{18, 816}, Version{25, 1451}, Version{40, 3391}};

/// A plane in modules: 0 black to 1 white.
using Scene = std::function<double(double x, double y)>;

struct Shot {
  Scene scene;
  double width = 0, height = 0;  // of the scene, in modules
  std::vector<std::string> texts;
};

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  double normal() { return normal_(engine_); }
  double between(double low, double high) { return low + (high - low) * uniform_(engine_); }
  char base32() { return "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[engine_() % 32]; }

 private:
  std::mt19937 engine_;
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
};

/// `across` by `across` symbols of random text.
Shot sheet_of(const Version& version, std::size_t across, Dice& dice) {
  Shot shot;
  std::vector<QrSymbol> symbols;
  for (std::size_t i = 0; i < across * across; ++i) {
    std::string text;
    while (text.size() < version.capacity) text += dice.base32();
    symbols.push_back(make_qr_symbol(text, QrLevel::medium, version.number).value());
    shot.texts.push_back(std::move(text));
  }
  const double pitch = static_cast<double>(symbols[0].side + 2 * qr_quiet_modules);
  shot.width = shot.height = pitch * static_cast<double>(across);
  shot.scene = [symbols, pitch, across](double x, double y) {
    const auto cell = [&](double at) { return static_cast<std::size_t>(at / pitch); };
    if (x < 0 || y < 0 || cell(x) >= across || cell(y) >= across) return 1.0;
    const QrSymbol& symbol = symbols[cell(y) * across + cell(x)];
    const double u = std::fmod(x, pitch) - qr_quiet_modules, v = std::fmod(y, pitch) - qr_quiet_modules;
    const auto side = static_cast<double>(symbol.side);
    if (u < 0 || v < 0 || u >= side || v >= side) return 1.0;
    return symbol.at(static_cast<std::size_t>(u), static_cast<std::size_t>(v)) ? 0.0 : 1.0;
  };
  return shot;
}

struct Camera {
  std::size_t width = 1600, height = 1200;
  double turn = 0;   // radians, in the picture's plane
  double tilt = 0;   // how much larger the near edge is than the far one, less one
  double blur = 0;   // sigma, in modules of a single symbol
  double noise = 0;  // sigma, in grey levels
  double black = 20, white = 235;
  double shade = 0;        // share of light lost from one corner to the other
  int jpeg_quality = 0;    // 0: not compressed
  bool of_screen = false;  // seen through the grid of a screen's pixels
};

Picture box_blurred(Picture picture, double sigma) {
  // Three boxes come close to a Gaussian.
  const auto radius = static_cast<std::ptrdiff_t>(std::lround(std::sqrt(sigma * sigma * 4 + 1) / 2 - 0.5 + 0.25));
  if (radius < 1) return sigma > 0.3 ? blurred(picture) : picture;
  const auto pass = [&](std::size_t lines, std::size_t length, std::size_t line_step, std::size_t step) {
    Bytes line(length);
    for (std::size_t i = 0; i < lines; ++i) {
      for (std::size_t j = 0; j < length; ++j) line[j] = picture.grey[i * line_step + j * step];
      for (std::size_t j = 0; j < length; ++j) {
        unsigned sum = 0;
        for (std::ptrdiff_t k = -radius; k <= radius; ++k) {
          const auto at = static_cast<std::ptrdiff_t>(j) + k;
          sum += line[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at, 0, static_cast<std::ptrdiff_t>(length) - 1))];
        }
        picture.grey[i * line_step + j * step] = static_cast<std::uint8_t>(sum / static_cast<unsigned>(2 * radius + 1));
      }
    }
  };
  for (int i = 0; i < 3; ++i) {
    pass(picture.height, picture.width, picture.width, 1);
    pass(picture.width, picture.height, 1, picture.width);
  }
  return picture;
}

Picture through_jpeg(const Picture& picture, int quality) {
  const std::unique_ptr<void, decltype(&tjDestroy)> encoder(tjInitCompress(), &tjDestroy);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  if (tjCompress2(encoder.get(), picture.grey.data(), static_cast<int>(picture.width), 0, static_cast<int>(picture.height), TJPF_GRAY, &out,
                  &size, TJSAMP_GRAY, quality, 0) != 0)
    std::abort();
  const std::unique_ptr<unsigned char, decltype(&tjFree)> owner(out, &tjFree);
  return read_picture({out, size}).value();
}

Picture photograph(const Shot& shot, const Camera& camera, Dice& dice) {
  const auto width = static_cast<double>(camera.width), height = static_cast<double>(camera.height);
  // The scene's longer side takes 80 % of the picture's shorter one, whichever way it is turned.
  const double spread = std::abs(std::cos(camera.turn)) + std::abs(std::sin(camera.turn));
  const double pixels_a_module = 0.8 * std::min(width, height) / (std::max(shot.width, shot.height) * spread);
  const double shift_x = dice.between(-0.5, 0.5), shift_y = dice.between(-0.5, 0.5);
  Picture picture{camera.width, camera.height, Bytes(camera.width * camera.height)};
  constexpr int samples = 3;  // by 3, a pixel
  for (std::size_t y = 0; y < camera.height; ++y)
    for (std::size_t x = 0; x < camera.width; ++x) {
      double light = 0;
      for (int s = 0; s < samples * samples; ++s) {
        const double px = static_cast<double>(x) + (s % samples + 0.5) / samples - width / 2 + shift_x;
        const double py = static_cast<double>(y) + (static_cast<double>(s / samples) + 0.5) / samples - height / 2 + shift_y;
        const double depth = 1 + camera.tilt * py / height;
        const double qx = px / depth, qy = py / depth;
        const double u = (qx * std::cos(camera.turn) + qy * std::sin(camera.turn)) / pixels_a_module + shot.width / 2;
        const double v = (-qx * std::sin(camera.turn) + qy * std::cos(camera.turn)) / pixels_a_module + shot.height / 2;
        double here = shot.scene(u, v);
        // Four screen pixels a module; the gap between two of them is a quarter of one, and dark.
        if (camera.of_screen && (std::fmod(std::abs(u) * 4, 1.0) > 0.75 || std::fmod(std::abs(v) * 4, 1.0) > 0.75)) here *= 0.3;
        light += here;
      }
      light /= samples * samples;
      const double lost = 1 - camera.shade * (static_cast<double>(x) / width + static_cast<double>(y) / height) / 2;
      const double grey = (camera.black + (camera.white - camera.black) * light) * lost;
      picture.grey[y * camera.width + x] = static_cast<std::uint8_t>(std::clamp(grey, 0.0, 255.0));
    }
  if (camera.blur > 0) picture = box_blurred(std::move(picture), camera.blur * pixels_a_module);
  if (camera.noise > 0)
    for (std::uint8_t& pixel : picture.grey)
      pixel = static_cast<std::uint8_t>(std::clamp(pixel + camera.noise * dice.normal(), 0.0, 255.0));
  return camera.jpeg_quality > 0 ? through_jpeg(picture, camera.jpeg_quality) : picture;
}

struct Condition {
  const char* name;
  std::size_t across;
  std::function<void(Camera&, Dice&)> set;
};

const std::array conditions = {
    Condition{"straight", 1, [](Camera&, Dice&) {}},
    Condition{"rotated", 1, [](Camera& camera, Dice& dice) { camera.turn = dice.between(-3.14, 3.14); }},
    Condition{"in perspective", 1,
              [](Camera& camera, Dice& dice) { camera.tilt = dice.between(0.2, 0.4), camera.turn = dice.between(-0.3, 0.3); }},
    Condition{"blurred", 1, [](Camera& camera, Dice& dice) { camera.blur = dice.between(0.3, 0.5); }},
    Condition{"noisy", 1, [](Camera& camera, Dice& dice) { camera.noise = dice.between(30, 60); }},
    Condition{"JPEG quality 30", 1,
              [](Camera& camera, Dice& dice) { camera.jpeg_quality = 30, camera.noise = 8, camera.turn = dice.between(-0.2, 0.2); }},
    Condition{
        "low contrast, shaded", 1,
        [](Camera& camera, Dice& dice) { camera.black = 70, camera.white = dice.between(100, 130), camera.shade = 0.4, camera.noise = 3; }},
    Condition{"off a screen, 720p", 1,
              [](Camera& camera, Dice& dice) {
                camera = {1280, 720, dice.between(-0.1, 0.1), dice.between(0, 0.15), 0.25, 10, 20, 235, 0.2, 70, true};
              }},
    Condition{"four on a sheet", 2,
              [](Camera& camera, Dice& dice) {
                camera.turn = dice.between(-0.1, 0.1), camera.noise = 8, camera.blur = 0.2, camera.jpeg_quality = 80;
              }},
};

struct Tally {
  std::size_t found = 0, wanted = 0, wrong = 0;
  double milliseconds = 0;

  void count(const Shot& shot, const Picture& picture, bool ladder) {
    const auto start = std::chrono::steady_clock::now();
    const auto all = [&](const std::vector<std::string>& texts) { return texts.size() == shot.texts.size(); };
    const auto texts = ladder ? read_qr_symbols(picture, all) : read_qr_symbols_plainly(picture);
    milliseconds += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    wanted += shot.texts.size();
    for (const std::string& text : texts) {
      const bool known = std::find(shot.texts.begin(), shot.texts.end(), text) != shot.texts.end();
      ++(known ? found : wrong);
    }
  }
};

void run(unsigned trials) {
  std::printf("%% of symbols read, and ms a picture; the ladder | the library as it comes. %u pictures a figure, 1600 × 1200.\n\n", trials);
  std::printf("%-22s", "version");
  for (const Version& version : versions) std::printf("%11d          ", version.number);
  std::printf("\n");
  std::size_t wrong = 0;
  for (const Condition& condition : conditions) {
    std::printf("%-22s", condition.name);
    for (const Version& version : versions) {
      Tally ladder, plain;
      for (unsigned trial = 0; trial < trials; ++trial) {
        Dice dice(trial * 1000 + static_cast<unsigned>(version.number));
        const Shot shot = sheet_of(version, condition.across, dice);
        Camera camera;
        condition.set(camera, dice);
        const Picture picture = photograph(shot, camera, dice);
        ladder.count(shot, picture, true);
        plain.count(shot, picture, false);
      }
      const auto share = [](const Tally& tally) { return 100.0 * static_cast<double>(tally.found) / static_cast<double>(tally.wanted); };
      std::printf(" %3.0f %4.0f | %3.0f %4.0f ", share(ladder), ladder.milliseconds / trials, share(plain), plain.milliseconds / trials);
      std::fflush(stdout);
      wrong += ladder.wrong + plain.wrong;
    }
    std::printf("\n");
  }
  std::printf("\nread as something else: %zu\n", wrong);
}

}  // namespace

int main(int argc, char** argv) {
  run(argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 10);
  return 0;
}
