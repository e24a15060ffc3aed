#include "tests/vectors/raw_envelope.h"

#include <algorithm>

namespace oak::vectors {

Bytes encode_header(const HeaderMap& header) {
  std::vector<std::pair<Bytes, Bytes>> pairs;
  for (const auto& [label, value] : header) pairs.emplace_back(item::negative(label), value);
  std::sort(pairs.begin(), pairs.end());
  return item::map(pairs);
}

HeaderMap with_label(HeaderMap header, std::int64_t label, Bytes value) {
  header = without_label(std::move(header), label);
  header.emplace_back(label, std::move(value));
  return header;
}

HeaderMap without_label(HeaderMap header, std::int64_t label) {
  std::erase_if(header, [&](const auto& entry) { return entry.first == label; });
  return header;
}

HeaderMap block_header(const PublicKey& key) { return {{label_alg, item::negative(-8)}, {label_kid, item::bytes(key_id(key))}}; }

HeaderMap sign1_header(DocumentType type, const PublicKey& key, ByteView chain) {
  HeaderMap header = with_label(block_header(key), label_typ, item::text(labels_of(type).typ));
  return chain.empty() ? header : with_label(header, label_chain, item::bytes(chain));
}

Bytes sign1_message(ByteView body_header, std::string_view aad, ByteView payload) {
  return item::array({item::text("Signature1"), item::bytes(body_header), item::bytes(as_bytes(aad)), item::bytes(payload)});
}

Bytes block_message(ByteView body_header, ByteView header, std::string_view aad, ByteView payload) {
  return item::array(
      {item::text("Signature"), item::bytes(body_header), item::bytes(header), item::bytes(as_bytes(aad)), item::bytes(payload)});
}

RawEnvelope raw_sign1(const HeaderMap& header, std::string_view aad, ByteView payload, const KeyPair& signer) {
  const Bytes encoded = encode_header(header);
  const Signature signature = sign(signer.seed, sign1_message(encoded, aad, payload));
  RawEnvelope raw;
  raw.protected_header = item::bytes(encoded);
  raw.payload = item::bytes(payload);
  raw.signatures = item::bytes(signature);
  return raw;
}

RawBlock raw_block(const HeaderMap& header, ByteView body_header, std::string_view aad, ByteView payload, const KeyPair& signer) {
  const Signature signature = sign(signer.seed, block_message(body_header, encode_header(header), aad, payload));
  RawBlock block;
  block.header = header;
  block.signature = item::bytes(signature);
  return block;
}

}  // namespace oak::vectors
