#include "core/envelope.h"

#include <algorithm>

#include "core/armour.h"
#include "core/cbor.h"

namespace oak {
namespace {

constexpr std::uint64_t tag_sign1 = 18, tag_sign = 98;  // RFC 9052 §2
constexpr std::int64_t alg_eddsa = -8;                  // RFC 9053 §2.2
constexpr std::int64_t header_alg = 1, header_kid = 4, header_typ = 16, header_chain = -65537;

struct Header {
  std::optional<std::int64_t> alg;
  std::optional<KeyId> kid;
  std::optional<std::string_view> typ;
  ByteView chain;
};

Status refuse_algorithm(std::int64_t alg) {
  if (alg == alg_eddsa) return {};
  const std::string number = std::to_string(alg);
  if (alg == -7) return fail(Code::unsupported_algorithm, "ES256 (" + number + ") is reserved for later");
  if (alg == -49) return fail(Code::unsupported_algorithm, "ML-DSA-65 (" + number + ") is reserved for later");
  return fail(Code::unsupported_algorithm, number);
}

/// Reads the four labels that a protected header may have; each appears once, in CBOR key order.
Result<Header> decode_header(ByteView encoded) {
  OAK_TRY(cbor::check(encoded));
  cbor::Reader reader(encoded);
  const auto count = reader.map();
  if (!count) return fail(Code::bad_envelope, "the protected header is not a map");
  Header header;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto label = reader.integer();
    if (!label) return fail(Code::bad_envelope, "a header label is not a number");
    if (*label == header_alg) {
      OAK_ASSIGN(const ByteView alg, reader.item());
      if (alg[0] >> 5 > 1) return fail(Code::bad_envelope, "the algorithm is not a number");
      // Beyond 63 bits no algorithm is registered: 0 is refused like any other that is not −8.
      header.alg = cbor::Reader(alg).integer().value_or(0);
    } else if (*label == header_kid) {
      const auto kid = reader.bytes();
      if (!kid || kid->size() != KeyId{}.size()) return fail(Code::bad_envelope, "the key id is not 8 bytes");
      header.kid = to_array<8>(*kid);
    } else if (*label == header_typ) {
      const auto typ = reader.text();
      if (!typ) return fail(Code::bad_envelope, "the type is not a text");
      header.typ = *typ;
    } else if (*label == header_chain) {
      const auto chain = reader.bytes();
      if (!chain || chain->empty()) return fail(Code::bad_envelope, "the chain is not a document");
      header.chain = *chain;
    } else {
      return fail(Code::bad_envelope, "header " + std::to_string(*label) + " is not known");
    }
  }
  return header;
}

Bytes encode_signer_header(const KeyId& kid, std::string_view typ, ByteView chain) {
  cbor::Writer writer;
  writer.map(2 + (typ.empty() ? 0U : 1U) + (chain.empty() ? 0U : 1U));
  writer.integer(header_alg);
  writer.integer(alg_eddsa);
  writer.integer(header_kid);
  writer.bytes(kid);
  if (!typ.empty()) {
    writer.integer(header_typ);
    writer.text(typ);
  }
  if (!chain.empty()) {
    writer.integer(header_chain);
    writer.bytes(chain);
  }
  return writer.take();
}

Bytes encode_root_body_header(DocumentType type) {
  cbor::Writer writer;
  writer.map(1);
  writer.integer(header_typ);
  writer.text(labels_of(type).typ);
  return writer.take();
}

/// Sig_structure of RFC 9052 §4.4; `sign_protected` is present for COSE_Sign only.
Bytes signed_bytes(DocumentType type, ByteView body_protected, const Bytes* sign_protected, ByteView payload) {
  cbor::Writer writer;
  writer.array(sign_protected ? 5 : 4);
  writer.text(sign_protected ? "Signature" : "Signature1");
  writer.bytes(body_protected);
  if (sign_protected) writer.bytes(*sign_protected);
  writer.bytes(as_bytes(labels_of(type).aad));
  writer.bytes(payload);
  return writer.take();
}

Status expect_empty_map(cbor::Reader& reader) {
  const auto count = reader.map();
  if (!count || *count != 0) return fail(Code::bad_envelope, "the unprotected header is not empty");
  return {};
}

Result<Bytes> expect_bytes(cbor::Reader& reader, std::string_view what) {
  const auto view = reader.bytes();
  if (!view) return fail(Code::bad_envelope, "the " + std::string(what) + " is not a byte string");
  return Bytes(view->begin(), view->end());
}

Status expect_array(cbor::Reader& reader, std::size_t size, std::string_view what) {
  const auto count = reader.array();
  if (!count || *count != size) return fail(Code::bad_envelope, "the " + std::string(what) + " has not its form");
  return {};
}

Result<EnvelopeSignature> read_signature_block(cbor::Reader& reader) {
  OAK_TRY(expect_array(reader, 3, "signature"));
  EnvelopeSignature block;
  OAK_ASSIGN(block.protected_header, expect_bytes(reader, "signature's header"));
  OAK_ASSIGN(const Header header, decode_header(block.protected_header));
  if (!header.alg || !header.kid || header.typ || !header.chain.empty())
    return fail(Code::bad_envelope, "a signature's header has not its form");
  OAK_TRY(refuse_algorithm(*header.alg));
  block.kid = *header.kid;
  OAK_TRY(expect_empty_map(reader));
  OAK_ASSIGN(block.signature, expect_bytes(reader, "signature"));
  return block;
}

enum class Blocks { some, maybe_none };

Status read_root_signatures(cbor::Reader& reader, Envelope& envelope, Blocks blocks) {
  const auto count = reader.array();
  if (!count || (*count == 0 && blocks == Blocks::some)) return fail(Code::bad_envelope, "there are no signatures");
  for (std::size_t i = 0; i < *count; ++i) {
    OAK_ASSIGN(EnvelopeSignature block, read_signature_block(reader));
    if (i > 0 && !(envelope.signatures.back().kid < block.kid)) return fail(Code::signers_not_sorted, "signature " + std::to_string(i + 1));
    envelope.signatures.push_back(std::move(block));
  }
  return {};
}

/// The tag at the front: a document is one of two COSE structures.
Result<bool> read_is_root_signed(ByteView document, cbor::Reader& reader) {
  if (document.empty()) return fail(Code::empty_input);
  if (document.size() > max_bulletin_bytes) return fail(Code::too_large);
  if (reader.expect_tag(tag_sign1)) return false;
  if (reader.expect_tag(tag_sign)) return true;
  return fail(Code::bad_envelope, "it does not begin with a COSE tag");
}

Status refuse_type(std::string_view typ, DocumentType expected) {
  if (typ == labels_of(expected).typ) return {};
  const DocumentLabels* found = labels_by_typ(typ);
  return fail(Code::wrong_type, "expected: " + std::string(labels_of(expected).word) +
                                    ", found: " + (found ? std::string(found->word) : "'" + std::string(typ) + "'"));
}

/// The documents that somebody else vouches for carry who does.
bool may_have_chain(DocumentType type) {
  return type == DocumentType::activation || type == DocumentType::bulletin || type == DocumentType::seat_lease;
}

/// Reads everything but the type's own demands.
Result<std::pair<Envelope, Header>> read(ByteView document, Bytes& header_bytes, Blocks blocks = Blocks::some) {
  cbor::Reader reader(document);
  OAK_ASSIGN(const bool root_signed, read_is_root_signed(document, reader));
  // One strict pass over the whole item first: from here on only the structure can be wrong.
  OAK_TRY(cbor::check(document.subspan(reader.position())));
  OAK_TRY(expect_array(reader, 4, "envelope"));
  Envelope envelope;
  OAK_ASSIGN(header_bytes, expect_bytes(reader, "protected header"));
  envelope.protected_header = header_bytes;
  OAK_ASSIGN(const Header header, decode_header(header_bytes));
  OAK_TRY(expect_empty_map(reader));
  OAK_ASSIGN(envelope.payload, expect_bytes(reader, "payload"));
  if (root_signed) {
    if (!header.typ || header.kid || header.alg || !header.chain.empty())
      return fail(Code::bad_envelope, "the protected header has not its form");
    OAK_TRY(read_root_signatures(reader, envelope, blocks));
  } else {
    if (!header.typ || !header.kid || !header.alg) return fail(Code::bad_envelope, "the protected header has not its form");
    OAK_TRY(refuse_algorithm(*header.alg));
    EnvelopeSignature block{header_bytes, *header.kid, {}};
    OAK_ASSIGN(block.signature, expect_bytes(reader, "signature"));
    envelope.signatures.push_back(std::move(block));
    envelope.chain.assign(header.chain.begin(), header.chain.end());
  }
  const DocumentLabels* labels = labels_by_typ(*header.typ);
  if (labels && labels->root_signed != root_signed) return fail(Code::bad_envelope, "this type has the other kind of signature");
  if (labels && !root_signed && !envelope.chain.empty() && !may_have_chain(labels->type))
    return fail(Code::bad_envelope, "this type has no chain");
  if (labels) envelope.type = labels->type;
  return std::pair(std::move(envelope), header);
}

}  // namespace

