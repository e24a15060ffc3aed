#pragma once
// How the ledger's files speak to SQLite: values in, values out, and exceptions turned into errors.

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/bytes.h"
#include "core/error.h"

namespace oak {

// entries.leaf is the ledger; request is covered by the hash in its leaf, secrets by authenticated encryption. The
// other tables are derived (derive_again).
inline constexpr const char* ledger_schema = R"(
  CREATE TABLE entries (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, request BLOB);
  CREATE TABLE secrets (licence TEXT NOT NULL, number INTEGER NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL,
                        PRIMARY KEY (licence, number));
)";

inline Code code_of(const SQLite::Exception& error) {
  switch (error.getErrorCode()) {
    case SQLITE_FULL: return Code::disk_full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Code::locked;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH: return Code::permission_denied;
    case SQLITE_CANTOPEN: return Code::not_found;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_ERROR: return Code::ledger_damaged;
    case SQLITE_NOMEM: return Code::out_of_memory;
    default: return Code::io_error;
  }
}

/// Turns the library's exceptions into errors: none leaves this file.
template <typename Work>
auto guarded(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    return fail(code_of(error), std::string("ledger: ") + error.what());
  }
}

/// Statements are compiled once and kept for as long as the database is open.
class StatementCache {
 public:
  /// `database` must outlive it.
  explicit StatementCache(SQLite::Database& database) : database_(database) {}
  SQLite::Database& database() { return database_; }

 private:
  friend class Statement;
  using Kept = std::map<std::string, std::unique_ptr<SQLite::Statement>, std::less<>>;
  SQLite::Database& database_;
  Kept idle_;
};

/// One use of a statement. It goes back at the end, reset: one that is not would keep others from writing.
class Statement {
 public:
  Statement(StatementCache& cache, std::string_view sql) : cache_(cache) {
    StatementCache::Kept made;
    const auto idle = cache.idle_.find(sql);
    if (idle == cache.idle_.end()) made.emplace(sql, std::make_unique<SQLite::Statement>(cache.database_, std::string(sql)));
    kept_ = made.empty() ? cache.idle_.extract(idle) : made.extract(made.begin());
    it().clearBindings();
  }
  ~Statement() {
    it().tryReset();
    cache_.idle_.insert(std::move(kept_));
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  operator SQLite::Statement&() { return it(); }  // NOLINT(google-explicit-constructor): it is one
  bool executeStep() { return it().executeStep(); }
  int exec() { return it().exec(); }
  void reset() { it().reset(); }
  SQLite::Column getColumn(int at) { return it().getColumn(at); }
  void bind(int at, int value) { it().bind(at, value); }

 private:
  SQLite::Statement& it() { return *kept_.mapped(); }
  StatementCache& cache_;
  StatementCache::Kept::node_type kept_;
};

inline void bind_bytes(SQLite::Statement& statement, int at, ByteView bytes) {
  statement.bind(at, bytes.data(), static_cast<int>(bytes.size()));
}

inline void bind_text(SQLite::Statement& statement, int at, std::string_view text) { statement.bind(at, std::string(text)); }
inline void bind_number(SQLite::Statement& statement, int at, std::uint64_t value) { statement.bind(at, static_cast<std::int64_t>(value)); }

inline Bytes column_bytes(const SQLite::Column& column) {
  const auto* data = static_cast<const std::uint8_t*>(column.getBlob());
  return data ? Bytes(data, data + column.getBytes()) : Bytes{};
}

inline std::uint64_t column_number(const SQLite::Column& column) { return static_cast<std::uint64_t>(column.getInt64()); }

inline void bind_number_or_null(SQLite::Statement& statement, int at, const std::optional<std::uint64_t>& value) {
  value ? bind_number(statement, at, *value) : statement.bind(at);
}

inline std::optional<std::uint64_t> column_number_or_null(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional(column_number(column));
}

}  // namespace oak
