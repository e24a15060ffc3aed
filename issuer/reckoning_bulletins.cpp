// What a desk and its roots told the field, held against what the entries before say. Who signed it, SignerAudit says.

#include <algorithm>

#include "core/bulletin.h"
#include "issuer/reckoning.h"

namespace oak {
namespace {

Result<std::uint64_t> serial_of(ByteView certificate_document) {
  OAK_ASSIGN(const Envelope envelope, split(certificate_document, DocumentType::issuer_certificate));
  OAK_ASSIGN(const IssuerCertificate certificate, decode_issuer_certificate(envelope.payload));
  return certificate.serial;
}

}  // namespace

void Reckoning::take_in_certificate(ByteView document) {
  if (const auto serial = serial_of(document)) serials_.insert(*serial);
}

void Reckoning::take_in_published(const Leaf& leaf) {
  const Bytes& document = std::get<PublishedLeaf>(leaf.body).document;
  const auto type = claimed_type(document);
  if (type && *type == DocumentType::bulletin) check_bulletin(leaf.index, document);
  if (type && *type == DocumentType::key_bulletin) check_key_bulletin(leaf.index, document);
}

/// It names all that is revoked of its product and that its issuer key signed, with what that took the place of: each takes the
/// place of the one before.
void Reckoning::check_bulletin(std::uint64_t entry, ByteView document) {
  const auto envelope = split(document, DocumentType::bulletin);
  const auto bulletin = envelope ? decode_bulletin(envelope->payload) : tl::unexpected(envelope.error());
  const auto serial = envelope ? serial_of(envelope->chain) : tl::unexpected(envelope.error());
  if (!bulletin || !serial) return;  // told as one that does not verify
  if (bulletin->number != entry) fault_(entry, "holds a bulletin of another number, " + std::to_string(bulletin->number));
  std::vector<ActivationId> due;
  std::unordered_set<std::uint32_t> seen;
  for (const Revoked& revoked : revoked_) {
    if (licences_[activations_[revoked.number].licence].terms.product != bulletin->product) continue;
    for (std::uint32_t at = revoked.number; at != none && seen.insert(at).second; at = activations_[at].supersedes)
      if (activations_[at].issuer == *serial) due.push_back(activations_[at].id);
  }
  std::sort(due.begin(), due.end());
  const auto tell = [&](const std::vector<ActivationId>& these, const std::vector<ActivationId>& without, const char* what) {
    std::vector<ActivationId> out;
    std::set_difference(these.begin(), these.end(), without.begin(), without.end(), std::back_inserter(out));
    for (const ActivationId& id : out) fault_(entry, "holds a bulletin that " + std::string(what) + activation_id_text(id));
  };
  tell(due, bulletin->revoked, "does not name a revoked activation, ");
  tell(bulletin->revoked, due, "names an activation that is not revoked, ");
}

/// Of keys that are not certified here another desk tells.
void Reckoning::check_key_bulletin(std::uint64_t entry, ByteView document) {
  const auto envelope = split(document, DocumentType::key_bulletin);
  const auto bulletin = envelope ? decode_key_bulletin(envelope->payload) : tl::unexpected(envelope.error());
  if (!bulletin) return;
  for (const RevokedIssuer& issuer : bulletin->revoked_issuers) {
    if (serials_.count(issuer.serial) == 0) continue;
    for (const ActivationId& id : issuer.survivors) check_survivor(entry, id, issuer.serial, bulletin->issued_at_unix_s);
  }
}

void Reckoning::check_survivor(std::uint64_t entry, const ActivationId& id, std::uint64_t serial, std::uint64_t at_unix_s) {
  const Standing* const one = find(id);
  const std::string survives = "lets activation " + activation_id_text(id) + " survive, which ";
  if (!one || one->issuer != serial)
    return fault_(entry, survives + "issuer key " + std::to_string(serial) + " has not signed in any entry before");
  const std::uint32_t last = end_of_chain(static_cast<std::uint32_t>(one - activations_.data()));
  // Between the draft and the last root's signature time goes by: what ended meanwhile is in no list's power.
  const auto revoked = std::find_if(revoked_.begin(), revoked_.end(), [&](const Revoked& other) { return other.number == last; });
  if (revoked != revoked_.end() && revoked->at < at_unix_s) fault_(entry, survives + "was revoked");
}

}  // namespace oak
