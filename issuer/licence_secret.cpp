#include "issuer/licence_secret.h"

#include <algorithm>

#include "core/cbor.h"

namespace oak {
namespace {

/// Covers the ciphertext: a secret can't be moved to another licence or number.
Bytes associated_data(std::string_view licence, std::uint64_t number) {
  cbor::Writer writer;
  writer.array(3);
  writer.text("oak/v1/licence-secret");
  writer.text(licence);
  writer.uint(number);
  return writer.take();
}

}  // namespace

SealedSecret seal_licence_secret(const LicenceKey& key, std::uint64_t number, const SymmetricKey& ledger_key, Random& random) {
  SealedSecret sealed{random_bytes<24>(random), {}};
  sealed.ciphertext = aead_seal(ledger_key, sealed.nonce, associated_data(key.licence_id, number), key.secret.view());
  return sealed;
}

Result<LicenceKey> open_licence_secret(std::string_view licence, std::uint64_t number, const SealedSecret& sealed,
                                       const SymmetricKey& ledger_key) {
  OAK_ASSIGN(Bytes plain, aead_open(ledger_key, sealed.nonce, associated_data(licence, number), sealed.ciphertext));
  if (plain.size() != licence_secret_chars) return fail(Code::bad_signature);
  LicenceKey key{std::string(licence), {}};
  std::copy(plain.begin(), plain.end(), key.secret.data());
  wipe(plain.data(), plain.size());
  return key;
}

Result<LicenceKey> read_licence_secret(Ledger& ledger, const Licence& licence, const SymmetricKey& ledger_key) {
  OAK_ASSIGN(const auto sealed, ledger.secret(licence.id, licence.key_number));
  if (!sealed) return fail(Code::ledger_damaged, "the secret of licence " + licence.id + " is missing");
  auto key = open_licence_secret(licence.id, licence.key_number, *sealed, ledger_key);
  if (!key) return fail(Code::ledger_damaged, "the secret of licence " + licence.id + " was altered");
  return key;
}

}  // namespace oak
