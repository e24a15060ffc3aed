#include "core/json_writer.h"

#include "core/bytes.h"
#include "core/text.h"

namespace oak {

void JsonWriter::separate() {
  if (need_comma_) out_ += ", ";
  need_comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_ += '{';
  need_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  need_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  out_ += '[';
  need_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  need_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  text(name);
  out_ += ": ";
  need_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  separate();
  out_ += '"';
  while (!value.empty()) {
    const auto byte = static_cast<unsigned char>(value.front());
    std::size_t length = 1;
    if (byte >= 0x80) {
      length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      const std::string_view sequence = value.substr(0, length);
      const bool whole = sequence.size() == length && is_utf8(sequence);
      out_ += whole ? sequence : std::string_view("\xef\xbf\xbd");
      if (!whole) length = 1;
    } else if (byte == '"' || byte == '\\') {
      out_ += {'\\', value.front()};
    } else if (byte < 0x20 || byte == 0x7f) {
      out_ += "\\u00" + to_hex(as_bytes(value.substr(0, 1)));
    } else {
      out_ += value.front();
    }
    value.remove_prefix(length);
  }
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::text_or_null(std::string_view value) { return value.empty() ? null() : text(value); }
JsonWriter& JsonWriter::number(std::uint64_t value) { return raw(std::to_string(value)); }
JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }
JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace oak
