#include "core/activation.h"

#include <algorithm>

#include "core/cbor.h"
#include "core/fields.h"
#include "core/licence_key.h"

namespace oak {
namespace {

constexpr std::uint64_t day_s = 86400;
constexpr std::size_t max_feature_bytes = 40;

Status read_grant(FieldReader& fields, Activation& activation) {
  OAK_ASSIGN(activation.product, fields.name(Field::product, max_product_bytes));
  OAK_ASSIGN(activation.licence, fields.licence_id(Field::licence));
  OAK_ASSIGN(activation.seats, fields.uint(Field::seats, 1, max_seats));
  OAK_ASSIGN(const std::string versions, fields.text(Field::versions, max_version_bytes));
  auto range = VersionRange::parse(versions);
  if (!range || range->text() != versions) return bad_field(Field::versions, "is not a range");
  activation.versions = std::move(*range);
  OAK_ASSIGN(activation.machine_key, fields.key(Field::machine_key));
  OAK_ASSIGN(activation.seat_server_key, fields.key(Field::seat_server_key));
  OAK_ASSIGN(activation.issued_at_unix_s, fields.uint(Field::at, 0, max_unix_s));
  OAK_ASSIGN(activation.features, fields.texts(Field::features, max_features, max_feature_bytes));
  OAK_ASSIGN(activation.customer, fields.text_if(Field::customer, max_customer_bytes));
  OAK_ASSIGN(activation.site, fields.text_if(Field::site, max_site_bytes));
  return {};
}

Status read_binding(FieldReader& fields, Activation& activation) {
  OAK_ASSIGN(const ByteView fingerprint, fields.item(Field::fingerprint));
  OAK_ASSIGN(activation.fingerprint, decode_fingerprint(fingerprint));
  OAK_ASSIGN(activation.fingerprint_key, fields.bytes<8>(Field::fingerprint_key));
  if (fields.has(Field::environment)) {
    OAK_ASSIGN(const ByteView environment, fields.item(Field::environment));
    OAK_ASSIGN(activation.environment, decode_environment(environment));
  }
  OAK_ASSIGN(const ByteView policy, fields.item(Field::policy));
  OAK_ASSIGN(activation.policy, decode_policy(policy));
  OAK_ASSIGN(activation.grace_days, fields.uint(Field::grace_days, 0, max_grace_days));
  // Virtual and hardware TPM have their numbers; until they have their rules they are refused.
  OAK_ASSIGN(const std::uint64_t binding, fields.uint(Field::binding, 1, 1));
  activation.binding = static_cast<Binding>(binding);
  return {};
}

Status read_place(FieldReader& fields, Activation& activation) {
  OAK_ASSIGN(const std::uint64_t kind, fields.uint(Field::kind, 1, 2));
  activation.kind = static_cast<Kind>(kind);
  OAK_ASSIGN(activation.not_after_unix_s, fields.uint_if(Field::not_after, 0, max_unix_s));
  if (activation.not_after_unix_s.has_value() != (activation.kind == Kind::certificate))
    return bad_field(Field::not_after, "goes with certificates, and only with them");
  if (activation.not_after_unix_s && *activation.not_after_unix_s <= activation.issued_at_unix_s)
    return bad_field(Field::not_after, "is before its start");
  OAK_ASSIGN(activation.generation, fields.uint(Field::generation, 1, max_count));
  if (fields.has(Field::supersedes)) {
    OAK_ASSIGN(activation.supersedes, fields.bytes<16>(Field::supersedes));
  }
  OAK_ASSIGN(activation.index, fields.uint(Field::index, 0, max_count));
  OAK_ASSIGN(activation.request, fields.bytes<16>(Field::request));
  OAK_ASSIGN(const auto reset_clock, fields.uint_if(Field::reset_clock, 1, 1));
  activation.reset_clock = reset_clock.has_value();
  return {};
}

}  // namespace

Bytes encode_activation(const Activation& activation) {
  FieldWriter fields;
  fields.text(Field::product, activation.product);
  fields.text(Field::licence, activation.licence);
  fields.uint(Field::seats, activation.seats);
  fields.text(Field::versions, activation.versions.text());
  fields.bytes(Field::machine_key, activation.machine_key);
  fields.bytes(Field::seat_server_key, activation.seat_server_key);
  fields.uint(Field::at, activation.issued_at_unix_s);
  fields.item(Field::fingerprint, encode_fingerprint(activation.fingerprint));
  fields.bytes(Field::fingerprint_key, activation.fingerprint_key);
  if (!activation.environment.empty()) fields.item(Field::environment, encode_environment(activation.environment));
  fields.uint(Field::kind, static_cast<std::uint64_t>(activation.kind));
  if (activation.not_after_unix_s) fields.uint(Field::not_after, *activation.not_after_unix_s);
  fields.uint(Field::generation, activation.generation);
  if (activation.supersedes) fields.bytes(Field::supersedes, *activation.supersedes);
  fields.text_unless_empty(Field::site, activation.site);
  fields.texts(Field::features, activation.features);
  fields.item(Field::policy, encode_policy(activation.policy));
  fields.uint(Field::grace_days, activation.grace_days);
  fields.uint(Field::index, activation.index);
  fields.bytes(Field::request, activation.request);
  fields.uint(Field::binding, static_cast<std::uint64_t>(activation.binding));
  fields.text_unless_empty(Field::customer, activation.customer);
  if (!activation.ignorable.empty()) fields.item(Field::ignorable, activation.ignorable);
  if (activation.reset_clock) fields.uint(Field::reset_clock, 1);
  return fields.take();
}

Result<Activation> decode_activation(ByteView payload) {
  OAK_ASSIGN(FieldReader fields, FieldReader::open(payload));
  Activation activation;
  OAK_TRY(read_grant(fields, activation));
  OAK_TRY(read_binding(fields, activation));
  OAK_TRY(read_place(fields, activation));
  OAK_ASSIGN(activation.ignorable, fields.finish());
  return activation;
}

Bytes seal_activation(const Activation& activation, const KeyPair& issuer, ByteView certificate_document) {
  return seal_sign1(DocumentType::activation, encode_activation(activation), issuer, certificate_document);
}

namespace {

/// Stages 3 to 6.
Result<OpenedActivation> open_signed_by(Verified<IssuerCertificate> issuer, const Envelope& envelope, ByteView document, const Trust& trust,
                                        std::string_view product) {
  // 3. The issuer signed this payload.
  OAK_TRY(verify_sign1(envelope, issuer->issuer_key));
  // 4. Only now the payload is read.
  OAK_ASSIGN(Activation activation, decode_activation(envelope.payload));
  // 5. The issuer was allowed to say what it says.
  OAK_TRY(check_caps(*issuer, activation));
  // 6. It is for the product that asks.
  if (!product.empty() && activation.product != product) return fail(Code::wrong_product, "it is for '" + activation.product + "'");
  if (!trust.product.empty() && activation.product != trust.product)
    return fail(Code::wrong_product, "the trust is for '" + trust.product + "'");
  const Digest payload = payload_hash(envelope);
  return OpenedActivation{Opening::verified(std::move(activation)), std::move(issuer), activation_id_of(payload), payload,
                          sha256(document)};
}

}  // namespace

Result<OpenedActivation> open_activation(ByteView document, const Trust& trust, std::string_view product) {
  // 1. The envelope has its form and is an activation.
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::activation));
  if (envelope.chain.empty()) return fail(Code::bad_envelope, "the issuer's certificate is missing");
  // 2. k of n roots vouch for the issuer.
  OAK_ASSIGN(Verified<IssuerCertificate> issuer, open_issuer_certificate(envelope.chain, trust));
  return open_signed_by(std::move(issuer), envelope, document, trust, product);
}

