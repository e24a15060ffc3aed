#pragma once
// Signed envelopes: COSE_Sign1 (RFC 9052 §4.2) and, for root documents, COSE_Sign with k of n signatures (§4.1).
//
// Opening is in two steps that no caller can swap: `split` checks the envelope's form and its type label and gives
// back nothing of the payload's meaning; `verify_*` checks signatures. Only then is a payload decoded, and only the
// functions that do so may make a `Verified<T>`.
//
// One exception, forced by documents that carry the key they are signed with (request, receipt, trust): there the
// payload is decoded strictly first, its key taken, and the decoded value is discarded unless that key verifies.

#include <optional>
#include <vector>

#include "core/crypto.h"
#include "core/document_type.h"
#include "core/error.h"

namespace oak {

/// A value whose signature has been checked. Only `Opening`, used by the open_* functions in core, makes one.
template <typename T>
class Verified {
 public:
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }

 private:
  explicit Verified(T value) : value_(std::move(value)) {}
  friend struct Opening;
  T value_;
};

struct Opening {
  template <typename T>
  static Verified<T> verified(T value) {
    return Verified<T>(std::move(value));
  }
};

struct EnvelopeSignature {
  Bytes protected_header;
  KeyId kid;
  Bytes signature;
};

/// An envelope taken apart, nothing verified.
struct Envelope {
  DocumentType type{};
  Bytes protected_header;  ///< of the body, as signed
  Bytes payload;
  Bytes chain;                                ///< header −65537: the signer's own certificate document, or empty
  std::vector<EnvelopeSignature> signatures;  ///< one in a COSE_Sign1
};

/// Splits a document that must be of `expected` type. Errors: the encoding's, bad_envelope, wrong_type (context
/// names the type found), unsupported_algorithm, signers_not_sorted.
Result<Envelope> split(ByteView document, DocumentType expected);
/// A root document on its way from root to root, with the blocks that it has so far, none at first. Only for what adds a
/// signature to it; every other reader uses `split`. wrong_type for what roots don't sign, and as `split` otherwise.
Result<Envelope> split_draft(ByteView document);
/// The type that a document claims, unverified. For choosing a message or a handler.
Result<DocumentType> claimed_type(ByteView document);

/// COSE_Sign1: unknown_key where the key id does not fit, bad_signature, weak_key.
Status verify_sign1(const Envelope& envelope, const PublicKey& key);
/// COSE_Sign: each signature present must verify under one of `roots`, and at least `threshold` must be there.
/// Errors: unknown_key, bad_signature, not_enough_signatures (context "2 of 3 needed, 1 given").
Status verify_threshold(const Envelope& envelope, const std::vector<PublicKey>& roots, std::size_t threshold);

/// Signs a COSE_Sign1. `chain` goes into the protected header where it is not empty.
Bytes seal_sign1(DocumentType type, ByteView payload, const KeyPair& signer, ByteView chain = {});

/// One root's signature block for a COSE_Sign; roots sign one after another, in any order and place.
EnvelopeSignature sign_threshold(DocumentType type, ByteView payload, const KeyPair& root);
/// Assembles a COSE_Sign from blocks in any order; a draft may have none.
Bytes seal_threshold(DocumentType type, ByteView payload, std::vector<EnvelopeSignature> signatures);

/// A document's identity is the hash of its payload: re-signing makes no new document.
inline Digest payload_hash(const Envelope& envelope) { return sha256(envelope.payload); }

}  // namespace oak
