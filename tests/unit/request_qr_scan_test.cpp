// Goal: pictures in any order, doubled, with several symbols and strangers' codes among them give the document; what
// they lack, and what is no picture, is said, and quickly. Every picture here goes through the confined child.
#include <sys/resource.h>

#include "tests/unit/request_qr_world.h"

namespace oak::test {
namespace {

Bytes two_parts(std::uint8_t seed = 1) { return document_of(700, seed, DocumentType::activation); }

std::vector<Bytes> pictures_of(const Bytes& document) {
  std::vector<Bytes> out;
  for (const QrFile& file : files_of(document, "out.png")) out.push_back(file.bytes);
  return out;
}

/// Of this process and its ended children: whatever else the machine does, it does not count.
double cpu_seconds() {
  double seconds = 0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    struct rusage usage = {};
    ::getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime})
      seconds += static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  }
  return seconds;
}

Failure failure_of(const std::vector<Bytes>& pictures) {
  const double start = cpu_seconds();
  const auto carried = scan_pictures(pictures);
  CHECK(cpu_seconds() - start < (OAK_SLOW ? 20 : 2));
  REQUIRE_FALSE(carried);
  CHECK_FALSE(carried.error().hint.empty());
  INFO(carried.error().message);
  CHECK((exit_code_of(carried.error().code) == 1 || exit_code_of(carried.error().code) == 2));
  return carried.error();
}

bool says(const Failure& failure, std::string_view words) {
  UNSCOPED_INFO(failure.message);
  return failure.message.find(words) != std::string::npos;
}

