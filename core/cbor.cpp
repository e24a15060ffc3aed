#include "core/cbor.h"

#include <algorithm>

#include "core/text.h"

namespace oak::cbor {
namespace {

enum Major : unsigned { major_uint, major_negative, major_bytes, major_text, major_array, major_map, major_tag, major_simple };

constexpr std::uint64_t simple_false = 20, simple_true = 21, simple_null = 22;

}  // namespace

void Writer::head(unsigned major, std::uint64_t argument) {
  const auto push = [&](std::uint64_t value) { out_.push_back(static_cast<std::uint8_t>(value)); };
  const std::uint64_t high = std::uint64_t{major} << 5;
  if (argument < 24) return push(high | argument);
  const unsigned width = argument <= 0xff ? 1 : argument <= 0xffff ? 2 : argument <= 0xffffffff ? 4 : 8;
  push(high | (width == 1 ? 24U : width == 2 ? 25U : width == 4 ? 26U : 27U));
  for (unsigned shift = width * 8; shift > 0; shift -= 8) push((argument >> (shift - 8)) & 0xff);
}

void Writer::uint(std::uint64_t value) { head(major_uint, value); }

void Writer::integer(std::int64_t value) {
  if (value >= 0) return head(major_uint, static_cast<std::uint64_t>(value));
  head(major_negative, ~static_cast<std::uint64_t>(value));  // −1 − value
}

void Writer::bytes(ByteView value) {
  head(major_bytes, value.size());
  raw(value);
}

void Writer::text(std::string_view value) {
  head(major_text, value.size());
  raw(as_bytes(value));
}

void Writer::array(std::size_t count) { head(major_array, count); }
void Writer::map(std::size_t count) { head(major_map, count); }
void Writer::tag(std::uint64_t number) { head(major_tag, number); }
void Writer::null() { head(major_simple, simple_null); }
void Writer::boolean(bool value) { head(major_simple, value ? simple_true : simple_false); }
void Writer::raw(ByteView encoded_item) { out_.insert(out_.end(), encoded_item.begin(), encoded_item.end()); }

tl::unexpected<Error> Reader::fail_here(Code code) const { return fail(code, "byte " + std::to_string(position_)); }

Result<Reader::Head> Reader::head() {
  if (done()) return fail_here(Code::truncated);
  const std::uint8_t initial = input_[position_];
  const unsigned major = initial >> 5, info = initial & 31;
  if (info < 24) {
    ++position_;
    return Head{major, info};
  }
  // 28 to 30 are reserved, 31 is indefinite length (RFC 8949 §3); in major type 7 the long forms are floats.
  if (info > 27) return fail_here(info == 31 ? Code::not_canonical : Code::type_not_allowed);
  if (major == major_simple) return fail_here(Code::type_not_allowed);
  const std::size_t width = std::size_t{1} << (info - 24);
  if (input_.size() - position_ - 1 < width) return fail_here(Code::truncated);
  std::uint64_t argument = 0;
  for (std::size_t i = 1; i <= width; ++i) argument = (argument << 8) | input_[position_ + i];
  const std::uint64_t least = width == 1 ? 24 : std::uint64_t{1} << (width * 4);
  if (argument < least) return fail_here(Code::not_canonical);
  position_ += 1 + width;
  return Head{major, argument};
}

Result<std::uint64_t> Reader::expect(unsigned major) {
  const std::size_t start = position_;
  OAK_ASSIGN(const Head found, head());
  if (found.major == major) return found.argument;
  position_ = start;
  return fail_here(Code::type_not_allowed);
}

Result<ByteView> Reader::take(std::uint64_t count) {
  if (count > input_.size() - position_) return fail_here(Code::truncated);
  const ByteView out = input_.subspan(position_, static_cast<std::size_t>(count));
  position_ += out.size();
  return out;
}

Result<std::uint64_t> Reader::uint() { return expect(major_uint); }

Result<std::int64_t> Reader::integer() {
  const std::size_t start = position_;
  OAK_ASSIGN(const Head found, head());
  position_ = found.major <= major_negative && found.argument <= INT64_MAX ? position_ : start;
  if (position_ == start) return fail_here(Code::type_not_allowed);
  const auto value = static_cast<std::int64_t>(found.argument);
  return found.major == major_uint ? value : -1 - value;
}

Result<ByteView> Reader::bytes() {
  OAK_ASSIGN(const std::uint64_t size, expect(major_bytes));
  return take(size);
}

Result<std::string_view> Reader::text() {
  OAK_ASSIGN(const std::uint64_t size, expect(major_text));
  OAK_ASSIGN(const ByteView view, take(size));
  if (!is_utf8(as_text(view))) return fail_here(Code::bad_utf8);
  return as_text(view);
}

Result<std::size_t> Reader::array() {
  OAK_ASSIGN(const std::uint64_t count, expect(major_array));
  if (count > input_.size() - position_) return fail_here(Code::truncated);
  return static_cast<std::size_t>(count);
}

Result<std::size_t> Reader::map() {
  OAK_ASSIGN(const std::uint64_t count, expect(major_map));
  if (count > (input_.size() - position_) / 2) return fail_here(Code::truncated);
  return static_cast<std::size_t>(count);
}

Status Reader::expect_tag(std::uint64_t number) {
  const std::size_t start = position_;
  OAK_ASSIGN(const std::uint64_t found, expect(major_tag));
  if (found == number) return {};
  position_ = start;
  return fail_here(Code::type_not_allowed);
}

Result<bool> Reader::boolean() {
  OAK_ASSIGN(const std::uint64_t value, expect(major_simple));
  if (value != simple_false && value != simple_true) return fail_here(Code::type_not_allowed);
  return value == simple_true;
}

Result<bool> Reader::null() {
  OAK_ASSIGN(const unsigned major, peek_major());
  if (major != major_simple || (input_[position_] & 31) != simple_null) return false;
  ++position_;
  return true;
}

Result<unsigned> Reader::peek_major() const {
  if (done()) return fail_here(Code::truncated);
  return input_[position_] >> 5;
}

Result<ByteView> Reader::item() {
  const std::size_t start = position_;
  OAK_TRY(skip(0));
  return input_.subspan(start, position_ - start);
}

Status Reader::finish() const {
  if (!done()) return fail_here(Code::trailing_bytes);
  return {};
}

Status Reader::skip(int depth) {
  if (depth >= max_depth) return fail_here(Code::too_deep);
  const std::size_t start = position_;
  OAK_ASSIGN(const unsigned major, peek_major());
  switch (major) {
    case major_uint:
    case major_negative: return head().map([](Head) {});
    case major_bytes: return bytes().map([](ByteView) {});
    case major_text: return text().map([](std::string_view) {});
    case major_simple: {
      OAK_ASSIGN(const Head found, head());
      if (found.argument >= simple_false && found.argument <= simple_null) return {};
      position_ = start;
      return fail_here(Code::type_not_allowed);
    }
    case major_tag: return fail_here(Code::type_not_allowed);
    case major_array: {
      OAK_ASSIGN(const std::size_t count, array());
      for (std::size_t i = 0; i < count; ++i) OAK_TRY(skip(depth + 1));
      return {};
    }
    default: break;
  }
  OAK_ASSIGN(const std::size_t count, map());
  ByteView previous;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t key_start = position_;
    OAK_TRY(skip(depth + 1));
    const ByteView key = input_.subspan(key_start, position_ - key_start);
    if (i > 0) {
      if (std::equal(key.begin(), key.end(), previous.begin(), previous.end())) return fail_here(Code::duplicate_key);
      if (std::lexicographical_compare(key.begin(), key.end(), previous.begin(), previous.end())) return fail_here(Code::not_canonical);
    }
    previous = key;
    OAK_TRY(skip(depth + 1));
  }
  return {};
}

Status check(ByteView input) {
  Reader reader(input);
  OAK_TRY(reader.item());
  return reader.finish();
}

}  // namespace oak::cbor
