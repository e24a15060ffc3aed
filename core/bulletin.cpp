#include "core/bulletin.h"

#include <algorithm>

#include "core/armour.h"
#include "core/cbor.h"
#include "core/fields.h"
#include "core/licence_key.h"

namespace oak {
namespace {

constexpr std::size_t max_revoked_issuers = 64;

void write_ids(cbor::Writer& writer, const std::vector<ActivationId>& ids) {
  writer.array(ids.size());
  for (const ActivationId& id : ids) writer.bytes(id);
}

Result<std::vector<ActivationId>> read_ids(cbor::Reader& reader, Field field) {
  const auto count = reader.array();
  if (!count || *count > max_revoked) return bad_field(field, "has the wrong number of entries");
  std::vector<ActivationId> ids;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto bytes = reader.bytes();
    const auto id = bytes ? to_array<16>(*bytes) : std::nullopt;
    if (!id) return bad_field(field, "has an id that is not 16 bytes");
    if (i > 0 && !(ids.back() < *id)) return bad_field(field, "is not in ascending order");
    ids.push_back(*id);
  }
  return ids;
}

Bytes encode_revoked_issuers(const std::vector<RevokedIssuer>& issuers) {
  cbor::Writer writer;
  writer.array(issuers.size());
  for (const RevokedIssuer& issuer : issuers) {
    writer.array(2);
    writer.uint(issuer.serial);
    write_ids(writer, issuer.survivors);
  }
  return writer.take();
}

Result<std::vector<RevokedIssuer>> decode_revoked_issuers(ByteView item) {
  cbor::Reader reader(item);
  const auto count = reader.array();
  if (!count || *count > max_revoked_issuers) return bad_field(Field::revoked_issuers, "has the wrong number of entries");
  std::vector<RevokedIssuer> issuers;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto size = reader.array();
    const auto serial = reader.uint();
    if (!size || *size != 2 || !serial || *serial < 1 || *serial > max_count)
      return bad_field(Field::revoked_issuers, "has an entry of the wrong form");
    if (i > 0 && *serial <= issuers.back().serial) return bad_field(Field::revoked_issuers, "is not in ascending order");
    OAK_ASSIGN(auto survivors, read_ids(reader, Field::revoked_issuers));
    issuers.push_back({*serial, std::move(survivors)});
  }
  return issuers;
}

/// A new trust takes over only with the old roots' threshold as well as its own.
Status check_thresholds(const Envelope& envelope, const Trust& trust, const Trust& old_trust) {
  std::vector<PublicKey> all = old_trust.roots;
  all.insert(all.end(), trust.roots.begin(), trust.roots.end());
  OAK_TRY(verify_threshold(envelope, all, 0));
  const auto signed_by = [&](const std::vector<PublicKey>& roots) {
    return static_cast<std::size_t>(std::count_if(roots.begin(), roots.end(), [&](const PublicKey& root) {
      return std::any_of(envelope.signatures.begin(), envelope.signatures.end(),
                         [&](const EnvelopeSignature& block) { return block.kid == key_id(root); });
    }));
  };
  if (signed_by(old_trust.roots) < old_trust.threshold || signed_by(trust.roots) < trust.threshold)
    return fail(Code::not_enough_signatures, "new_trust needs the thresholds of the old and the new roots");
  return {};
}

/// The trust that a bulletin carries: one that the reader's own has reached or passed is no news, and is left alone.
Status check_carried_trust(ByteView document, const Trust& trust, const Status& by_own_roots) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::trust));
  OAK_ASSIGN(const Trust carried, decode_trust(envelope.payload));
  if (carried.number <= trust.number) return {};
  // Roots that were replaced don't say who comes next.
  OAK_TRY(by_own_roots);
  return check_thresholds(envelope, carried, trust);
}

}  // namespace

Bytes encode_bulletin(const Bulletin& bulletin) {
  FieldWriter fields;
  fields.text(Field::product, bulletin.product);
  fields.uint(Field::at, bulletin.issued_at_unix_s);
  if (!bulletin.ignorable.empty()) fields.item(Field::ignorable, bulletin.ignorable);
  fields.uint(Field::number, bulletin.number);
  cbor::Writer revoked;
  write_ids(revoked, bulletin.revoked);
  fields.item(Field::revoked, revoked.view());
  return fields.take();
}

Result<Bulletin> decode_bulletin(ByteView payload) {
  OAK_ASSIGN(FieldReader fields, FieldReader::open(payload));
  Bulletin bulletin;
  OAK_ASSIGN(bulletin.product, fields.name(Field::product, max_product_bytes));
  OAK_ASSIGN(bulletin.issued_at_unix_s, fields.uint(Field::at, 0, max_unix_s));
  OAK_ASSIGN(bulletin.number, fields.uint(Field::number, 1, max_count));
  OAK_ASSIGN(const ByteView revoked, fields.item(Field::revoked));
  cbor::Reader reader(revoked);
  OAK_ASSIGN(bulletin.revoked, read_ids(reader, Field::revoked));
  OAK_ASSIGN(bulletin.ignorable, fields.finish());
  return bulletin;
}

