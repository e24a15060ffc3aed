#include "core/seat_lease.h"
#include "tests/fuzz/document.h"

void oak::fuzz::run(ByteView input) { document(input, DocumentType::seat_lease, decode_seat_lease, encode_seat_lease); }
