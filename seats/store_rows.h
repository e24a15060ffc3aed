#pragma once
// The rows of seats.sqlite, each of them written and read here only: what is in a row, and the sum by which damage is noticed.

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

#include "seats/store.h"

namespace oak::seats {

inline constexpr const char* schema = R"(
  CREATE TABLE IF NOT EXISTS computers (key BLOB PRIMARY KEY, name TEXT, enrolled_at INTEGER, current BLOB, previous BLOB, nonce BLOB,
                                        doubled INTEGER, lease BLOB, counter INTEGER, since INTEGER, counted_ms INTEGER,
                                        borrowed_until INTEGER, borrowed_over_ms INTEGER, doubtful INTEGER, sum BLOB) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS line (key BLOB PRIMARY KEY, number INTEGER, since INTEGER, sum BLOB) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS codes (secret_hash BLOB PRIMARY KEY, boot_id BLOB, ends_boot_ms INTEGER, used_by BLOB) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS time (one INTEGER PRIMARY KEY CHECK (one = 1), boot_id BLOB, boot_ms INTEGER, unix_s INTEGER,
                                   elapsed_ms INTEGER, sum BLOB);
)";
inline constexpr const char* select_computers =
    "SELECT key, name, enrolled_at, current, previous, nonce, doubled, lease, counter, since, counted_ms, borrowed_until, "
    "borrowed_over_ms, doubtful, sum FROM computers";
inline constexpr const char* put_computer =
    "INSERT OR REPLACE INTO computers (key, name, enrolled_at, current, previous, nonce, doubled, lease, counter, since, counted_ms, "
    "borrowed_until, borrowed_over_ms, doubtful, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
inline constexpr const char* select_line = "SELECT key, number, since, sum FROM line ORDER BY number, key";
inline constexpr const char* put_place = "INSERT OR REPLACE INTO line (key, number, since, sum) VALUES (?, ?, ?, ?)";
inline constexpr const char* select_code = "SELECT secret_hash, boot_id, ends_boot_ms, used_by FROM codes WHERE secret_hash = ?";
inline constexpr const char* put_code_row =
    "INSERT OR REPLACE INTO codes (secret_hash, boot_id, ends_boot_ms, used_by) VALUES (?, ?, ?, ?)";
inline constexpr const char* select_time = "SELECT boot_id, boot_ms, unix_s, elapsed_ms, sum FROM time";
inline constexpr const char* put_time =
    "INSERT OR REPLACE INTO time (one, boot_id, boot_ms, unix_s, elapsed_ms, sum) VALUES (1, ?, ?, ?, ?, ?)";

void bind_computer(SQLite::Statement& put, const PublicKey& key, const Computer& computer);
void bind_place(SQLite::Statement& put, const Waiting& waiting);
void bind_code(SQLite::Statement& put, const StoredCode& code);
void bind_time(SQLite::Statement& put, const TimeMark& time);
void bind_bytes(SQLite::Statement& statement, int at, ByteView bytes);

/// Of a damaged row what can be read; a key that is none is replaced by SHA-256 of what is there.
StoredPool::Row read_computer(SQLite::Statement& row);
/// nullopt where the row is damaged.
std::optional<Waiting> read_place(SQLite::Statement& row);
std::optional<StoredCode> read_code(SQLite::Statement& row);
std::optional<TimeMark> read_time(SQLite::Statement& row);
/// The first column for people: hexadecimal digits of what is there.
std::string key_text(SQLite::Statement& row);

}  // namespace oak::seats
