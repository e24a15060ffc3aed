#pragma once
// The numbered fields of a payload. One number means one thing in every document (docs/format.md, "Fields").

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/cbor.h"
#include "core/crypto.h"

namespace oak {

// Laid out by hand: clang-format would give each a line.
// clang-format off
enum class Field : std::uint8_t {
  product = 1, licence = 2, seats = 3, version = 4, versions = 5, machine_key = 6, seat_server_key = 7, nonce = 8,
  at = 9, fingerprint = 10, fingerprint_key = 11, unusable = 12, environment = 13, kind = 14, not_after = 15,
  generation = 16, supersedes = 17, site = 18, reason = 19, features = 20, policy = 21, grace_days = 22, index = 23,
  request = 24, binding = 25, customer = 26, accepts = 27, proof = 28, activation = 29, critical = 30, ignorable = 31,
  issuer_key = 32, serial = 33, products = 34, kinds = 35, max_days = 36, max_seats = 37, not_before = 38, roots = 39,
  threshold = 40, sealing_key = 41, contact = 42, lowest_bulletin = 43, number = 44, revoked = 45,
  revoked_issuers = 46, new_trust = 47, successor = 48, computer_key = 49, lease = 50, ttl_s = 51, counter = 52,
  reset_clock = 53, earlier = 54,
};
// clang-format on

/// The name docs/format.md gives it; used as the context of errors.
std::string_view field_name(Field field);

inline constexpr std::uint64_t max_unix_s = 253402300799;  ///< 9999-12-31 23:59:59
inline constexpr std::uint64_t max_count = 0xffffffff;     ///< generations, serials, ledger indexes
inline constexpr std::uint64_t max_seats = 1'000'000;
inline constexpr std::uint64_t max_certificate_days = 3660;

/// Collects fields in ascending order and writes the payload map.
class FieldWriter {
 public:
  void uint(Field field, std::uint64_t value);
  void uint_or_null(Field field, const std::optional<std::uint64_t>& value);
  void bytes(Field field, ByteView value);
  void text(Field field, std::string_view value);
  void text_unless_empty(Field field, std::string_view value);
  void uints(Field field, const std::vector<std::uint64_t>& values);
  void texts(Field field, const std::vector<std::string>& values);
  void item(Field field, ByteView encoded_item);
  Bytes take();

 private:
  cbor::Writer& key(Field field);
  cbor::Writer body_;
  std::size_t count_ = 0;
};

/// Reads a payload map by field. Each getter that is not `…_if` refuses an absent field (missing_field). `finish`
/// refuses what nobody asked for (unknown_field) and unknown critical extensions.
class FieldReader {
 public:
  static Result<FieldReader> open(ByteView payload);

  bool has(Field field) const;
  Result<std::uint64_t> uint(Field field, std::uint64_t low, std::uint64_t high);
  Result<std::optional<std::uint64_t>> uint_if(Field field, std::uint64_t low, std::uint64_t high);
  Result<std::optional<std::uint64_t>> uint_or_null(Field field, std::uint64_t low, std::uint64_t high);
  template <std::size_t N>
  Result<ByteArray<N>> bytes(Field field) {
    OAK_ASSIGN(auto view, bytes_of(field, N, N));
    return *to_array<N>(view);
  }
  Result<ByteView> bytes_of(Field field, std::size_t low, std::size_t high);
  /// 1 to `max_bytes` bytes of UTF-8 without control characters.
  Result<std::string> text(Field field, std::size_t max_bytes);
  Result<std::string> text_if(Field field, std::size_t max_bytes);  ///< empty where absent
  Result<std::string> name(Field field, std::size_t max_bytes);     ///< a product's name (core/text.h)
  Result<std::string> licence_id(Field field);
  /// Strictly ascending lists.
  Result<std::vector<std::uint64_t>> uints(Field field, std::size_t low, std::size_t high, std::uint64_t max_value);
  Result<std::vector<std::string>> texts(Field field, std::size_t most, std::size_t max_bytes);
  Result<PublicKey> key(Field field);  ///< 32 bytes; the point itself is checked where the key is used to verify
  Result<ByteView> item(Field field);  ///< encoded item of any type

  /// The ignorable extension map as encoded bytes (empty where absent); refuses a critical one.
  Result<Bytes> finish();

 private:
  struct Entry {
    std::uint64_t key;
    ByteView item;
    bool used = false;
  };
  Entry* find(Field field);
  Result<ByteView> take(Field field);
  std::vector<Entry> entries_;
};

tl::unexpected<Error> bad_field(Field field, std::string_view why);

}  // namespace oak