Result<OpenedActivation> open_activation_of(const Verified<IssuerCertificate>& issuer, ByteView issuer_document, ByteView document,
                                            const Trust& trust, std::string_view product) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::activation));
  if (!std::equal(envelope.chain.begin(), envelope.chain.end(), issuer_document.begin(), issuer_document.end()))
    return fail(Code::issuer_not_allowed, "another issuer's certificate");
  return open_signed_by(issuer, envelope, document, trust, product);
}

Result<UnverifiedActivation> read_activation_unverified(ByteView document) {
  OAK_ASSIGN(const Envelope envelope, split(document, DocumentType::activation));
  OAK_ASSIGN(Activation activation, decode_activation(envelope.payload));
  return UnverifiedActivation{std::move(activation), activation_id_of(payload_hash(envelope))};
}

Status check_caps(const IssuerCertificate& certificate, const Activation& activation) {
  const auto has = [](const auto& list, const auto& value) { return std::find(list.begin(), list.end(), value) != list.end(); };
  if (!certificate.products.empty() && !has(certificate.products, activation.product))
    return fail(Code::issuer_not_allowed, "product '" + activation.product + "'");
  if (!has(certificate.kinds, static_cast<std::uint64_t>(activation.kind)))
    return fail(Code::issuer_not_allowed, "kind " + std::string(kind_name(activation.kind)));
  if (certificate.max_seats && activation.seats > *certificate.max_seats)
    return fail(Code::issuer_not_allowed, std::to_string(activation.seats) + " seats, at most " + std::to_string(*certificate.max_seats));
  if (certificate.versions && !certificate.versions->covers(activation.versions))
    return fail(Code::issuer_not_allowed, "versions " + activation.versions.text());
  if (certificate.max_days && activation.not_after_unix_s &&
      *activation.not_after_unix_s - activation.issued_at_unix_s > *certificate.max_days * day_s)
    return fail(Code::issuer_not_allowed, "more than " + std::to_string(*certificate.max_days) + " days");
  if (activation.issued_at_unix_s < certificate.not_before_unix_s || activation.issued_at_unix_s > certificate.not_after_unix_s)
    return fail(Code::issuer_outside_window);
  return {};
}

}  // namespace oak
