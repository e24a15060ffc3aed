#include "seats/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <map>

namespace oak::seats {
namespace {

// WAL with FULL: a commit is one fsync, and is on the disk when it returns (sqlite.org/pragma.html#pragma_synchronous).
constexpr const char* settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
constexpr const char* schema = R"(
  CREATE TABLE IF NOT EXISTS computers (key BLOB PRIMARY KEY, name TEXT NOT NULL, enrolled_at INTEGER NOT NULL, current BLOB, previous BLOB,
                                        nonce BLOB, doubled INTEGER NOT NULL, lease BLOB, counter INTEGER, since INTEGER, counted_ms INTEGER,
                                        borrowed_until INTEGER) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS line (key BLOB PRIMARY KEY, number INTEGER NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS codes (secret_hash BLOB PRIMARY KEY, boot_id BLOB NOT NULL, ends_boot_ms INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS latest (one INTEGER PRIMARY KEY CHECK (one = 1), unix_s INTEGER NOT NULL);
)";
constexpr int busy_ms = 10'000;

Code code_of(const SQLite::Exception& error) {
  switch (error.getErrorCode()) {
    case SQLITE_FULL: return Code::disk_full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Code::locked;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN: return Code::permission_denied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_ERROR: return Code::damaged_state;
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
    return fail(code_of(error), std::string("seats.sqlite: ") + error.what());
  }
}

void bind_bytes(SQLite::Statement& statement, int at, ByteView bytes) { statement.bind(at, bytes.data(), static_cast<int>(bytes.size())); }
template <std::size_t N>
void bind_bytes_or_null(SQLite::Statement& statement, int at, const std::optional<ByteArray<N>>& bytes) {
  bytes ? bind_bytes(statement, at, *bytes) : statement.bind(at);
}
void bind_number(SQLite::Statement& statement, int at, std::uint64_t value) { statement.bind(at, static_cast<std::int64_t>(value)); }

template <std::size_t N>
std::optional<ByteArray<N>> bytes_in(const SQLite::Column& column) {
  if (column.getBytes() != static_cast<int>(N)) return std::nullopt;
  ByteArray<N> out;
  const auto* from = static_cast<const std::uint8_t*>(column.getBlob());
  std::copy_n(from, N, out.begin());
  return out;
}
std::uint64_t number_in(const SQLite::Column& column) { return static_cast<std::uint64_t>(column.getInt64()); }

/// Two servers would each lend all seats. The lock ends with the process.
Result<int> lock_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return fail(errno == EACCES || errno == EROFS ? Code::permission_denied : errno == ENOSPC ? Code::disk_full : Code::io_error, path);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  ::close(fd);
  return fail(Code::locked, path);
}

class SqliteStore final : public Store {
 public:
  SqliteStore(const std::string& path, int lock_fd)
      : database_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_ms), lock_fd_(lock_fd) {
    database_.exec(settings);
    database_.exec(schema);
  }
  ~SqliteStore() override {
    if (lock_fd_ >= 0) ::close(lock_fd_);
  }
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  Result<StoredPool> load() override {
    return guarded([&]() -> Result<StoredPool> {
      StoredPool out;
      SQLite::Statement computers(database_,
                                  "SELECT key, name, enrolled_at, current, previous, nonce, doubled, lease, counter, since, "
                                  "counted_ms, borrowed_until FROM computers");
      while (computers.executeStep()) {
        const auto key = bytes_in<32>(computers.getColumn(0));
        if (!key) return fail(Code::damaged_state, "seats.sqlite: a computer's key");
        out.computers.emplace_back(*key, read_computer(computers));
      }
      SQLite::Statement line(database_, "SELECT key, number, since FROM line ORDER BY number");
      while (line.executeStep()) {
        const auto key = bytes_in<32>(line.getColumn(0));
        if (!key) return fail(Code::damaged_state, "seats.sqlite: a place in the line");
        out.line.push_back({*key, number_in(line.getColumn(1)), number_in(line.getColumn(2)), 0});
      }
      SQLite::Statement latest(database_, "SELECT unix_s FROM latest");
      if (latest.executeStep()) out.latest_unix_s = number_in(latest.getColumn(0));
      return out;
    });
  }

  Status write(const std::map<PublicKey, Computer>& computers, const std::vector<Waiting>& line, const Pool::Changes& changes,
               std::uint64_t latest_unix_s) override {
    return guarded([&]() -> Status {
      SQLite::Transaction transaction(database_);
      for (const PublicKey& key : changes.computers) {
        const auto found = computers.find(key);
        found == computers.end() ? remove(remove_computer_, key) : put_computer(key, found->second);
      }
      write_line(line, changes);
      put_latest_.reset();
      bind_number(put_latest_, 1, latest_unix_s);
      put_latest_.exec();
      transaction.commit();
      return {};
    });
  }

  Status put_code(const StoredCode& code) override {
    return guarded([&]() -> Status {
      SQLite::Statement put(database_, "INSERT OR REPLACE INTO codes (secret_hash, boot_id, ends_boot_ms) VALUES (?, ?, ?)");
      bind_bytes(put, 1, code.secret_hash);
      bind_bytes(put, 2, code.boot_id);
      bind_number(put, 3, code.ends_boot_ms);
      put.exec();
      return {};
    });
  }

