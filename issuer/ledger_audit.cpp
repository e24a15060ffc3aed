#include "issuer/ledger_audit.h"

#include <SQLiteCpp/Backup.h>

#include <set>
#include <utility>

#include "issuer/ledger_derived.h"
#include "issuer/ledger_statements.h"

namespace oak {
namespace {

constexpr int busy_ms = 10000;

std::string column_text(const SQLite::Column& column) { return column.isNull() ? std::string() : column.getString(); }

/// Type, name and definition of everything that a database file declares.
std::set<std::vector<std::string>> objects_of(SQLite::Database& database) {
  std::set<std::vector<std::string>> out;
  SQLite::Statement query(database, "SELECT type, name, COALESCE(sql, '') FROM sqlite_master");
  while (query.executeStep())
    out.insert({column_text(query.getColumn(0)), column_text(query.getColumn(1)), column_text(query.getColumn(2))});
  return out;
}

class SqliteReader final : public LedgerReader {
 public:
  /// SQLite falls back to reading where it may not write. What it may write is the end of a transaction that a crash cut off.
  explicit SqliteReader(const std::string& path) : database_(path, SQLite::OPEN_READWRITE, busy_ms) {
    SQLite::Statement first(database_, "SELECT COUNT(*) FROM sqlite_master");
    first.executeStep();
    first.reset();
    database_.exec("PRAGMA query_only = ON;");
  }

  Status hold() override {
    return guarded([&]() -> Status { return database_.exec("BEGIN"), Status{}; });
  }

  Result<std::uint64_t> size() override {
    return guarded([&]() -> Result<std::uint64_t> {
      SQLite::Statement query(database_, "SELECT COALESCE(MAX(idx) + 1, 0) FROM entries");
      query.executeStep();
      return column_number(query.getColumn(0));
    });
  }

  Result<std::vector<RawEntry>> entries(std::uint64_t first, std::size_t most) override {
    return guarded([&]() -> Result<std::vector<RawEntry>> {
      SQLite::Statement query(database_, "SELECT idx, leaf, request FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?");
      bind_number(query, 1, first);
      bind_number(query, 2, most);
      std::vector<RawEntry> out;
      while (query.executeStep())
        out.push_back({column_number(query.getColumn(0)), column_bytes(query.getColumn(1)), column_bytes(query.getColumn(2))});
      return out;
    });
  }

  Status each_secret(const EachRow<SecretRow>& take) override {
    return guarded([&]() -> Status {
      SQLite::Statement query(database_, "SELECT licence, number, nonce, sealed FROM secrets ORDER BY licence, number");
      while (query.executeStep())
        take({column_text(query.getColumn(0)), column_number(query.getColumn(1)), column_bytes(query.getColumn(2)),
              column_bytes(query.getColumn(3))});
      return {};
    });
  }

