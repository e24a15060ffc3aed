// Envelopes with one part wrong. Whatever can be signed is signed as it stands, so that the part named is the only fault.

#include <algorithm>

#include "tests/vectors/makers.h"
#include "tests/vectors/raw_envelope.h"

namespace oak::vectors {
namespace {

constexpr std::string_view receipt_aad = "oak/v1/receipt", issuer_aad = "oak/v1/issuer";

/// Receipts: one signature, no chain, and the key is in the payload.
struct Receipts {
  VectorSet& set;
  KeyPair machine = key_named("machine");
  Bytes payload = encode_receipt(receipt());
  HeaderMap header = sign1_header(DocumentType::receipt, machine.public_key);

  void bad(const std::string& name, const Bytes& document, Code error, std::string_view why) const {
    set.bad("receipt/" + name + ".oak", in_armour(DocumentType::receipt, document), open_as("receipt"), error, why);
  }
  RawEnvelope good() const { return raw_sign1(header, receipt_aad, payload, machine); }
  void header_bad(const std::string& name, const HeaderMap& other, Code error, std::string_view why) const {
    bad("header-" + name, raw_sign1(other, receipt_aad, payload, machine).encode(), error, why);
  }
  /// The header as encoded bytes, whatever they are.
  void header_bytes(const std::string& name, const Bytes& encoded, Code error, std::string_view why) const {
    RawEnvelope raw = good();
    raw.protected_header = item::bytes(encoded);
    raw.signatures = item::bytes(sign(machine.seed, sign1_message(encoded, receipt_aad, payload)));
    bad("header-" + name, raw.encode(), error, why);
  }
};

void add_structure(const Receipts& receipts) {
  const Bytes good = receipts.good().encode();
  const Bytes body(good.begin() + 1, good.end());
  const auto bad = [&](const char* name, const Bytes& document, std::string_view why) {
    receipts.bad(name, document, Code::bad_envelope, why);
  };
  bad("tag-17", joined({{0xd1}, body}), "tag 17, COSE_Mac0");
  bad("tag-61", joined({{0xd8, 0x3d}, body}), "tag 61, a CBOR Web Token");
  bad("tag-none", body, "no tag");
  bad("tag-long", joined({{0xd8, 0x12}, body}), "tag 18 in two bytes");
  bad("tag-98", joined({{0xd8, 0x62}, body}), "a COSE_Sign1 under the tag of COSE_Sign");
  const RawEnvelope raw = receipts.good();
  bad("array-of-three", joined({raw.tag, {0x83}, raw.protected_header, raw.unprotected, raw.payload}), "the signature is missing");
  bad("array-of-five", joined({raw.tag, {0x85}, raw.protected_header, raw.unprotected, raw.payload, raw.signatures, {0x00}}),
      "a fifth item");
  bad("not-an-array", joined({raw.tag, item::map({{item::uint(0), item::uint(0)}})}), "a map in place of the array");
  const auto replaced = [&](Bytes RawEnvelope::*part, Bytes value) {
    RawEnvelope out = raw;
    out.*part = std::move(value);
    return out.encode();
  };
  bad("unprotected-kid", replaced(&RawEnvelope::unprotected, item::map({{item::uint(4), item::bytes(8, 1)}})),
      "a label in the unprotected header");
  bad("unprotected-null", replaced(&RawEnvelope::unprotected, item::null()), "null in place of the unprotected header");
  bad("payload-detached", replaced(&RawEnvelope::payload, item::null()), "null in place of the payload");
  bad("payload-text", replaced(&RawEnvelope::payload, item::text("payload")), "a text in place of the payload");
  bad("signature-null", replaced(&RawEnvelope::signatures, item::null()), "null in place of the signature");
  bad("signature-list", replaced(&RawEnvelope::signatures, item::array({raw.signatures})), "an array in place of the signature");
  bad("header-not-bytes", replaced(&RawEnvelope::protected_header, encode_header(receipts.header)),
      "the protected header as a map, not as a byte string");
}

void add_headers(const Receipts& receipts) {
  const HeaderMap& header = receipts.header;
  const auto bad = [&](const char* name, const HeaderMap& other, std::string_view why) {
    receipts.header_bad(name, other, Code::bad_envelope, why);
  };
  bad("no-alg", without_label(header, label_alg), "no algorithm");
  bad("no-kid", without_label(header, label_kid), "no key id");
  bad("no-typ", without_label(header, label_typ), "no type");
  bad("alg-text", with_label(header, label_alg, item::text("EdDSA")), "the algorithm as a text");
  bad("kid-short", with_label(header, label_kid, item::bytes(ByteView(key_id(receipts.machine.public_key)).first(7))),
      "a key id of 7 bytes");
  bad("kid-text", with_label(header, label_kid, item::text("machine1")), "a key id that is a text");
  bad("typ-number", with_label(header, label_typ, item::uint(3)), "a type that is a number");
  bad("label-2", with_label(header, 2, item::array({item::uint(4)})), "crit, which RFC 9052 knows and we do not");
  bad("label-5", with_label(header, 5, item::bytes(12, 0)), "a label that the format does not list");
  bad("chain", with_label(header, label_chain, item::bytes(1, 0)), "a chain, which receipts do not have");
  const Bytes encoded = encode_header(header);
  Bytes text_label = joined({encoded, item::text("x"), item::uint(0)});
  ++text_label[0];
  receipts.header_bytes("label-text", text_label, Code::bad_envelope, "a label that is a text");
  receipts.header_bytes("array", item::array({item::uint(1)}), Code::bad_envelope, "an array in place of the map");
  receipts.header_bytes("empty", {}, Code::truncated, "a byte string of no bytes");
  receipts.header_bytes("trailing", joined({encoded, {0x00}}), Code::trailing_bytes, "a byte after the map");
  Bytes twice = joined({{0xa4, 0x01, 0x27, 0x01, 0x27}, Bytes(encoded.begin() + 3, encoded.end())});
  receipts.header_bytes("label-twice", twice, Code::duplicate_key, "the algorithm twice");
  Bytes unsorted = joined({{0xa3}, Bytes(encoded.begin() + 3, encoded.end()), {0x01, 0x27}});
  receipts.header_bytes("unsorted", unsorted, Code::not_canonical, "the algorithm last");
  Bytes long_label = joined({{0xa3, 0x18, 0x01}, Bytes(encoded.begin() + 2, encoded.end())});
  receipts.header_bytes("label-long", long_label, Code::not_canonical, "label 1 in two bytes");
}

void add_algorithms(const Receipts& receipts) {
  const auto bad = [&](const char* name, const Bytes& alg, std::string_view why) {
    receipts.header_bad(name, with_label(receipts.header, label_alg, alg), Code::unsupported_algorithm, why);
  };
  bad("alg-es256", item::negative(-7), "ES256, reserved for later");
  bad("alg-ml-dsa-65", item::negative(-49), "ML-DSA-65, reserved for later");
  bad("alg-ed448", item::negative(-53), "another registered algorithm");
  bad("alg-0", item::uint(0), "the reserved number 0");
  bad("alg-5", item::uint(5), "HMAC 256, a secret-key algorithm");
  bad("alg-huge", item::hex("3bffffffffffffffff"), "a number beyond 63 bits");
}

void add_types(const Receipts& receipts) {
  const auto header_of = [&](std::string_view typ) { return with_label(receipts.header, label_typ, item::text(typ)); };
  receipts.header_bad("typ-v2", header_of("oak/receipt.v2"), Code::wrong_type, "a later version");
  receipts.header_bad("typ-empty", header_of(""), Code::wrong_type, "an empty type");
  receipts.header_bad("typ-other", header_of("application/cwt"), Code::wrong_type, "a type that is not ours");
  receipts.header_bad("typ-request", header_of("oak/request.v1"), Code::wrong_type, "a receipt that says it is a request");
  receipts.header_bad("typ-trust", header_of("oak/trust.v1"), Code::bad_envelope, "a type that roots sign, under tag 18");
  receipts.bad("other-aad", raw_sign1(receipts.header, "oak/v1/request", receipts.payload, receipts.machine).encode(), Code::bad_signature,
               "signed with the external_aad of a request");
  receipts.bad("no-aad", raw_sign1(receipts.header, "", receipts.payload, receipts.machine).encode(), Code::bad_signature,
               "signed without external_aad");
}

void add_signatures(const Receipts& receipts) {
  const KeyPair other = key_named("other machine");
  const HeaderMap other_kid = with_label(receipts.header, label_kid, item::bytes(key_id(other.public_key)));
  receipts.header_bad("kid-other", other_kid, Code::unknown_key, "signed by the machine's key, under another key's id");
  receipts.bad("signed-by-other", raw_sign1(receipts.header, receipt_aad, receipts.payload, other).encode(), Code::bad_signature,
               "the right key id, and another key's signature");
  const RawEnvelope good = receipts.good();
  const auto signature_of = [&](const char* name, const Bytes& signature, std::string_view why) {
    RawEnvelope raw = good;
    raw.signatures = item::bytes(signature);
    receipts.bad(std::string("signature-") + name, raw.encode(), Code::bad_signature, why);
  };
  const Bytes signature(good.signatures.begin() + 2, good.signatures.end());
  signature_of("short", Bytes(signature.begin(), signature.end() - 1), "63 bytes");
  signature_of("long", joined({signature, {0x00}}), "65 bytes");
  signature_of("zero", Bytes(64, 0), "64 zero bytes");
  Bytes flipped = signature;
  flipped[0] ^= 1;
  signature_of("flipped", flipped, "one bit of it flipped");
  // S + L for the group order L: the same point, a second spelling.
  const Bytes order = item::hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  Bytes unreduced = signature;
  unsigned carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    carry += unsigned{unreduced[32 + i]} + order[i];
    unreduced[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  signature_of("not-reduced", unreduced, "S is not below the group order");
}

/// R = r·B and S = r. With the neutral element as key it verifies for every message where nobody looks at the key.
Bytes forged_signature() {
  return item::hex(
      "3ae9acee2e786d33db41050d81c71d355103d697fce441d66781a9692fc7b925"
      "8fa3643a15866bf91c41fd6c2158266900d33eecff90ee710a53ceeecb24e50a");
}

/// R is the neutral element, S = h·a with the machine's secret a: made for the plain receipt's bytes. Whatever changes
/// those must make it anew, or the vector is refused for another reason (check.py --each-check-matters notices).
Bytes small_order_r_signature() {
  return item::hex(
      "0100000000000000000000000000000000000000000000000000000000000000"
      "a387368ac3d579ca0dc0977f7dedd3f51e086d5166cbf5babfbb18d6d9169602");
}

/// Keys for which a signature without any secret can be made: libraries that do not look accept it.
void add_weak_keys(const Receipts& receipts) {
  struct Weak {
    const char* name;
    const char* key;
    Code error;
    const char* why;
  };
  const Weak weak[] = {
      {"key-neutral", "0100000000000000000000000000000000000000000000000000000000000000", Code::weak_key,
       "the neutral element: this signature fits every message"},
      {"key-order-two", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", Code::weak_key,
       "a point of order two: this signature fits every second message"},
      {"key-not-canonical", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", Code::weak_key,
       "the neutral element in a second spelling"},
      {"key-no-point", "0200000000000000000000000000000000000000000000000000000000000000", Code::weak_key, "no point of the curve"},
  };
  for (const Weak& one : weak) {
    const PublicKey key = *to_array<32>(item::hex(one.key));
    Receipt forged_receipt = receipt();
    forged_receipt.machine_key = key;
    RawEnvelope raw = receipts.good();
    raw.protected_header = item::bytes(encode_header(sign1_header(DocumentType::receipt, key)));
    raw.payload = item::bytes(encode_receipt(forged_receipt));
    raw.signatures = item::bytes(forged_signature());
    receipts.bad(one.name, raw.encode(), one.error, one.why);
  }
  RawEnvelope raw = receipts.good();
  raw.signatures = item::bytes(small_order_r_signature());
  receipts.bad("signature-small-order-r", raw.encode(), Code::bad_signature,
               "R is the neutral element; made with the machine's key, so that the equation holds");
}

/// Issuer certificates: k of n signatures.
struct Certificates {
  VectorSet& set;
  Bytes payload = encode_issuer_certificate(uncapped_certificate());
  Bytes body_header = encode_header({{label_typ, item::text("oak/issuer.v1")}});

  void bad(const std::string& name, const Bytes& document, Code error, std::string_view why) const {
    set.bad("issuer-certificate/" + name + ".oak", in_armour(DocumentType::issuer_certificate, document),
            open_as("issuer-certificate", two_of_three), error, why);
  }
  RawBlock block(const char* root) const {
    const KeyPair key = key_named(root);
    return raw_block(block_header(key.public_key), body_header, issuer_aad, payload, key);
  }
  RawBlock block_with(const char* root, const HeaderMap& header) const {
    return raw_block(header, body_header, issuer_aad, payload, key_named(root));
  }
  /// Blocks by key id, as they must stand.
  std::vector<RawBlock> sorted(std::vector<RawBlock> blocks) const {
    const auto kid = [](const RawBlock& block) {
      const auto at = std::find_if(block.header.begin(), block.header.end(), [](const auto& e) { return e.first == label_kid; });
      return at == block.header.end() ? Bytes{} : at->second;
    };
    std::sort(blocks.begin(), blocks.end(), [&](const RawBlock& a, const RawBlock& b) { return kid(a) < kid(b); });
    return blocks;
  }
  RawEnvelope of(const std::vector<RawBlock>& blocks) const {
    std::vector<Bytes> items;
    for (const RawBlock& block : blocks) items.push_back(block.encode());
    return RawEnvelope{{0xd8, 0x62}, item::bytes(body_header), {0xa0}, item::bytes(payload), item::array(items)};
  }
};

void add_root_structure(const Certificates& certificates) {
  const auto bad = [&](const char* name, const RawEnvelope& raw, std::string_view why, Code error = Code::bad_envelope) {
    certificates.bad(name, raw.encode(), error, why);
  };
  const std::vector<RawBlock> two = certificates.sorted({certificates.block("root 1"), certificates.block("root 3")});
  RawEnvelope raw = certificates.of({});
  bad("no-signatures", raw, "an empty list of signatures");
  raw.signatures = item::uint(1);
  bad("signatures-not-list", raw, "a number in place of the list");
  raw.signatures = item::array({two[0].encode(), item::array({encode_header(two[1].header), {0xa0}, two[1].signature})});
  bad("block-header-map", raw, "a block's header as a map, not as a byte string");
  raw.signatures = item::array({two[0].encode(), item::array({item::bytes(64, 1), {0xa0}})});
  bad("block-of-two", raw, "a signature block without its signature");
  const auto second = [&](const char* name, const auto& change, std::string_view why, Code error = Code::bad_envelope) {
    std::vector<RawBlock> blocks = two;
    change(blocks[1]);
    bad(name, certificates.of(blocks), why, error);
  };
  second(
      "block-unprotected",
      [](RawBlock& block) {
        block.unprotected = item::map({{item::uint(4), item::bytes(8, 1)}});
      },
      "a label in a block's unprotected header");
  second(
      "block-signature-null", [](RawBlock& block) { block.signature = item::null(); }, "null in place of a signature");
  const auto header = [&](const char* name, std::int64_t label, const Bytes& value, std::string_view why, Code error = Code::bad_envelope) {
    const KeyPair root = key_named("root 3");
    HeaderMap other =
        value.empty() ? without_label(block_header(root.public_key), label) : with_label(block_header(root.public_key), label, value);
    std::vector<RawBlock> blocks = two;
    const std::size_t at = blocks[0].header == block_header(root.public_key) ? 0 : 1;
    blocks[at] = certificates.block_with("root 3", other);
    bad(name, certificates.of(blocks), why, error);
  };
  header("block-no-alg", label_alg, {}, "a block without algorithm");
  header("block-no-kid", label_kid, {}, "a block without key id");
  header("block-typ", label_typ, item::text("oak/issuer.v1"), "a type in a block");
  header("block-typ-empty", label_typ, item::text(""), "an empty type in a block");
  header("block-chain", label_chain, item::bytes(8, 1), "a chain in a block");
  header("block-label-5", 5, item::uint(1), "a label that the format does not list, in a block");
  header("block-alg-es256", label_alg, item::negative(-7), "ES256 in a block", Code::unsupported_algorithm);
}

void add_root_bodies(const Certificates& certificates) {
  const auto body = [&](const char* name, const HeaderMap& header, Code error, std::string_view why) {
    Certificates other = certificates;
    other.body_header = encode_header(header);
    const auto blocks = other.sorted({other.block("root 1"), other.block("root 3")});
    certificates.bad(name, other.of(blocks).encode(), error, why);
  };
  const HeaderMap typ = {{label_typ, item::text("oak/issuer.v1")}};
  body("body-alg", with_label(typ, label_alg, item::negative(-8)), Code::bad_envelope, "an algorithm in the body's header");
  body("body-alg-0", with_label(typ, label_alg, item::uint(0)), Code::bad_envelope, "algorithm 0 in the body's header");
  body("body-kid", with_label(typ, label_kid, item::bytes(8, 1)), Code::bad_envelope, "a key id in the body's header");
  body("body-chain", with_label(typ, label_chain, item::bytes(8, 1)), Code::bad_envelope, "a chain in the body's header");
  body("body-no-typ", {}, Code::bad_envelope, "no type");
  body("body-typ-trust", {{label_typ, item::text("oak/trust.v1")}}, Code::wrong_type, "a certificate that says it is a trust");
  body("body-typ-activation", {{label_typ, item::text("oak/activation.v1")}}, Code::bad_envelope,
       "a type that one key signs, under tag 98");
}

void add_root_signatures(const Certificates& certificates) {
  const auto bad = [&](const char* name, const std::vector<RawBlock>& blocks, Code error, std::string_view why) {
    certificates.bad(name, certificates.of(blocks).encode(), error, why);
  };
  const RawBlock one = certificates.block("root 1"), three = certificates.block("root 3");
  std::vector<RawBlock> two = certificates.sorted({one, three});
  bad("signers-unsorted", {two[1], two[0]}, Code::signers_not_sorted, "the larger key id first");
  bad("signer-doubled", {one, one}, Code::signers_not_sorted, "one root twice");
  bad("one-signature", {one}, Code::not_enough_signatures, "one signature, two needed");
  bad("unknown-root", certificates.sorted({one, certificates.block("stranger")}), Code::unknown_key, "one of two signers is no root");
  bad("unknown-third", certificates.sorted({one, three, certificates.block("stranger")}), Code::unknown_key,
      "enough signatures, and one more by a stranger");
  std::vector<RawBlock> wrong = certificates.sorted({one, three, certificates.block("root 2")});
  wrong[2].signature = item::bytes(64, 1);
  bad("bad-third", wrong, Code::bad_signature, "enough signatures, and one more that does not verify");
  wrong = two;
  wrong[0].signature = two[1].signature;
  bad("signature-of-other-root", wrong, Code::bad_signature, "one root's signature under the other's key id");
  Certificates other = certificates;
  other.body_header = encode_header({{label_typ, item::text("oak/trust.v1")}});
  wrong = certificates.sorted({one, other.block("root 3")});
  bad("signature-of-other-type", wrong, Code::bad_signature, "a root's signature that was made over another type label");
  const KeyPair root = key_named("root 3");
  const Bytes as_one = sign1_message(certificates.body_header, issuer_aad, certificates.payload);
  wrong = certificates.sorted({one, three});
  (wrong[0].header == three.header ? wrong[0] : wrong[1]).signature = item::bytes(sign(root.seed, as_one));
  bad("signature-as-single", wrong, Code::bad_signature, "signed over the structure of a COSE_Sign1");
}

void add_trust_signatures(VectorSet& set) {
  const auto bad = [&](const char* name, const Trust& trust, const std::vector<std::string>& signers, Code error, std::string_view why) {
    const Bytes document = seal_by_roots(DocumentType::trust, encode_trust(trust), signers);
    set.bad("trust/" + std::string(name) + ".oak", in_armour(DocumentType::trust, document), open_as("trust", {}, "demo"), error, why);
  };
  bad("one-signature", trust_two_of_three(), {"root 1"}, Code::not_enough_signatures, "one signature, two needed");
  bad("signed-by-stranger", trust_two_of_three(), {"root 1", "stranger"}, Code::unknown_key, "one of two signers is not in it");
  // Two keys whose SHA-256 begin with the same 8 bytes, found by search.
  Trust twins = trust_two_of_three();
  twins.roots[0] = *to_array<32>(item::hex("1c9f095c2248ed416f616b207465737420766563746f72732c20726f6f747321"));
  twins.roots.push_back(*to_array<32>(item::hex("72d5f79396fbed2c6f616b207465737420766563746f72732c20726f6f747321")));
  twins.roots[1] = key_named("root 1").public_key;
  twins.roots[2] = key_named("root 2").public_key;
  std::sort(twins.roots.begin(), twins.roots.end());
  bad("roots-one-key-id", twins, {"root 1", "root 2"}, Code::bad_field, "two roots with one key id");
  Trust weak = trust_one_of_one();
  weak.roots = {{1}};
  RawBlock block{block_header(weak.roots[0]), {0xa0}, item::bytes(forged_signature())};
  const RawEnvelope raw{{0xd8, 0x62},
                        item::bytes(encode_header({{label_typ, item::text("oak/trust.v1")}})),
                        {0xa0},
                        item::bytes(encode_trust(weak)),
                        item::array({block.encode()})};
  set.bad("trust/key-neutral.oak", in_armour(DocumentType::trust, raw.encode()), open_as("trust", {}, "demo"), Code::weak_key,
          "the neutral element as the only root");
}

/// Documents that somebody else vouches for.
void add_chains(VectorSet& set) {
  const KeyPair issuer = key_named("issuer 1");
  const Bytes payload = encode_activation(permanent_activation());
  const Bytes certificate = certificate_document(uncapped_certificate());
  const auto with_header = [&](const char* name, const HeaderMap& header, Code error, std::string_view why) {
    const Bytes document = raw_sign1(header, "oak/v1/activation", payload, issuer).encode();
    set.bad("activation/" + std::string(name) + ".oak", in_armour(DocumentType::activation, document),
            open_as("activation", two_of_three, "demo"), error, why);
  };
  const auto with_chain = [&](const char* name, const Bytes& chain, Code error, std::string_view why) {
    with_header(name, sign1_header(DocumentType::activation, issuer.public_key, chain), error, why);
  };
  const HeaderMap bare = sign1_header(DocumentType::activation, issuer.public_key);
  with_header("chain-missing", bare, Code::bad_envelope, "no certificate of the issuer");
  with_header("chain-empty", with_label(bare, label_chain, item::bytes(ByteView{})), Code::bad_envelope, "an empty chain");
  with_header("chain-text", with_label(bare, label_chain, item::text("chain")), Code::bad_envelope, "a chain that is a text");
  with_chain("chain-noise", Bytes(40, 0x5a), Code::bad_envelope, "a certificate that is noise");
  with_chain("chain-trailing", joined({certificate, {0x00}}), Code::trailing_bytes, "a byte after the certificate");
  with_chain("chain-is-trust", seal_by_roots(DocumentType::trust, encode_trust(trust_two_of_three()), {"root 1", "root 3"}),
             Code::wrong_type, "a trust in place of the certificate");
  const Bytes certificate_payload = encode_issuer_certificate(uncapped_certificate());
  with_chain("chain-one-signature", seal_by_roots(DocumentType::issuer_certificate, certificate_payload, {"root 1"}),
             Code::not_enough_signatures, "a certificate that one of two roots has signed");
  with_chain("chain-other-vendor", seal_by_roots(DocumentType::issuer_certificate, certificate_payload, {"lone root"}), Code::unknown_key,
             "a certificate by another vendor's root");
  Bytes forged = certificate;
  forged.back() ^= 1;
  with_chain("chain-forged", forged, Code::bad_signature, "a bit of the certificate's signature flipped");
  with_chain("issuer-other", certificate_document(capped_certificate()), Code::unknown_key, "the certificate of another issuer");
  const Bytes lease = encode_seat_lease(seat_lease());
  const KeyPair server = key_named("seat server");
  const auto lease_with = [&](const char* name, const Bytes& chain, const KeyPair& signer, Code error, std::string_view why) {
    const Bytes document =
        raw_sign1(sign1_header(DocumentType::seat_lease, signer.public_key, chain), "oak/v1/seat-lease", lease, signer).encode();
    set.bad("seat-lease/" + std::string(name) + ".oak", in_armour(DocumentType::seat_lease, document),
            open_as("seat-lease", two_of_three, "demo"), error, why);
  };
  lease_with("chain-missing", {}, server, Code::bad_envelope, "no activation of the seat server");
  lease_with("chain-is-certificate", certificate, server, Code::wrong_type, "an issuer certificate in place of the activation");
  lease_with("signed-by-machine", host_activation(), key_named("machine"), Code::unknown_key, "signed by the host's machine key");
  const Bytes unchained =
      raw_sign1(sign1_header(DocumentType::bulletin, issuer.public_key), "oak/v1/bulletin", encode_bulletin(bulletin()), issuer).encode();
  set.bad("bulletin/chain-missing.oak", in_armour(DocumentType::bulletin, unchained), open_as("bulletin", two_of_three, "demo"),
          Code::bad_envelope, "no certificate of the issuer");
}

/// A document of one type, used as another.
void add_swaps(VectorSet& set) {
  const KeyPair issuer = key_named("issuer 1"), machine = key_named("machine");
  const Bytes certificate = certificate_document(uncapped_certificate());
  const Bytes activation = host_activation();
  set.bad("bulletin/is-activation.oak", in_armour(DocumentType::bulletin, activation), open_as("bulletin", two_of_three, "demo"),
          Code::wrong_type, "a good activation, opened as a bulletin");
  const SymmetricKey proof_key = proof_key_of(licence_key());
  set.bad("activation/is-request.oak", in_armour(DocumentType::activation, seal_request(minimal_request(), machine, &proof_key)),
          open_as("activation", two_of_three, "demo"), Code::wrong_type, "a good request, opened as an activation");
  set.bad("request/is-activation.oak", in_armour(DocumentType::request, activation), open_as("request"), Code::wrong_type,
          "a good activation, opened as a request");
  set.bad("trust/is-certificate.oak", in_armour(DocumentType::trust, certificate), open_as("trust", {}, "demo"), Code::wrong_type,
          "a good certificate, opened as a trust");
  set.bad("activation/is-certificate.oak", in_armour(DocumentType::activation, certificate), open_as("activation", two_of_three, "demo"),
          Code::wrong_type, "a good certificate, opened as an activation");
  const Bytes payload = encode_activation(permanent_activation());
  RawEnvelope raw = raw_sign1(sign1_header(DocumentType::activation, issuer.public_key, certificate), "oak/v1/activation", payload, issuer);
  raw.protected_header = item::bytes(encode_header(sign1_header(DocumentType::bulletin, issuer.public_key, certificate)));
  set.bad("bulletin/relabelled-activation.oak", in_armour(DocumentType::bulletin, raw.encode()), open_as("bulletin", two_of_three, "demo"),
          Code::bad_signature, "an activation whose type label was changed after signing");
  raw = raw_sign1(sign1_header(DocumentType::activation, issuer.public_key, certificate), "oak/v1/bulletin", payload, issuer);
  set.bad("activation/aad-of-bulletin.oak", in_armour(DocumentType::activation, raw.encode()), open_as("activation", two_of_three, "demo"),
          Code::bad_signature, "signed with the external_aad of a bulletin");
}

}  // namespace

void add_envelopes(VectorSet& set) {
  const Receipts receipts{set};
  add_structure(receipts);
  add_headers(receipts);
  add_algorithms(receipts);
  add_types(receipts);
  add_signatures(receipts);
  add_weak_keys(receipts);
  const Certificates certificates{set};
  add_root_structure(certificates);
  add_root_bodies(certificates);
  add_root_signatures(certificates);
  add_trust_signatures(set);
  add_chains(set);
  add_swaps(set);
}

}  // namespace oak::vectors
