#include "core/fields.h"

#include <array>

#include "core/licence_key.h"
#include "core/text.h"

namespace oak {
namespace {

// Laid out by hand: clang-format would give each a line.
// clang-format off
constexpr std::array<std::string_view, 55> names = {
    "", "product", "licence", "seats", "version", "versions", "machine_key", "seat_server_key", "nonce", "at",
    "fingerprint", "fingerprint_key", "unusable", "environment", "kind", "not_after", "generation", "supersedes",
    "site", "reason", "features", "policy", "grace_days", "index", "request", "binding", "customer", "accepts",
    "proof", "activation", "critical", "ignorable", "issuer_key", "serial", "products", "kinds", "max_days",
    "max_seats", "not_before", "roots", "threshold", "sealing_key", "contact", "lowest_bulletin", "number", "revoked",
    "revoked_issuers", "new_trust", "successor", "computer_key", "lease", "ttl_s", "counter",
    "reset_clock", "earlier"};
// clang-format on

/// Gives a reader's error the field's name in place of an offset inside it.
template <typename T>
Result<T> in_field(Field field, Result<T> result) {
  if (!result && result.error().code == Code::type_not_allowed) return bad_field(field, "has the wrong type");
  return result;
}

}  // namespace

std::string_view field_name(Field field) { return names[static_cast<std::size_t>(field)]; }

tl::unexpected<Error> bad_field(Field field, std::string_view why) {
  return fail(Code::bad_field, std::string(field_name(field)) + " " + std::string(why));
}

cbor::Writer& FieldWriter::key(Field field) {
  ++count_;
  body_.uint(static_cast<std::uint64_t>(field));
  return body_;
}

void FieldWriter::uint(Field field, std::uint64_t value) { key(field).uint(value); }
void FieldWriter::uint_or_null(Field field, const std::optional<std::uint64_t>& value) {
  if (value) return key(field).uint(*value);
  key(field).null();
}
void FieldWriter::bytes(Field field, ByteView value) { key(field).bytes(value); }
void FieldWriter::text(Field field, std::string_view value) { key(field).text(value); }
void FieldWriter::text_unless_empty(Field field, std::string_view value) {
  if (!value.empty()) text(field, value);
}
void FieldWriter::uints(Field field, const std::vector<std::uint64_t>& values) {
  key(field).array(values.size());
  for (const std::uint64_t value : values) body_.uint(value);
}
void FieldWriter::texts(Field field, const std::vector<std::string>& values) {
  key(field).array(values.size());
  for (const std::string& value : values) body_.text(value);
}
void FieldWriter::item(Field field, ByteView encoded_item) { key(field).raw(encoded_item); }

Bytes FieldWriter::take() {
  cbor::Writer out;
  out.map(count_);
  out.raw(body_.view());
  return out.take();
}

Result<FieldReader> FieldReader::open(ByteView payload) {
  OAK_TRY(cbor::check(payload));
  cbor::Reader reader(payload);
  const auto count = reader.map();
  if (!count) return fail(Code::bad_field, "the payload is not a map");
  FieldReader fields;
  fields.entries_.reserve(*count);
  for (std::size_t i = 0; i < *count; ++i) {
    const auto key = reader.uint();
    if (!key) return fail(Code::unknown_field, "a field's key is not a number");
    OAK_ASSIGN(const ByteView item, reader.item());
    fields.entries_.push_back({*key, item});
  }
  return fields;
}

FieldReader::Entry* FieldReader::find(Field field) {
  for (Entry& entry : entries_)
    if (entry.key == static_cast<std::uint64_t>(field)) return &entry;
  return nullptr;
}

bool FieldReader::has(Field field) const { return const_cast<FieldReader*>(this)->find(field) != nullptr; }

Result<ByteView> FieldReader::take(Field field) {
  Entry* entry = find(field);
  if (!entry) return fail(Code::missing_field, std::string(field_name(field)));
  entry->used = true;
  return entry->item;
}

Result<ByteView> FieldReader::item(Field field) { return take(field); }

Result<std::uint64_t> FieldReader::uint(Field field, std::uint64_t low, std::uint64_t high) {
  OAK_ASSIGN(const ByteView item, take(field));
  OAK_ASSIGN(const std::uint64_t value, in_field(field, cbor::Reader(item).uint()));
  if (value < low || value > high) return bad_field(field, "is out of range");
  return value;
}

Result<std::optional<std::uint64_t>> FieldReader::uint_if(Field field, std::uint64_t low, std::uint64_t high) {
  if (!has(field)) return std::optional<std::uint64_t>{};
  OAK_ASSIGN(const std::uint64_t value, uint(field, low, high));
  return std::optional(value);
}

Result<std::optional<std::uint64_t>> FieldReader::uint_or_null(Field field, std::uint64_t low, std::uint64_t high) {
  OAK_ASSIGN(const ByteView item, take(field));
  OAK_ASSIGN(const bool is_null, cbor::Reader(item).null());
  if (is_null) return std::optional<std::uint64_t>{};
  OAK_ASSIGN(const std::uint64_t value, uint(field, low, high));
  return std::optional(value);
}

Result<ByteView> FieldReader::bytes_of(Field field, std::size_t low, std::size_t high) {
  OAK_ASSIGN(const ByteView item, take(field));
  OAK_ASSIGN(const ByteView value, in_field(field, cbor::Reader(item).bytes()));
  if (value.size() < low || value.size() > high) return bad_field(field, "has the wrong length");
  return value;
}

Result<std::string> FieldReader::text(Field field, std::size_t max_bytes) {
  OAK_ASSIGN(const ByteView item, take(field));
  OAK_ASSIGN(const std::string_view value, in_field(field, cbor::Reader(item).text()));
  if (value.empty() || value.size() > max_bytes) return bad_field(field, "has the wrong length");
  if (has_control_characters(value)) return bad_field(field, "has control characters");
  return std::string(value);
}

Result<std::string> FieldReader::text_if(Field field, std::size_t max_bytes) {
  if (!has(field)) return std::string();
  return text(field, max_bytes);
}

Result<std::string> FieldReader::name(Field field, std::size_t max_bytes) {
  OAK_ASSIGN(std::string value, text(field, max_bytes));
  if (!is_name(value, max_bytes)) return bad_field(field, "is not a name");
  return value;
}

Result<std::string> FieldReader::licence_id(Field field) {
  OAK_ASSIGN(std::string value, text(field, max_licence_id_bytes));
  if (!is_licence_id(value)) return bad_field(field, "is not a licence id");
  return value;
}

Result<std::vector<std::uint64_t>> FieldReader::uints(Field field, std::size_t low, std::size_t high, std::uint64_t max_value) {
  OAK_ASSIGN(const ByteView item, take(field));
  cbor::Reader reader(item);
  OAK_ASSIGN(const std::size_t count, in_field(field, reader.array()));
  if (count < low || count > high) return bad_field(field, "has the wrong number of entries");
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < count; ++i) {
    OAK_ASSIGN(const std::uint64_t value, in_field(field, reader.uint()));
    if (value > max_value) return bad_field(field, "is out of range");
    if (i > 0 && value <= out.back()) return bad_field(field, "is not in ascending order");
    out.push_back(value);
  }
  return out;
}

