#include "core/key_file.h"

#include "core/cbor.h"
#include "core/licence_key.h"
#include "core/text.h"

namespace oak {
namespace {

constexpr std::string_view fingerprint_label = "oak/v1/fingerprint-key";

tl::unexpected<Error> damaged() { return fail(Code::damaged_state); }

/// Opens the map of `pairs` entries and reads the first two: the label, and the 32 bytes that are secret.
Result<Seed> read_secret(cbor::Reader& reader, std::size_t pairs, std::string_view label) {
  OAK_ASSIGN(const std::size_t count, reader.map());
  OAK_ASSIGN(const std::uint64_t first, reader.uint());
  OAK_ASSIGN(const std::string_view found, reader.text());
  OAK_ASSIGN(const std::uint64_t second, reader.uint());
  OAK_ASSIGN(const ByteView secret, reader.bytes());
  if (count != pairs || first != 1 || found != label || second != 2 || secret.size() != Seed::size()) return damaged();
  Seed seed;
  std::copy(secret.begin(), secret.end(), seed.data());
  return seed;
}

Result<std::string> read_text(cbor::Reader& reader, std::uint64_t key) {
  OAK_ASSIGN(const std::uint64_t found, reader.uint());
  OAK_ASSIGN(const std::string_view text, reader.text());
  if (found != key) return damaged();
  return std::string(text);
}

Result<FingerprintKeyFile> read_fingerprint_key_file(ByteView file) {
  cbor::Reader reader(file);
  FingerprintKeyFile out;
  OAK_ASSIGN(out.key, read_secret(reader, 4, fingerprint_label));
  OAK_ASSIGN(out.licence, read_text(reader, 3));
  OAK_ASSIGN(out.product, read_text(reader, 4));
  OAK_TRY(reader.finish());
  if (!is_licence_id(out.licence) || !is_name(out.product, max_product_bytes)) return damaged();
  return out;
}

Result<Seed> read_key_pair_file(std::string_view label, ByteView file) {
  cbor::Reader reader(file);
  OAK_ASSIGN(Seed seed, read_secret(reader, 2, label));
  OAK_TRY(reader.finish());
  return seed;
}

void write_secret(cbor::Writer& writer, std::size_t pairs, std::string_view label, ByteView secret) {
  writer.map(pairs);
  writer.uint(1);
  writer.text(label);
  writer.uint(2);
  writer.bytes(secret);
}

}  // namespace

SecretBytes encode_key_pair_file(std::string_view label, const Seed& seed) {
  cbor::Writer writer;
  write_secret(writer, 2, label, seed.view());
  return SecretBytes(writer.take());
}

Result<Seed> decode_key_pair_file(std::string_view label, ByteView file) {
  auto seed = read_key_pair_file(label, file);
  if (!seed) return damaged();
  return seed;
}

SecretBytes encode_fingerprint_key_file(const FingerprintKeyFile& file) {
  cbor::Writer writer;
  write_secret(writer, 4, fingerprint_label, file.key.view());
  writer.uint(3);
  writer.text(file.licence);
  writer.uint(4);
  writer.text(file.product);
  return SecretBytes(writer.take());
}

Result<FingerprintKeyFile> decode_fingerprint_key_file(ByteView file) {
  auto read = read_fingerprint_key_file(file);
  if (!read) return damaged();
  return read;
}

std::string fingerprint_key_name(const FingerprintKeyId& id) { return "fingerprint-" + to_hex(id) + ".key"; }

Result<FingerprintKeyFile> read_fingerprint_key(Disk& disk, const std::string& folder, const std::string& name, std::string_view product,
                                                std::uint32_t own_uid) {
  constexpr std::uint32_t group_writes_or_others_use = 0027;
  const std::string path = folder + "/" + name;
  auto read = disk.read_beneath(folder, name, max_key_file_bytes);
  if (!read && read.error().code == Code::too_large) return fail(Code::damaged_state, path);
  OAK_ASSIGN(FileBytes file, std::move(read));
  const SecretBytes bytes(std::move(file.bytes));
  const bool owner_is_safe = file.owner == 0 || file.owner == own_uid;
  if (!owner_is_safe || (file.mode & group_writes_or_others_use) != 0) return fail(Code::unsafe_file, path);
  auto decoded = decode_fingerprint_key_file(bytes.view());
  if (!decoded || decoded->product != product || fingerprint_key_name(fingerprint_key_id(decoded->key)) != name)
    return fail(Code::damaged_state, path);
  return decoded;
}

}  // namespace oak
