// Goal: a document cut into parts comes back from them in any order, doubled and among strangers; what is missing,
// mixed or altered is said, and nothing but the document's own bytes ever comes out.
#include "tests/unit/request_qr_world.h"

namespace oak::test {
namespace {

PartSet only_set(const std::vector<std::string>& texts) {
  const auto joined = join_parts(texts);
  REQUIRE(joined);
  REQUIRE(joined->sets.size() == 1);
  return joined->sets.front();
}

std::string error_of(const std::vector<std::string>& texts) {
  const auto joined = join_parts(texts);
  REQUIRE_FALSE(joined);
  CHECK(joined.error().code == Code::bad_envelope);
  return joined.error().context;
}

TEST_CASE("A request is one part, an activation two, and each says what it is") {
  const Bytes request = document_of(330), activation = document_of(650, 2, DocumentType::activation);
  const auto one = parts_of(request), two = parts_of(activation);
  REQUIRE(one.size() == 1);
  REQUIRE(two.size() == 2);
  const std::string digits = to_hex(ByteView(sha256(activation)).first(8));
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(two[i].substr(0, 8) == "OA1A0" + std::to_string(i + 1) + "02");
    std::string lower = two[i].substr(8, 16);
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    CHECK(lower == digits);
  }
  CHECK(two[0].size() >= two[1].size());
  CHECK(one[0].starts_with("OA1R0101"));
}

TEST_CASE("Every size comes back, at every capacity that is used") {
  for (const std::size_t size : {1U, 2U, 100U, 331U, 332U, 333U, 334U, 335U, 700U, 3000U, 11000U})
    for (const auto& [version, level] : {std::pair{18, QrLevel::medium}, {18, QrLevel::quartile}, {10, QrLevel::medium}}) {
      const Bytes document = document_of(size);
      const auto parts = cut_into_parts(document, qr_capacity(version, level));
      if (!parts) {
        CHECK(parts.error().code == Code::too_large);
        CHECK(size * 8 / 5 > 60 * 287);
        continue;
      }
      for (const std::string& part : *parts) CHECK(part.size() <= qr_capacity(version, level));
      CHECK(only_set(*parts).document == document);
    }
}

TEST_CASE("Order, doubled parts and strangers' codes change nothing") {
  const Bytes document = document_of(1500);
  auto texts = parts_of(document);
  REQUIRE(texts.size() == 4);
  std::swap(texts[0], texts[3]);
  std::swap(texts[1], texts[2]);
  texts.push_back(texts[1]);
  texts.insert(texts.begin() + 2, "https://example.com/OA1");
  texts.insert(texts.begin(), "");
  const auto joined = join_parts(texts);
  REQUIRE(joined);
  REQUIRE(joined->sets.size() == 1);
  CHECK(joined->sets[0].document == document);
  CHECK(joined->strangers == 2);
}

TEST_CASE("Missing parts are named by number") {
  const auto parts = parts_of(document_of(1500));
  const std::string digits = parts[0].substr(8, 16);
  CHECK(describe_missing(only_set({parts[0], parts[2], parts[3]})) == "request " + digits + ": part 2 of 4 is missing");
  CHECK(describe_missing(only_set({parts[1]})) == "request " + digits + ": parts 1, 3 and 4 of 4 are missing");
  CHECK(only_set({parts[1]}).document.empty());
}

TEST_CASE("Parts of two documents are two sets") {
  const auto one = parts_of(document_of(700, 1)), other = parts_of(document_of(700, 2));
  const auto joined = join_parts({one[0], other[1]});
  REQUIRE(joined);
  REQUIRE(joined->sets.size() == 2);
  CHECK(joined->sets[0].missing == std::vector<std::size_t>{2});
  CHECK(joined->sets[1].missing == std::vector<std::size_t>{1});
}

TEST_CASE("One character altered is refused wherever it stands") {
  const auto parts = parts_of(document_of(700));
  // In the header it makes a stranger or another set, in the slice a contradiction: never a document.
  for (std::size_t at = 0; at < parts[1].size(); ++at) {
    auto texts = parts;
    texts[1][at] = texts[1][at] == 'B' ? 'C' : 'B';
    const auto joined = join_parts(texts);
    if (!joined) {
      CHECK(joined.error().code == Code::bad_envelope);
      continue;
    }
    for (const PartSet& set : joined->sets) CHECK(set.document.empty());
  }
}

TEST_CASE("A doubled part that contradicts the first is refused by its number") {
  auto texts = parts_of(document_of(700));
  texts.push_back(texts[1]);
  texts[2].back() = texts[2].back() == 'A' ? 'B' : 'A';
  CHECK(error_of(texts).find("part 2 contradicts") != std::string::npos);
  texts[2] = parts_of(document_of(700))[1];
  texts[2].replace(6, 2, "03");
  CHECK(error_of(texts).find("contradicts") != std::string::npos);
}

TEST_CASE("A document cut elsewhere, or under another type's letter, is refused") {
  auto parts = parts_of(document_of(700));
  auto moved = parts;
  moved[1].insert(qr_part_header_chars, 1, moved[0].back());
  moved[0].pop_back();
  if (moved[1].size() > moved[0].size()) CHECK(error_of(moved).find("altered") != std::string::npos);
  for (std::string& part : parts) part[3] = 'A';
  CHECK(error_of(parts).find("another document") != std::string::npos);
}

TEST_CASE("Parts that name impossible numbers are strangers") {
  const std::string rest = "0123456789ABCDEFAAAA";
  for (const std::string head : {"OA1R0001", "OA1R0201", "OA1R0141", "OA1R01FF", "OA1R0x01", "OA1R", "OA1", "OA2R0101", "oa1R0101"}) {
    const auto joined = join_parts({head + rest});
    REQUIRE(joined);
    CHECK(joined->sets.empty());
    CHECK(joined->strangers == 1);
  }
  CHECK(join_parts({"OA1R01010123456789ABCDEFAAA1"})->strangers == 1);
  CHECK(join_parts({"OA1R01010123456789abcdefAAAA"})->strangers == 1);
}

TEST_CASE("As many bytes fit as docs/format-qr.md says") {
  const auto document_of_size = [](std::size_t bytes) {
    std::size_t payload = bytes - 150;  // the envelope takes between 100 and 150 bytes of its own
    while (document_of(payload).size() < bytes) ++payload;
    Bytes document = document_of(payload);
    REQUIRE(document.size() == bytes);
    return document;
  };
  struct Row {
    int version;
    QrLevel level;
    std::size_t in_one, in_64;
  };
  for (const Row& row : {Row{18, QrLevel::medium, 495, 31680}, {18, QrLevel::quartile, 343, 22000}, {10, QrLevel::medium, 179, 11480}}) {
    const std::size_t capacity = qr_capacity(row.version, row.level);
    CHECK(cut_into_parts(document_of_size(row.in_one), capacity)->size() == 1);
    CHECK(cut_into_parts(document_of_size(row.in_one + 1), capacity)->size() == 2);
    CHECK(cut_into_parts(document_of_size(row.in_64), capacity)->size() == 64);
    CHECK(cut_into_parts(document_of_size(row.in_64 + 1), capacity).error().code == Code::too_large);
  }
}

TEST_CASE("What is no document, or needs more than 64 parts, is not cut") {
  CHECK(cut_into_parts(Bytes{1, 2, 3}, 816).error().code == Code::bad_envelope);
  CHECK(cut_into_parts(document_of(40000), 816).error().code == Code::too_large);
}

}  // namespace
}  // namespace oak::test
