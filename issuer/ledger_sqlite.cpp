#include "issuer/ledger_sqlite.h"

#include <optional>

#include "core/text.h"
#include "issuer/ledger_activations.h"
#include "issuer/ledger_derived.h"
#include "issuer/ledger_statements.h"

namespace oak {
namespace {

constexpr int busy_ms = 10000;

class SqliteLedger final : public Ledger {
 public:
  SqliteLedger(const std::string& path, LedgerOpening opening)
      : database_(path, opening == LedgerOpening::create ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READWRITE, busy_ms) {
    if (opening == LedgerOpening::read) return;
    // EXTRA also syncs the folder once the journal is gone: else a power cut could take back a commit whose activation has
    // left the desk.
    database_.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON;");
    // A transaction stays in memory until its commit: pages that are written before cost a sync each time.
    database_.exec("PRAGMA cache_size = -262144; PRAGMA cache_spill = OFF;");
    if (opening == LedgerOpening::create) {
      database_.exec(ledger_schema);
      derived_.create();
    }
  }

  /// Tables that are missing, or of an earlier version, are made again from the leaves, in one transaction.
  Status bring_up_to_date() {
    if (derived_.are_current()) return {};
    OAK_TRY(begin());
    Status done = derive_again();
    if (done) done = commit();
    if (!done) roll_back();
    return done;
  }

