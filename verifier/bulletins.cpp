#include "verifier/bulletins.h"

#include <algorithm>

namespace oak {
namespace {

template <typename Open>
auto open_with_newest(const Trusts& trusts, Open open) {
  auto opened = open(trusts.back());
  for (std::size_t i = trusts.size() - 1; !opened && i > 0; --i)
    if (auto older = open(trusts[i - 1])) return older;
  return opened;
}

void hold(std::vector<BulletinMark>& held, std::uint64_t signer, std::uint64_t number) {
  for (BulletinMark& mark : held) {
    if (mark.signer != signer) continue;
    mark.number = std::max(mark.number, number);
    return;
  }
  held.push_back({signer, number});
}

/// The newest bulletin that names an issuer key decides which of its activations survive.
void revoke_issuer(std::vector<RevokedIssuer>& issuers, const RevokedIssuer& revoked) {
  for (RevokedIssuer& known : issuers) {
    if (known.serial != revoked.serial) continue;
    known = revoked;
    return;
  }
  issuers.push_back(revoked);
}

bool is_of_type(ByteView document, DocumentType type) {
  const auto claimed = claimed_type(document);
  return claimed && *claimed == type;
}

/// A release that asks for newer bulletins than are stored still heeds what these revoke.
Trusts for_stored(Trusts trusts) {
  for (Trust& trust : trusts) trust.lowest_bulletin = 0;
  return trusts;
}

/// The trust inside a key bulletin that has been opened: the old and the new roots' signatures are checked by then.
std::optional<Trust> new_trust_of(const KeyBulletin& bulletin, std::string_view product) {
  if (bulletin.new_trust.empty()) return std::nullopt;
  const auto trust =
      split(bulletin.new_trust, DocumentType::trust).and_then([](const Envelope& envelope) { return decode_trust(envelope.payload); });
  if (!trust || !(trust->product.empty() || trust->product == product)) return std::nullopt;
  return *trust;
}

void take_key_bulletin(ByteView document, std::string_view product, HeldBulletins& out) {
  const auto opened = open_key_bulletin(document, for_stored(out.trusts));
  if (!opened) return;
  const KeyBulletin& bulletin = **opened;
  hold(out.held, 0, bulletin.number);
  for (const RevokedIssuer& revoked : bulletin.revoked_issuers) revoke_issuer(out.revocations.issuers, revoked);
  // A release may have brought newer roots than an old bulletin does.
  auto trust = new_trust_of(bulletin, product);
  if (trust && trust->number > out.trusts.back().number) out.trusts.push_back(std::move(*trust));
}

void take_bulletin(ByteView document, std::string_view product, const Trusts& trusts, HeldBulletins& out) {
  const auto opened = open_bulletin(document, trusts, product);
  if (!opened) return;
  const std::uint64_t serial = opened->issuer->serial;
  hold(out.held, serial, opened->bulletin->number);
  out.revocations.by_issuer.push_back({serial, opened->bulletin->revoked});
}

}  // namespace

bool Revocations::revokes_issuer(std::uint64_t serial) const {
  return std::any_of(issuers.begin(), issuers.end(), [&](const RevokedIssuer& issuer) { return issuer.serial == serial; });
}

bool Revocations::revokes(std::uint64_t issuer_serial, const ActivationId& id) const {
  for (const RevokedIssuer& issuer : issuers)
    if (issuer.serial == issuer_serial && !std::binary_search(issuer.survivors.begin(), issuer.survivors.end(), id)) return true;
  return std::any_of(by_issuer.begin(), by_issuer.end(), [&](const IssuerRevocations& own) {
    return own.serial == issuer_serial && std::binary_search(own.revoked.begin(), own.revoked.end(), id);
  });
}

bool HeldBulletins::lacks(const Marks& marks) const {
  return std::any_of(marks.bulletins.begin(), marks.bulletins.end(), [&](const BulletinMark& mark) {
    // Roots that a release has replaced can't vouch for their old bulletins; its own trust says from where on.
    if (mark.signer == 0 && mark.number < trusts.front().lowest_bulletin) return false;
    return std::none_of(held.begin(), held.end(),
                        [&](const BulletinMark& have) { return have.signer == mark.signer && have.number >= mark.number; });
  });
}

HeldBulletins open_stored_bulletins(const std::vector<StoredDocument>& stored, const Trust& trust, std::string_view product) {
  HeldBulletins out;
  out.trusts.push_back(trust);
  // The roots' first, in the order of their numbers (so are the files named): they may bring the trust that the
  // issuers' need.
  for (const StoredDocument& file : stored)
    if (file.document && is_of_type(*file.document, DocumentType::key_bulletin)) take_key_bulletin(*file.document, product, out);
  if (stored.empty()) return out;
  const Trusts trusts = for_stored(out.trusts);
  for (const StoredDocument& file : stored)
    if (file.document && is_of_type(*file.document, DocumentType::bulletin)) take_bulletin(*file.document, product, trusts, out);
  return out;
}

Result<OpenedActivation> open_activation(ByteView document, const Trusts& trusts, std::string_view product) {
  return open_with_newest(trusts, [&](const Trust& trust) { return open_activation(document, trust, product); });
}

Result<OpenedBulletin> open_bulletin(ByteView document, const Trusts& trusts, std::string_view product) {
  return open_with_newest(trusts, [&](const Trust& trust) { return open_bulletin(document, trust, product); });
}

Result<Verified<KeyBulletin>> open_key_bulletin(ByteView document, const Trusts& trusts) {
  return open_with_newest(trusts, [&](const Trust& trust) { return open_key_bulletin(document, trust); });
}

}  // namespace oak
