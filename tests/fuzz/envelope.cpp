#include "core/envelope.h"

#include "core/armour.h"
#include "core/cbor.h"
#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {
namespace {

Bytes put_together(const Envelope& envelope, bool signed_by_roots) {
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

}  // namespace

void run(ByteView input) {
  const auto file = document_from_file_bytes(input);
  const Bytes document = file ? file->document : Bytes(input.begin(), input.end());
  const auto type = claimed_type(document);
  if (!type) return;
  if (const auto envelope = split(document, *type)) {
    require(envelope->type == *type, "the type is the one that is claimed");
    require(put_together(*envelope, labels_of(*type).root_signed) == document, "an envelope has one spelling");
  }
  if (const auto draft = split_draft(document)) require(put_together(*draft, true) == document, "a draft has one spelling");
}

}  // namespace oak::fuzz
