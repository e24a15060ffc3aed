#pragma once
// The one file that speaks to libsodium. Everything here is thread-safe after crypto_start().
//
// Secrets live in `Secret<N>`: wiped when destroyed, never copied by accident, locked in memory where the system lets
// us. Sizes are in bytes.

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "core/bytes.h"
#include "core/error.h"

namespace oak {

template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

using Digest = ByteArray<32>;     ///< SHA-256
using PublicKey = ByteArray<32>;  ///< Ed25519 (RFC 8032), or X25519 where a name says sealing
using Signature = ByteArray<64>;  ///< Ed25519
using KeyId = ByteArray<8>;       ///< first 8 bytes of SHA-256 of a public key: a hint, never a proof

/// Overwrites memory in a way the compiler keeps.
void wipe(void* memory, std::size_t size);

template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  explicit Secret(const ByteArray<N>& value) : value_(value) {}
  Secret(Secret&& other) noexcept : value_(other.value_) { wipe(other.value_.data(), N); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      value_ = other.value_;
      wipe(other.value_.data(), N);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(value_.data(), N); }
  Secret clone() const { return Secret(value_); }

  std::uint8_t* data() { return value_.data(); }
  const std::uint8_t* data() const { return value_.data(); }
  static constexpr std::size_t size() { return N; }
  ByteView view() const { return {value_.data(), N}; }

 private:
  ByteArray<N> value_{};
};

using Seed = Secret<32>;  ///< Ed25519 private key in its 32-byte form
using SymmetricKey = Secret<32>;

/// Where randomness comes from; handed in, so that tests can replay it.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::uint8_t* out, std::size_t size) = 0;
};
/// The operating system's generator.
class SystemRandom final : public Random {
 public:
  void fill(std::uint8_t* out, std::size_t size) override;
};

/// Must succeed once before anything else here (internal where the system has no randomness).
Status crypto_start();

Digest sha256(ByteView data);
/// HMAC-SHA256 (RFC 2104).
Digest hmac_sha256(ByteView key, ByteView data);
/// HKDF-SHA256 (RFC 5869), one block of output.
SymmetricKey hkdf_sha256(ByteView input_key, ByteView salt, ByteView info);
/// Compares in time that depends on the length only.
bool equal_constant_time(ByteView a, ByteView b);

KeyId key_id(const PublicKey& key);

struct KeyPair {
  Seed seed;
  PublicKey public_key;
};
KeyPair make_key_pair(Random& random);
PublicKey public_key_of(const Seed& seed);
Signature sign(const Seed& seed, ByteView message);
/// Ed25519 as libsodium verifies it: canonical S, canonical and not small-order A, not small-order R.
bool verify(const PublicKey& key, ByteView message, ByteView signature);
/// A canonical point on the curve that is not of small order.
bool is_valid_public_key(const PublicKey& key);

/// X25519 key for sealing, from a seed.
PublicKey sealing_public_key_of(const Seed& seed);
/// As libsodium's crypto_box_seal, with the one-time key from `random`. weak_key where the sealing key is of small order.
Result<Bytes> seal_for(const PublicKey& sealing_key, ByteView plain, Random& random);
/// bad_seal where it was sealed for another key, or altered.
Result<Bytes> open_sealed(const Seed& sealing_seed, ByteView sealed);

/// Argon2id cost (RFC 9106): passes over, and bytes of, memory. Limits are checked before any hashing.
struct PasswordCost {
  std::uint64_t passes = 3;
  std::uint64_t memory_bytes = 64ULL << 20;
};
inline constexpr PasswordCost max_password_cost{10, 1ULL << 30};
Result<SymmetricKey> key_from_passphrase(ByteView passphrase, const ByteArray<16>& salt, PasswordCost cost);

/// XChaCha20-Poly1305 with a 24-byte nonce; the tag is the last 16 bytes of the result.
Bytes aead_seal(const SymmetricKey& key, const ByteArray<24>& nonce, ByteView associated, ByteView plain);
Result<Bytes> aead_open(const SymmetricKey& key, const ByteArray<24>& nonce, ByteView associated, ByteView sealed);

/// Base64 with padding (RFC 4648, section 4). Decoding takes one spelling: nullopt for spare bits, line ends, a lacking pad.
std::string to_base64(ByteView bytes);
std::optional<Bytes> from_base64(std::string_view text);

/// Keeps memory out of swap; false where the system refuses (a warning, not an error).
bool lock_memory(void* memory, std::size_t size);

template <std::size_t N>
ByteArray<N> random_bytes(Random& random) {
  ByteArray<N> out;
  random.fill(out.data(), N);
  return out;
}

template <std::size_t N>
std::optional<ByteArray<N>> to_array(ByteView bytes) {
  if (bytes.size() != N) return std::nullopt;
  ByteArray<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

}  // namespace oak
