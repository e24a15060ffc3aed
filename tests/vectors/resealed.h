#pragma once
// An envelope put together again from its parts, without core's own writer of envelopes: for tests that there is one spelling.

#include "core/cbor.h"
#include "core/envelope.h"

namespace oak::vectors {

inline Bytes resealed(const Envelope& envelope, bool signed_by_roots) {
  cbor::Writer writer;
  writer.tag(signed_by_roots ? 98 : 18);
  writer.array(4);
  writer.bytes(envelope.protected_header);
  writer.map(0);
  writer.bytes(envelope.payload);
  if (!signed_by_roots) {
    writer.bytes(envelope.signatures.at(0).signature);
    return writer.take();
  }
  writer.array(envelope.signatures.size());
  for (const EnvelopeSignature& block : envelope.signatures) {
    writer.array(3);
    writer.bytes(block.protected_header);
    writer.map(0);
    writer.bytes(block.signature);
  }
  return writer.take();
}

}  // namespace oak::vectors
