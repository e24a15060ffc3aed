#include "core/envelope.h"

#include "core/armour.h"
#include "tests/fuzz/fuzz.h"
#include "tests/vectors/resealed.h"

namespace oak::fuzz {

void run(ByteView input) {
  const auto file = document_from_file_bytes(input);
  const Bytes document = file ? file->document : Bytes(input.begin(), input.end());
  const auto type = claimed_type(document);
  if (!type) return;
  if (const auto envelope = split(document, *type)) {
    require(envelope->type == *type, "the type is the one that is claimed");
    require(vectors::resealed(*envelope, labels_of(*type).root_signed) == document, "an envelope has one spelling");
  }
  if (const auto draft = split_draft(document)) require(vectors::resealed(*draft, true) == document, "a draft has one spelling");
}

}  // namespace oak::fuzz