Bytes seal_bulletin(const Bulletin& bulletin, const KeyPair& issuer, ByteView certificate_document) {
  return seal_sign1(DocumentType::bulletin, encode_bulletin(bulletin), issuer, certificate_document);
}

Result<OpenedBulletin> open_bulletin(ByteView document, const Trust& trust, std::string_view product) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::bulletin));
  if (envelope.chain.empty()) return fail(Code::bad_envelope, "the issuer's certificate is missing");
  OAK_ASSIGN(Verified<IssuerCertificate> issuer, open_issuer_certificate(envelope.chain, trust));
  OAK_TRY(verify_sign1(envelope, issuer->issuer_key));
  OAK_ASSIGN(Bulletin bulletin, decode_bulletin(envelope.payload));
  const auto& products = issuer->products;
  if (!products.empty() && std::find(products.begin(), products.end(), bulletin.product) == products.end())
    return fail(Code::issuer_not_allowed, "product '" + bulletin.product + "'");
  if (bulletin.issued_at_unix_s < issuer->not_before_unix_s || bulletin.issued_at_unix_s > issuer->not_after_unix_s)
    return fail(Code::issuer_outside_window);
  if (!product.empty() && bulletin.product != product) return fail(Code::wrong_product, "it is for '" + bulletin.product + "'");
  if (!trust.product.empty() && bulletin.product != trust.product)
    return fail(Code::wrong_product, "the trust is for '" + trust.product + "'");
  if (bulletin.number < trust.lowest_bulletin)
    return fail(Code::bulletin_too_old,
                "number " + std::to_string(bulletin.number) + ", at least " + std::to_string(trust.lowest_bulletin));
  return OpenedBulletin{Opening::verified(std::move(bulletin)), std::move(issuer)};
}

Bytes encode_key_bulletin(const KeyBulletin& bulletin) {
  FieldWriter fields;
  fields.uint(Field::at, bulletin.issued_at_unix_s);
  if (!bulletin.ignorable.empty()) fields.item(Field::ignorable, bulletin.ignorable);
  fields.uint(Field::number, bulletin.number);
  fields.item(Field::revoked_issuers, encode_revoked_issuers(bulletin.revoked_issuers));
  if (!bulletin.new_trust.empty()) fields.bytes(Field::new_trust, bulletin.new_trust);
  return fields.take();
}

Result<KeyBulletin> decode_key_bulletin(ByteView payload) {
  OAK_ASSIGN(FieldReader fields, FieldReader::open(payload));
  KeyBulletin bulletin;
  OAK_ASSIGN(bulletin.issued_at_unix_s, fields.uint(Field::at, 0, max_unix_s));
  OAK_ASSIGN(bulletin.number, fields.uint(Field::number, 1, max_count));
  OAK_ASSIGN(const ByteView issuers, fields.item(Field::revoked_issuers));
  OAK_ASSIGN(bulletin.revoked_issuers, decode_revoked_issuers(issuers));
  if (fields.has(Field::new_trust)) {
    OAK_ASSIGN(const ByteView trust, fields.bytes_of(Field::new_trust, 1, max_document_bytes));
    bulletin.new_trust.assign(trust.begin(), trust.end());
  }
  OAK_ASSIGN(bulletin.ignorable, fields.finish());
  return bulletin;
}

Result<Trust> check_new_trust(ByteView document, const Trust& old_trust) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::trust));
  OAK_ASSIGN(Trust trust, decode_trust(envelope.payload));
  if (trust.number <= old_trust.number) return bad_field(Field::number, "is not newer");
  OAK_TRY(check_thresholds(envelope, trust, old_trust));
  return trust;
}

Result<Verified<KeyBulletin>> open_key_bulletin(ByteView document, const Trust& trust) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::key_bulletin));
  OAK_TRY(verify_by_roots(envelope, trust));
  OAK_ASSIGN(KeyBulletin bulletin, decode_key_bulletin(envelope.payload));
  if (bulletin.number < trust.lowest_bulletin)
    return fail(Code::bulletin_too_old,
                "number " + std::to_string(bulletin.number) + ", at least " + std::to_string(trust.lowest_bulletin));
  if (!bulletin.new_trust.empty())
    OAK_TRY(check_carried_trust(bulletin.new_trust, trust, verify_threshold(envelope, trust.roots, trust.threshold)));
  return Opening::verified(std::move(bulletin));
}

}  // namespace oak
