#include "core/trust.h"
#include "tests/fuzz/document.h"

void oak::fuzz::run(ByteView input) {
  document(input, DocumentType::issuer_certificate, decode_issuer_certificate, encode_issuer_certificate);
}
