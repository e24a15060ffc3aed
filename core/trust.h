#pragma once
// Trust: the vendor's root keys, how many of them must sign, and what else a product ships with.
// Issuer certificates: what one issuer key may sign.

#include <optional>
#include <string>
#include <vector>

#include "core/envelope.h"
#include "core/kind.h"
#include "core/version.h"

namespace oak {

/// Root keys that a trust has replaced, and how many of them had to sign.
struct EarlierRoots {
  std::vector<PublicKey> roots;  ///< as in Trust
  std::uint64_t threshold = 0;
};
inline constexpr std::size_t max_earlier = 16;

struct Trust {
  std::string product;  ///< empty: every product of the desk
  std::uint64_t issued_at_unix_s = 0;
  std::vector<PublicKey> roots;  ///< ascending, 1 to 16, distinct key ids
  std::uint64_t threshold = 0;   ///< 1 to roots.size()
  PublicKey sealing_key{};       ///< X25519
  std::string contact;           ///< may be empty
  std::uint64_t lowest_bulletin = 0;
  std::uint64_t number = 1;  ///< grows with each rotation of roots
  /// Newest first, at most max_earlier: what they have signed still counts (docs/format.md, "Trust").
  std::vector<EarlierRoots> earlier;
  Bytes ignorable;
};

Bytes encode_trust(const Trust& trust);
Result<Trust> decode_trust(ByteView payload);
/// Opens a trust document signed by the threshold of the roots that it lists itself. Where it was found is what
/// makes it trusted: the caller answers for that. wrong_product unless it is for `product` or for every product
/// (an empty `product` skips that check).
Result<Verified<Trust>> open_trust(ByteView document, std::string_view product);
/// verify_threshold under the trust's roots; where these don't know who signed it, under the earlier ones, newest first. The
/// error is that of the trust's own roots.
Status verify_by_roots(const Envelope& envelope, const Trust& trust);

struct IssuerCertificate {
  std::uint64_t issued_at_unix_s = 0;
  PublicKey issuer_key{};
  std::uint64_t serial = 0;
  std::vector<std::string> products;       ///< ascending; empty: all
  std::vector<std::uint64_t> kinds;        ///< Kind numbers, ascending, at least one
  std::optional<std::uint64_t> max_days;   ///< of a certificate; nullopt: uncapped
  std::optional<std::uint64_t> max_seats;  ///< of one activation; nullopt: uncapped
  std::optional<VersionRange> versions;    ///< nullopt: uncapped
  std::uint64_t not_before_unix_s = 0;     ///< window for issued_at, both ends inclusive
  std::uint64_t not_after_unix_s = 0;
  Bytes ignorable;
};

Bytes encode_issuer_certificate(const IssuerCertificate& certificate);
Result<IssuerCertificate> decode_issuer_certificate(ByteView payload);
Result<Verified<IssuerCertificate>> open_issuer_certificate(ByteView document, const Trust& trust);

}  // namespace oak
