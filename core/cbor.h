#pragma once
// Strict deterministic CBOR (RFC 8949 §4.2.1), the subset that documents use: unsigned and negative integers, byte
// and text strings, arrays, maps, null, true, false, and the two COSE tags.
//
// The reader accepts one spelling only: shortest-form heads, definite lengths, map keys strictly ascending in
// bytewise order of their encoding, valid UTF-8, depth at most 8, all input consumed. Whatever it accepts, the writer
// writes again byte for byte. Neither allocates more than the input's own size.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/bytes.h"
#include "core/error.h"

namespace oak::cbor {

inline constexpr int max_depth = 8;

/// Appends items to a buffer. Arrays and maps are announced with their count, and the caller then writes that many
/// items (or pairs, keys ascending: 0, 1, 2 … then −1, −2 …).
class Writer {
 public:
  void uint(std::uint64_t value);
  void integer(std::int64_t value);
  void bytes(ByteView value);
  void text(std::string_view value);
  void array(std::size_t count);
  void map(std::size_t count);
  void tag(std::uint64_t number);
  void null();
  void boolean(bool value);
  /// Copies an item that is encoded already.
  void raw(ByteView encoded_item);

  Bytes take() { return std::move(out_); }
  const Bytes& view() const { return out_; }

 private:
  void head(unsigned major, std::uint64_t argument);
  Bytes out_;
};

/// Reads items in order from a buffer that it does not own. After the first failure the reader's position is
/// unspecified and it must not be used further. Errors carry "byte N" as context.
class Reader {
 public:
  explicit Reader(ByteView input) : input_(input) {}

  Result<std::uint64_t> uint();
  Result<std::int64_t> integer();
  Result<ByteView> bytes();         ///< view into the input
  Result<std::string_view> text();  ///< view into the input, valid UTF-8
  Result<std::size_t> array();      ///< element count; at most the bytes left
  Result<std::size_t> map();        ///< pair count
  Status expect_tag(std::uint64_t number);
  Result<bool> boolean();
  /// True and consumes it where the next item is null; false and consumes nothing otherwise.
  Result<bool> null();
  /// The encoded bytes of the next item, whatever it is, checked to its whole depth.
  Result<ByteView> item();
  /// The major type (0 to 7) of the next item, without consuming it.
  Result<unsigned> peek_major() const;

  bool done() const { return position_ == input_.size(); }
  std::size_t position() const { return position_; }
  Status finish() const;

 private:
  struct Head {
    unsigned major;
    std::uint64_t argument;
  };
  Result<Head> head();
  Result<std::uint64_t> expect(unsigned major);
  Result<ByteView> take(std::uint64_t count);
  Status skip(int depth);
  tl::unexpected<Error> fail_here(Code code) const;

  ByteView input_;
  std::size_t position_ = 0;
};

/// Checks that the whole input is one item in the accepted spelling.
Status check(ByteView input);

}  // namespace oak::cbor
