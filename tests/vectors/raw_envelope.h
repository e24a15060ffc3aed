#pragma once
// Envelopes put together by hand, with any part wrong. Sig_structure is written here a second time on purpose.

#include "core/envelope.h"
#include "tests/vectors/payload_map.h"

namespace oak::vectors {

/// A protected header's entries by label, as encoded items.
using HeaderMap = std::vector<std::pair<std::int64_t, Bytes>>;
Bytes encode_header(const HeaderMap& header);
HeaderMap with_label(HeaderMap header, std::int64_t label, Bytes value);
HeaderMap without_label(HeaderMap header, std::int64_t label);

inline constexpr std::int64_t label_alg = 1, label_kid = 4, label_typ = 16, label_chain = -65537;

/// {1: -8, 4: kid, 16: typ} and the chain, where there is one.
HeaderMap sign1_header(DocumentType type, const PublicKey& key, ByteView chain = {});
HeaderMap block_header(const PublicKey& key);

/// What a signature of a COSE_Sign1 or of a COSE_Sign's block is over.
Bytes sign1_message(ByteView body_header, std::string_view aad, ByteView payload);
Bytes block_message(ByteView body_header, ByteView header, std::string_view aad, ByteView payload);

/// Every part as encoded; `items` replaces the four where it is not empty.
struct RawEnvelope {
  Bytes tag = {0xd2};
  Bytes protected_header;  ///< an item
  Bytes unprotected = {0xa0};
  Bytes payload;     ///< an item
  Bytes signatures;  ///< an item: one signature, or the array of blocks
  Bytes encode() const { return joined({tag, {0x84}, protected_header, unprotected, payload, signatures}); }
};

/// A good COSE_Sign1 but for the header, which is signed as it is given.
RawEnvelope raw_sign1(const HeaderMap& header, std::string_view aad, ByteView payload, const KeyPair& signer);

struct RawBlock {
  HeaderMap header;
  Bytes unprotected = {0xa0};
  Bytes signature;  ///< an item
  Bytes encode() const { return item::array({item::bytes(encode_header(header)), unprotected, signature}); }
};
/// A block that signs with the header as it is given.
RawBlock raw_block(const HeaderMap& header, ByteView body_header, std::string_view aad, ByteView payload, const KeyPair& signer);

}  // namespace oak::vectors
