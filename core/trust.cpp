#include "core/trust.h"

#include <algorithm>

#include "core/cbor.h"
#include "core/fields.h"
#include "core/licence_key.h"

namespace oak {
namespace {

constexpr std::size_t max_roots = 16, max_contact_bytes = 240, max_products = 64;

void write_roots(cbor::Writer& writer, const std::vector<PublicKey>& roots) {
  writer.array(roots.size());
  for (const PublicKey& root : roots) writer.bytes(root);
}

Bytes encode_roots(const std::vector<PublicKey>& roots) {
  cbor::Writer writer;
  write_roots(writer, roots);
  return writer.take();
}

Bytes encode_earlier(const std::vector<EarlierRoots>& earlier) {
  cbor::Writer writer;
  writer.array(earlier.size());
  for (const EarlierRoots& one : earlier) {
    writer.array(2);
    write_roots(writer, one.roots);
    writer.uint(one.threshold);
  }
  return writer.take();
}

Result<std::vector<PublicKey>> read_roots(cbor::Reader& reader, Field field) {
  const auto count = reader.array();
  if (!count || *count < 1 || *count > max_roots) return bad_field(field, "has the wrong number of entries");
  std::vector<PublicKey> roots;
  std::vector<KeyId> ids;
  roots.reserve(*count);
  ids.reserve(*count);
  for (std::size_t i = 0; i < *count; ++i) {
    const auto bytes = reader.bytes();
    const auto root = bytes ? to_array<32>(*bytes) : std::nullopt;
    if (!root) return bad_field(field, "has a key that is not 32 bytes");
    if (i > 0 && !(roots.back() < *root)) return bad_field(field, "is not in ascending order");
    const KeyId id = key_id(*root);
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) return bad_field(field, "has two keys with one key id");
    ids.push_back(id);
    roots.push_back(*root);
  }
  return roots;
}

Result<std::vector<PublicKey>> decode_roots(ByteView item) {
  cbor::Reader reader(item);
  return read_roots(reader, Field::roots);
}

Result<std::vector<EarlierRoots>> decode_earlier(ByteView item) {
  cbor::Reader reader(item);
  const auto count = reader.array();
  if (!count || *count < 1 || *count > max_earlier) return bad_field(Field::earlier, "has the wrong number of entries");
  std::vector<EarlierRoots> out;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto size = reader.array();
    if (!size || *size != 2) return bad_field(Field::earlier, "has an entry of the wrong form");
    EarlierRoots one;
    OAK_ASSIGN(one.roots, read_roots(reader, Field::earlier));
    const auto threshold = reader.uint();
    if (!threshold || *threshold < 1 || *threshold > one.roots.size()) return bad_field(Field::earlier, "has a threshold out of range");
    one.threshold = *threshold;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

Bytes encode_trust(const Trust& trust) {
  FieldWriter fields;
  fields.text_unless_empty(Field::product, trust.product);
  fields.uint(Field::at, trust.issued_at_unix_s);
  if (!trust.ignorable.empty()) fields.item(Field::ignorable, trust.ignorable);
  fields.item(Field::roots, encode_roots(trust.roots));
  fields.uint(Field::threshold, trust.threshold);
  fields.bytes(Field::sealing_key, trust.sealing_key);
  fields.text_unless_empty(Field::contact, trust.contact);
  fields.uint(Field::lowest_bulletin, trust.lowest_bulletin);
  fields.uint(Field::number, trust.number);
  if (!trust.earlier.empty()) fields.item(Field::earlier, encode_earlier(trust.earlier));
  return fields.take();
}

Result<Trust> decode_trust(ByteView payload) {
  OAK_ASSIGN(FieldReader fields, FieldReader::open(payload));
  Trust trust;
  if (fields.has(Field::product)) {
    OAK_ASSIGN(trust.product, fields.name(Field::product, max_product_bytes));
  }
  OAK_ASSIGN(trust.issued_at_unix_s, fields.uint(Field::at, 0, max_unix_s));
  OAK_ASSIGN(const ByteView roots, fields.item(Field::roots));
  OAK_ASSIGN(trust.roots, decode_roots(roots));
  OAK_ASSIGN(trust.threshold, fields.uint(Field::threshold, 1, trust.roots.size()));
  OAK_ASSIGN(trust.sealing_key, fields.bytes<32>(Field::sealing_key));
  OAK_ASSIGN(trust.contact, fields.text_if(Field::contact, max_contact_bytes));
  OAK_ASSIGN(trust.lowest_bulletin, fields.uint(Field::lowest_bulletin, 0, max_count));
  OAK_ASSIGN(trust.number, fields.uint(Field::number, 1, max_count));
  if (fields.has(Field::earlier)) {
    OAK_ASSIGN(const ByteView earlier, fields.item(Field::earlier));
    OAK_ASSIGN(trust.earlier, decode_earlier(earlier));
  }
  OAK_ASSIGN(trust.ignorable, fields.finish());
  return trust;
}

Result<Verified<Trust>> open_trust(ByteView document, std::string_view product) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::trust));
  OAK_ASSIGN(Trust trust, decode_trust(envelope.payload));
  OAK_TRY(verify_threshold(envelope, trust.roots, trust.threshold));
  if (!product.empty() && !trust.product.empty() && trust.product != product)
    return fail(Code::wrong_product, "the trust is for '" + trust.product + "'");
  return Opening::verified(std::move(trust));
}

