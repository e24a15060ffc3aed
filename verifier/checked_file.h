#pragma once
// The frame of files that this machine writes for itself: [label, body as a byte string, SHA-256 of body], as docs/format-state.md has
// it. The sum finds damage, not forgery.

#include <string_view>

#include "core/bytes.h"
#include "core/error.h"

namespace oak {

Bytes encode_checked(std::string_view label, ByteView body);
/// The body, one item of CBOR in its one spelling; it points into `file`. Any fault is damaged_state.
Result<ByteView> decode_checked(std::string_view label, ByteView file);

}  // namespace oak
