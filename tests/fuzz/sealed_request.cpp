#include "core/sealed_request.h"

#include "core/armour.h"
#include "tests/fuzz/fuzz.h"

void oak::fuzz::run(ByteView input) {
  const auto file = document_from_file_bytes(input);
  const Bytes document = file ? file->document : Bytes(input.begin(), input.end());
  const auto sealed = decode_sealed_request(document);
  if (sealed) require(encode_sealed_request(*sealed) == document, "a sealed request has one spelling");
  if (sealed) require(names_of(document).has_value(), "whatever is decoded has a name");
  if (!unseal_request(document, Seed{})) return;
  require(sealed.has_value(), "only what decodes is opened");
}
