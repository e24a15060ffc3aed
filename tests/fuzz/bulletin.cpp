#include "core/bulletin.h"
#include "tests/fuzz/document.h"

void oak::fuzz::run(ByteView input) { document(input, DocumentType::bulletin, decode_bulletin, encode_bulletin); }
