#pragma once
// The vectors, by what they are about. Each function adds its files to the set.

#include "tests/vectors/vendor.h"
#include "tests/vectors/vector_set.h"

namespace oak::vectors {

void add_documents(VectorSet& set);  ///< good documents of every type
void add_carriers(VectorSet& set);   ///< text form, good and bad
void add_drafts(VectorSet& set);     ///< what travels while roots sign in turn
void add_encodings(VectorSet& set);  ///< CBOR alone and inside documents
void add_envelopes(VectorSet& set);  ///< COSE: structure, types, signatures, chains
void add_fields(VectorSet& set);     ///< every field of every document
void add_meanings(VectorSet& set);   ///< well-formed, signed, and still not acceptable
void add_rules(VectorSet& set);      ///< licence keys, versions, digests, tolerance
void add_sealed_requests(VectorSet& set);

VectorSet all_vectors();

/// {"open": …, "trust": …, "product": …}; what is empty is left out.
Json open_as(std::string_view open, std::string_view trust = {}, std::string_view product = {});
inline constexpr const char* two_of_three = "trust/two-of-three.oak";
inline constexpr const char* one_of_one = "trust/one-of-one.oak";
inline constexpr const char* rotated = "trust/rotated.oak";
inline constexpr const char* one_product = "trust/one-product.oak";

/// The text form as bytes, with the type's label.
Bytes in_armour(DocumentType type, ByteView document, const std::vector<std::string>& comments = {});

/// The key "K7QX2M4A-…" as printed.
std::string printed_key();

}  // namespace oak::vectors