Result<std::vector<std::string>> FieldReader::texts(Field field, std::size_t most, std::size_t max_bytes) {
  OAK_ASSIGN(const ByteView item, take(field));
  cbor::Reader reader(item);
  OAK_ASSIGN(const std::size_t count, in_field(field, reader.array()));
  if (count > most) return bad_field(field, "has too many entries");
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    OAK_ASSIGN(const std::string_view value, in_field(field, reader.text()));
    if (value.empty() || value.size() > max_bytes) return bad_field(field, "has the wrong length");
    if (has_control_characters(value)) return bad_field(field, "has control characters");
    if (i > 0 && !(out.back() < value)) return bad_field(field, "is not in ascending order");
    out.emplace_back(value);
  }
  return out;
}

Result<PublicKey> FieldReader::key(Field field) { return bytes<32>(field); }

Result<Bytes> FieldReader::finish() {
  if (has(Field::critical)) {
    OAK_ASSIGN(const ByteView item, take(Field::critical));
    cbor::Reader reader(item);
    OAK_ASSIGN(const std::size_t count, in_field(Field::critical, reader.map()));
    if (count == 0) return bad_field(Field::critical, "is empty");
    return fail(Code::unknown_critical);
  }
  Bytes ignorable;
  if (has(Field::ignorable)) {
    OAK_ASSIGN(const ByteView item, take(Field::ignorable));
    OAK_ASSIGN(const std::size_t count, in_field(Field::ignorable, cbor::Reader(item).map()));
    if (count == 0) return bad_field(Field::ignorable, "is empty");
    ignorable.assign(item.begin(), item.end());
  }
  for (const Entry& entry : entries_)
    if (!entry.used) return fail(Code::unknown_field, "field " + std::to_string(entry.key));
  return ignorable;
}

}  // namespace oak
