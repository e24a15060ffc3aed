#include "core/activation.h"
#include "tests/fuzz/document.h"

void oak::fuzz::run(ByteView input) { document(input, DocumentType::activation, decode_activation, encode_activation); }
