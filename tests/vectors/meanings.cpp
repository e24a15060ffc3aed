// Well-formed, signed by the right keys, and still not acceptable.

#include <algorithm>

#include "tests/vectors/makers.h"
#include "tests/vectors/raw_envelope.h"

namespace oak::vectors {
namespace {

void add_caps(VectorSet& set) {
  const auto bad = [&](const char* name, const Activation& activation, Code error, std::string_view why, const char* product = "demo",
                       const char* trust = two_of_three) {
    const Bytes document = seal_activation(activation, key_named("issuer 2"), certificate_document(capped_certificate()));
    set.bad("activation/" + std::string(name) + ".oak", in_armour(DocumentType::activation, document),
            open_as("activation", trust, product), error, why);
  };
  const auto allowed = [] {
    Activation activation = certificate_activation();
    activation.seats = 10;
    return activation;
  };
  Activation activation = allowed();
  activation.product = "other";
  bad("cap-product", activation, Code::issuer_not_allowed, "the certificate is for demo and lite", "other");
  activation = allowed();
  activation.kind = Kind::permanent;
  activation.not_after_unix_s.reset();
  bad("cap-kind", activation, Code::issuer_not_allowed, "the certificate allows certificates only");
  activation = allowed();
  activation.seats = 11;
  bad("cap-seats", activation, Code::issuer_not_allowed, "11 seats, 10 allowed");
  activation = allowed();
  activation.versions = VersionRange::parse(">=3").value();
  bad("cap-versions-above", activation, Code::issuer_not_allowed, ">=3 reaches above 3.*");
  activation.versions = VersionRange::parse(">=2.9 <4").value();
  bad("cap-versions-below", activation, Code::issuer_not_allowed, ">=2.9 <4 reaches below 3.*");
  activation = allowed();
  ++*activation.not_after_unix_s;
  bad("cap-days", activation, Code::issuer_not_allowed, "30 days and a second, 30 days allowed");
  activation = allowed();
  activation.issued_at_unix_s = capped_certificate().not_before_unix_s - 1;
  activation.not_after_unix_s = activation.issued_at_unix_s + day_unix_s;
  bad("window-before", activation, Code::issuer_outside_window, "issued a second before the certificate's window");
  activation.issued_at_unix_s = capped_certificate().not_after_unix_s + 1;
  activation.not_after_unix_s = activation.issued_at_unix_s + day_unix_s;
  bad("window-after", activation, Code::issuer_outside_window, "issued a second after the certificate's window");
  activation = allowed();
  activation.product = "lite";
  bad("product-not-asked", activation, Code::wrong_product, "an activation for lite, where demo asks");
  bad("trust-of-other-product", activation, Code::wrong_product, "the trust is for demo, the activation for lite", "lite", one_product);
}

void add_other_vendors(VectorSet& set) {
  const auto with_trust = [&](const std::string& name, DocumentType type, const Bytes& document, const char* open, const char* product) {
    set.bad(name, in_armour(type, document), open_as(open, one_of_one, product), Code::unknown_key, "judged by another vendor's trust");
  };
  with_trust("activation/other-vendor.oak", DocumentType::activation, host_activation(), "activation", "demo");
  with_trust("issuer-certificate/other-vendor.oak", DocumentType::issuer_certificate, certificate_document(uncapped_certificate()),
             "issuer-certificate", "");
  const Bytes lease = seal_seat_lease(seat_lease(), key_named("seat server"), host_activation());
  with_trust("seat-lease/other-vendor.oak", DocumentType::seat_lease, lease, "seat-lease", "demo");
  set.bad("trust/other-product.oak",
          in_armour(DocumentType::trust, seal_by_roots(DocumentType::trust, encode_trust(trust_one_product()), {"root 1", "root 2"})),
          open_as("trust", {}, "lite"), Code::wrong_product, "a trust for demo, where lite asks");
}

void add_proofs(VectorSet& set) {
  const KeyPair machine = key_named("machine");
  const auto bad = [&](const char* name, const Bytes& document, std::string_view why) {
    Json how = open_as("request");
    how["licence_key"] = printed_key();
    set.bad("request/" + std::string(name) + ".oak", in_armour(DocumentType::request, document), how, Code::wrong_proof, why);
  };
  NamedRandom random("another secret");
  const SymmetricKey other = proof_key_of(make_licence_key("K7QX2M4A", random));
  bad("proof-by-other-key", seal_request(minimal_request(), machine, &other), "proved with another secret of the same licence");
  bad("proof-missing", seal_request(minimal_request(), machine, nullptr), "no proof, where one is asked for");
  const SymmetricKey key = proof_key_of(licence_key());
  const Bytes proved = seal_request(minimal_request(), machine, &key);
  Request request = *open_request(proved)->request;
  request.seats = 2;
  bad("proof-of-other-payload", seal_sign1(DocumentType::request, encode_request(request), machine),
      "the proof of a request for one seat, signed again for two");
  request = *open_request(proved)->request;
  const KeyPair thief = key_named("other machine");
  request.machine_key = thief.public_key;
  bad("proof-of-other-machine", seal_sign1(DocumentType::request, encode_request(request), thief),
      "a proof that was copied into another machine's request");
}

void add_bulletin_meanings(VectorSet& set) {
  const auto bad = [&](const char* name, const Bulletin& one, Code error, std::string_view why, const char* product = "demo",
                       const char* trust = two_of_three) {
    const Bytes document = seal_bulletin(one, key_named("issuer 2"), certificate_document(capped_certificate()));
    set.bad("bulletin/" + std::string(name) + ".oak", in_armour(DocumentType::bulletin, document), open_as("bulletin", trust, product),
            error, why);
  };
  Bulletin other = bulletin();
  other.product = "other";
  bad("cap-product", other, Code::issuer_not_allowed, "the certificate is for demo and lite", "other");
  other.product = "lite";
  bad("product-not-asked", other, Code::wrong_product, "a bulletin for lite, where demo asks");
  bad("trust-of-other-product", other, Code::wrong_product, "the trust is for demo, the bulletin for lite", "lite", one_product);
  other = bulletin();
  other.issued_at_unix_s = capped_certificate().not_before_unix_s - 1;
  bad("window-before", other, Code::issuer_outside_window, "signed a second before the certificate's window");
  other.issued_at_unix_s = capped_certificate().not_after_unix_s + 1;
  bad("window-after", other, Code::issuer_outside_window, "signed a second after the certificate's window");
  other = bulletin();
  other.number = 4;
  bad("too-old", other, Code::bulletin_too_old, "number 4, the trust wants at least 5");
}

void add_key_bulletin_meanings(VectorSet& set) {
  const auto bad = [&](const char* name, const KeyBulletin& one, Code error, std::string_view why) {
    const Bytes document = seal_by_roots(DocumentType::key_bulletin, encode_key_bulletin(one), {"root 1", "root 2"});
    set.bad("key-bulletin/" + std::string(name) + ".oak", in_armour(DocumentType::key_bulletin, document),
            open_as("key-bulletin", two_of_three), error, why);
  };
  KeyBulletin old = key_bulletin();
  old.number = 4;
  bad("too-old", old, Code::bulletin_too_old, "number 4, the trust wants at least 5");
  const auto carrying = [&](const Bytes& trust) {
    KeyBulletin one = key_bulletin();
    one.new_trust = trust;
    return one;
  };
  const auto trust_by = [](const Trust& trust, const std::vector<std::string>& signers) {
    return seal_by_roots(DocumentType::trust, encode_trust(trust), signers);
  };
  bad("new-trust-by-new-roots", carrying(trust_by(new_trust(), {"root 2", "root 4", "root 5"})), Code::not_enough_signatures,
      "all of the new roots, one of the old: two needed");
  bad("new-trust-by-old-roots", carrying(trust_by(new_trust(), {"root 1", "root 2", "root 3"})), Code::not_enough_signatures,
      "all of the old roots, one of the new: two needed");
  bad("new-trust-by-stranger", carrying(trust_by(new_trust(), {"root 1", "root 2", "root 4", "stranger"})), Code::unknown_key,
      "a signer that is in neither trust");
  Bytes forged = trust_by(new_trust(), {"root 1", "root 2", "root 4"});
  forged.back() ^= 1;
  bad("new-trust-forged", carrying(forged), Code::bad_signature, "a bit of the new trust's last signature flipped");
  Trust third = new_trust();
  third.number = 3;
  const Bytes by_replaced =
      seal_by_roots(DocumentType::key_bulletin, encode_key_bulletin(carrying(trust_by(third, {"root 4", "root 5"}))), {"root 1", "root 2"});
  set.bad("key-bulletin/new-trust-by-replaced-roots.oak", in_armour(DocumentType::key_bulletin, by_replaced),
          open_as("key-bulletin", rotated), Code::unknown_key, "roots that were replaced bring a trust that is newer than the reader's");
  bad("new-trust-is-certificate", carrying(certificate_document(uncapped_certificate())), Code::wrong_type,
      "an issuer certificate in place of the new trust");
}

void add_lease_meanings(VectorSet& set) {
  const auto bad = [&](const char* name, const SeatLease& lease, Code error, std::string_view why, const char* product = "demo") {
    const Bytes document = seal_seat_lease(lease, key_named("seat server"), host_activation());
    set.bad("seat-lease/" + std::string(name) + ".oak", in_armour(DocumentType::seat_lease, document),
            open_as("seat-lease", two_of_three, product), error, why);
  };
  SeatLease lease = seat_lease();
  lease.activation = activation_id_of(fixed<32>("another activation"));
  bad("other-activation", lease, Code::bad_field, "the activation in the chain has another id");
  lease = seat_lease();
  lease.product = "lite";
  bad("other-product", lease, Code::bad_field, "the activation in the chain is for demo");
  lease = seat_lease();
  lease.licence = "K7QX2M4B";
  bad("other-licence", lease, Code::bad_field, "the activation in the chain is of another licence");
  bad("product-not-asked", seat_lease(), Code::wrong_product, "a lease for demo, where lite asks", "lite");
}

/// The last letter of the product moved to the front of the licence: joined without lengths, both would read the same.
Bytes resplit(const Bytes& payload) {
  const PayloadMap map(payload);
  const auto text = [](const Bytes& value) { return std::string(value.begin() + 1, value.end()); };
  const std::string product = text(map.value(Field::product)), licence = text(map.value(Field::licence));
  return map.with(Field::product, item::text(product + licence.front())).with(Field::licence, item::text(licence.substr(1))).encode();
}

void add_resplit(VectorSet& set) {
  const KeyPair machine = key_named("machine"), issuer = key_named("issuer 1");
  const auto add = [&](const char* open, DocumentType type, const char* trust, const HeaderMap& header, const KeyPair& signer,
                       const Bytes& payload) {
    RawEnvelope raw = raw_sign1(header, labels_of(type).aad, payload, signer);
    raw.payload = item::bytes(resplit(payload));
    set.bad(std::string(open) + "/resplit.oak", in_armour(type, raw.encode()), open_as(open, trust), Code::bad_signature,
            "the licence's first letter moved to the product's end, under the old signature");
  };
  add("request", DocumentType::request, "", sign1_header(DocumentType::request, machine.public_key), machine,
      encode_request(minimal_request()));
  add("receipt", DocumentType::receipt, "", sign1_header(DocumentType::receipt, machine.public_key), machine, encode_receipt(receipt()));
  add("activation", DocumentType::activation, two_of_three,
      sign1_header(DocumentType::activation, issuer.public_key, certificate_document(uncapped_certificate())), issuer,
      encode_activation(permanent_activation()));
  add("seat-lease", DocumentType::seat_lease, two_of_three,
      sign1_header(DocumentType::seat_lease, key_named("seat server").public_key, host_activation()), key_named("seat server"),
      encode_seat_lease(seat_lease()));
}

}  // namespace

void add_meanings(VectorSet& set) {
  add_caps(set);
  add_other_vendors(set);
  add_proofs(set);
  add_bulletin_meanings(set);
  add_key_bulletin_meanings(set);
  add_lease_meanings(set);
  add_resplit(set);
}

}  // namespace oak::vectors