  /// SQLite falls back to reading where it may not write, and readers don't wait for the writer but while it commits.
  void only_read() { database_.exec("PRAGMA query_only = ON;"); }

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
      Statement query(statements_, "SELECT COALESCE(MAX(idx) + 1, 0) FROM entries");
      query.executeStep();
      return column_number(query.getColumn(0));
    });
  }

  Status append(const Leaf& leaf, ByteView request) override {
    OAK_ASSIGN(const std::uint64_t next, size());
    if (leaf.index != next) return fail(Code::ledger_damaged, "an entry out of order");
    return guarded([&]() -> Status {
      Statement insert(statements_, "INSERT INTO entries (idx, leaf, request) VALUES (?, ?, ?)");
      bind_number(insert, 1, leaf.index);
      bind_bytes(insert, 2, encode_leaf(leaf));
      if (!request.empty()) bind_bytes(insert, 3, request);
      insert.exec();
      return derived_.take_in(leaf);
    });
  }

  Result<Leaf> leaf(std::uint64_t index) override {
    return guarded([&] { return activations_.leaf(index); });
  }

  Status derive_again() override {
    return guarded([&]() -> Status {
      derived_.forget();
      derived_.create();
      OAK_ASSIGN(const std::uint64_t end, size());
      for (std::uint64_t index = 0; index < end; ++index) {
        OAK_ASSIGN(const Leaf entry, leaf(index));
        OAK_TRY(derived_.take_in(entry));
      }
      return {};
    });
  }

  Result<std::optional<Licence>> licence(std::string_view id) override {
    return guarded([&]() -> Result<std::optional<Licence>> {
      Statement query(statements_, "SELECT entry FROM licences WHERE id = ?");
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
      Statement query(statements_, "SELECT id FROM licences WHERE folded = ?");
      bind_text(query, 1, folded_case(id));
      if (!query.executeStep()) return std::optional<std::string>{};
      return std::optional(query.getColumn(0).getString());
    });
  }

  Result<std::vector<Licence>> licences() override {
    return guarded([&]() -> Result<std::vector<Licence>> {
      Statement query(statements_, "SELECT id FROM licences ORDER BY added");
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

  Result<std::vector<Licence>> licences_added_for(std::string_view reason) override {
    return guarded([&]() -> Result<std::vector<Licence>> {
      Statement query(statements_, "SELECT id, added FROM licences ORDER BY added");
      std::vector<Licence> out;
      while (query.executeStep()) {
        OAK_ASSIGN(const Leaf added, leaf(column_number(query.getColumn(1))));
        if (added.reason != reason) continue;
        OAK_ASSIGN(auto found, licence(query.getColumn(0).getString()));
        if (found) out.push_back(std::move(*found));
      }
      return out;
    });
  }

  Result<std::optional<ProductTerms>> product(std::string_view name) override {
    return guarded([&]() -> Result<std::optional<ProductTerms>> {
      Statement query(statements_, "SELECT entry FROM products WHERE name = ?");
      bind_text(query, 1, name);
      if (!query.executeStep()) return std::optional<ProductTerms>{};
      OAK_ASSIGN(const Leaf entry, leaf(column_number(query.getColumn(0))));
      const auto* body = std::get_if<ProductLeaf>(&entry.body);
      if (!body) return fail(Code::ledger_damaged, "the product table disagrees with the leaves");
      return std::optional(body->terms);
    });
  }

  Result<std::vector<std::string>> product_names() override {
    return guarded([&]() -> Result<std::vector<std::string>> {
      Statement query(statements_, "SELECT name FROM products ORDER BY name");
      std::vector<std::string> names;
      while (query.executeStep()) names.push_back(query.getColumn(0).getString());
      return names;
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
  Result<LicenceTotals> totals(std::string_view licence, std::uint64_t now_unix_s) override {
    return guarded([&]() -> Result<LicenceTotals> {
      Statement steady(statements_, "SELECT steady, steady_unreturned FROM licences WHERE id = ?");
      bind_text(steady, 1, licence);
      LicenceTotals out;
      if (steady.executeStep()) out = {column_number(steady.getColumn(0)), column_number(steady.getColumn(1)), 0, {}};
      // What time changes: certificates up to their end, and those for which one before them counts until its own.
      Statement timed(statements_,
                      "SELECT COALESCE(SUM(n), 0), COALESCE(SUM(n > seats), 0), COALESCE(SUM(not_after IS NOT NULL), 0) FROM "
                      "(SELECT seats, not_after, CASE WHEN owed_until < ?2 THEN counted_after ELSE counted END AS n "
                      "FROM activations WHERE licence = ?1 AND state = 1 AND not_after >= ?2 UNION ALL "
                      "SELECT seats, not_after, CASE WHEN owed_until < ?2 THEN counted_after ELSE counted END AS n "
                      "FROM activations INDEXED BY activations_owed WHERE licence = ?1 AND state = 1 AND not_after IS NULL AND owed_until "
                      "IS NOT NULL)");
      bind_text(timed, 1, licence);
      bind_number(timed, 2, now_unix_s);
      timed.executeStep();
      out.live_seats += column_number(timed.getColumn(0));
      out.unreturned += column_number(timed.getColumn(1));
      out.certificates = column_number(timed.getColumn(2));
      Statement ends(statements_,
                     "SELECT id, not_after FROM activations WHERE licence = ? AND state = 1 AND not_after >= ? "
                     "ORDER BY not_after, entry LIMIT 2");
      bind_text(ends, 1, licence);
      bind_number(ends, 2, now_unix_s);
      while (ends.executeStep())
        out.first_ends.push_back(
            {to_array<16>(column_bytes(ends.getColumn(0))).value_or(ActivationId{}), column_number(ends.getColumn(1))});
      return out;
    });
  }
  Result<std::vector<ActivationRecord>> live_like(std::string_view licence, const PublicKey& machine_key, const FingerprintKeyId& key,
                                                  const Fingerprint& fingerprint) override {
    // The plus keeps SQLite from walking all of the licence's live ones, which it takes for few.
    std::string where = "WHERE id IN (SELECT id FROM activations WHERE machine = ?2 AND state = 1 UNION SELECT id FROM live_members";
    std::vector<Bytes> members;
    for (const Member& member : fingerprint.members)
      if (tells_machines_apart(member.component)) members.push_back(member_key(key, member));
    where += " WHERE member IN (";
    for (std::size_t i = 0; i < members.size(); ++i) where += (i == 0 ? "?" : ", ?") + std::to_string(i + 3);
    where += ")) AND +licence = ?1 AND +state = 1 ORDER BY +entry";
    return find_activations(where.c_str(), [&](SQLite::Statement& query) {
      bind_text(query, 1, licence);
      bind_bytes(query, 2, machine_key);
      for (std::size_t i = 0; i < members.size(); ++i) bind_bytes(query, static_cast<int>(i) + 3, members[i]);
    });
  }
  Result<std::vector<ActivationRecord>> activations() override {
    std::vector<ActivationRecord> out;
    OAK_TRY(each_activation({}, [&](ActivationRecord record) { out.push_back(std::move(record)); }));
    return out;
  }

  Status each_activation(const ActivationFilter& filter, const std::function<void(ActivationRecord)>& take) override {
    return guarded([&] { return activations_.each(filter, take); });
  }

  Result<std::uint64_t> weak_live(std::string_view licence, std::uint64_t now_unix_s) override {
    return number(
        "SELECT COUNT(*) FROM activations INDEXED BY activations_weak WHERE licence = ? AND state = 1 AND weak = 1 AND "
        "(not_after IS NULL OR not_after >= ?)",
        licence, now_unix_s);
  }

  Result<std::vector<Leaf>> licence_leaves(std::string_view licence) override {
    return guarded([&]() -> Result<std::vector<Leaf>> {
      Statement query(statements_, "SELECT entry FROM licence_entries WHERE licence = ? ORDER BY entry");
      bind_text(query, 1, licence);
      std::vector<Leaf> out;
      while (query.executeStep()) {
        OAK_ASSIGN(Leaf found, leaf(column_number(query.getColumn(0))));
        if (!std::holds_alternative<LicenceLeaf>(found.body))
          return fail(Code::ledger_damaged, "the licence table disagrees with the leaves");
        out.push_back(std::move(found));
      }
      return out;
    });
  }

  Result<std::vector<ActivationRecord>> activations_in(ActivationState state) override {
    return find_activations("WHERE state = ? ORDER BY entry", [&](SQLite::Statement& query) { query.bind(1, static_cast<int>(state)); });
  }

  Result<std::vector<ActivationRecord>> revoked_of(std::string_view licence) override {
    return find_activations("WHERE licence = ? AND state = 4 ORDER BY entry",
                            [&](SQLite::Statement& query) { bind_text(query, 1, licence); });
  }

  Result<std::uint64_t> highest_generation(std::string_view licence) override {
    return number("SELECT COALESCE(MAX(generation), 0) FROM activations WHERE licence = ?", licence, std::nullopt);
  }
  Result<std::uint64_t> quota_used_since(std::string_view licence, std::uint64_t unix_s) override {
    return number("SELECT COUNT(*) FROM moves WHERE licence = ? AND at > ?", licence, unix_s);
  }

  Result<std::vector<Bytes>> key_documents(LeafKind kind) override {
    return guarded([&]() -> Result<std::vector<Bytes>> {
      Statement query(statements_, "SELECT entry FROM key_documents WHERE kind = ? ORDER BY entry");
      query.bind(1, static_cast<int>(kind));
      std::vector<Bytes> out;
      while (query.executeStep()) {
        OAK_ASSIGN(const Leaf entry, leaf(column_number(query.getColumn(0))));
        const auto* certified = std::get_if<KeyLeaf>(&entry.body);
        const auto* published = std::get_if<PublishedLeaf>(&entry.body);
        if (entry.kind != kind || (!certified && !published))
          return fail(Code::ledger_damaged, "the table of key documents disagrees with the leaves");
        out.push_back(certified ? certified->certificate : published->document);
      }
      return out;
    });
  }

  Status put_secret(std::string_view licence, std::uint64_t key_number, const SealedSecret& secret) override {
    return guarded([&]() -> Status {
      Statement insert(statements_, "INSERT INTO secrets (licence, number, nonce, sealed) VALUES (?, ?, ?, ?)");
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
      Statement query(statements_, "SELECT nonce, sealed FROM secrets WHERE licence = ? AND number = ?");
      bind_text(query, 1, licence);
      bind_number(query, 2, key_number);
      if (!query.executeStep()) return std::optional<SealedSecret>{};
      const auto nonce = to_array<24>(column_bytes(query.getColumn(0)));
      if (!nonce) return fail(Code::ledger_damaged, "a licence secret has a wrong nonce");
      return std::optional(SealedSecret{*nonce, column_bytes(query.getColumn(1))});
    });
  }

 private:
  template <typename Bind>
  Result<std::vector<ActivationRecord>> find_activations(const char* where, Bind bind) {
    return guarded([&] { return activations_.find(where, bind); });
  }

  template <typename Bind>
  Result<std::optional<ActivationRecord>> one_activation(const char* where, Bind bind) {
    OAK_ASSIGN(auto found, find_activations(where, bind));
    if (found.empty()) return std::optional<ActivationRecord>{};
    return std::optional(std::move(found.front()));
  }

  Result<std::uint64_t> number(const char* sql, std::string_view licence, std::optional<std::uint64_t> second) {
    return guarded([&]() -> Result<std::uint64_t> {
      Statement query(statements_, sql);
      bind_text(query, 1, licence);
      if (second) bind_number(query, 2, *second);
      query.executeStep();
      return column_number(query.getColumn(0));
    });
  }

  SQLite::Database database_;
  StatementCache statements_{database_};
  DerivedTables derived_{statements_};
  StoredActivations activations_{statements_};
};

}  // namespace

Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const std::string& path, LedgerOpening opening) {
  return guarded([&]() -> Result<std::unique_ptr<Ledger>> {
    auto ledger = std::make_unique<SqliteLedger>(path, opening);
    OAK_TRY(ledger->bring_up_to_date());
    if (opening == LedgerOpening::read) ledger->only_read();
    return std::unique_ptr<Ledger>(std::move(ledger));
  });
}

}  // namespace oak
