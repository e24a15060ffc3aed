#include "seats/store_rows.h"

#include "core/cbor.h"
#include "core/text.h"

namespace oak::seats {
namespace {

constexpr std::size_t sum_bytes = 8;
constexpr std::uint64_t max_number = std::uint64_t{1} << 62;

/// The first bytes of SHA-256 over the CBOR array of a row's columns.
class Sum {
 public:
  explicit Sum(std::size_t columns) { writer_.array(columns); }
  void bytes(ByteView value) { writer_.bytes(value); }
  void text(std::string_view value) { writer_.text(value); }
  void number(std::uint64_t value) { writer_.uint(value); }
  void null() { writer_.null(); }
  ByteArray<sum_bytes> take() const {
    const Digest digest = sha256(writer_.view());
    ByteArray<sum_bytes> out{};
    std::copy_n(digest.begin(), sum_bytes, out.begin());
    return out;
  }

 private:
  cbor::Writer writer_;
};

/// Binds a row's columns in their order, and its sum last.
class Binder {
 public:
  Binder(SQLite::Statement& put, std::size_t columns) : put_(put), sum_(columns) {
    put_.reset();
    put_.clearBindings();
  }
  void bytes(ByteView value) {
    bind_bytes(put_, ++at_, value);
    sum_.bytes(value);
  }
  template <std::size_t N>
  void bytes_or_null(const std::optional<ByteArray<N>>& value) {
    value ? bytes(*value) : null();
  }
  void text(const std::string& value) {
    put_.bind(++at_, value);
    sum_.text(value);
  }
  void number(std::uint64_t value) {
    put_.bind(++at_, static_cast<std::int64_t>(std::min(value, max_number)));
    sum_.number(std::min(value, max_number));
  }
  void number_or_null(const std::optional<std::uint64_t>& value) { value ? number(*value) : null(); }
  void null() {
    put_.bind(++at_);
    sum_.null();
  }
  void finish() { bind_bytes(put_, ++at_, sum_.take()); }

 private:
  SQLite::Statement& put_;
  Sum sum_;
  int at_ = 0;
};

/// Reads them in the same order. What is not what was written makes the row unsound, and reads as null or nothing.
class Taker {
 public:
  Taker(SQLite::Statement& row, std::size_t columns) : row_(row), sum_(columns) {}
  template <std::size_t N>
  std::optional<ByteArray<N>> bytes_or_null() {
    const SQLite::Column column = row_.getColumn(at_++);
    if (column.isNull()) return sum_.null(), std::nullopt;
    if (!column.isBlob() || column.getBytes() != static_cast<int>(N)) return sound_ = false, std::nullopt;
    ByteArray<N> out;
    std::copy_n(static_cast<const std::uint8_t*>(column.getBlob()), N, out.begin());
    sum_.bytes(out);
    return out;
  }
  template <std::size_t N>
  ByteArray<N> bytes() {
    const auto value = bytes_or_null<N>();
    if (!value) sound_ = false;
    return value.value_or(ByteArray<N>{});
  }
  std::string text() {
    const SQLite::Column column = row_.getColumn(at_++);
    const std::string value = column.isText() ? column.getString() : std::string();
    if (!column.isText() || !is_utf8(value) || has_control_characters(value)) return sound_ = false, "damaged";
    sum_.text(value);
    return value;
  }
  std::optional<std::uint64_t> number_or_null() {
    const SQLite::Column column = row_.getColumn(at_++);
    if (column.isNull()) return sum_.null(), std::nullopt;
    if (!column.isInteger() || column.getInt64() < 0) return sound_ = false, std::nullopt;
    const auto value = static_cast<std::uint64_t>(column.getInt64());
    sum_.number(value);
    return value;
  }
  std::uint64_t number() {
    const auto value = number_or_null();
    if (!value || *value > max_number) sound_ = false;
    return std::min(value.value_or(0), max_number);
  }
  /// After the last column: true where the row is what was written.
  bool finish() {
    const ByteArray<sum_bytes> expected = sum_.take();
    const SQLite::Column column = row_.getColumn(at_);
    if (!column.isBlob() || column.getBytes() != static_cast<int>(sum_bytes)) return false;
    return sound_ && std::equal(expected.begin(), expected.end(), static_cast<const std::uint8_t*>(column.getBlob()));
  }

