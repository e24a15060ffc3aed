#include "core/receipt.h"
#include "tests/fuzz/document.h"

void oak::fuzz::run(ByteView input) { document(input, DocumentType::receipt, decode_receipt, encode_receipt); }