Status verify_by_roots(const Envelope& envelope, const Trust& trust) {
  const Status own = verify_threshold(envelope, trust.roots, trust.threshold);
  for (std::size_t i = 0; !own && i < trust.earlier.size(); ++i)
    if (verify_threshold(envelope, trust.earlier[i].roots, trust.earlier[i].threshold)) return {};
  return own;
}

Bytes encode_issuer_certificate(const IssuerCertificate& certificate) {
  FieldWriter fields;
  if (certificate.versions)
    fields.text(Field::versions, certificate.versions->text());
  else
    fields.uint_or_null(Field::versions, std::nullopt);
  fields.uint(Field::at, certificate.issued_at_unix_s);
  fields.uint(Field::not_after, certificate.not_after_unix_s);
  if (!certificate.ignorable.empty()) fields.item(Field::ignorable, certificate.ignorable);
  fields.bytes(Field::issuer_key, certificate.issuer_key);
  fields.uint(Field::serial, certificate.serial);
  fields.texts(Field::products, certificate.products);
  fields.uints(Field::kinds, certificate.kinds);
  fields.uint_or_null(Field::max_days, certificate.max_days);
  fields.uint_or_null(Field::max_seats, certificate.max_seats);
  fields.uint(Field::not_before, certificate.not_before_unix_s);
  return fields.take();
}

Result<IssuerCertificate> decode_issuer_certificate(ByteView payload) {
  OAK_ASSIGN(FieldReader fields, FieldReader::open(payload));
  IssuerCertificate certificate;
  OAK_ASSIGN(const ByteView versions, fields.item(Field::versions));
  OAK_ASSIGN(const bool uncapped, cbor::Reader(versions).null());
  if (!uncapped) {
    OAK_ASSIGN(const std::string text, fields.text(Field::versions, max_version_bytes));
    auto range = VersionRange::parse(text);
    if (!range || range->text() != text) return bad_field(Field::versions, "is not a range");
    certificate.versions = std::move(*range);
  }
  OAK_ASSIGN(certificate.issued_at_unix_s, fields.uint(Field::at, 0, max_unix_s));
  OAK_ASSIGN(certificate.not_after_unix_s, fields.uint(Field::not_after, 0, max_unix_s));
  OAK_ASSIGN(certificate.issuer_key, fields.key(Field::issuer_key));
  OAK_ASSIGN(certificate.serial, fields.uint(Field::serial, 1, max_count));
  OAK_ASSIGN(certificate.products, fields.texts(Field::products, max_products, max_product_bytes));
  OAK_ASSIGN(certificate.kinds, fields.uints(Field::kinds, 1, 2, 2));
  if (certificate.kinds.front() < 1) return bad_field(Field::kinds, "is out of range");
  OAK_ASSIGN(certificate.max_days, fields.uint_or_null(Field::max_days, 1, max_certificate_days));
  OAK_ASSIGN(certificate.max_seats, fields.uint_or_null(Field::max_seats, 1, max_seats));
  OAK_ASSIGN(certificate.not_before_unix_s, fields.uint(Field::not_before, 0, max_unix_s));
  if (certificate.not_before_unix_s > certificate.not_after_unix_s) return bad_field(Field::not_before, "is after its end");
  OAK_ASSIGN(certificate.ignorable, fields.finish());
  return certificate;
}

Result<Verified<IssuerCertificate>> open_issuer_certificate(ByteView document, const Trust& trust) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::issuer_certificate));
  OAK_TRY(verify_by_roots(envelope, trust));
  OAK_ASSIGN(IssuerCertificate certificate, decode_issuer_certificate(envelope.payload));
  return Opening::verified(std::move(certificate));
}

}  // namespace oak
