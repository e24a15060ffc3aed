#include "core/cbor.h"

#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {
namespace {

/// Numbers below −2^63 are CBOR, and nothing that a document reads.
void copy_negative(cbor::Reader& reader, cbor::Writer& writer) {
  cbor::Reader ahead = reader;
  const ByteView encoded = reader.item().value();
  const auto number = ahead.integer();
  number ? writer.integer(*number) : writer.raw(encoded);
}

void copy_simple(cbor::Reader& reader, cbor::Writer& writer) {
  if (reader.null().value()) return writer.null();
  writer.boolean(reader.boolean().value());
}

/// Every call here succeeds: `check` has seen all of it.
void copy_item(cbor::Reader& reader, cbor::Writer& writer) {
  switch (reader.peek_major().value()) {
    case 0: return writer.uint(reader.uint().value());
    case 1: return copy_negative(reader, writer);
    case 2: return writer.bytes(reader.bytes().value());
    case 3: return writer.text(reader.text().value());
    case 4: {
      const std::size_t count = reader.array().value();
      writer.array(count);
      for (std::size_t i = 0; i < count; ++i) copy_item(reader, writer);
      return;
    }
    case 5: {
      const std::size_t pairs = reader.map().value();
      writer.map(pairs);
      for (std::size_t i = 0; i < 2 * pairs; ++i) copy_item(reader, writer);
      return;
    }
    case 6: return require(false, "no item has a tag");
    default: return copy_simple(reader, writer);
  }
}

}  // namespace

void run(ByteView input) {
  if (!cbor::check(input)) return;
  cbor::Reader reader(input);
  cbor::Writer writer;
  copy_item(reader, writer);
  require(reader.finish().has_value(), "what is checked is one item");
  require(writer.take() == Bytes(input.begin(), input.end()), "an item has one spelling");
}

}  // namespace oak::fuzz
