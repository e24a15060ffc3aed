#include "core/request.h"
#include "tests/fuzz/document.h"

void oak::fuzz::run(ByteView input) { document(input, DocumentType::request, decode_request, encode_request); }
