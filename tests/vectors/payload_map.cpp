#include "tests/vectors/payload_map.h"

#include <algorithm>

#include "core/cbor.h"

namespace oak::vectors {
namespace item {

namespace {
template <typename Write>
Bytes written(Write write) {
  cbor::Writer writer;
  write(writer);
  return writer.take();
}
}  // namespace

Bytes uint(std::uint64_t value) {
  return written([&](cbor::Writer& writer) { writer.uint(value); });
}
Bytes negative(std::int64_t value) {
  return written([&](cbor::Writer& writer) { writer.integer(value); });
}
Bytes text(std::string_view value) {
  return written([&](cbor::Writer& writer) { writer.text(value); });
}
Bytes bytes(ByteView value) {
  return written([&](cbor::Writer& writer) { writer.bytes(value); });
}
Bytes bytes(std::size_t size, std::uint8_t value) { return bytes(Bytes(size, value)); }
Bytes null() {
  return written([](cbor::Writer& writer) { writer.null(); });
}
Bytes array(const std::vector<Bytes>& items) {
  return written([&](cbor::Writer& writer) {
    writer.array(items.size());
    for (const Bytes& one : items) writer.raw(one);
  });
}
Bytes map(const std::vector<std::pair<Bytes, Bytes>>& pairs) {
  return written([&](cbor::Writer& writer) {
    writer.map(pairs.size());
    for (const auto& [key, value] : pairs) {
      writer.raw(key);
      writer.raw(value);
    }
  });
}

Bytes hex(std::string_view digits) {
  const auto value = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  Bytes out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(value(digits[i]) << 4 | value(digits[i + 1])));
  return out;
}

}  // namespace item

Bytes joined(const std::vector<Bytes>& pieces) {
  Bytes out;
  for (const Bytes& piece : pieces) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

PayloadMap::PayloadMap(ByteView payload) {
  cbor::Reader reader(payload);
  const std::size_t count = reader.map().value();
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t number = reader.uint().value();
    const ByteView value = reader.item().value();
    entries_.emplace_back(number, Bytes(value.begin(), value.end()));
  }
}

PayloadMap PayloadMap::with(std::uint64_t number, Bytes value) const {
  PayloadMap out = *this;
  const auto at = std::find_if(out.entries_.begin(), out.entries_.end(), [&](const auto& e) { return e.first >= number; });
  if (at != out.entries_.end() && at->first == number)
    at->second = std::move(value);
  else
    out.entries_.insert(at, {number, std::move(value)});
  return out;
}

PayloadMap PayloadMap::with(Field field, Bytes value) const { return with(static_cast<std::uint64_t>(field), std::move(value)); }

PayloadMap PayloadMap::without(Field field) const {
  PayloadMap out = *this;
  std::erase_if(out.entries_, [&](const auto& e) { return e.first == static_cast<std::uint64_t>(field); });
  return out;
}

Bytes PayloadMap::value(Field field) const {
  for (const auto& [number, value] : entries_)
    if (number == static_cast<std::uint64_t>(field)) return value;
  return {};
}

Bytes PayloadMap::encode() const {
  std::vector<std::pair<Bytes, Bytes>> pairs;
  for (const auto& [number, value] : entries_) pairs.emplace_back(item::uint(number), value);
  return item::map(pairs);
}

}  // namespace oak::vectors
