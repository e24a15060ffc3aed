// Goal: a key file opens under its own passphrase and under nothing else; whatever is changed in it, it does not open;
// and no cost that it claims makes the desk work before it was checked.
#include <catch2/catch.hpp>

#include "core/cbor.h"
#include "issuer/key_file.h"
#include "tests/unit/issuer_world.h"

namespace oak::desk_test {
namespace {

struct Made {
  KeyFileHead head;
  Bytes secret, document;
};

Made make(KeyPurpose purpose = KeyPurpose::root) {
  SeededRandom random(1);
  const KeyPair pair = make_key_pair(random);
  Made out{{purpose == KeyPurpose::desk ? "desk" : "root-1", purpose, pair.public_key}, {}, {}};
  out.secret.assign(pair.seed.view().begin(), pair.seed.view().end());
  if (purpose == KeyPurpose::desk) out.secret.resize(64, 0x5a);
  out.document = *seal_key_file(out.head, out.secret, as_bytes("correct horse"), cheap, random);
  return out;
}

/// A key file whose costs are as given, with nothing behind them.
Bytes with_cost(std::uint64_t passes, std::uint64_t memory_bytes) {
  cbor::Writer writer;
  writer.map(7);
  writer.uint(1);
  writer.text("oak/v1/key");
  writer.uint(2);
  writer.text("root-1");
  writer.uint(3);
  writer.uint(1);
  writer.uint(4);
  writer.bytes(Bytes(32, 7));
  writer.uint(5);
  writer.array(4);
  writer.uint(1);
  writer.uint(passes);
  writer.uint(memory_bytes);
  writer.bytes(Bytes(16, 8));
  writer.uint(6);
  writer.bytes(Bytes(24, 9));
  writer.uint(7);
  writer.bytes(Bytes(48, 10));
  return writer.take();
}

}  // namespace

TEST_CASE("a key file gives back what was put in", "[issuer][keys]") {
  for (const KeyPurpose purpose : {KeyPurpose::root, KeyPurpose::desk}) {
    const Made made = make(purpose);
    const auto head = read_key_file_head(made.document);
    REQUIRE(head);
    CHECK(head->name == made.head.name);
    CHECK(head->public_key == made.head.public_key);
    const auto opened = open_key_file(made.document, as_bytes("correct horse"));
    REQUIRE(opened);
    CHECK(opened->secret == made.secret);
  }
}

TEST_CASE("another passphrase opens nothing", "[issuer][keys]") {
  const Made made = make();
  for (const std::string_view wrong : {"", "correct hors", "correct horse ", "Correct horse"})
    CHECK(open_key_file(made.document, as_bytes(wrong)).error().code == Code::wrong_passphrase);
}

TEST_CASE("a key file with any one bit changed does not open", "[issuer][keys]") {
  // A flipped cost may be honest work within the bounds: the lowest cost keeps that short but for the memory field's
  // high bits, which are out of bounds. What matters is that nothing comes out.
  const Made made = make();
  for (std::size_t bit = 0; bit < made.document.size() * 8; ++bit) {
    Bytes changed = made.document;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << bit % 8));
    const auto opened = open_key_file(changed, as_bytes("correct horse"));
    INFO("bit " << bit);
    REQUIRE_FALSE(opened);
    CHECK((opened.error().code == Code::bad_key_file || opened.error().code == Code::wrong_passphrase));
  }
}

TEST_CASE("a key file cut short or with something behind it is refused", "[issuer][keys]") {
  const Made made = make();
  for (std::size_t length = 0; length < made.document.size(); ++length)
    CHECK(read_key_file_head(ByteView(made.document).first(length)).error().code == Code::bad_key_file);
  Bytes longer = made.document;
  longer.push_back(0);
  CHECK(read_key_file_head(longer).error().code == Code::bad_key_file);
}

TEST_CASE("costs out of bounds are refused before hashing", "[issuer][keys]") {
  // Were they hashed first, the second would need 16 exbibytes and the first longer than any test runs.
  for (const auto& [passes, memory] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
           {~0ULL, 8192}, {1, ~0ULL}, {0, 8192}, {max_password_cost.passes + 1, 8192}, {1, max_password_cost.memory_bytes + 1}, {1, 0}}) {
    INFO(passes << " passes, " << memory << " bytes");
    CHECK(open_key_file(with_cost(passes, memory), as_bytes("x")).error().code == Code::bad_key_file);
  }
  CHECK(open_key_file(with_cost(1, 8192), as_bytes("x")).error().code == Code::wrong_passphrase);
}

TEST_CASE("a secret of another length than its purpose's is refused", "[issuer][keys]") {
  SeededRandom random(2);
  const auto document = seal_key_file({"desk", KeyPurpose::desk, {}}, Bytes(32, 1), as_bytes("x"), cheap, random);
  REQUIRE(document);
  CHECK(open_key_file(*document, as_bytes("x")).error().code == Code::bad_key_file);
}

}  // namespace oak::desk_test