  Result<bool> use_code(const Digest& secret_hash, const ByteArray<16>& boot_id, std::uint64_t boot_ms) override {
    return guarded([&]() -> Result<bool> {
      SQLite::Statement forget(database_, "DELETE FROM codes WHERE boot_id <> ? OR ends_boot_ms < ?");
      bind_bytes(forget, 1, boot_id);
      bind_number(forget, 2, boot_ms);
      forget.exec();
      SQLite::Statement use(database_, "DELETE FROM codes WHERE secret_hash = ?");
      bind_bytes(use, 1, secret_hash);
      return use.exec() == 1;
    });
  }

 private:
  static Computer read_computer(SQLite::Statement& row) {
    Computer out;
    out.name = row.getColumn(1).getString();
    out.enrolled_at_unix_s = number_in(row.getColumn(2));
    out.current = bytes_in<16>(row.getColumn(3));
    out.previous = bytes_in<16>(row.getColumn(4));
    out.nonce = bytes_in<16>(row.getColumn(5));
    out.doubled = row.getColumn(6).getInt() != 0;
    const auto lease = bytes_in<16>(row.getColumn(7));
    if (!lease) return out;
    out.tenancy = Tenancy{*lease, number_in(row.getColumn(8)), number_in(row.getColumn(9)), number_in(row.getColumn(10)), 0, std::nullopt};
    if (!row.getColumn(11).isNull()) out.tenancy->borrowed_until_unix_s = number_in(row.getColumn(11));
    return out;
  }

  void put_computer(const PublicKey& key, const Computer& computer) {
    SQLite::Statement& put = put_computer_;
    put.reset();
    put.clearBindings();
    bind_bytes(put, 1, key);
    put.bind(2, computer.name);
    bind_number(put, 3, computer.enrolled_at_unix_s);
    bind_bytes_or_null(put, 4, computer.current);
    bind_bytes_or_null(put, 5, computer.previous);
    bind_bytes_or_null(put, 6, computer.nonce);
    put.bind(7, computer.doubled ? 1 : 0);
    if (computer.tenancy) {
      bind_bytes(put, 8, computer.tenancy->lease);
      bind_number(put, 9, computer.tenancy->counter);
      bind_number(put, 10, computer.tenancy->since_unix_s);
      bind_number(put, 11, computer.tenancy->counted_ms);
      if (computer.tenancy->borrowed_until_unix_s) bind_number(put, 12, *computer.tenancy->borrowed_until_unix_s);
    }
    put.exec();
  }

  void write_line(const std::vector<Waiting>& line, const Pool::Changes& changes) {
    if (changes.line.empty()) return;
    std::map<PublicKey, const Waiting*> places;
    for (const Waiting& waiting : line) places.emplace(waiting.computer, &waiting);
    for (const PublicKey& key : changes.line) {
      const auto found = places.find(key);
      if (found == places.end()) {
        remove(leave_line_, key);
        continue;
      }
      join_line_.reset();
      bind_bytes(join_line_, 1, key);
      bind_number(join_line_, 2, found->second->number);
      bind_number(join_line_, 3, found->second->since_unix_s);
      join_line_.exec();
    }
  }

  static void remove(SQLite::Statement& statement, const PublicKey& key) {
    statement.reset();
    bind_bytes(statement, 1, key);
    statement.exec();
  }

  SQLite::Database database_;
  int lock_fd_;
  SQLite::Statement put_computer_{
      prepared("INSERT OR REPLACE INTO computers (key, name, enrolled_at, current, previous, nonce, doubled, lease, counter, "
               "since, counted_ms, borrowed_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")};
  SQLite::Statement remove_computer_{prepared("DELETE FROM computers WHERE key = ?")};
  SQLite::Statement join_line_{prepared("INSERT OR REPLACE INTO line (key, number, since) VALUES (?, ?, ?)")};
  SQLite::Statement leave_line_{prepared("DELETE FROM line WHERE key = ?")};
  SQLite::Statement put_latest_{prepared("INSERT OR REPLACE INTO latest (one, unix_s) VALUES (1, ?)")};

  /// The tables are made before statements on them can be prepared.
  SQLite::Statement prepared(const char* sql) {
    database_.exec(schema);
    return SQLite::Statement(database_, sql);
  }
};

}  // namespace

Result<std::unique_ptr<Store>> Store::open_as_server(const std::string& path) {
  // Made here and not by SQLite, which takes the permissions of its other files from this one, whatever the umask.
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (made < 0)
    return fail(errno == EACCES || errno == EROFS ? Code::permission_denied : errno == ENOSPC ? Code::disk_full : Code::io_error, path);
  ::close(made);
  OAK_ASSIGN(const int lock, lock_file(path + ".lock"));
  return guarded([&]() -> Result<std::unique_ptr<Store>> { return std::make_unique<SqliteStore>(path, lock); });
}

Result<std::unique_ptr<Store>> Store::open_beside(const std::string& path) {
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (made < 0)
    return fail(errno == EACCES || errno == EROFS ? Code::permission_denied : errno == ENOSPC ? Code::disk_full : Code::io_error, path);
  ::close(made);
  return guarded([&]() -> Result<std::unique_ptr<Store>> { return std::make_unique<SqliteStore>(path, -1); });
}

}  // namespace oak::seats
