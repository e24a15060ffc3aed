#pragma once
// What holds of every signed document's payload, for the targets that are named after one.

#include "core/armour.h"
#include "core/envelope.h"
#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {

/// What decodes re-encodes to the same bytes. The input is a document in any of its forms, or the payload alone: the
/// signatures stand outside of what is changed here.
template <typename T>
void document(ByteView input, DocumentType type, Result<T> (*decode)(ByteView), Bytes (*encode)(const T&)) {
  Bytes payload(input.begin(), input.end());
  if (const auto file = document_from_file_bytes(input)) {
    if (const auto envelope = split(file->document, type)) payload = envelope->payload;
  }
  if (const auto value = decode(payload)) require(encode(*value) == payload, "a payload has one spelling");
}

}  // namespace oak::fuzz
