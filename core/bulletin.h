#pragma once
// Bulletins: what no longer counts. An issuer's names activations of its own; the roots' names issuer keys and may
// carry a new trust. Both are encoded and decoded here only.

#include <string>
#include <vector>

#include "core/activation_id.h"
#include "core/trust.h"

namespace oak {

inline constexpr std::size_t max_revoked = 16384;

struct Bulletin {
  std::string product;
  std::uint64_t issued_at_unix_s = 0;
  std::uint64_t number = 0;           ///< only ever grows
  std::vector<ActivationId> revoked;  ///< ascending
  Bytes ignorable;
};
Bytes encode_bulletin(const Bulletin& bulletin);
Result<Bulletin> decode_bulletin(ByteView payload);
Bytes seal_bulletin(const Bulletin& bulletin, const KeyPair& issuer, ByteView certificate_document);
struct OpenedBulletin {
  Verified<Bulletin> bulletin;
  Verified<IssuerCertificate> issuer;
};
/// wrong_product, bulletin_too_old (below trust.lowest_bulletin), issuer_not_allowed, issuer_outside_window.
Result<OpenedBulletin> open_bulletin(ByteView document, const Trust& trust, std::string_view product);

struct RevokedIssuer {
  std::uint64_t serial = 0;
  std::vector<ActivationId> survivors;  ///< ascending: what that key signed and still counts
};
struct KeyBulletin {
  std::uint64_t issued_at_unix_s = 0;
  std::uint64_t number = 0;
  std::vector<RevokedIssuer> revoked_issuers;  ///< ascending by serial
  Bytes new_trust;                             ///< a trust document, or empty
  Bytes ignorable;
};
Bytes encode_key_bulletin(const KeyBulletin& bulletin);
Result<KeyBulletin> decode_key_bulletin(ByteView payload);
/// Signed by the threshold of `trust`, or of roots before it; a newer trust in it must be signed by the thresholds of `trust`
/// and its own, and the bulletin by the roots of `trust`.
Result<Verified<KeyBulletin>> open_key_bulletin(ByteView document, const Trust& trust);
/// A trust that takes the place of `old_trust`: higher number (bad_field), both thresholds, and nobody else's signature.
Result<Trust> check_new_trust(ByteView document, const Trust& old_trust);

}  // namespace oak
