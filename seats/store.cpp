#include "seats/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "core/text.h"
#include "seats/store_rows.h"

namespace oak::seats {
namespace {

// WAL with FULL: a commit is one fsync, and is on the disk when it returns (sqlite.org/pragma.html#pragma_synchronous).
constexpr const char* settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
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

tl::unexpected<Error> open_failure(const std::string& path) {
  const bool denied = errno == EACCES || errno == EPERM || errno == EROFS;
  return fail(denied ? Code::permission_denied : errno == ENOSPC ? Code::disk_full : Code::io_error, path);
}

/// Made here and not by SQLite, which takes the permissions of its other files from this one, whatever the umask. What root makes in the
/// folder of the server's own user is that user's.
Result<int> make_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return open_failure(path);
  struct stat folder = {};
  if (::geteuid() == 0 && ::stat(path.substr(0, path.rfind('/')).c_str(), &folder) == 0 && folder.st_uid != 0 &&
      ::fchown(fd, folder.st_uid, folder.st_gid) != 0) {
    const auto failure = open_failure(path);
    ::close(fd);
    return failure;
  }
  return fd;
}

/// Two servers would each lend all seats. The lock ends with the process.
Result<int> lock_file(const std::string& path) {
  OAK_ASSIGN(const int fd, make_file(path));
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
      SQLite::Statement sound(database_, "PRAGMA quick_check(1)");
      if (!sound.executeStep() || sound.getColumn(0).getString() != "ok") return fail(Code::damaged_state, "seats.sqlite");
      StoredPool out;
      load_computers(out);
      load_line(out);
      SQLite::Statement time(database_, select_time);
      if (time.executeStep()) {
        out.time = read_time(time);
        if (!out.time) out.damage.push_back("the row of table time: borrowed seats are counted by the calendar alone");
      }
      return out;
    });
  }

  Status write(const Batch& batch) override {
    return guarded([&]() -> Status {
      SQLite::Transaction transaction(database_);
      if (has_strays_) database_.exec("DELETE FROM computers WHERE typeof(key) <> 'blob' OR length(key) <> 32");
      if (has_lost_places_) database_.exec("DELETE FROM line");
      const auto& computers = batch.pool.computers();
      for (const PublicKey& key : batch.changes.computers) {
        const auto found = computers.find(key);
        if (found == computers.end()) continue;
        bind_computer(put_computer_, key, found->second);
        put_computer_.exec();
      }
      for (const PublicKey& key : batch.changes.line) write_place(key, batch.pool.find_waiting(key));
      for (const auto& [hash, key] : batch.used_codes) {
        SQLite::Statement use(database_, "UPDATE codes SET used_by = ? WHERE secret_hash = ?");
        bind_bytes(use, 1, key);
        bind_bytes(use, 2, hash);
        use.exec();
      }
      bind_time(put_time_, batch.time);
      put_time_.exec();
      transaction.commit();
      has_strays_ = has_lost_places_ = false;
      return {};
    });
  }

  Status put_code(const StoredCode& code, std::uint64_t now_boot_ms) override {
    return guarded([&]() -> Status {
      SQLite::Transaction transaction(database_);
      SQLite::Statement forget(database_, "DELETE FROM codes WHERE boot_id <> ? OR ends_boot_ms < ?");
      bind_bytes(forget, 1, code.boot_id);
      forget.bind(2, static_cast<std::int64_t>(now_boot_ms));
      forget.exec();
      SQLite::Statement put(database_, put_code_row);
      bind_code(put, code);
      put.exec();
      transaction.commit();
      return {};
    });
  }

  Result<std::optional<StoredCode>> find_code(const Digest& secret_hash) override {
    return guarded([&]() -> Result<std::optional<StoredCode>> {
      SQLite::Statement find(database_, select_code);
      bind_bytes(find, 1, secret_hash);
      return find.executeStep() ? read_code(find) : std::nullopt;
    });
  }

 private:
  void load_computers(StoredPool& out) {
    SQLite::Statement rows(database_, select_computers);
    while (rows.executeStep()) {
      out.computers.push_back(read_computer(rows));
      const StoredPool::Row& row = out.computers.back();
      if (!row.damaged) continue;
      const bool is_stray = to_hex(row.key) != key_text(rows);
      has_strays_ |= is_stray;
      out.damage.push_back("table computers, the row of key '" + key_text(rows) + "' (" + printable(row.computer.name) +
                           "): a seat is counted as held by it for as long as it may last" +
                           (is_stray ? "; enrol that computer anew" : "; if that computer is refused, enrol it anew"));
    }
  }

  void load_line(StoredPool& out) {
    std::set<PublicKey> known;
    for (const StoredPool::Row& row : out.computers) known.insert(row.key);
    SQLite::Statement rows(database_, select_line);
    while (rows.executeStep()) {
      const auto place = read_place(rows);
      if (place && known.count(place->computer) > 0 && (out.line.empty() || out.line.back().number < place->number)) {
        out.line.push_back(*place);
        continue;
      }
      has_lost_places_ = true;
      out.damage.push_back("table line, the row of key '" + key_text(rows) + "': that computer joins the line anew when it asks");
    }
  }

  void write_place(const PublicKey& key, const Waiting* waiting) {
    SQLite::Statement& put = waiting ? join_line_ : leave_line_;
    if (waiting) {
      bind_place(put, *waiting);
    } else {
      put.reset();
      bind_bytes(put, 1, key);
    }
    put.exec();
  }

  /// The tables are made before statements on them can be prepared.
  SQLite::Statement prepared(const char* sql) {
    database_.exec(schema);
    return SQLite::Statement(database_, sql);
  }

  SQLite::Database database_;
  int lock_fd_;
  bool has_strays_ = false, has_lost_places_ = false;
  SQLite::Statement put_computer_{prepared(put_computer)};
  SQLite::Statement join_line_{prepared(put_place)};
  SQLite::Statement leave_line_{prepared("DELETE FROM line WHERE key = ?")};
  SQLite::Statement put_time_{prepared(put_time)};
};

Result<std::unique_ptr<Store>> opened(const std::string& path, int lock) {
  return guarded([&]() -> Result<std::unique_ptr<Store>> { return std::make_unique<SqliteStore>(path, lock); });
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open_as_server(const std::string& path) {
  OAK_ASSIGN(const int made, make_file(path));
  ::close(made);
  OAK_ASSIGN(const int lock, lock_file(path + ".lock"));
  auto store = opened(path, lock);
  if (!store) ::close(lock);
  return store;
}

Result<std::unique_ptr<Store>> Store::open_beside(const std::string& path) {
  OAK_ASSIGN(const int made, make_file(path));
  ::close(made);
  return opened(path, -1);
}

}  // namespace oak::seats
