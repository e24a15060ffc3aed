// Goal: real photographs, compared with what each is known to say: at least 168 of 179 read, none wrongly, through the
// same confined child as scan --raw; the library as it comes reads fewer.
//
// One expected text is itself wrong. qrcode-2/13 is written down as "… aerial photograph of …"; the symbol says
// "photography", as every decoder reads it through its error correction. It counts as not read: neither for nor against.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/request_qr_world.h"
#include "tests/unit/folders.h"

namespace oak::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view misprinted = "qrcode-2/13.png";

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Tally {
  std::size_t exact = 0, wrong = 0;
};

/// A picture may show more codes than the one that is written down (qrcode-2/16 shows two): the expected one must be
/// among what is read.
Tally read_all(const std::vector<fs::path>& photos, bool ladder) {
  PosixDisk disk;
  Tally tally;
  for (const fs::path& photo : photos) {
    const auto raw = scan_raw(disk, {photo.string()}, ladder);
    REQUIRE(raw);
    const auto& texts = raw->images.at(0).texts;
    const std::string name = photo.parent_path().filename().string() + "/" + photo.filename().string();
    if (texts.empty() || name == misprinted) continue;
    const std::string expected = content_of(fs::path(photo).replace_extension(".txt"));
    const bool found = std::find(texts.begin(), texts.end(), expected) != texts.end();
    if (!found) UNSCOPED_INFO(name << " was read as " << in_quotes(texts[0]));
    ++(found ? tally.exact : tally.wrong);
  }
  return tally;
}

TEST_CASE("Photographs") {
  const fs::path folder = fs::path(test::shared_data_folder) / "photos";
  if (!fs::exists(folder)) {
    WARN("SKIPPED: there are no photographs in " << folder);
    return;
  }
  std::vector<fs::path> photos;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".png") photos.push_back(entry.path());
  std::sort(photos.begin(), photos.end());
  REQUIRE(photos.size() == 179);
  const Tally ladder = read_all(photos, true);
  CHECK(ladder.exact >= 168);
  CHECK(ladder.wrong == 0);
  const Tally plain = read_all(photos, false);
  CHECK(plain.wrong == 0);
  CHECK(plain.exact < ladder.exact);
}

}  // namespace
}  // namespace oak::test
