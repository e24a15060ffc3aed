#pragma once
// State files carry a checksum, which no fuzzer guesses: here an input is the file, or the body for which the frame is made.

#include "core/cbor.h"
#include "core/crypto.h"
#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {

inline Bytes framed(std::string_view label, ByteView body) {
  cbor::Writer writer;
  writer.array(3);
  writer.text(label);
  writer.bytes(body);
  writer.bytes(sha256(body));
  return writer.take();
}

}  // namespace oak::fuzz
