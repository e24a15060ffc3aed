#include "core/armour.h"

#include "core/base32.h"
#include "core/document_type.h"
#include "tests/unit/core_corpus.h"

namespace oak::test {

TEST_CASE("Base32 gives RFC 4648's examples without padding") {
  // Goal: the alphabet and the order of bits.
  const std::pair<const char*, const char*> examples[] = {
      {"", ""}, {"f", "MY"}, {"fo", "MZXQ"}, {"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"}};
  for (const auto& [plain, text] : examples) {
    CHECK(base32_encode(as_bytes(plain)) == text);
    CHECK(base32_decode(text).value() == bytes_of(plain));
  }
}

TEST_CASE("every byte string has one Base32 text, and every text one byte string or none") {
  // Goal: one spelling. All texts of up to three characters are tried: exactly those come back that encode gives.
  for (unsigned size = 0; size < 40; ++size) {
    Bytes bytes(size);
    for (unsigned i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + size);
    CHECK(base32_decode(base32_encode(bytes)).value() == bytes);
  }
  std::size_t accepted = 0;
  for (unsigned number = 0; number < 32 * 32 * 32; ++number) {
    const std::string text = {base32_char(number >> 10), base32_char(number >> 5), base32_char(number)};
    CHECK_FALSE(base32_decode(text));  // three characters are no number of bytes
    if (number >= 1024) continue;
    const auto decoded = base32_decode(text.substr(1));
    if (!decoded) continue;
    ++accepted;
    CHECK(base32_encode(*decoded) == text.substr(1));
  }
  CHECK(accepted == 256);
}

TEST_CASE("Base32 refuses every other character, and says where") {
  // Goal: no leniency: no small letters, no digits that look like letters, no padding, no white space.
  for (int c = 0; c < 256; ++c) {
    const char character = static_cast<char>(c);
    const std::string text = std::string("AAA") + character + "AAAA";
    const bool allowed = (character >= 'A' && character <= 'Z') || (character >= '2' && character <= '7');
    CHECK(base32_decode(text).has_value() == allowed);
    if (!allowed) CHECK(base32_decode(text).error().context == "character 4");
    CHECK((base32_value(character) >= 0) == allowed);
  }
  for (const std::size_t impossible : {1U, 3U, 6U, 9U, 11U, 14U})
    CHECK(base32_decode(std::string(impossible, 'A')).error().code == Code::bad_base32);
}

TEST_CASE("the text form is read back whatever the document's length") {
  // Goal: line breaks fall anywhere; 40 bytes are exactly one line.
  for (std::size_t size = 1; size < 200; ++size) {
    const Bytes document(size, static_cast<std::uint8_t>(size));
    const std::string text = armour_encode("OAK REQUEST", document, {"one", "two"});
    const auto read = armour_decode(text);
    REQUIRE(read);
    CHECK(read->document == document);
    CHECK(read->label == "OAK REQUEST");
    std::size_t longest = 0, line = 0;
    for (const char c : text) line = c == '\n' ? 0 : line + 1, longest = std::max(longest, line);
    CHECK(longest <= 64);
  }
}

TEST_CASE("a comment can't end itself") {
  // Goal: text that comes from a request can't forge lines of the file.
  const std::string text = armour_encode("OAK REQUEST", Bytes{1}, {"site X\n-----BEGIN OAK TRUST-----", "\x1b[31mred"});
  CHECK(text.starts_with("# site X\\x0a-----BEGIN OAK TRUST-----\n# \\x1b[31mred\n-----BEGIN OAK REQUEST-----\n"));
  CHECK(armour_decode(text)->label == "OAK REQUEST");
}

TEST_CASE("armour errors name the line") {
  // Goal: who copied a file by hand finds the place.
  CHECK(armour_decode("# a\nhello\n").error().context.find("line 2") != std::string::npos);
  CHECK(armour_decode("-----BEGIN X-----\nAA\na\n-----END X-----\n").error().context.find("line 3") != std::string::npos);
  CHECK(armour_decode("-----BEGIN X-----\nAA\n-----END X-----\n\nmore\n").error().context == "line 5");
  CHECK(armour_decode("-----BEGIN -----\n").error().code == Code::bad_armour);
  CHECK(armour_decode(std::string(max_armoured_bytes + 1, '#')).error().code == Code::too_large);
}

TEST_CASE("labels are found by type, by typ and by armour, and no two are the same") {
  // Goal: the table of document types is consistent.
  for (unsigned number = 1; number <= 8; ++number) {
    const DocumentLabels& labels = labels_of(static_cast<DocumentType>(number));
    CHECK(static_cast<unsigned>(labels.type) == number);
    CHECK(labels_by_typ(labels.typ) == &labels);
    CHECK(labels_by_armour(labels.armour) == &labels);
    // typ "oak/x.v1" and aad "oak/v1/x" hold one name.
    CHECK("oak/v1/" + std::string(labels.typ.substr(4, labels.typ.size() - 7)) == labels.aad);
  }
  CHECK(labels_by_typ("oak/request.v2") == nullptr);
  CHECK(labels_by_armour("OAK KEY") == nullptr);
}

}  // namespace oak::test