 private:
  SQLite::Statement& row_;
  Sum sum_;
  int at_ = 0;
  bool sound_ = true;
};

ByteView raw_key(SQLite::Statement& row) {
  const SQLite::Column column = row.getColumn(0);
  return {static_cast<const std::uint8_t*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

constexpr std::size_t computer_columns = 14, place_columns = 3, time_columns = 4;

}  // namespace

void bind_bytes(SQLite::Statement& statement, int at, ByteView bytes) { statement.bind(at, bytes.data(), static_cast<int>(bytes.size())); }

std::string key_text(SQLite::Statement& row) { return to_hex(raw_key(row)); }

void bind_computer(SQLite::Statement& put, const PublicKey& key, const Computer& computer) {
  Binder row(put, computer_columns);
  row.bytes(key);
  row.text(computer.name);
  row.number(computer.enrolled_at_unix_s);
  row.bytes_or_null(computer.current);
  row.bytes_or_null(computer.previous);
  row.bytes_or_null(computer.nonce);
  row.number(computer.doubled ? 1 : 0);
  const auto& tenancy = computer.tenancy;
  row.bytes_or_null(tenancy ? std::optional(tenancy->lease) : std::nullopt);
  row.number_or_null(tenancy ? std::optional(tenancy->counter) : std::nullopt);
  row.number_or_null(tenancy ? std::optional(tenancy->since_unix_s) : std::nullopt);
  row.number_or_null(tenancy ? std::optional(tenancy->counted_ms) : std::nullopt);
  row.number_or_null(tenancy ? tenancy->borrowed_until_unix_s : std::nullopt);
  row.number_or_null(tenancy && tenancy->borrowed_until_unix_s ? std::optional(tenancy->borrowed_over_ms) : std::nullopt);
  row.number(tenancy && tenancy->doubtful ? 1 : 0);
  row.finish();
}

StoredPool::Row read_computer(SQLite::Statement& row) {
  StoredPool::Row out;
  Taker take(row, computer_columns);
  const auto key = take.bytes_or_null<32>();
  out.key = key.value_or(sha256(raw_key(row)));
  Computer& computer = out.computer;
  computer.name = take.text();
  computer.enrolled_at_unix_s = take.number();
  computer.current = take.bytes_or_null<16>();
  computer.previous = take.bytes_or_null<16>();
  computer.nonce = take.bytes_or_null<16>();
  computer.doubled = take.number() != 0;
  const auto lease = take.bytes_or_null<16>();
  const auto counter = take.number_or_null(), since = take.number_or_null(), counted = take.number_or_null();
  const auto until = take.number_or_null(), over = take.number_or_null();
  const bool doubtful = take.number() != 0;
  out.damaged = !take.finish() || !key;
  if (!lease && !out.damaged) return out;
  computer.tenancy = Tenancy{lease.value_or(LeaseId{}), counter.value_or(0),    since.value_or(0), counted.value_or(0), 0, until,
                             over.value_or(0),          doubtful || out.damaged};
  // A column that should say when a borrowed seat ends, and says something else.
  if (out.damaged && !until && !row.getColumn(11).isNull()) computer.tenancy->borrowed_until_unix_s = 0;
  return out;
}

void bind_place(SQLite::Statement& put, const Waiting& waiting) {
  Binder row(put, place_columns);
  row.bytes(waiting.computer);
  row.number(waiting.number);
  row.number(waiting.since_unix_s);
  row.finish();
}

std::optional<Waiting> read_place(SQLite::Statement& row) {
  Taker take(row, place_columns);
  Waiting out;
  out.computer = take.bytes<32>();
  out.number = take.number();
  out.since_unix_s = take.number();
  return take.finish() ? std::optional(out) : std::nullopt;
}

void bind_code(SQLite::Statement& put, const StoredCode& code) {
  put.reset();
  put.clearBindings();
  bind_bytes(put, 1, code.secret_hash);
  bind_bytes(put, 2, code.boot_id);
  put.bind(3, static_cast<std::int64_t>(code.ends_boot_ms));
  if (code.used_by) bind_bytes(put, 4, *code.used_by);
}

std::optional<StoredCode> read_code(SQLite::Statement& row) {
  // A code carries no sum: a damaged one is one that nobody has.
  const auto bytes = [&](int at, auto& out) {
    const SQLite::Column column = row.getColumn(at);
    if (!column.isBlob() || column.getBytes() != static_cast<int>(out.size())) return false;
    std::copy_n(static_cast<const std::uint8_t*>(column.getBlob()), out.size(), out.begin());
    return true;
  };
  StoredCode out;
  if (!bytes(0, out.secret_hash) || !bytes(1, out.boot_id) || !row.getColumn(2).isInteger()) return std::nullopt;
  out.ends_boot_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, row.getColumn(2).getInt64()));
  if (row.getColumn(3).isNull()) return out;
  return bytes(3, out.used_by.emplace()) ? std::optional(out) : std::nullopt;
}

void bind_time(SQLite::Statement& put, const TimeMark& time) {
  Binder row(put, time_columns);
  row.bytes(time.boot_id);
  row.number(time.boot_ms);
  row.number(time.unix_s);
  row.number(time.elapsed_ms);
  row.finish();
}

std::optional<TimeMark> read_time(SQLite::Statement& row) {
  Taker take(row, time_columns);
  TimeMark out;
  out.boot_id = take.bytes<16>();
  out.boot_ms = take.number();
  out.unix_s = take.number();
  out.elapsed_ms = take.number();
  return take.finish() ? std::optional(out) : std::nullopt;
}

}  // namespace oak::seats
