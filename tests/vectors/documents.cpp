// Good documents: each type at its smallest, at its fullest, and at the edges that must still pass.

#include <algorithm>

#include "core/armour.h"
#include "tests/vectors/decoded.h"
#include "tests/vectors/makers.h"

namespace oak::vectors {
namespace {

template <typename T>
Json values_of(const Bytes& document, DocumentType type, const T& fields) {
  Json out = names_of(document, type);
  out["fields"] = fields_of(fields);
  return out;
}

void add_request(VectorSet& set, const std::string& name, Request request, bool proved, std::string_view strength, std::string_view why) {
  const KeyPair machine = key_named("machine");
  const SymmetricKey proof_key = proof_key_of(licence_key());
  const Bytes document = seal_request(request, machine, proved ? &proof_key : nullptr);
  request.proof = decode_request(split(document, DocumentType::request)->payload)->proof;
  Json values = values_of(document, DocumentType::request, request);
  values["strength"] = strength;
  Json how = open_as("request");
  if (proved) how["licence_key"] = printed_key();
  set.good("request/" + name + ".oak", in_armour(DocumentType::request, document, {"product demo", "licence K7QX2M4A"}), how, values, why);
}

void add_requests(VectorSet& set) {
  add_request(set, "minimal", minimal_request(), true, "normal", "only what must be there, proved by the licence key");
  add_request(set, "full", full_request(), true, "normal", "every field that a request can have");
  Request request = minimal_request();
  request.fingerprint.members = {member(Component::machine_id, "6c9e2f7d0a4b4c1f8f5e3d2c1b0a9f8e"),
                                 member(Component::model, "Northwind/Bench 12/B12-A/6/158/10")};
  add_request(set, "weak", request, true, "weak", "no factor of the first four is enrolled");
  request = minimal_request();
  request.supersedes = Supersedes{activation_id_of(fixed<32>("old activation")), 4, 17};
  add_request(set, "superseding-without-proof", request, false, "normal", "only the machine key speaks for it");
  request = minimal_request();
  request.fingerprint.members.clear();
  for (unsigned i = 0; i < max_set_members; ++i)
    request.fingerprint.members.push_back(member(Component::mac, "8c:16:45:aa:01:" + std::to_string(10 + i)));
  std::sort(request.fingerprint.members.begin(), request.fingerprint.members.end(),
            [](const Member& a, const Member& b) { return a.key() < b.key(); });
  request.seats = 1000000;
  request.created_at_unix_s = 253402300799;
  request.site = std::string(120, 's');
  request.reason = std::string(240, 'r');
  add_request(set, "largest-values", request, true, "weak", "sixteen members of a set, and the upper limits");
}

void add_activation(VectorSet& set, const std::string& name, const Activation& activation, const IssuerCertificate& issuer,
                    const char* trust, std::string_view product, std::string_view why) {
  const KeyPair key = key_named("issuer " + std::to_string(issuer.serial));
  const Bytes certificate = std::string_view(trust) == one_of_one
                                ? seal_by_roots(DocumentType::issuer_certificate, encode_issuer_certificate(issuer), {"lone root"})
                                : certificate_document(issuer);
  const Bytes document = seal_activation(activation, key, certificate);
  Json values = values_of(document, DocumentType::activation, activation);
  const ActivationId id = activation_id_of(sha256(encode_activation(activation)));
  values["id"] = to_hex(id);
  values["id_text"] = activation_id_text(id);
  values["issuer"] = issuer.serial;
  set.good("activation/" + name + ".oak", in_armour(DocumentType::activation, document), open_as("activation", trust, product), values,
           why);
}

void add_activations(VectorSet& set) {
  add_activation(set, "permanent", permanent_activation(), uncapped_certificate(), two_of_three, "demo", "no end, no options");
  add_activation(set, "certificate", certificate_activation(), uncapped_certificate(), two_of_three, "demo", "ends after 30 days");
  add_activation(set, "full", full_activation(), uncapped_certificate(), two_of_three, "demo", "every field that it can have");
  add_activation(set, "one-root", permanent_activation(), uncapped_certificate(), one_of_one, "demo", "a vendor with one root");
  add_activation(set, "trust-of-one-product", permanent_activation(), uncapped_certificate(), one_product, "demo",
                 "the trust names the product");
  add_activation(set, "certified-by-earlier-roots", permanent_activation(), uncapped_certificate(), rotated, "demo",
                 "roots that were replaced certified the issuer");
  add_activation(set, "any-product", permanent_activation(), uncapped_certificate(), two_of_three, "", "nobody asks for a product");
  Activation activation = certificate_activation();
  activation.seats = 10;
  activation.issued_at_unix_s = start_unix_s;
  activation.not_after_unix_s = start_unix_s + 30 * day_unix_s;
  add_activation(set, "at-every-cap", activation, capped_certificate(), two_of_three, "demo",
                 "seats, days and versions as large as the certificate allows, at its first second");
  activation.issued_at_unix_s = capped_certificate().not_after_unix_s;
  activation.not_after_unix_s = activation.issued_at_unix_s + 1;
  add_activation(set, "at-last-second", activation, capped_certificate(), two_of_three, "demo",
                 "issued in the last second of the certificate's window, and ending after it");
}

template <typename T>
void add_root_document(VectorSet& set, const std::string& name, DocumentType type, const T& fields, ByteView payload,
                       const std::vector<std::string>& roots, Json how, std::string_view why) {
  const Bytes document = seal_by_roots(type, payload, roots);
  set.good(name + ".oak", in_armour(type, document), std::move(how), values_of(document, type, fields), why);
}

void add_trust(VectorSet& set, const std::string& name, const Trust& trust, const std::vector<std::string>& roots, std::string_view product,
               std::string_view why) {
  add_root_document(set, "trust/" + name, DocumentType::trust, trust, encode_trust(trust), roots, open_as("trust", {}, product), why);
}

void add_trusts(VectorSet& set) {
  add_trust(set, "two-of-three", trust_two_of_three(), {"root 2", "root 3"}, "demo", "two of three roots, every product of the desk");
  add_trust(set, "all-three", trust_two_of_three(), {"root 1", "root 2", "root 3"}, "demo", "one signature more than needed");
  add_trust(set, "one-of-one", trust_one_of_one(), {"lone root"}, "demo", "a single root");
  add_trust(set, "one-product", trust_one_product(), {"root 1", "root 2"}, "demo", "for one product");
  Trust trust = trust_one_product();
  trust.ignorable = full_request().ignorable;
  add_trust(set, "extended", trust, {"root 1", "root 2"}, "", "an extension that may be ignored, and no product asked for");
  add_trust(set, "rotated", rotated_trust(), {"root 4", "root 5"}, "demo", "other roots, which name those that they have replaced");
  trust = rotated_trust();
  trust.earlier = {{trust_two_of_three().roots, 3}, {trust_one_of_one().roots, 1}, {new_trust().roots, 1}, {trust.roots, 3}};
  trust.earlier.resize(max_earlier, {trust_one_of_one().roots, 1});
  add_trust(set, "rotated-often", trust, {"root 2", "root 5"}, "demo", "as many earlier sets of roots as there may be");
}

void add_certificate(VectorSet& set, const std::string& name, const IssuerCertificate& certificate, std::string_view why) {
  add_root_document(set, "issuer-certificate/" + name, DocumentType::issuer_certificate, certificate,
                    encode_issuer_certificate(certificate), {"root 1", "root 3"}, open_as("issuer-certificate", two_of_three), why);
}

void add_certificates(VectorSet& set) {
  add_certificate(set, "uncapped", uncapped_certificate(), "all products, both kinds, no caps");
  add_certificate(set, "capped", capped_certificate(), "every cap set");
  IssuerCertificate certificate = capped_certificate();
  certificate.not_after_unix_s = certificate.not_before_unix_s;
  certificate.ignorable = full_request().ignorable;
  add_certificate(set, "one-second", certificate, "a window of one second, and an extension that may be ignored");
}

void add_receipts(VectorSet& set) {
  const KeyPair machine = key_named("machine");
  Receipt plain = receipt();
  Bytes document = seal_receipt(plain, machine);
  set.good("receipt/plain.oak", in_armour(DocumentType::receipt, document), open_as("receipt"),
           values_of(document, DocumentType::receipt, plain), "the activation was given back");
  plain.successor = activation_id_of(fixed<32>("successor"));
  plain.ignorable = full_request().ignorable;
  document = seal_receipt(plain, machine);
  set.good("receipt/successor.oak", in_armour(DocumentType::receipt, document), open_as("receipt"),
           values_of(document, DocumentType::receipt, plain), "a smaller activation took its place");
}

void add_bulletin(VectorSet& set, const std::string& name, const Bulletin& bulletin, const IssuerCertificate& issuer,
                  std::string_view why) {
  const KeyPair key = key_named("issuer " + std::to_string(issuer.serial));
  const Bytes document = seal_bulletin(bulletin, key, certificate_document(issuer));
  Json values = values_of(document, DocumentType::bulletin, bulletin);
  values["issuer"] = issuer.serial;
  set.good("bulletin/" + name + ".oak", in_armour(DocumentType::bulletin, document), open_as("bulletin", two_of_three, "demo"), values,
           why);
}

void add_bulletins(VectorSet& set) {
  add_bulletin(set, "plain", bulletin(), uncapped_certificate(), "three activations revoked, number as low as the trust allows");
  Bulletin empty = bulletin();
  empty.revoked.clear();
  empty.issued_at_unix_s = capped_certificate().not_after_unix_s;
  empty.ignorable = full_request().ignorable;
  add_bulletin(set, "nothing-revoked", empty, capped_certificate(), "an empty list, in the last second of a capped certificate");
  const Json how = open_as("key-bulletin", two_of_three);
  add_root_document(set, "key-bulletin/plain", DocumentType::key_bulletin, key_bulletin(), encode_key_bulletin(key_bulletin()),
                    {"root 1", "root 2"}, how, "two issuer keys, one with survivors");
  KeyBulletin rotation = key_bulletin();
  rotation.revoked_issuers.clear();
  rotation.ignorable = full_request().ignorable;
  rotation.new_trust = seal_by_roots(DocumentType::trust, encode_trust(new_trust()), {"root 1", "root 2", "root 4"});
  add_root_document(set, "key-bulletin/new-trust", DocumentType::key_bulletin, rotation, encode_key_bulletin(rotation),
                    {"root 1", "root 2"}, how, "a new trust, signed by two old and two new roots, one of them both");
  const Json later = open_as("key-bulletin", rotated);
  add_root_document(set, "key-bulletin/new-trust-known", DocumentType::key_bulletin, rotation, encode_key_bulletin(rotation),
                    {"root 1", "root 2"}, later, "by replaced roots: it brings the trust that is there already");
  add_root_document(set, "key-bulletin/by-earlier-roots", DocumentType::key_bulletin, key_bulletin(), encode_key_bulletin(key_bulletin()),
                    {"root 1", "root 3"}, later, "replaced roots revoked two issuer keys");
  Trust same = new_trust();
  same.number = 1;
  rotation.new_trust = seal_by_roots(DocumentType::trust, encode_trust(same), {"stranger"});
  add_root_document(set, "key-bulletin/new-trust-not-newer", DocumentType::key_bulletin, rotation, encode_key_bulletin(rotation),
                    {"root 1", "root 2"}, how, "the trust in it has the number of the reader's own, and is left alone, whoever signed it");
}

void add_seat_lease(VectorSet& set, const std::string& name, const SeatLease& lease, std::string_view why) {
  const Bytes document = seal_seat_lease(lease, key_named("seat server"), host_activation());
  set.good("seat-lease/" + name + ".oak", in_armour(DocumentType::seat_lease, document), open_as("seat-lease", two_of_three, "demo"),
           values_of(document, DocumentType::seat_lease, lease), why);
}

void add_seat_leases(VectorSet& set) {
  add_seat_lease(set, "plain", seat_lease(), "held while the heart beats");
  SeatLease lease = seat_lease();
  lease.not_after_unix_s = lease.issued_at_unix_s + 7 * day_unix_s;
  lease.ttl_s = 86400;
  lease.counter = UINT64_MAX;
  lease.ignorable = full_request().ignorable;
  add_seat_lease(set, "borrowed", lease, "borrowed for a week, with the largest time to live and counter");
}

}  // namespace

Json open_as(std::string_view open, std::string_view trust, std::string_view product) {
  Json out = {{"open", open}};
  if (!trust.empty()) out["trust"] = trust;
  if (!product.empty()) out["product"] = product;
  return out;
}

Bytes in_armour(DocumentType type, ByteView document, const std::vector<std::string>& comments) {
  const std::string text = armour_encode(labels_of(type).armour, document, comments);
  return {text.begin(), text.end()};
}

std::string printed_key() { return format_licence_key(licence_key()); }

void add_documents(VectorSet& set) {
  add_trusts(set);
  add_certificates(set);
  add_requests(set);
  add_activations(set);
  add_receipts(set);
  add_bulletins(set);
  add_seat_leases(set);
}

VectorSet all_vectors() {
  VectorSet set;
  for (const auto add :
       {add_documents, add_carriers, add_drafts, add_encodings, add_envelopes, add_fields, add_meanings, add_rules, add_sealed_requests})
    add(set);
  return set;
}

}  // namespace oak::vectors
