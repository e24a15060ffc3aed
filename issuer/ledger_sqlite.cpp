#include "issuer/ledger_sqlite.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <optional>

#include "core/text.h"

namespace oak {
namespace {

// entries.leaf is the ledger; request is covered by the hash in its leaf, secrets by authenticated encryption. The
// other tables are derived (derive_again).
constexpr const char* schema = R"(
  CREATE TABLE entries (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, request BLOB);
  CREATE TABLE secrets (licence TEXT NOT NULL, number INTEGER NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL,
                        PRIMARY KEY (licence, number));
)";
constexpr const char* derived_schema = R"(
  CREATE TABLE IF NOT EXISTS licences (id TEXT PRIMARY KEY, folded TEXT NOT NULL UNIQUE, entry INTEGER NOT NULL,
                                       added INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS products (name TEXT PRIMARY KEY, entry INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS activations (id BLOB PRIMARY KEY, text TEXT NOT NULL UNIQUE, licence TEXT NOT NULL,
                                          entry INTEGER NOT NULL, state INTEGER NOT NULL, generation INTEGER NOT NULL,
                                          request BLOB NOT NULL UNIQUE, successor BLOB, at INTEGER NOT NULL,
                                          uses_quota INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS activations_by_licence ON activations (licence, state);
  CREATE INDEX IF NOT EXISTS activations_by_quota ON activations (licence, at) WHERE uses_quota = 1;
  CREATE INDEX IF NOT EXISTS activations_by_generation ON activations (licence, generation);
)";
constexpr const char* forget_derived = R"(
  DROP TABLE IF EXISTS licences; DROP TABLE IF EXISTS products; DROP TABLE IF EXISTS activations;
)";
constexpr int busy_ms = 10000;

std::string folded_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

Code code_of(const SQLite::Exception& error) {
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

void bind_bytes(SQLite::Statement& statement, int at, ByteView bytes) { statement.bind(at, bytes.data(), static_cast<int>(bytes.size())); }

void bind_text(SQLite::Statement& statement, int at, std::string_view text) { statement.bind(at, std::string(text)); }
void bind_number(SQLite::Statement& statement, int at, std::uint64_t value) { statement.bind(at, static_cast<std::int64_t>(value)); }

Bytes column_bytes(const SQLite::Column& column) {
  const auto* data = static_cast<const std::uint8_t*>(column.getBlob());
  return data ? Bytes(data, data + column.getBytes()) : Bytes{};
}

std::uint64_t column_number(const SQLite::Column& column) { return static_cast<std::uint64_t>(column.getInt64()); }

class SqliteLedger final : public Ledger {
 public:
  SqliteLedger(const std::string& path, LedgerOpening opening)
      : database_(path, opening == LedgerOpening::create ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READWRITE, busy_ms) {
    // SQLite falls back to reading where it may not write, and readers don't wait for the writer but while it commits.
    if (opening == LedgerOpening::read) {
      database_.exec("PRAGMA query_only = ON;");
      return;
    }
    // EXTRA also syncs the folder once the journal is gone: else a power cut could take back a commit whose activation has
    // left the desk.
    database_.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON;");
    if (opening == LedgerOpening::create) {
      database_.exec(schema);
      database_.exec(derived_schema);
    }
  }

  Status begin() override {
    return guarded([&]() -> Status { return database_.exec("BEGIN IMMEDIATE"), Status{}; });
  }
  Status commit() override {
    return guarded([&]() -> Status { return database_.exec("COMMIT"), Status{}; });
  }
  void roll_back() override {
    const auto ignored = guarded([&]() -> Status { return database_.exec("ROLLBACK"), Status{}; });
    static_cast<void>(ignored);  // without a transaction there is nothing to take back
  }

  Result<std::uint64_t> size() override {
    return guarded([&]() -> Result<std::uint64_t> {
      SQLite::Statement query(database_, "SELECT COALESCE(MAX(idx) + 1, 0) FROM entries");
      query.executeStep();
      return column_number(query.getColumn(0));
    });
  }

  Status append(const Leaf& leaf, ByteView request) override {
    OAK_ASSIGN(const std::uint64_t next, size());
    if (leaf.index != next) return fail(Code::ledger_damaged, "an entry out of order");
    return guarded([&]() -> Status {
      SQLite::Statement insert(database_, "INSERT INTO entries (idx, leaf, request) VALUES (?, ?, ?)");
      bind_number(insert, 1, leaf.index);
      bind_bytes(insert, 2, encode_leaf(leaf));
      if (!request.empty()) bind_bytes(insert, 3, request);
      insert.exec();
      return derive(leaf);
    });
  }

  Result<Leaf> leaf(std::uint64_t index) override {
    return guarded([&]() -> Result<Leaf> {
      SQLite::Statement query(database_, "SELECT leaf FROM entries WHERE idx = ?");
      bind_number(query, 1, index);
      if (!query.executeStep()) return fail(Code::ledger_damaged, "entry " + std::to_string(index) + " is missing");
      OAK_ASSIGN(Leaf leaf, decode_leaf(column_bytes(query.getColumn(0))));
      if (leaf.index != index) return fail(Code::ledger_damaged, "entry " + std::to_string(index) + " has another number");
      return leaf;
    });
  }

  Status derive_again() override {
    return guarded([&]() -> Status {
      database_.exec(forget_derived);
      database_.exec(derived_schema);
      OAK_ASSIGN(const std::uint64_t end, size());
      for (std::uint64_t index = 0; index < end; ++index) {
        OAK_ASSIGN(const Leaf entry, leaf(index));
        OAK_TRY(derive(entry));
      }
      return {};
    });
  }

  Result<std::optional<Licence>> licence(std::string_view id) override {
    return guarded([&]() -> Result<std::optional<Licence>> {
      SQLite::Statement query(database_, "SELECT entry FROM licences WHERE id = ?");
      bind_text(query, 1, id);
      if (!query.executeStep()) return std::optional<Licence>{};
      OAK_ASSIGN(const Leaf entry, leaf(column_number(query.getColumn(0))));
      const auto* body = std::get_if<LicenceLeaf>(&entry.body);
      if (!body || body->licence.id != id) return fail(Code::ledger_damaged, "the licence table disagrees with the leaves");
      return std::optional(body->licence);
    });
  }

  Result<std::optional<std::string>> licence_id_like(std::string_view id) override {
    return guarded([&]() -> Result<std::optional<std::string>> {
      SQLite::Statement query(database_, "SELECT id FROM licences WHERE folded = ?");
      bind_text(query, 1, folded_case(id));
      if (!query.executeStep()) return std::optional<std::string>{};
      return std::optional(query.getColumn(0).getString());
    });
  }

  Result<std::vector<Licence>> licences() override {
    return guarded([&]() -> Result<std::vector<Licence>> {
      SQLite::Statement query(database_, "SELECT id FROM licences ORDER BY added");
      std::vector<std::string> ids;
      while (query.executeStep()) ids.push_back(query.getColumn(0).getString());
      std::vector<Licence> out;
      for (const std::string& id : ids) {
        OAK_ASSIGN(auto found, licence(id));
        if (found) out.push_back(std::move(*found));
      }
      return out;
    });
  }

  Result<std::optional<ProductTerms>> product(std::string_view name) override {
    return guarded([&]() -> Result<std::optional<ProductTerms>> {
      SQLite::Statement query(database_, "SELECT entry FROM products WHERE name = ?");
      bind_text(query, 1, name);
      if (!query.executeStep()) return std::optional<ProductTerms>{};
      OAK_ASSIGN(const Leaf entry, leaf(column_number(query.getColumn(0))));
      const auto* body = std::get_if<ProductLeaf>(&entry.body);
      if (!body) return fail(Code::ledger_damaged, "the product table disagrees with the leaves");
      return std::optional(body->terms);
    });
  }

  Result<std::optional<ActivationRecord>> activation(const ActivationId& id) override {
    return one_activation("WHERE id = ?", [&](SQLite::Statement& query) { bind_bytes(query, 1, id); });
  }
  Result<std::optional<ActivationRecord>> activation_by_text(std::string_view id_text) override {
    return one_activation("WHERE text = ?", [&](SQLite::Statement& query) { bind_text(query, 1, id_text); });
  }
  Result<std::optional<ActivationRecord>> answer_to(const Digest& request_payload) override {
    return one_activation("WHERE request = ?", [&](SQLite::Statement& query) { bind_bytes(query, 1, request_payload); });
  }
  Result<std::vector<ActivationRecord>> live_activations(std::string_view licence) override {
    return find_activations("WHERE licence = ? AND state = 1 ORDER BY entry",
                            [&](SQLite::Statement& query) { bind_text(query, 1, licence); });
  }
  Result<std::vector<ActivationRecord>> activations() override {
    return find_activations("ORDER BY entry DESC", [](SQLite::Statement&) {});
  }

  Result<std::uint64_t> highest_generation(std::string_view licence) override {
    return number("SELECT COALESCE(MAX(generation), 0) FROM activations WHERE licence = ?", licence, std::nullopt);
  }
  Result<std::uint64_t> quota_used_since(std::string_view licence, std::uint64_t unix_s) override {
    return number("SELECT COUNT(*) FROM activations WHERE licence = ? AND at > ? AND uses_quota = 1", licence, unix_s);
  }

  Status put_secret(std::string_view licence, std::uint64_t key_number, const SealedSecret& secret) override {
    return guarded([&]() -> Status {
      SQLite::Statement insert(database_, "INSERT INTO secrets (licence, number, nonce, sealed) VALUES (?, ?, ?, ?)");
      bind_text(insert, 1, licence);
      bind_number(insert, 2, key_number);
      bind_bytes(insert, 3, secret.nonce);
      bind_bytes(insert, 4, secret.ciphertext);
      insert.exec();
      return {};
    });
  }

  Result<std::optional<SealedSecret>> secret(std::string_view licence, std::uint64_t key_number) override {
    return guarded([&]() -> Result<std::optional<SealedSecret>> {
      SQLite::Statement query(database_, "SELECT nonce, sealed FROM secrets WHERE licence = ? AND number = ?");
      bind_text(query, 1, licence);
      bind_number(query, 2, key_number);
      if (!query.executeStep()) return std::optional<SealedSecret>{};
      const auto nonce = to_array<24>(column_bytes(query.getColumn(0)));
      if (!nonce) return fail(Code::ledger_damaged, "a licence secret has a wrong nonce");
      return std::optional(SealedSecret{*nonce, column_bytes(query.getColumn(1))});
    });
  }

 private:
  static constexpr const char* activation_columns = "SELECT entry, state, successor FROM activations ";

  /// What follows from one leaf, in derived tables.
  Status derive(const Leaf& leaf) {
    switch (leaf.kind) {
      case LeafKind::licence_added:
      case LeafKind::licence_changed: return derive_licence(leaf);
      case LeafKind::product_changed: {
        SQLite::Statement put(database_, "INSERT OR REPLACE INTO products (name, entry) VALUES (?, ?)");
        bind_text(put, 1, std::get<ProductLeaf>(leaf.body).terms.product);
        bind_number(put, 2, leaf.index);
        put.exec();
        return {};
      }
      case LeafKind::key_certified: return {};
      case LeafKind::issued: return derive_issued(leaf);
      default: return derive_ended(leaf);
    }
  }

  Status derive_licence(const Leaf& leaf) {
    const std::string& id = std::get<LicenceLeaf>(leaf.body).licence.id;
    SQLite::Statement put(database_,
                          "INSERT INTO licences (id, folded, entry, added) VALUES (?1, ?2, ?3, ?3) "
                          "ON CONFLICT (id) DO UPDATE SET entry = ?3");
    bind_text(put, 1, id);
    bind_text(put, 2, folded_case(id));
    bind_number(put, 3, leaf.index);
    put.exec();
    return {};
  }

  Status derive_issued(const Leaf& leaf) {
    const auto& issued = std::get<IssuedLeaf>(leaf.body);
    const auto read = read_activation_unverified(issued.activation);
    if (!read) return fail(Code::ledger_damaged, "entry " + std::to_string(leaf.index) + " holds no activation");
    SQLite::Statement insert(database_,
                             "INSERT INTO activations (id, text, licence, entry, state, generation, request, at, uses_quota) "
                             "VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)");
    bind_bytes(insert, 1, read->id);
    bind_text(insert, 2, activation_id_text(read->id));
    bind_text(insert, 3, issued.licence);
    bind_number(insert, 4, leaf.index);
    bind_number(insert, 5, read->activation.generation);
    bind_bytes(insert, 6, issued.request);
    bind_number(insert, 7, leaf.at_unix_s);
    insert.bind(8, issued.uses_quota ? 1 : 0);
    insert.exec();
    return {};
  }

  Status derive_ended(const Leaf& leaf) {
    const auto& ended = std::get<EndedLeaf>(leaf.body);
    const ActivationState state = leaf.kind == LeafKind::superseded ? ActivationState::superseded
                                  : leaf.kind == LeafKind::returned ? ActivationState::returned
                                                                    : ActivationState::revoked;
    SQLite::Statement update(database_, "UPDATE activations SET state = ?, successor = ? WHERE id = ?");
    update.bind(1, static_cast<int>(state));
    if (leaf.kind == LeafKind::superseded) bind_bytes(update, 2, ended.by);
    bind_bytes(update, 3, ended.activation);
    if (update.exec() != 1) return fail(Code::ledger_damaged, "entry " + std::to_string(leaf.index) + " ends an unknown activation");
    return {};
  }

  Result<ActivationRecord> read_record(std::uint64_t entry, int state, ByteView successor) {
    OAK_ASSIGN(Leaf found, leaf(entry));
    auto* issued = std::get_if<IssuedLeaf>(&found.body);
    if (!issued) return fail(Code::ledger_damaged, "the activation table disagrees with the leaves");
    OAK_ASSIGN(UnverifiedActivation read, read_activation_unverified(issued->activation));
    ActivationRecord record{read.id,
                            std::move(read.activation),
                            std::move(issued->activation),
                            static_cast<ActivationState>(state),
                            found.at_unix_s,
                            std::move(found.operator_name),
                            std::move(found.reason),
                            std::move(issued->approvals),
                            issued->counted_seats,
                            issued->request,
                            to_array<16>(successor)};
    return record;
  }

  template <typename Bind>
  Result<std::vector<ActivationRecord>> find_activations(const char* where, Bind bind) {
    return guarded([&]() -> Result<std::vector<ActivationRecord>> {
      SQLite::Statement query(database_, std::string(activation_columns) + where);
      bind(query);
      std::vector<ActivationRecord> out;
      while (query.executeStep()) {
        OAK_ASSIGN(ActivationRecord record,
                   read_record(column_number(query.getColumn(0)), query.getColumn(1).getInt(), column_bytes(query.getColumn(2))));
        out.push_back(std::move(record));
      }
      return out;
    });
  }

  template <typename Bind>
  Result<std::optional<ActivationRecord>> one_activation(const char* where, Bind bind) {
    OAK_ASSIGN(auto found, find_activations(where, bind));
    if (found.empty()) return std::optional<ActivationRecord>{};
    return std::optional(std::move(found.front()));
  }

  Result<std::uint64_t> number(const char* sql, std::string_view licence, std::optional<std::uint64_t> second) {
    return guarded([&]() -> Result<std::uint64_t> {
      SQLite::Statement query(database_, sql);
      bind_text(query, 1, licence);
      if (second) bind_number(query, 2, *second);
      query.executeStep();
      return column_number(query.getColumn(0));
    });
  }

  SQLite::Database database_;
};

}  // namespace

Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const std::string& path, LedgerOpening opening) {
  return guarded(
      [&]() -> Result<std::unique_ptr<Ledger>> { return std::unique_ptr<Ledger>(std::make_unique<SqliteLedger>(path, opening)); });
}

}  // namespace oak
