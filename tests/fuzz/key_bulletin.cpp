#include "core/bulletin.h"
#include "tests/fuzz/document.h"

void oak::fuzz::run(ByteView input) { document(input, DocumentType::key_bulletin, decode_key_bulletin, encode_key_bulletin); }