Bytes noise(std::size_t size) {
  Bytes out(size);
  std::uint32_t state = 12345;
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

TEST_CASE("Order, doubled pictures and strangers change nothing") {
  const Bytes document = two_parts();
  auto pictures = pictures_of(document);
  REQUIRE(pictures.size() == 2);
  CHECK(document_in(pictures) == document);
  CHECK(document_in({pictures[1], pictures[0]}) == document);
  CHECK(document_in({pictures[1], png_of("HTTPS://EXAMPLE.COM"), pictures[0], pictures[1]}) == document);
}

TEST_CASE("One picture holds all parts, and a stranger's code") {
  const Bytes document = document_of(1900);
  auto symbols = symbols_of(document, QrMedium::file);
  REQUIRE(symbols.size() == 5);
  symbols.insert(symbols.begin() + 2, make_qr_symbol("HTTPS://EXAMPLE.COM/GUEST", QrLevel::medium, 10).value());
  CHECK(document_in({write_png(sheet_of(symbols, 3)).value()}) == document);
}

TEST_CASE("A missing part is named, and so is a picture that gave nothing") {
  const auto pictures = pictures_of(two_parts());
  const Failure failure = failure_of({pictures[0]});
  CHECK(failure.code == Code::part_missing);
  CHECK(says(failure, "part 2 of 2 is missing"));
  const Bytes blank = write_png({300, 300, Bytes(300 * 300, 255)}).value();
  const Failure both = failure_of({pictures[1], blank});
  CHECK(says(both, "part 1 of 2 is missing"));
  CHECK(says(both, "'1'"));
}

TEST_CASE("Parts of two documents mixed: each says what it lacks, and neither is given") {
  const Failure failure = failure_of({pictures_of(two_parts(1))[0], pictures_of(two_parts(2))[1]});
  CHECK(failure.code == Code::part_missing);
  CHECK(says(failure, "part 2 of 2 is missing"));
  CHECK(says(failure, "part 1 of 2 is missing"));
  CHECK(failure.hint.find("different documents") != std::string::npos);
}

TEST_CASE("A whole document is given although another's part lies beside it, with a warning") {
  const Bytes document = two_parts(1);
  auto pictures = pictures_of(document);
  pictures.push_back(pictures_of(two_parts(2))[0]);
  const auto carried = scan_pictures(pictures);
  REQUIRE(carried);
  REQUIRE(carried->documents.size() == 1);
  CHECK(carried->documents[0].file == document);
  REQUIRE_FALSE(carried->warnings.empty());
  CHECK(carried->warnings[0].find("part 2 of 2 is missing") != std::string::npos);
}

TEST_CASE("Two whole documents are both given, in the order of the pictures") {
  auto pictures = pictures_of(two_parts(2));
  const auto more = pictures_of(two_parts(1));
  pictures.insert(pictures.end(), more.begin(), more.end());
  const auto carried = scan_pictures(pictures);
  REQUIRE(carried);
  REQUIRE(carried->documents.size() == 2);
  CHECK(carried->documents[0].file == two_parts(2));
  CHECK(carried->documents[1].file == two_parts(1));
}

TEST_CASE("An altered part is refused") {
  auto parts = parts_of(two_parts());
  parts[1].back() = parts[1].back() == 'A' ? 'B' : 'A';
  const Failure failure = failure_of({png_of(parts[0]), png_of(parts[1])});
  CHECK(failure.code == Code::bad_envelope);
  CHECK(says(failure, "altered"));
}

TEST_CASE("A stranger's code alone, and a picture without one, say what to try") {
  const Failure stranger = failure_of({png_of("HTTPS://EXAMPLE.COM/TICKET/17")});
  CHECK(stranger.code == Code::no_code_found);
  CHECK(says(stranger, "no code of an OAK document"));
  const Failure blank = failure_of({write_png({640, 480, Bytes(640 * 480, 200)}).value()});
  CHECK(blank.code == Code::no_code_found);
  CHECK(blank.hint.find("closer") != std::string::npos);
}

TEST_CASE("What is no picture is refused by what is wrong with it") {
  const std::string text = "this is no picture";
  CHECK(says(failure_of({Bytes(text.begin(), text.end())}), "neither PNG nor JPEG"));
  CHECK(failure_of({Bytes{}}).code == Code::empty_input);
  CHECK(says(failure_of({noise(10 << 20)}), "neither PNG nor JPEG"));
  Bytes png = png_of("A");
  png.resize(png.size() / 2);
  CHECK(says(failure_of({png}), "PNG:"));
  png.resize(8);
  CHECK(says(failure_of({png}), "PNG:"));
  Bytes large = noise(10 << 20);
  const Bytes magic = {0xff, 0xd8, 0xff};
  std::copy(magic.begin(), magic.end(), large.begin());
  CHECK(says(failure_of({large}), "JPEG:"));
  OnDisk given({noise(17 << 20)});
  CHECK(scan_documents(given.disk, given.paths).error().code == Code::too_large);
}

TEST_CASE("A PNG that claims 100,000 by 100,000 pixels is refused by its header") {
  const auto chunk = [](const std::string& type, const Bytes& data) {
    Bytes out = {0, 0, 0, static_cast<std::uint8_t>(data.size())};
    Bytes body(type.begin(), type.end());
    body.insert(body.end(), data.begin(), data.end());
    std::uint32_t crc = 0xffffffff;  // PNG, annex D
    for (const std::uint8_t byte : body) {
      crc ^= byte;
      for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
    crc = ~crc;
    out.insert(out.end(), body.begin(), body.end());
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(crc >> shift));
    return out;
  };
  Bytes png = {0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a};
  for (const Bytes& part : {chunk("IHDR", {0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0, 8, 0, 0, 0, 0}),
                            chunk("IDAT", {0x78, 0x9c, 3, 0, 0, 0, 0, 1}), chunk("IEND", {})})
    png.insert(png.end(), part.begin(), part.end());
  const Failure failure = failure_of({png});
  CHECK(failure.code == Code::too_large);
  CHECK(says(failure, "100000"));
  CHECK(failure.hint.find("megapixels") != std::string::npos);
}

TEST_CASE("Noise as a picture ends in time") {
  CHECK(failure_of({write_png({3000, 3000, noise(9'000'000)}).value()}).code == Code::no_code_found);
}

TEST_CASE("scan_raw gives each picture its own texts, and its own failure") {
  OnDisk given({png_of("FIRST"), noise(1000), png_of("SECOND")});
  given.paths.push_back("not there");
  const auto raw = scan_raw(given.disk, given.paths);
  REQUIRE(raw);
  REQUIRE(raw->images.size() == 4);
  CHECK(raw->images[0].texts == std::vector<std::string>{"FIRST"});
  CHECK(raw->images[1].failure->code == Code::bad_picture);
  CHECK(raw->images[2].texts == std::vector<std::string>{"SECOND"});
  CHECK(raw->images[3].failure->code == Code::not_found);
}

TEST_CASE("read_carried takes documents and pictures together, by content alone") {
  const Bytes document = two_parts();
  OnDisk given(pictures_of(document));
  const std::string armour = armour_encode("OAK REQUEST", document_of(330));
  given.disk.files["answer.png"].bytes = Bytes(armour.begin(), armour.end());
  given.paths.insert(given.paths.begin() + 1, "answer.png");
  const auto carried = read_carried(given.disk, given.paths);
  REQUIRE(carried);
  REQUIRE(carried->documents.size() == 2);
  CHECK_FALSE(carried->documents[0].from_pictures);
  CHECK(document_from_file_bytes(carried->documents[0].file)->document == document_of(330));
  CHECK(carried->documents[1].from_pictures);
  CHECK(carried->documents[1].file == document);
}

TEST_CASE("No file, and more than 64, are refused") {
  FakeDisk disk;
  CHECK(scan_raw(disk, {}).error().code == Code::usage);
  CHECK(read_carried(disk, std::vector<std::string>(65, "x")).error().code == Code::usage);
}

}  // namespace
}  // namespace oak::test
