#include "core/trust.h"
#include "tests/fuzz/document.h"

void oak::fuzz::run(ByteView input) { document(input, DocumentType::trust, decode_trust, encode_trust); }
