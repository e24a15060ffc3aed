#include "issuer/audit_documents.h"

#include <algorithm>

#include "core/text.h"
#include "issuer/merkle.h"

namespace oak {
namespace {

std::string cause(const Error& error) {
  return std::string(code_cause(error.code)) + (error.context.empty() ? "" : " (" + printable(error.context) + ")");
}

/// Signature by the key in the certificate that the activation carries; whose certificate that is, SignerAudit says.
Status read_activation(const Bytes& document, ReadEntry& out) {
  OAK_ASSIGN(Envelope envelope, split(document, DocumentType::activation));
  OAK_ASSIGN(const Envelope certificate, split(envelope.chain, DocumentType::issuer_certificate));
  OAK_ASSIGN(const IssuerCertificate issuer, decode_issuer_certificate(certificate.payload));
  OAK_TRY(verify_sign1(envelope, issuer.issuer_key));
  OAK_ASSIGN(Activation activation, decode_activation(envelope.payload));
  out.activation = UnverifiedActivation{std::move(activation), activation_id_of(payload_hash(envelope))};
  out.certificate = std::move(envelope.chain);
  out.issuer_serial = issuer.serial;
  return {};
}

/// The request that is kept beside an issued leaf: signed by its own machine, by its hash the one that the leaf names, and the
/// activation answers it.
void read_request(const IssuedLeaf& leaf, ByteView document, ReadEntry& out) {
  auto opened = open_request(document);
  if (!opened) return out.faults.push_back("keeps a request that does not verify: " + cause(opened.error()));
  if (opened->payload != leaf.request) return out.faults.push_back("keeps a request that is not the one it names");
  out.request = std::move(*opened);
  if (!out.activation) return;
  const Request& request = *out.request->request;
  const Activation& answer = out.activation->activation;
  const bool is_same_place = request.environment.virtual_machine == answer.environment.virtual_machine &&
                             request.environment.container == answer.environment.container && request.site == answer.site;
  if (request.machine_key != answer.machine_key || request.seat_server_key != answer.seat_server_key || request.seats != answer.seats ||
      request.licence != answer.licence || request.product != answer.product || request.fingerprint_key != answer.fingerprint_key ||
      !is_same_place || encode_fingerprint(request.fingerprint) != encode_fingerprint(answer.fingerprint))
    out.faults.push_back("holds an activation that gives something else than its request asks for");
}

void read_issued(const RawEntry& entry, const IssuedLeaf& leaf, ReadEntry& out) {
  if (const auto read = read_activation(leaf.activation, out); !read)
    out.faults.push_back("holds an activation that does not verify: " + cause(read.error()));
  read_request(leaf, entry.request, out);
}

void read_returned(const ReturnedLeaf& leaf, ReadEntry& out) {
  const auto receipt = open_receipt(leaf.receipt);
  if (!receipt) return out.faults.push_back("holds a receipt that does not verify: " + cause(receipt.error()));
  out.receipt = *receipt->receipt;
  if (out.receipt->activation != leaf.activation)
    out.faults.push_back("holds the receipt of activation " + activation_id_text(out.receipt->activation) + ", and returns " +
                         activation_id_text(leaf.activation));
}

/// Whether a threshold of these keys signed it, whoever else did.
bool signed_by(const Envelope& envelope, const std::vector<PublicKey>& roots, std::uint64_t threshold) {
  Envelope own = envelope;
  auto& blocks = own.signatures;
  blocks.erase(std::remove_if(blocks.begin(), blocks.end(),
                              [&](const EnvelopeSignature& block) {
                                return std::none_of(roots.begin(), roots.end(),
                                                    [&](const PublicKey& root) { return key_id(root) == block.kid; });
                              }),
               blocks.end());
  return verify_threshold(own, roots, threshold).has_value();
}

}  // namespace

ReadEntry read_entry(const RawEntry& entry) {
  ReadEntry out;
  out.index = entry.index;
  out.leaf_hash = merkle_leaf_hash(entry.leaf);
  auto leaf = decode_leaf(entry.leaf);
  if (!leaf) {
    out.faults.push_back("is damaged: " + leaf.error().context);
    return out;
  }
  if (leaf->index != entry.index) out.faults.push_back("holds the leaf of entry " + std::to_string(leaf->index));
  const auto* issued = std::get_if<IssuedLeaf>(&leaf->body);
  if (issued) read_issued(entry, *issued, out);
  if (!issued && !entry.request.empty()) out.faults.push_back("keeps a request, and is not an issued entry");
  if (const auto* returned = std::get_if<ReturnedLeaf>(&leaf->body)) read_returned(*returned, out);
  out.leaf = std::move(*leaf);
  return out;
}

void SignerAudit::take_in(std::uint64_t index, const ReadEntry& entry) {
  if (!entry.leaf) return;
  switch (entry.leaf->kind) {
    case LeafKind::key_certified: return take_in_certified(index, std::get<KeyLeaf>(entry.leaf->body).certificate);
    case LeafKind::issued:
      if (entry.activation) take_in_activation(index, entry);
      return;
    case LeafKind::roots_changed:
    case LeafKind::bulletin_signed: return take_in_published(index, std::get<PublishedLeaf>(entry.leaf->body).document);
    default: return;
  }
}

const SignerAudit::Certificate& SignerAudit::certificate_of(std::uint64_t index, const Bytes& document) {
  if (last_ && last_->document == document) return *last_;
  const auto [found, is_new] = certificates_.try_emplace(sha256(document));
  Certificate& certificate = found->second;
  last_ = &certificate;
  if (!is_new) return certificate;
  certificate.document = document;
  certificate.first_entry = index;
  if (const auto envelope = split(document, DocumentType::issuer_certificate)) {
    certificate.payload = payload_hash(*envelope);
    if (auto claimed = decode_issuer_certificate(envelope->payload)) certificate.claimed = std::move(*claimed);
  }
  return certificate;
}

void SignerAudit::take_in_certified(std::uint64_t index, const Bytes& document) {
  certified_.emplace(certificate_of(index, document).payload, index);
}

void SignerAudit::take_in_activation(std::uint64_t index, const ReadEntry& entry) {
  const Certificate& certificate = certificate_of(index, entry.certificate);
  if (certified_.count(certificate.payload) == 0) fault_(index, "holds an activation by an issuer key that no entry before it certifies");
  if (!certificate.claimed) return;
  if (const auto taken = taken_back_.find(certificate.claimed->serial); taken != taken_back_.end())
    fault_(index, "holds an activation by an issuer key that entry " + std::to_string(taken->second) + " takes back");
  if (const auto allowed = check_caps(*certificate.claimed, entry.activation->activation); !allowed)
    fault_(index, "holds an activation that its issuer may not sign: " + cause(allowed.error()));
  if (entry.activation->activation.issued_at_unix_s != entry.leaf->at_unix_s)
    fault_(index, "holds an activation of another time than its own");
}

void SignerAudit::take_in_published(std::uint64_t index, const Bytes& document) {
  published_.emplace_back(index, document);
  const auto type = claimed_type(document);
  Bytes trust_document;
  if (type && *type == DocumentType::trust) trust_document = document;
  if (type && *type == DocumentType::key_bulletin)
    if (const auto envelope = split(document, DocumentType::key_bulletin))
      if (auto bulletin = decode_key_bulletin(envelope->payload)) {
        for (const RevokedIssuer& issuer : bulletin->revoked_issuers) taken_back_.emplace(issuer.serial, index);
        trust_document = std::move(bulletin->new_trust);
      }
  if (!trust_document.empty()) take_in_trust(index, trust_document);
}

/// New roots count here only where roots that count already vouch for them: whoever writes the ledger can't appoint his own.
void SignerAudit::take_in_trust(std::uint64_t index, const Bytes& document) {
  const auto envelope = split(document, DocumentType::trust);
  const auto trust = envelope ? decode_trust(envelope->payload) : tl::unexpected(envelope.error());
  if (!trust) return fault_(index, "holds a trust that can't be read: " + cause(trust.error()));
  if (!signed_by(*envelope, trust->roots, trust->threshold)) return fault_(index, "holds a trust that its own roots did not sign");
  for (const Trust& known : trusts_) {
    std::vector<EarlierRoots> sets = known.earlier;
    sets.push_back({known.roots, known.threshold});
    for (const EarlierRoots& set : sets) {
      if (set.roots == trust->roots && set.threshold == trust->threshold) return;
      if (signed_by(*envelope, set.roots, set.threshold)) return trusts_.push_back(*trust);
    }
  }
  fault_(index, "holds a trust of roots that no trust known here vouches for");
}

bool SignerAudit::is_trusted(const Certificate& certificate, Error& why) const {
  for (const Trust& trust : trusts_) {
    const auto opened = open_issuer_certificate(certificate.document, trust);
    if (opened) return true;
    why = opened.error();
  }
  return false;
}

void SignerAudit::check_published(std::uint64_t index, const Bytes& document) {
  const auto type = claimed_type(document);
  if (type && *type == DocumentType::trust) return;  // taken in, and judged by its own roots
  Error why{Code::wrong_type, "a bulletin"};
  for (Trust trust : trusts_) {
    trust.lowest_bulletin = 0;  // it was not too old when it was signed
    if (type && *type == DocumentType::bulletin) {
      const auto opened = open_bulletin(document, trust, {});
      if (opened) return;
      why = opened.error();
    } else if (type && *type == DocumentType::key_bulletin) {
      const auto opened = open_key_bulletin(document, trust);
      if (opened) return;
      why = opened.error();
    }
  }
  fault_(index, "holds a bulletin that does not verify: " + cause(why));
}

void SignerAudit::finish() {
  for (const auto& [hash, certificate] : certificates_) {
    Error why{Code::untrusted, {}};
    if (!is_trusted(certificate, why))
      fault_(certificate.first_entry, "holds an issuer's certificate that the desk's roots did not sign: " + cause(why));
  }
  for (const auto& [index, document] : published_) check_published(index, document);
}

}  // namespace oak
