#pragma once
// Payloads that the encoders in core never write: items put together by hand, fields taken out or replaced.

#include <string_view>
#include <utility>
#include <vector>

#include "core/fields.h"

namespace oak::vectors {

namespace item {
Bytes uint(std::uint64_t value);
Bytes negative(std::int64_t value);
Bytes text(std::string_view value);
Bytes bytes(ByteView value);
Bytes bytes(std::size_t size, std::uint8_t value);  ///< the same byte `size` times
Bytes null();
Bytes array(const std::vector<Bytes>& items);
Bytes map(const std::vector<std::pair<Bytes, Bytes>>& pairs);
Bytes hex(std::string_view digits);
}  // namespace item

Bytes joined(const std::vector<Bytes>& pieces);

/// A payload's fields by number, each as its encoded item.
class PayloadMap {
 public:
  explicit PayloadMap(ByteView payload);
  PayloadMap with(Field field, Bytes value) const;
  PayloadMap with(std::uint64_t number, Bytes value) const;
  PayloadMap without(Field field) const;
  Bytes value(Field field) const;
  const std::vector<std::pair<std::uint64_t, Bytes>>& entries() const { return entries_; }
  Bytes encode() const;

 private:
  std::vector<std::pair<std::uint64_t, Bytes>> entries_;  // ascending
};

}  // namespace oak::vectors