Result<Envelope> split(ByteView document, DocumentType expected) {
  Bytes header_bytes;
  OAK_ASSIGN(auto read_result, read(document, header_bytes));
  OAK_TRY(refuse_type(*read_result.second.typ, expected));
  return std::move(read_result.first);
}

Result<Envelope> split_draft(ByteView document) {
  Bytes header_bytes;
  OAK_ASSIGN(auto read_result, read(document, header_bytes, Blocks::maybe_none));
  const std::string_view typ = *read_result.second.typ;
  const DocumentLabels* labels = labels_by_typ(typ);
  if (!labels || !labels->root_signed)
    return fail(Code::wrong_type,
                "expected: what root keys sign, found: " + (labels ? std::string(labels->word) : "'" + std::string(typ) + "'"));
  return std::move(read_result.first);
}

Result<DocumentType> claimed_type(ByteView document) {
  Bytes header_bytes;
  OAK_ASSIGN(auto read_result, read(document, header_bytes));
  const std::string_view typ = *read_result.second.typ;
  const DocumentLabels* labels = labels_by_typ(typ);
  if (!labels) return fail(Code::wrong_type, "'" + std::string(typ) + "'");
  return labels->type;
}

Status verify_sign1(const Envelope& envelope, const PublicKey& key) {
  const EnvelopeSignature& block = envelope.signatures.front();
  if (block.kid != key_id(key)) return fail(Code::unknown_key, "key id " + to_hex(block.kid));
  const Bytes message = signed_bytes(envelope.type, envelope.protected_header, nullptr, envelope.payload);
  if (verify(key, message, block.signature)) return {};
  return fail(is_valid_public_key(key) ? Code::bad_signature : Code::weak_key);
}

