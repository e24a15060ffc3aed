#pragma once
// What the bulletins of the store add up to: activations that are revoked, and roots that have changed.

#include <vector>

#include "core/activation.h"
#include "core/bulletin.h"
#include "verifier/store.h"

namespace oak {

/// The trust that a product started with, then those that the roots' bulletins brought.
using Trusts = std::vector<Trust>;

struct IssuerRevocations {
  std::uint64_t serial = 0;
  std::vector<ActivationId> revoked;  ///< ascending
};

struct Revocations {
  std::vector<IssuerRevocations> by_issuer;  ///< what each issuer key takes back of its own
  std::vector<RevokedIssuer> issuers;        ///< issuer keys that the roots took back
  bool revokes(std::uint64_t issuer_serial, const ActivationId& id) const;
  bool revokes_issuer(std::uint64_t serial) const;
};

struct HeldBulletins {
  Trusts trusts;  ///< never empty: the first is what was given
  Revocations revocations;
  std::vector<BulletinMark> held;  ///< the newest of each signer that could be opened

  /// True where the marks remember a bulletin that is not among these: somebody took it away.
  bool lacks(const Marks& marks) const;
};

/// Opens what it can; a bulletin that can't be opened counts as one that is not there.
HeldBulletins open_stored_bulletins(const std::vector<StoredDocument>& stored, const Trust& trust, std::string_view product);

// The newest trust is tried first. Where none opens it, the error is the newest one's.
Result<OpenedActivation> open_activation(ByteView document, const Trusts& trusts, std::string_view product);
Result<OpenedBulletin> open_bulletin(ByteView document, const Trusts& trusts, std::string_view product);
Result<Verified<KeyBulletin>> open_key_bulletin(ByteView document, const Trusts& trusts);

}  // namespace oak
