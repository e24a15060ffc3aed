#include "core/crypto.h"

#include <sodium.h>

#include <algorithm>

namespace oak {

static_assert(crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_SEEDBYTES == 32 && crypto_sign_BYTES == 64);
static_assert(crypto_pwhash_SALTBYTES == 16 && crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == 24);

Status crypto_start() {
  if (sodium_init() < 0) return fail(Code::internal, "libsodium does not start");
  return {};
}

void SystemRandom::fill(std::uint8_t* out, std::size_t size) { randombytes_buf(out, size); }

void wipe(void* memory, std::size_t size) { sodium_memzero(memory, size); }

std::string to_base64(ByteView bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the terminating zero
  return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.empty()) return Bytes{};
  Bytes out(text.size());
  std::size_t size = 0;
  const char* end = nullptr;
  const int failed =
      sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end, sodium_base64_VARIANT_ORIGINAL);
  out.resize(size);
  if (failed != 0 || end != text.data() + text.size() || to_base64(out) != text) return std::nullopt;
  return out;
}

bool lock_memory(void* memory, std::size_t size) { return sodium_mlock(memory, size) == 0; }

Digest sha256(ByteView data) {
  Digest out;
  crypto_hash_sha256(out.data(), data.data(), data.size());
  return out;
}

Digest hmac_sha256(ByteView key, ByteView data) {
  Digest out;
  crypto_auth_hmacsha256_state state;
  static constexpr std::uint8_t no_key = 0;  // libsodium wants an address even for a key of no bytes
  crypto_auth_hmacsha256_init(&state, key.empty() ? &no_key : key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, data.data(), data.size());
  crypto_auth_hmacsha256_final(&state, out.data());
  wipe(&state, sizeof state);
  return out;
}

SymmetricKey hkdf_sha256(ByteView input_key, ByteView salt, ByteView info) {
  // RFC 5869: an absent salt is HashLen zeros, which HMAC's own padding makes the same as an empty key.
  Digest extracted = hmac_sha256(salt, input_key);
  Bytes block(info.begin(), info.end());
  block.push_back(1);
  Digest expanded = hmac_sha256(extracted, block);
  SymmetricKey key(expanded);
  wipe(extracted.data(), extracted.size());
  wipe(expanded.data(), expanded.size());
  return key;
}

bool equal_constant_time(ByteView a, ByteView b) { return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0; }

KeyId key_id(const PublicKey& key) {
  const Digest digest = sha256(key);
  KeyId id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

KeyPair make_key_pair(Random& random) {
  Seed seed;
  random.fill(seed.data(), Seed::size());
  PublicKey public_key = public_key_of(seed);
  return {std::move(seed), public_key};
}

PublicKey public_key_of(const Seed& seed) {
  PublicKey public_key;
  Secret<crypto_sign_SECRETKEYBYTES> expanded;
  crypto_sign_seed_keypair(public_key.data(), expanded.data(), seed.data());
  return public_key;
}

Signature sign(const Seed& seed, ByteView message) {
  PublicKey public_key;
  Secret<crypto_sign_SECRETKEYBYTES> expanded;
  crypto_sign_seed_keypair(public_key.data(), expanded.data(), seed.data());
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), expanded.data());
  return signature;
}

bool verify(const PublicKey& key, ByteView message, ByteView signature) {
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

bool is_valid_public_key(const PublicKey& key) { return crypto_core_ed25519_is_valid_point(key.data()) == 1; }

PublicKey sealing_public_key_of(const Seed& seed) {
  PublicKey public_key;
  SymmetricKey secret_key;
  crypto_box_seed_keypair(public_key.data(), secret_key.data(), seed.data());
  return public_key;
}

// crypto_box_seal takes its one-time key from the system; put together here from the same parts, it comes from `random`:
// public key ‖ crypto_box under the nonce BLAKE2b(one-time public key ‖ sealing key).
Result<Bytes> seal_for(const PublicKey& sealing_key, ByteView plain, Random& random) {
  Seed seed;
  random.fill(seed.data(), Seed::size());
  PublicKey one_time_key;
  SymmetricKey secret_key;
  crypto_box_seed_keypair(one_time_key.data(), secret_key.data(), seed.data());
  Bytes both(one_time_key.begin(), one_time_key.end());
  both.insert(both.end(), sealing_key.begin(), sealing_key.end());
  ByteArray<crypto_box_NONCEBYTES> nonce;
  crypto_generichash(nonce.data(), nonce.size(), both.data(), both.size(), nullptr, 0);
  Bytes out(one_time_key.begin(), one_time_key.end());
  out.resize(plain.size() + crypto_box_SEALBYTES);
  if (crypto_box_easy(out.data() + one_time_key.size(), plain.data(), plain.size(), nonce.data(), sealing_key.data(), secret_key.data()) !=
      0)
    return fail(Code::weak_key, "the sealing key");
  return out;
}

Result<Bytes> open_sealed(const Seed& sealing_seed, ByteView sealed) {
  if (sealed.size() < crypto_box_SEALBYTES) return fail(Code::bad_seal);
  PublicKey public_key;
  SymmetricKey secret_key;
  crypto_box_seed_keypair(public_key.data(), secret_key.data(), sealing_seed.data());
  Bytes out(sealed.size() - crypto_box_SEALBYTES);
  if (crypto_box_seal_open(out.data(), sealed.data(), sealed.size(), public_key.data(), secret_key.data()) != 0)
    return fail(Code::bad_seal);
  return out;
}

Result<SymmetricKey> key_from_passphrase(ByteView passphrase, const ByteArray<16>& salt, PasswordCost cost) {
  if (cost.passes < crypto_pwhash_OPSLIMIT_MIN || cost.passes > max_password_cost.passes ||
      cost.memory_bytes < crypto_pwhash_MEMLIMIT_MIN || cost.memory_bytes > max_password_cost.memory_bytes)
    return fail(Code::bad_key_file, "the passphrase cost is out of bounds");
  SymmetricKey key;
  if (crypto_pwhash(key.data(), SymmetricKey::size(), reinterpret_cast<const char*>(passphrase.data()), passphrase.size(), salt.data(),
                    cost.passes, static_cast<std::size_t>(cost.memory_bytes), crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(Code::out_of_memory);
  return key;
}

Bytes aead_seal(const SymmetricKey& key, const ByteArray<24>& nonce, ByteView associated, ByteView plain) {
  Bytes out(plain.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data(), nullptr, plain.data(), plain.size(), associated.data(), associated.size(), nullptr,
                                             nonce.data(), key.data());
  return out;
}

Result<Bytes> aead_open(const SymmetricKey& key, const ByteArray<24>& nonce, ByteView associated, ByteView sealed) {
  if (sealed.size() < crypto_aead_xchacha20poly1305_ietf_ABYTES) return fail(Code::truncated);
  Bytes out(sealed.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, sealed.data(), sealed.size(), associated.data(),
                                                 associated.size(), nonce.data(), key.data()) != 0)
    return fail(Code::bad_signature);
  return out;
}

}  // namespace oak
