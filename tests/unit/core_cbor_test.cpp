#include "core/cbor.h"

#include "tests/unit/core_corpus.h"

namespace oak::test {
namespace {

/// Finds its way through any well-formed CBOR, and notes what the accepted subset does not have.
struct Lenient {
  ByteView input;
  std::size_t at = 0;
  bool outside_subset = false;

  std::uint64_t argument(unsigned info) {
    const std::size_t width = info < 24 ? 0 : std::size_t{1} << (info - 24);
    std::uint64_t value = width == 0 ? info : 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | input[at++];
    const std::uint64_t least = width == 0 ? 0 : width == 1 ? 24 : std::uint64_t{1} << (width * 4);
    outside_subset |= value < least;
    return value;
  }
  /// Skips an item and gives back its bytes.
  ByteView item(int depth = 1) {
    outside_subset |= depth > cbor::max_depth;
    const std::size_t start = at;
    const unsigned major = input[at] >> 5, info = input[at] & 31;
    ++at;
    if (info == 31) {
      outside_subset = true;
      while (input[at] != 0xff) item(depth + 1);
      ++at;
    } else if (major == 7) {
      outside_subset |= info < 20 || info > 22;
      argument(info);
    } else {
      const std::uint64_t value = argument(info);
      outside_subset |= major == 6;
      const std::uint64_t inner = major == 4 ? value : major == 5 ? 2 * value : major == 6 ? 1 : 0;
      if (major == 2 || major == 3) at += value;
      for (std::uint64_t i = 0; i < inner; ++i) item(depth + 1);
    }
    return input.subspan(start, at - start);
  }
};

struct PublicCase {
  std::string description;
  Bytes encoded;
};

/// The public files are a map of title and tests; each test a map with a description and encoded bytes.
std::vector<PublicCase> public_cases(const std::string& name) {
  const Bytes file = public_corpus(name);
  std::vector<PublicCase> out;
  if (file.empty()) return out;
  Lenient walk{file};
  const std::uint64_t pairs = walk.argument(file[walk.at++] & 31);
  for (std::uint64_t i = 0; i < pairs; ++i) {
    const ByteView key = walk.item();
    if (as_text(key.subspan(1)) != "tests") {
      walk.item();
      continue;
    }
    const std::uint64_t tests = walk.argument(file[walk.at++] & 31);
    for (std::uint64_t test = 0; test < tests; ++test) {
      PublicCase one;
      const std::uint64_t entries = walk.argument(file[walk.at++] & 31);
      for (std::uint64_t entry = 0; entry < entries; ++entry) {
        const std::string field(as_text(walk.item().subspan(1)));
        const ByteView value = walk.item();
        if (field == "description") one.description = as_text(value);
        if (field == "encoded") {
          Lenient content{value, 1};
          const std::size_t size = content.argument(value[0] & 31);
          const ByteView bytes = value.subspan(content.at, size);
          one.encoded.assign(bytes.begin(), bytes.end());
        }
      }
      out.push_back(std::move(one));
    }
  }
  REQUIRE_FALSE(out.empty());
  return out;
}

/// Reads one item with the public getters and writes it again.
void copy_item(cbor::Reader& reader, cbor::Writer& writer) {
  const unsigned major = reader.peek_major().value();
  switch (major) {
    case 0: return writer.uint(reader.uint().value());
    case 1: {
      const auto value = reader.integer();
      if (value) return writer.integer(*value);
      return writer.raw(reader.item().value());  // below the smallest int64_t
    }
    case 2: return writer.bytes(reader.bytes().value());
    case 3: return writer.text(reader.text().value());
    case 7:
      if (reader.null().value()) return writer.null();
      return writer.boolean(reader.boolean().value());
    default: break;
  }
  const std::size_t count = major == 4 ? reader.array().value() : reader.map().value();
  major == 4 ? writer.array(count) : writer.map(count);
  for (std::size_t i = 0; i < (major == 4 ? count : 2 * count); ++i) copy_item(reader, writer);
}

}  // namespace

TEST_CASE("RFC 8949's good encodings: those of the subset are read and written again, the others refused") {
  // Goal: the reader knows the whole of its subset, and nothing beside it. What is beside it, a second, lenient walk says.
  std::size_t accepted = 0, refused = 0;
  for (const PublicCase& one : public_cases("cbor/rfc8949_good.cbor")) {
    INFO(one.description << ": " << to_hex(one.encoded));
    Lenient walk{one.encoded};
    walk.item();
    if (walk.outside_subset) {
      REQUIRE_FALSE(cbor::check(one.encoded));
      ++refused;
      continue;
    }
    REQUIRE(cbor::check(one.encoded));
    cbor::Reader reader(one.encoded);
    cbor::Writer writer;
    copy_item(reader, writer);
    REQUIRE(reader.done());
    REQUIRE(writer.view() == one.encoded);
    ++accepted;
  }
  if (accepted + refused == 0) return;  // skipped, and said so
  CHECK(accepted > 10);                 // most show a form that is not the shortest
  CHECK(refused > 30);
}

TEST_CASE("RFC 8949's bad encodings are refused, every one") {
  // Goal: what is not well-formed is an error, never a crash or a value.
  for (const PublicCase& one : public_cases("cbor/rfc8949_bad.cbor")) {
    INFO(one.description << ": " << to_hex(one.encoded));
    CHECK_FALSE(cbor::check(one.encoded));
  }
}

TEST_CASE("integers at the edges of every width are written as short as they can be") {
  // Goal: the writer's heads. Each value is one more than the last that fits the width before.
  const std::pair<std::uint64_t, const char*> cases[] = {{0, "00"},
                                                         {23, "17"},
                                                         {24, "1818"},
                                                         {255, "18ff"},
                                                         {256, "190100"},
                                                         {65535, "19ffff"},
                                                         {65536, "1a00010000"},
                                                         {4294967295, "1affffffff"},
                                                         {4294967296, "1b0000000100000000"},
                                                         {UINT64_MAX, "1bffffffffffffffff"}};
  for (const auto& [value, hex] : cases) {
    cbor::Writer writer;
    writer.uint(value);
    CHECK(to_hex(writer.view()) == hex);
    CHECK(cbor::Reader(writer.view()).uint().value() == value);
  }
  const std::pair<std::int64_t, const char*> negative[] = {
      {-1, "20"}, {-24, "37"}, {-25, "3818"}, {-65537, "3a00010000"}, {INT64_MIN, "3b7fffffffffffffff"}, {INT64_MAX, "1b7fffffffffffffff"}};
  for (const auto& [value, hex] : negative) {
    cbor::Writer writer;
    writer.integer(value);
    CHECK(to_hex(writer.view()) == hex);
    CHECK(cbor::Reader(writer.view()).integer().value() == value);
  }
}

TEST_CASE("an integer beyond 63 bits is no int64_t") {
  // Goal: no value wraps around.
  for (const char* hex : {"1b8000000000000000", "3b8000000000000000", "3bffffffffffffffff"}) {
    const Bytes input = from_hex(hex);
    CHECK(cbor::check(input));
    CHECK(cbor::Reader(input).integer().error().code == Code::type_not_allowed);
  }
}

TEST_CASE("a getter refuses every other type and leaves its mark") {
  // Goal: no getter converts. The error names the byte.
  const Bytes items[] = {from_hex("01"),   from_hex("20"),     from_hex("4101"), from_hex("6161"),
                         from_hex("8101"), from_hex("a10101"), from_hex("f6"),   from_hex("f5")};
  for (const Bytes& item : items) {
    const unsigned major = item[0] >> 5;
    INFO(to_hex(item));
    CHECK(cbor::Reader(item).uint().has_value() == (major == 0));
    CHECK(cbor::Reader(item).integer().has_value() == (major <= 1));
    CHECK(cbor::Reader(item).bytes().has_value() == (major == 2));
    CHECK(cbor::Reader(item).text().has_value() == (major == 3));
    CHECK(cbor::Reader(item).array().has_value() == (major == 4));
    CHECK(cbor::Reader(item).map().has_value() == (major == 5));
    CHECK(cbor::Reader(item).boolean().has_value() == (item[0] == 0xf5));
    CHECK(cbor::Reader(item).null().value() == (item[0] == 0xf6));
    CHECK_FALSE(cbor::Reader(item).expect_tag(18));
  }
  const Bytes nested = from_hex("8200f7");
  CHECK(cbor::check(nested).error().context == "byte 2");
  CHECK(cbor::Reader(from_hex("d3")).expect_tag(18).error().code == Code::type_not_allowed);
  CHECK(cbor::Reader(from_hex("d2")).expect_tag(18));
}

TEST_CASE("an announced count never makes the reader allocate or loop") {
  // Goal: ten bytes can't ask for 2^64 items.
  for (const char* hex :
       {"9bffffffffffffffff", "9a7fffffff00", "bbffffffffffffffff", "ba7fffffff0000", "5bffffffffffffffff", "7bffffffffffffffff"}) {
    INFO(hex);
    CHECK(cbor::check(from_hex(hex)).error().code == Code::truncated);
  }
}

TEST_CASE("every truncation of a nested item is refused as truncated") {
  // Goal: the reader never looks beyond its input, wherever that ends.
  // {1: 2, 3: [10, 1000, 2^32], -1: "abc", "x": h'a0b1c2d3e4'}
  const Bytes whole = from_hex("a4010203830a1903e81b00000001000000002063616263617845a0b1c2d3e4");
  REQUIRE(cbor::check(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    // Exactly sized memory, so that a sanitizer sees the first byte too far.
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(cbor::check(cut).error().code == Code::truncated);
  }
}

}  // namespace oak::test
