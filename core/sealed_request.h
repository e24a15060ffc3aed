#pragma once
// A sealed request: hidden from its courier, for the desk alone to open (docs/format.md, "Sealed request"). Encoded and
// decoded here only. Sealing is no signature: anybody can seal, and what comes out is judged like any other request.

#include "core/crypto.h"
#include "core/document_type.h"

namespace oak {

inline constexpr std::string_view sealed_request_armour = "OAK SEALED REQUEST";

struct SealedRequest {
  KeyId sealing_key{};  ///< of the desk that can open it: a hint, never a proof
  Bytes box;            ///< libsodium's crypto_box_seal of the request document
};

/// True for the first byte of a sealed request, which begins neither a text nor a document in an envelope.
bool is_sealed_request(ByteView document);
Bytes encode_sealed_request(const SealedRequest& sealed);
/// What can be seen without the desk's key. wrong_type where it is another labelled array, bad_envelope where it is none.
Result<SealedRequest> decode_sealed_request(ByteView document);

/// What a document is called, by people and in its text form.
struct DocumentNames {
  std::string_view armour, word;
};
/// Of any document, a sealed request among them. Its errors, or those of claimed_type.
Result<DocumentNames> names_of(ByteView document);

/// `sealing_key` is the trust's. weak_key where it is of small order, too_large where the request is no request.
Result<Bytes> seal_for_desk(ByteView request_document, const PublicKey& sealing_key, Random& random);
/// The request document inside, not yet looked at. unknown_key where it names another sealing key, bad_seal where it
/// doesn't open.
Result<Bytes> unseal_request(ByteView document, const Seed& sealing_seed);

}  // namespace oak
