// Sealed requests: the label, the sealing key's id, the box, and what comes out of it.

#include "core/armour.h"
#include "core/sealed_request.h"
#include "tests/vectors/decoded.h"
#include "tests/vectors/makers.h"
#include "tests/vectors/payload_map.h"

namespace oak::vectors {
namespace {

Seed sealing_seed() { return Seed(fixed<32>("sealing key")); }

struct Sealer {
  VectorSet& set;
  Bytes request = [] {
    const SymmetricKey proof_key = proof_key_of(licence_key());
    return seal_request(minimal_request(), key_named("machine"), &proof_key);
  }();
  KeyId key = key_id(sealing_public_key_of(sealing_seed()));

  static Json how() {
    Json out = open_as("sealed-request");
    out["sealing_seed"] = to_hex(sealing_seed().view());
    return out;
  }
  static Bytes box_of(ByteView plain, std::string_view sealed_for = "sealing key") {
    NamedRandom random("one-time key");
    return seal_for(sealing_public_key_of(Seed(fixed<32>(sealed_for))), plain, random).value();
  }
  static Bytes in_text_form(ByteView sealed) {
    const std::string text = armour_encode(sealed_request_armour, sealed);
    return {text.begin(), text.end()};
  }
  Bytes sealed(ByteView plain) const { return encode_sealed_request({key, box_of(plain)}); }
  void good(const std::string& name, const Bytes& content, const Bytes& document, std::string_view why) const {
    Json values = {{"sealing_key", to_hex(key)}, {"sealed", to_hex(sha256(document))}};
    values.update(names_of(request, DocumentType::request));
    values["fields"] = fields_of(*open_request(request)->request);
    set.good("sealed-request/" + name, content, how(), values, why);
  }
  void bad(const std::string& name, const Bytes& document, Code error, std::string_view why) const {
    set.bad("sealed-request/" + name + ".oak", in_text_form(document), how(), error, why);
  }
  /// Parts as they are given.
  void bad_parts(const std::string& name, const std::vector<Bytes>& parts, Code error, std::string_view why) const {
    bad(name, item::array(parts), error, why);
  }
};

void add_bad_forms(const Sealer& sealer) {
  const Bytes label = item::text("oak/v1/sealed-request"), key = item::bytes(sealer.key), box = item::bytes(Sealer::box_of(sealer.request));
  sealer.bad("nothing", {}, Code::empty_input, "no character between BEGIN and END");
  sealer.bad_parts("two-parts", {label, key}, Code::bad_envelope, "without the box");
  sealer.bad_parts("four-parts", {label, key, box, item::null()}, Code::bad_envelope, "a fourth part");
  sealer.bad("a-map", item::map({{label, key}}), Code::bad_envelope, "a map in place of the array");
  sealer.bad_parts("label-bytes", {item::bytes(as_bytes("oak/v1/sealed-request")), key, box}, Code::bad_envelope, "the label as bytes");
  sealer.bad_parts("other-label", {item::text("oak/v1/request"), key, box}, Code::wrong_type, "another label");
  sealer.bad_parts("later-label", {item::text("oak/v2/sealed-request"), key, box}, Code::wrong_type, "the label of a later version");
  sealer.bad_parts("key-text", {label, item::text("12345678"), box}, Code::bad_envelope, "the key's id as text");
  sealer.bad_parts("key-short", {label, item::bytes(ByteView(sealer.key).first(7)), box}, Code::bad_envelope,
                   "seven bytes of the key's id");
  sealer.bad_parts("box-text", {label, key, item::text("box")}, Code::bad_envelope, "a text in place of the box");
  Bytes document = sealer.sealed(sealer.request);
  document.push_back(0);
  sealer.bad("trailing", document, Code::trailing_bytes, "a byte behind the array");
  document.resize(document.size() - 2);
  sealer.bad("truncated", document, Code::truncated, "the last byte is missing");
  sealer.bad("not-canonical", joined({{0x98, 0x03}, label, key, box}), Code::not_canonical, "the array's length in two bytes");
  Json how = Sealer::how();
  how["zeros_up_to"] = max_document_bytes + 1;
  sealer.set.bad("sealed-request/too-large.cbor", sealer.sealed(sealer.request), how, Code::too_large,
                 "zeros behind it, up to one byte more than the limit");
  sealer.bad("is-request", sealer.request, Code::type_not_allowed, "a request that nobody sealed");
}

void add_bad_boxes(const Sealer& sealer) {
  const KeyId other = key_id(sealing_public_key_of(Seed(fixed<32>("another desk"))));
  const Bytes box = Sealer::box_of(sealer.request);
  sealer.bad("other-desk", encode_sealed_request({other, Sealer::box_of(sealer.request, "another desk")}), Code::unknown_key,
             "sealed for another desk");
  sealer.bad("key-of-other-desk", encode_sealed_request({other, box}), Code::unknown_key, "the box is for this desk, the key's id is not");
  sealer.bad("box-of-other-desk", encode_sealed_request({sealer.key, Sealer::box_of(sealer.request, "another desk")}), Code::bad_seal,
             "the key's id is this desk's, the box is not");
  Bytes altered = box;
  altered[40] ^= 1;
  sealer.bad("tag-altered", encode_sealed_request({sealer.key, altered}), Code::bad_seal, "a bit of the box's tag flipped");
  altered = box;
  altered.back() ^= 1;
  sealer.bad("box-altered", encode_sealed_request({sealer.key, altered}), Code::bad_seal, "the last bit of the box flipped");
  sealer.bad("box-short", encode_sealed_request({sealer.key, Bytes(box.begin(), box.begin() + 47)}), Code::bad_seal,
             "47 bytes, one less than a box of nothing");
}

void add_bad_contents(const Sealer& sealer) {
  sealer.bad("nothing-inside", sealer.sealed({}), Code::empty_input, "a box of nothing");
  sealer.bad("receipt-inside", sealer.sealed(seal_receipt(receipt(), key_named("machine"))), Code::wrong_type, "a receipt inside");
  sealer.bad("text-inside", sealer.sealed(in_armour(DocumentType::request, sealer.request)), Code::bad_envelope,
             "the request's text form inside, where its bytes belong");
  sealer.bad("sealed-twice", sealer.sealed(sealer.sealed(sealer.request)), Code::bad_envelope, "a sealed request inside");
  Bytes forged = sealer.request;
  forged.back() ^= 1;
  sealer.bad("forged-inside", sealer.sealed(forged), Code::bad_signature, "a bit of the request's signature flipped before it was sealed");
}

}  // namespace

void add_sealed_requests(VectorSet& set) {
  const Sealer sealer{set};
  const Bytes document = sealer.sealed(sealer.request);
  sealer.good("plain.oak", Sealer::in_text_form(document), document, "the smallest request, sealed for the desk of trust/two-of-three.oak");
  sealer.good("bytes.cbor", document, document, "the sealed request's bytes as they are");
  add_bad_forms(sealer);
  add_bad_boxes(sealer);
  add_bad_contents(sealer);
}

}  // namespace oak::vectors
