#pragma once
// One vendor, one site, and their good documents. Every key comes from its own name, so that each run makes the same.

#include <string>
#include <vector>

#include "core/activation.h"
#include "core/bulletin.h"
#include "core/licence_key.h"
#include "core/receipt.h"
#include "core/seat_lease.h"
#include "tests/vectors/vector_set.h"

namespace oak::vectors {

/// SHA-256 of "oak test vectors: <name>", cut to N bytes.
template <std::size_t N>
ByteArray<N> fixed(std::string_view name) {
  const Digest digest = sha256(as_bytes("oak test vectors: " + std::string(name)));
  ByteArray<N> out;
  std::copy_n(digest.begin(), N, out.begin());
  return out;
}
KeyPair key_named(std::string_view name);
/// Random bytes that repeat: block i is SHA-256 of the name and i.
class NamedRandom final : public Random {
 public:
  explicit NamedRandom(std::string name) : name_(std::move(name)) {}
  void fill(std::uint8_t* out, std::size_t size) override;

 private:
  std::string name_;
  unsigned block_ = 0;
};

inline constexpr std::uint64_t start_unix_s = 1764000000;  ///< 2025-11-24 16:00:00 UTC
inline constexpr std::uint64_t day_unix_s = 86400;

LicenceKey licence_key();
SymmetricKey fingerprint_key();
Member member(Component component, std::string_view value, std::string_view label = {});

/// Roots 1 to 3, ascending by key, two of which must sign.
Trust trust_two_of_three();
Trust trust_one_of_one();
Trust trust_one_product();
/// Signed by the named roots ("root 1").
Bytes seal_by_roots(DocumentType type, ByteView payload, const std::vector<std::string>& roots);

IssuerCertificate uncapped_certificate();
IssuerCertificate capped_certificate();
Bytes certificate_document(const IssuerCertificate& certificate);

Request minimal_request();
Request full_request();
Activation permanent_activation();
Activation certificate_activation();
Activation full_activation();
Receipt receipt();
Bulletin bulletin();
KeyBulletin key_bulletin();
Trust new_trust();
/// The new trust, which still counts what the roots before it have signed.
Trust rotated_trust();
SeatLease seat_lease();
/// The permanent activation under the uncapped certificate: what leases point to.
Bytes host_activation();

}  // namespace oak::vectors
