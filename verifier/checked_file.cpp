#include "verifier/checked_file.h"

#include "core/cbor.h"
#include "core/crypto.h"

namespace oak {
namespace {

Result<ByteView> body_of(std::string_view label, ByteView file) {
  OAK_TRY(cbor::check(file));
  cbor::Reader reader(file);
  OAK_ASSIGN(const std::size_t size, reader.array());
  if (size != 3) return fail(Code::damaged_state);
  OAK_ASSIGN(const std::string_view found, reader.text());
  OAK_ASSIGN(const ByteView body, reader.bytes());
  OAK_ASSIGN(const ByteView sum, reader.bytes());
  if (found != label || to_array<32>(sum) != sha256(body)) return fail(Code::damaged_state);
  OAK_TRY(cbor::check(body));
  return body;
}

}  // namespace

Bytes encode_checked(std::string_view label, ByteView body) {
  cbor::Writer writer;
  writer.array(3);
  writer.text(label);
  writer.bytes(body);
  writer.bytes(sha256(body));
  return writer.take();
}

Result<ByteView> decode_checked(std::string_view label, ByteView file) {
  const auto body = body_of(label, file);
  if (!body) return fail(Code::damaged_state);
  return *body;
}

}  // namespace oak