  Result<std::vector<std::string>> faults_of_form() override {
    return guarded([&]() -> Result<std::vector<std::string>> {
      std::vector<std::string> out;
      SQLite::Statement check(database_, "PRAGMA integrity_check(3)");
      while (check.executeStep())
        if (const std::string said = column_text(check.getColumn(0)); said != "ok") out.push_back(said);
      check.reset();
      SQLite::Database sound(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      sound.exec(ledger_schema);
      StatementCache statements(sound);
      DerivedTables(statements).create();
      const auto expected = objects_of(sound);
      // Derived tables of another version are thrown away before anybody uses them.
      const bool is_of_this_version =
          database_.execAndGet("PRAGMA user_version").getInt() == sound.execAndGet("PRAGMA user_version").getInt();
      std::set<std::string> names;
      if (!is_of_this_version)
        for (const auto& object : expected) names.insert(object[1]);
      for (const auto& object : objects_of(database_))
        if (expected.count(object) == 0 && names.count(object[1]) == 0 && !object[1].starts_with("sqlite_"))
          out.push_back(object[0] + " " + object[1] + " is none of a ledger's");
      return out;
    });
  }

  /// Of a licence that one of the two tables lacks, the row says what the other has.
  Result<bool> each_licence(const EachRow<LicenceRow>& take) override {
    OAK_ASSIGN(const bool has_entries, each_row("licence_entries", "SELECT 1 FROM licence_entries LIMIT 0", [](SQLite::Statement&) {}));
    if (!has_entries) return false;
    LicenceRow one;
    const auto close = [&] {
      if (!one.id.empty()) take(std::exchange(one, {}));
    };
    OAK_ASSIGN(const bool is_there,
               each_row("licences",
                        "SELECT known.id, folded, licences.entry, added, steady, steady_unreturned, licence_entries.entry FROM "
                        "(SELECT id FROM licences UNION SELECT licence FROM licence_entries) AS known LEFT JOIN licences ON licences.id = "
                        "known.id LEFT JOIN licence_entries ON licence = known.id ORDER BY known.id, licence_entries.entry",
                        [&](SQLite::Statement& row) {
                          if (column_text(row.getColumn(0)) != one.id) {
                            close();
                            one = {column_text(row.getColumn(0)),
                                   column_text(row.getColumn(1)),
                                   column_number(row.getColumn(2)),
                                   column_number(row.getColumn(3)),
                                   column_number(row.getColumn(4)),
                                   column_number(row.getColumn(5)),
                                   {}};
                          }
                          if (const auto entry = column_number_or_null(row.getColumn(6))) one.entries.push_back(*entry);
                        }));
    close();
    return is_there;
  }
  Result<bool> each_product(const EachRow<ProductRow>& take) override {
    return each_row("products", "SELECT name, entry FROM products ORDER BY name", [&](SQLite::Statement& row) {
      take({column_text(row.getColumn(0)), column_number(row.getColumn(1))});
    });
  }
  Result<bool> each_activation(const EachRow<ActivationRow>& take) override {
    return each_row("activations",
                    "SELECT entry, id, text, licence, state, generation, request, machine, seats, counted, owed_until, counted_after, "
                    "not_after, supersedes, successor, freed, weak, ended FROM activations ORDER BY entry",
                    [&](SQLite::Statement& row) { take(activation_row(row)); });
  }
  Result<bool> each_member(const EachRow<MemberRow>& take) override {
    return each_row("live_members", "SELECT id, member FROM live_members ORDER BY id, member", [&](SQLite::Statement& row) {
      take({column_bytes(row.getColumn(0)), column_bytes(row.getColumn(1))});
    });
  }
  Result<bool> each_move(const EachRow<MoveRow>& take) override {
    return each_row("moves", "SELECT entry, licence, at FROM moves ORDER BY entry", [&](SQLite::Statement& row) {
      take({column_number(row.getColumn(0)), column_text(row.getColumn(1)), column_number(row.getColumn(2))});
    });
  }

  Result<bool> each_key_document(const EachRow<KeyDocumentRow>& take) override {
    return each_row("key_documents", "SELECT entry, kind FROM key_documents ORDER BY entry", [&](SQLite::Statement& row) {
      take({column_number(row.getColumn(0)), column_number(row.getColumn(1))});
    });
  }

  Status copy_to(const std::string& path) override {
    return guarded([&]() -> Status {
      SQLite::Database copy(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      copy.setBusyTimeout(busy_ms);
      SQLite::Backup backup(copy, database_);
      // Told by its value, not by an exception: a copy that was not made must not pass for a damaged ledger.
      if (backup.executeStep(-1) != SQLITE_DONE) return fail(Code::locked, path);
      return {};
    });
  }

 private:
  static ActivationRow activation_row(SQLite::Statement& row) {
    ActivationRow out;
    out.entry = column_number(row.getColumn(0));
    out.id = column_bytes(row.getColumn(1));
    out.text = column_text(row.getColumn(2));
    out.licence = column_text(row.getColumn(3));
    out.state = column_number(row.getColumn(4));
    out.generation = column_number(row.getColumn(5));
    out.request = column_bytes(row.getColumn(6));
    out.machine = column_bytes(row.getColumn(7));
    out.seats = column_number(row.getColumn(8));
    out.counted = column_number(row.getColumn(9));
    out.owed_until = column_number_or_null(row.getColumn(10));
    out.counted_after = column_number(row.getColumn(11));
    out.not_after = column_number_or_null(row.getColumn(12));
    out.supersedes = column_bytes(row.getColumn(13));
    out.successor = column_bytes(row.getColumn(14));
    out.freed = column_number(row.getColumn(15));
    out.weak = column_number(row.getColumn(16));
    out.ended = column_number_or_null(row.getColumn(17));
    return out;
  }

  template <typename Take>
  Result<bool> each_row(const char* table, const char* sql, Take take) {
    return guarded([&]() -> Result<bool> {
      if (!database_.tableExists(table) || !DerivedTables(statements_).are_of_this_version()) return false;
      SQLite::Statement query(database_, sql);
      while (query.executeStep()) take(query);
      return true;
    });
  }

  SQLite::Database database_;
  StatementCache statements_{database_};
};

}  // namespace

Result<std::unique_ptr<LedgerReader>> open_sqlite_ledger_reader(const std::string& path) {
  return guarded([&]() -> Result<std::unique_ptr<LedgerReader>> { return std::make_unique<SqliteReader>(path); });
}

}  // namespace oak
