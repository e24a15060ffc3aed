#include "core/armour.h"

#include "tests/fuzz/fuzz.h"

void oak::fuzz::run(ByteView input) {
  const auto file = document_from_file_bytes(input);
  if (!file || file->label.empty()) return;
  const auto again = armour_decode(armour_encode(file->label, file->document, {"a comment"}));
  require(again && again->label == file->label && again->document == file->document, "what is read is read again as it was written");
}
