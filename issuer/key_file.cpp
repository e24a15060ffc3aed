#include "issuer/key_file.h"

#include "core/cbor.h"
#include "core/text.h"

namespace oak {
namespace {

constexpr std::string_view version_label = "oak/v1/key";
constexpr std::uint64_t argon2id = 1;

struct Parsed {
  KeyFileHead head;
  PasswordCost cost;
  ByteArray<16> salt{};
  ByteArray<24> nonce{};
  Bytes ciphertext;
};

/// Everything but the ciphertext; as a map of six fields it is the associated data, as one of seven the file's front.
void write_fields(cbor::Writer& writer, const Parsed& parsed, std::size_t count) {
  writer.map(count);
  writer.uint(1);
  writer.text(version_label);
  writer.uint(2);
  writer.text(parsed.head.name);
  writer.uint(3);
  writer.uint(static_cast<std::uint64_t>(parsed.head.purpose));
  writer.uint(4);
  writer.bytes(parsed.head.public_key);
  writer.uint(5);
  writer.array(4);
  writer.uint(argon2id);
  writer.uint(parsed.cost.passes);
  writer.uint(parsed.cost.memory_bytes);
  writer.bytes(parsed.salt);
  writer.uint(6);
  writer.bytes(parsed.nonce);
}

Bytes associated_data(const Parsed& parsed) {
  cbor::Writer writer;
  write_fields(writer, parsed, 6);
  return writer.take();
}

tl::unexpected<Error> bad(std::string_view why) { return fail(Code::bad_key_file, std::string(why)); }

Status expect_key(cbor::Reader& reader, std::uint64_t key) {
  const auto found = reader.uint();
  if (!found || *found != key) return bad("a field is missing");
  return {};
}

template <std::size_t N>
Status read_array(cbor::Reader& reader, ByteArray<N>& out) {
  const auto bytes = reader.bytes();
  const auto array = bytes ? to_array<N>(*bytes) : std::nullopt;
  if (!array) return bad("a field has the wrong length");
  out = *array;
  return {};
}

Status read_cost(cbor::Reader& reader, Parsed& parsed) {
  const auto count = reader.array();
  const auto algorithm = reader.uint();
  const auto passes = reader.uint();
  const auto memory = reader.uint();
  if (!count || *count != 4 || !algorithm || *algorithm != argon2id || !passes || !memory)
    return bad("the passphrase function is not known");
  if (*passes < 1 || *passes > max_password_cost.passes || *memory > max_password_cost.memory_bytes)
    return bad("the passphrase cost is out of bounds");
  parsed.cost = {*passes, *memory};
  return read_array(reader, parsed.salt);
}

Result<Parsed> parse(ByteView document) {
  if (!cbor::check(document)) return bad("it is damaged");
  cbor::Reader reader(document);
  const auto count = reader.map();
  if (!count || *count != 7) return bad("it has not its form");
  Parsed parsed;
  OAK_TRY(expect_key(reader, 1));
  const auto label = reader.text();
  if (!label || *label != version_label) return bad("it is of another version");
  OAK_TRY(expect_key(reader, 2));
  const auto name = reader.text();
  if (!name || !is_name(*name, 40)) return bad("its name is not one");
  parsed.head.name = *name;
  OAK_TRY(expect_key(reader, 3));
  const auto purpose = reader.uint();
  if (!purpose || *purpose < 1 || *purpose > 4) return bad("its purpose is not known");
  parsed.head.purpose = static_cast<KeyPurpose>(*purpose);
  OAK_TRY(expect_key(reader, 4));
  OAK_TRY(read_array(reader, parsed.head.public_key));
  OAK_TRY(expect_key(reader, 5));
  OAK_TRY(read_cost(reader, parsed));
  OAK_TRY(expect_key(reader, 6));
  OAK_TRY(read_array(reader, parsed.nonce));
  OAK_TRY(expect_key(reader, 7));
  const auto ciphertext = reader.bytes();
  if (!ciphertext) return bad("it holds no key");
  parsed.ciphertext.assign(ciphertext->begin(), ciphertext->end());
  return parsed;
}

std::size_t secret_size(KeyPurpose purpose) { return purpose == KeyPurpose::desk ? 64 : 32; }

}  // namespace

Result<Bytes> seal_key_file(const KeyFileHead& head, ByteView secret, ByteView passphrase, PasswordCost cost, Random& random) {
  Parsed parsed{head, cost, random_bytes<16>(random), random_bytes<24>(random), {}};
  OAK_ASSIGN(const SymmetricKey key, key_from_passphrase(passphrase, parsed.salt, cost));
  const Bytes ciphertext = aead_seal(key, parsed.nonce, associated_data(parsed), secret);
  cbor::Writer writer;
  write_fields(writer, parsed, 7);
  writer.uint(7);
  writer.bytes(ciphertext);
  return writer.take();
}

Result<KeyFileHead> read_key_file_head(ByteView document) {
  return parse(document).map([](Parsed&& parsed) { return std::move(parsed.head); });
}

Result<OpenedKeyFile> open_key_file(ByteView document, ByteView passphrase) {
  OAK_ASSIGN(Parsed parsed, parse(document));
  OAK_ASSIGN(const SymmetricKey key, key_from_passphrase(passphrase, parsed.salt, parsed.cost));
  auto secret = aead_open(key, parsed.nonce, associated_data(parsed), parsed.ciphertext);
  if (!secret) return fail(Code::wrong_passphrase, parsed.head.name);
  if (secret->size() != secret_size(parsed.head.purpose)) return bad("its key has the wrong length");
  return OpenedKeyFile{std::move(parsed.head), std::move(*secret)};
}

}  // namespace oak
