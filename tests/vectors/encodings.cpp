// The one accepted spelling of CBOR: alone, and where documents hold it.

#include "core/armour.h"
#include "tests/vectors/makers.h"
#include "tests/vectors/payload_map.h"

namespace oak::vectors {
namespace {

struct Spelling {
  const char* name;
  const char* hex;
  Code error;
  const char* why;
};

constexpr Spelling bad_spellings[] = {
    {"long-uint-8", "1817", Code::not_canonical, "23 in two bytes"},
    {"long-uint-16", "1900ff", Code::not_canonical, "255 in three bytes"},
    {"long-uint-32", "1a0000ffff", Code::not_canonical, "65535 in five bytes"},
    {"long-uint-64", "1b00000000ffffffff", Code::not_canonical, "4294967295 in nine bytes"},
    {"long-negative", "3800", Code::not_canonical, "−1 in two bytes"},
    {"long-bytes-length", "580161", Code::not_canonical, "the length 1 in two bytes"},
    {"long-text-length", "780161", Code::not_canonical, "the length 1 in two bytes"},
    {"long-array-count", "980100", Code::not_canonical, "the count 1 in two bytes"},
    {"long-map-count", "b8010000", Code::not_canonical, "the count 1 in two bytes"},
    {"long-map-key", "a1180100", Code::not_canonical, "a key in two bytes"},
    {"indefinite-bytes", "5f4100ff", Code::not_canonical, "a byte string in pieces"},
    {"indefinite-text", "7f6161ff", Code::not_canonical, "a text in pieces"},
    {"indefinite-array", "9f00ff", Code::not_canonical, "an array that ends with a break"},
    {"indefinite-map", "bf0000ff", Code::not_canonical, "a map that ends with a break"},
    {"unsorted-map", "a202000100", Code::not_canonical, "key 2 before key 1"},
    {"unsorted-by-length", "a26000181800", Code::not_canonical,
     "an empty text before a longer number: keys are compared as bytes, not by length first"},
    {"unsorted-inner-map", "a101a202000100", Code::not_canonical, "unsorted in a map inside a map"},
    {"duplicate-key", "a201000100", Code::duplicate_key, "key 1 twice"},
    {"duplicate-text-key", "a2616100616101", Code::duplicate_key, "the same text key twice"},
    {"duplicate-inner-key", "81a201000101", Code::duplicate_key, "a key twice in a map inside an array"},
    {"half-float", "f93e00", Code::type_not_allowed, "1.5 in three bytes"},
    {"single-float", "fa3fc00000", Code::type_not_allowed, "1.5 in five bytes"},
    {"double-float", "fb3ff8000000000000", Code::type_not_allowed, "1.5 in nine bytes"},
    {"whole-float", "f93c00", Code::type_not_allowed, "1.0 is no integer"},
    {"undefined", "f7", Code::type_not_allowed, "undefined"},
    {"simple-0", "e0", Code::type_not_allowed, "an unassigned simple value"},
    {"simple-19", "f3", Code::type_not_allowed, "an unassigned simple value"},
    {"simple-255", "f8ff", Code::type_not_allowed, "a simple value in two bytes"},
    {"tag-inside", "81c100", Code::type_not_allowed, "a date's tag inside an array"},
    {"tag-bignum", "c24101", Code::type_not_allowed, "a big number, which decoders like to read as an integer"},
    {"tag-self", "d9d9f700", Code::type_not_allowed, "the tag that says: this is CBOR"},
    {"tag-set", "d90102820102", Code::type_not_allowed, "an array tagged as a set"},
    {"reserved-28", "1c", Code::type_not_allowed, "a reserved head"},
    {"reserved-bytes", "5e", Code::type_not_allowed, "a reserved head of a byte string"},
    {"utf8-overlong", "62c080", Code::bad_utf8, "NUL in two bytes"},
    {"utf8-surrogate", "63eda080", Code::bad_utf8, "half of a surrogate pair"},
    {"utf8-too-high", "64f4908080", Code::bad_utf8, "U+110000"},
    {"utf8-cut", "61c3", Code::bad_utf8, "a text that ends inside a character"},
    {"utf8-lone", "6180", Code::bad_utf8, "a continuation byte alone"},
    {"utf8-key", "a161ff00", Code::bad_utf8, "a text key"},
    {"nine-deep", "818181818181818180", Code::too_deep, "nine arrays in one another"},
    {"nine-deep-number", "818181818181818100", Code::too_deep, "a number inside eight arrays"},
    {"nine-deep-maps", "a100a100a100a100a100a100a100a100a0", Code::too_deep, "nine maps in one another"},
    {"nothing", "", Code::truncated, "no byte at all"},
    {"cut-head", "19ff", Code::truncated, "a head of three bytes, two there"},
    {"cut-bytes", "430102", Code::truncated, "three bytes announced, two there"},
    {"cut-text", "6361", Code::truncated, "three bytes announced, one there"},
    {"cut-array", "8301", Code::truncated, "three items announced, one there"},
    {"cut-map", "a2010203", Code::truncated, "a key without its value"},
    {"cut-map-empty", "a1", Code::truncated, "a pair announced, nothing there"},
    {"huge-array", "9b00ffffffffffffff", Code::truncated, "2^56 items announced"},
    {"huge-bytes", "5bffffffffffffffff00", Code::truncated, "2^64 − 1 bytes announced"},
    {"huge-map", "bb8000000000000000", Code::truncated, "2^63 pairs announced"},
    {"trailing", "0000", Code::trailing_bytes, "a byte after the item"},
    {"trailing-after-map", "a0a0", Code::trailing_bytes, "a second item"},
};

Bytes from_hex(std::string_view digits) {
  std::string plain;
  for (const char c : digits)
    if (c != ' ') plain += c;
  return item::hex(plain);
}

void add_alone(VectorSet& set) {
  for (const Spelling& one : bad_spellings)
    set.bad("cbor/" + std::string(one.name) + ".cbor", from_hex(one.hex), open_as("cbor"), one.error, one.why);
  const auto good = [&](const char* name, std::string_view hex, std::string_view why) {
    set.good("cbor/" + std::string(name) + ".cbor", from_hex(hex), open_as("cbor"), Json::object(), why);
  };
  good("integers", "8c 00 17 1818 18ff 190100 19ffff 1a00010000 1bffffffffffffffff 20 37 3818 3bffffffffffffffff",
       "every width of both kinds of integers");
  good("eight-deep", "8181818181818180", "eight arrays in one another");
  good("keys-as-bytes", "a5 17f6 1818f6 20f6 60f6 6131f6", "keys ascend as bytes: 23, 24, −1, empty text, text");
  good("keys-true-and-one", "a2 01f6 f5f6", "1 and true are two keys");
  good("keys-of-any-type", "a2 4100f6 8100f6", "a byte string and an array as keys");
  good("constants", "83f4f5f6", "false, true, null");
  good("texts", "85 60 6161 62c3bc 63e282ac 64f0908d88", "one to four bytes a character");
  good("bytes", "8240 41ff", "no byte, one byte");
}

/// The same faults in the payload of a document whose signature is good.
void add_payloads(VectorSet& set) {
  const KeyPair machine = key_named("machine"), issuer = key_named("issuer 1");
  const PayloadMap plain(encode_receipt(receipt()));
  const Bytes good = plain.encode();
  const auto receipt_with = [&](const char* name, const Bytes& payload, Code error, std::string_view why) {
    const Bytes document = seal_sign1(DocumentType::receipt, payload, machine);
    set.bad("receipt/payload-" + std::string(name) + ".oak", in_armour(DocumentType::receipt, document), open_as("receipt"), error, why);
  };
  const auto with = [&](const char* hex) { return plain.with(Field::generation, from_hex(hex)).encode(); };
  receipt_with("long-integer", with("1805"), Code::not_canonical, "generation 5 in two bytes");
  receipt_with("float", with("f94500"), Code::type_not_allowed, "generation 5.0");
  receipt_with("tag", with("c205"), Code::type_not_allowed, "generation with a tag");
  receipt_with("too-deep", plain.with(Field::ignorable, from_hex("a10081818181818180")).encode(), Code::too_deep,
               "an extension that is nested too deep");
  receipt_with("bad-utf8", plain.with(Field::product, from_hex("62c328")).encode(), Code::bad_utf8, "a product that is no UTF-8");
  Bytes twice = joined({good, item::uint(48), item::bytes(16, 1), item::uint(48), item::bytes(16, 1)});
  twice[0] = static_cast<std::uint8_t>(twice[0] + 2);
  receipt_with("duplicate-field", twice, Code::duplicate_key, "field 48 twice, with the same value");
  Bytes unsorted = joined({good, item::uint(28), item::bytes(16, 1)});
  ++unsorted[0];
  receipt_with("unsorted", unsorted, Code::not_canonical, "field 28 after field 29");
  Bytes indefinite = joined({good, {0xff}});
  indefinite[0] = 0xbf;
  receipt_with("indefinite", indefinite, Code::not_canonical, "a map of indefinite length");
  receipt_with("trailing", joined({good, {0x00}}), Code::trailing_bytes, "a byte after the map");
  receipt_with("truncated", Bytes(good.begin(), good.end() - 1), Code::truncated, "the last byte of the map is missing");
  receipt_with("empty", {}, Code::truncated, "no payload");
  receipt_with("array", item::array({item::uint(1)}), Code::bad_field, "an array in place of the map");
  const Bytes late = seal_sign1(DocumentType::activation, joined({encode_activation(permanent_activation()), {0x00}}), issuer,
                                certificate_document(uncapped_certificate()));
  set.bad("activation/payload-trailing.oak", in_armour(DocumentType::activation, late), open_as("activation", two_of_three, "demo"),
          Code::trailing_bytes, "a byte after the map, signed by the issuer");
}

void add_documents_cut(VectorSet& set) {
  const Bytes document = seal_receipt(receipt(), key_named("machine"));
  const auto add = [&](const char* name, const Bytes& content, Code error, std::string_view why) {
    set.bad("receipt/" + std::string(name) + ".cbor", content, open_as("receipt"), error, why);
  };
  add("document-truncated", Bytes(document.begin(), document.end() - 1), Code::truncated, "the last byte is missing");
  add("document-trailing", joined({document, {0x00}}), Code::trailing_bytes, "a byte after the document");
  Json how = open_as("receipt");
  how["zeros_up_to"] = max_bulletin_bytes + 1;
  set.bad("receipt/document-too-large.cbor", document, how, Code::too_large, "zeros behind it, up to one byte more than the limit");
}

}  // namespace

void add_encodings(VectorSet& set) {
  add_alone(set);
  add_payloads(set);
  add_documents_cut(set);
}

}  // namespace oak::vectors