Status verify_threshold(const Envelope& envelope, const std::vector<PublicKey>& roots, std::size_t threshold) {
  std::vector<KeyId> ids(roots.size());
  std::transform(roots.begin(), roots.end(), ids.begin(), key_id);
  for (const EnvelopeSignature& block : envelope.signatures) {
    const auto root = roots.begin() + (std::find(ids.begin(), ids.end(), block.kid) - ids.begin());
    if (root == roots.end()) return fail(Code::unknown_key, "key id " + to_hex(block.kid));
    const Bytes message = signed_bytes(envelope.type, envelope.protected_header, &block.protected_header, envelope.payload);
    if (!verify(*root, message, block.signature))
      return fail(is_valid_public_key(*root) ? Code::bad_signature : Code::weak_key, "key id " + to_hex(block.kid));
  }
  if (envelope.signatures.size() < threshold)
    return fail(Code::not_enough_signatures,
                std::to_string(threshold) + " needed, " + std::to_string(envelope.signatures.size()) + " given");
  return {};
}

Bytes seal_sign1(DocumentType type, ByteView payload, const KeyPair& signer, ByteView chain) {
  const Bytes header = encode_signer_header(key_id(signer.public_key), labels_of(type).typ, chain);
  const Signature signature = sign(signer.seed, signed_bytes(type, header, nullptr, payload));
  cbor::Writer writer;
  writer.tag(tag_sign1);
  writer.array(4);
  writer.bytes(header);
  writer.map(0);
  writer.bytes(payload);
  writer.bytes(signature);
  return writer.take();
}

EnvelopeSignature sign_threshold(DocumentType type, ByteView payload, const KeyPair& root) {
  EnvelopeSignature block;
  block.kid = key_id(root.public_key);
  block.protected_header = encode_signer_header(block.kid, {}, {});
  const Bytes message = signed_bytes(type, encode_root_body_header(type), &block.protected_header, payload);
  const Signature signature = sign(root.seed, message);
  block.signature.assign(signature.begin(), signature.end());
  return block;
}

Bytes seal_threshold(DocumentType type, ByteView payload, std::vector<EnvelopeSignature> signatures) {
  std::sort(signatures.begin(), signatures.end(), [](const EnvelopeSignature& a, const EnvelopeSignature& b) { return a.kid < b.kid; });
  cbor::Writer writer;
  writer.tag(tag_sign);
  writer.array(4);
  writer.bytes(encode_root_body_header(type));
  writer.map(0);
  writer.bytes(payload);
  writer.array(signatures.size());
  for (const EnvelopeSignature& block : signatures) {
    writer.array(3);
    writer.bytes(block.protected_header);
    writer.map(0);
    writer.bytes(block.signature);
  }
  return writer.take();
}

}  // namespace oak
