#include "issuer/ledger_derived.h"

#include <algorithm>

#include "core/activation.h"
#include "issuer/ledger.h"
#include "issuer/ledger_statements.h"

namespace oak {
namespace {

constexpr const char* schema = R"(
  CREATE TABLE IF NOT EXISTS licences (id TEXT PRIMARY KEY, folded TEXT NOT NULL UNIQUE, entry INTEGER NOT NULL,
                                       added INTEGER NOT NULL, steady INTEGER NOT NULL, steady_unreturned INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS licence_entries (entry INTEGER PRIMARY KEY, licence TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS licence_entries_by_licence ON licence_entries (licence);
  CREATE TABLE IF NOT EXISTS products (name TEXT PRIMARY KEY, entry INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS activations (id BLOB PRIMARY KEY, text TEXT NOT NULL UNIQUE, licence TEXT NOT NULL,
                                          entry INTEGER NOT NULL, state INTEGER NOT NULL, generation INTEGER NOT NULL,
                                          request BLOB NOT NULL UNIQUE, machine BLOB NOT NULL, seats INTEGER NOT NULL,
                                          counted INTEGER NOT NULL, owed_until INTEGER, counted_after INTEGER NOT NULL,
                                          not_after INTEGER, supersedes BLOB, successor BLOB, freed INTEGER NOT NULL,
                                          weak INTEGER NOT NULL, ended INTEGER);
  CREATE INDEX IF NOT EXISTS activations_by_licence ON activations (licence, state, not_after);
  CREATE INDEX IF NOT EXISTS activations_owed ON activations (licence)
    WHERE state = 1 AND not_after IS NULL AND owed_until IS NOT NULL;
  CREATE INDEX IF NOT EXISTS activations_by_generation ON activations (licence, generation);
  CREATE INDEX IF NOT EXISTS activations_by_machine ON activations (machine) WHERE state = 1;
  CREATE INDEX IF NOT EXISTS activations_weak ON activations (licence) WHERE state = 1 AND weak = 1;
  CREATE INDEX IF NOT EXISTS activations_by_entry ON activations (entry);
  CREATE TABLE IF NOT EXISTS live_members (member BLOB NOT NULL, id BLOB NOT NULL, PRIMARY KEY (member, id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS live_members_by_id ON live_members (id);
  CREATE TABLE IF NOT EXISTS moves (entry INTEGER PRIMARY KEY, licence TEXT NOT NULL, at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS moves_by_licence ON moves (licence, at);
  CREATE TABLE IF NOT EXISTS key_documents (entry INTEGER PRIMARY KEY, kind INTEGER NOT NULL);
)";
constexpr const char* no_schema = R"(
  DROP TABLE IF EXISTS licences; DROP TABLE IF EXISTS licence_entries; DROP TABLE IF EXISTS products; DROP TABLE IF EXISTS activations;
  DROP TABLE IF EXISTS live_members; DROP TABLE IF EXISTS moves; DROP TABLE IF EXISTS key_documents;
)";

constexpr int tables_version = 5;  // grows with each change of the schema

constexpr int live = static_cast<int>(ActivationState::live), returned = static_cast<int>(ActivationState::returned);

tl::unexpected<Error> damaged(std::uint64_t index, std::string_view why) {
  return fail(Code::ledger_damaged, "entry " + std::to_string(index) + " " + std::string(why));
}

}  // namespace

std::string folded_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

Bytes member_key(const FingerprintKeyId& key, const Member& member) {
  Bytes out(key.begin(), key.end());
  out.push_back(static_cast<std::uint8_t>(member.component));
  out.insert(out.end(), member.digest.begin(), member.digest.end());
  return out;
}

bool tells_machines_apart(Component component) { return factor_of(component) != Factor::model; }

struct DerivedTables::Counted {
  std::uint64_t now = 0, after = 0;
  std::optional<std::uint64_t> owed_until;
};

void DerivedTables::create() {
  statements_.database().exec(schema);
  statements_.database().exec("PRAGMA user_version = " + std::to_string(tables_version));
}

bool DerivedTables::are_current() const {
  for (const char* table : {"licences", "licence_entries", "products", "activations", "live_members", "moves", "key_documents"})
    if (!statements_.database().tableExists(table)) return false;
  return are_of_this_version();
}

bool DerivedTables::are_of_this_version() const {
  return statements_.database().execAndGet("PRAGMA user_version").getInt() == tables_version;
}

void DerivedTables::forget() { statements_.database().exec(no_schema); }

Status DerivedTables::take_in(const Leaf& leaf) {
  switch (leaf.kind) {
    case LeafKind::licence_added:
    case LeafKind::licence_changed: return take_in_licence(leaf);
    case LeafKind::product_changed: {
      Statement put(statements_, "INSERT OR REPLACE INTO products (name, entry) VALUES (?, ?)");
      bind_text(put, 1, std::get<ProductLeaf>(leaf.body).terms.product);
      bind_number(put, 2, leaf.index);
      put.exec();
      return {};
    }
    case LeafKind::key_certified:
    case LeafKind::bulletin_signed:
    case LeafKind::roots_changed: return take_in_key_document(leaf);
    case LeafKind::issued: return take_in_issued(leaf);
    case LeafKind::superseded: {
      const auto& ended = std::get<EndedLeaf>(leaf.body);
      // Said by both sides, so that no chain of successors can lead back into itself: ids are hashes.
      Statement successor(statements_, "SELECT 1 FROM activations WHERE id = ? AND supersedes = ?");
      bind_bytes(successor, 1, ended.by);
      bind_bytes(successor, 2, ended.activation);
      if (!successor.executeStep()) return damaged(leaf.index, "names a successor that does not supersede it");
      return take_in_end(leaf.index, ended.activation, static_cast<int>(ActivationState::superseded), ended.by);
    }
    case LeafKind::returned: return take_in_return(leaf);
    case LeafKind::revoked: break;
  }
  const ActivationId& revoked = std::get<EndedLeaf>(leaf.body).activation;
  OAK_TRY(take_in_end(leaf.index, revoked, static_cast<int>(ActivationState::revoked), {}));
  add_move(leaf, revoked);
  return {};
}

bool says_which_keys_count(const Leaf& leaf) {
  if (leaf.kind == LeafKind::key_certified || leaf.kind == LeafKind::roots_changed) return true;
  if (leaf.kind != LeafKind::bulletin_signed) return false;
  const auto type = claimed_type(std::get<PublishedLeaf>(leaf.body).document);
  return type && *type == DocumentType::key_bulletin;
}

Status DerivedTables::take_in_key_document(const Leaf& leaf) {
  if (!says_which_keys_count(leaf)) return {};
  Statement put(statements_, "INSERT INTO key_documents (entry, kind) VALUES (?, ?)");
  bind_number(put, 1, leaf.index);
  put.bind(2, static_cast<int>(leaf.kind));
  put.exec();
  return {};
}

Status DerivedTables::take_in_licence(const Leaf& leaf) {
  const std::string& id = std::get<LicenceLeaf>(leaf.body).licence.id;
  Statement put(statements_,
                "INSERT INTO licences (id, folded, entry, added, steady, steady_unreturned) VALUES (?1, ?2, ?3, ?3, 0, 0) "
                "ON CONFLICT (id) DO UPDATE SET entry = ?3");
  bind_text(put, 1, id);
  bind_text(put, 2, folded_case(id));
  bind_number(put, 3, leaf.index);
  put.exec();
  Statement entry(statements_, "INSERT INTO licence_entries (entry, licence) VALUES (?, ?)");
  bind_number(entry, 1, leaf.index);
  bind_text(entry, 2, id);
  entry.exec();
  return {};
}

Status DerivedTables::take_in_issued(const Leaf& leaf) {
  const auto& issued = std::get<IssuedLeaf>(leaf.body);
  const auto read = read_activation_unverified(issued.activation);
  if (!read) return damaged(leaf.index, "holds no activation");
  const Activation& activation = read->activation;
  Statement insert(statements_,
                   "INSERT INTO activations (id, text, licence, entry, state, generation, request, machine, seats, counted, "
                   "counted_after, not_after, supersedes, freed, weak) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)");
  bind_bytes(insert, 1, read->id);
  bind_text(insert, 2, activation_id_text(read->id));
  bind_text(insert, 3, issued.licence);
  bind_number(insert, 4, leaf.index);
  bind_number(insert, 5, activation.generation);
  bind_bytes(insert, 6, issued.request);
  bind_bytes(insert, 7, activation.machine_key);
  bind_number(insert, 8, activation.seats);
  bind_number(insert, 9, issued.counted_seats);
  bind_number_or_null(insert, 10, activation.not_after_unix_s);
  if (activation.supersedes) bind_bytes(insert, 11, *activation.supersedes);
  insert.bind(12, issued.uses_quota ? 1 : 0);
  insert.bind(13, is_strong(activation.fingerprint) ? 0 : 1);
  insert.exec();
  Statement put(statements_, "INSERT OR IGNORE INTO live_members (member, id) VALUES (?, ?)");
  for (const Member& member : activation.fingerprint.members) {
    if (!tells_machines_apart(member.component)) continue;
    bind_bytes(put, 1, member_key(activation.fingerprint_key, member));
    bind_bytes(put, 2, read->id);
    put.exec();
    put.reset();
  }
  if (issued.uses_quota) add_move(leaf, read->id);
  const Counted counted = count(read->id, leaf.at_unix_s);
  set(read->id, counted);
  shift(read->id, 1);
  if (counted.now != issued.counted_seats) return damaged(leaf.index, "stands for another number of seats");
  return {};
}

Status DerivedTables::take_in_end(std::uint64_t index, const ActivationId& activation, int state, ByteView successor) {
  shift(activation, -1);
  Statement update(statements_, "UPDATE activations SET state = ?, successor = ?, ended = ? WHERE id = ? AND state = 1");
  update.bind(1, state);
  if (!successor.empty()) bind_bytes(update, 2, successor);
  bind_number(update, 3, index);
  bind_bytes(update, 4, activation);
  if (update.exec() != 1) return damaged(index, "ends an activation that is not live");
  Statement forget(statements_, "DELETE FROM live_members WHERE id = ?");
  bind_bytes(forget, 1, activation);
  forget.exec();
  return {};
}

Status DerivedTables::take_in_return(const Leaf& leaf) {
  const auto& body = std::get<ReturnedLeaf>(leaf.body);
  Statement query(statements_, "SELECT state FROM activations WHERE id = ?");
  bind_bytes(query, 1, body.activation);
  const int state = query.executeStep() ? query.getColumn(0).getInt() : 0;
  if (state == live) {
    OAK_TRY(take_in_end(leaf.index, body.activation, returned, {}));
  } else if (state == static_cast<int>(ActivationState::superseded)) {
    Statement update(statements_, "UPDATE activations SET state = ?, ended = ? WHERE id = ?");
    update.bind(1, returned);
    bind_number(update, 2, leaf.index);
    bind_bytes(update, 3, body.activation);
    update.exec();
    const ActivationId head = end_of_chain(body.activation);
    shift(head, -1);
    set(head, count(head, leaf.at_unix_s));
    shift(head, 1);
  } else {
    return damaged(leaf.index, "returns an activation that is neither live nor superseded");
  }
  if (body.uses_quota) add_move(leaf, body.activation);
  return {};
}

ActivationId DerivedTables::end_of_chain(const ActivationId& first) {
  ActivationId head = first;
  Statement next(statements_, "SELECT successor FROM activations WHERE id = ?");
  for (;; next.reset()) {
    bind_bytes(next, 1, head);
    const auto successor = next.executeStep() ? to_array<16>(column_bytes(next.getColumn(0))) : std::nullopt;
    if (!successor) return head;
    head = *successor;
  }
}

/// An activation stands for the largest number that may still be out there: its own seats, and those of each one before it
/// whose receipt is not in, back to where an operator freed them. Those of a certificate only until its end.
DerivedTables::Counted DerivedTables::count(const ActivationId& id, std::uint64_t at_unix_s) {
  Statement row(statements_, "SELECT seats, state, supersedes, freed, not_after FROM activations WHERE id = ?");
  Counted out;
  for (std::optional<ActivationId> at = id; at; row.reset()) {
    bind_bytes(row, 1, *at);
    if (!row.executeStep()) break;
    const std::uint64_t seats = column_number(row.getColumn(0));
    const auto not_after = column_number_or_null(row.getColumn(4));
    const bool is_itself = at == id, is_back = row.getColumn(1).getInt() == returned || (not_after && *not_after < at_unix_s);
    if (is_itself || !is_back) out.now = std::max(out.now, seats);
    if (is_itself || (!is_back && !not_after)) out.after = std::max(out.after, seats);
    if (!is_itself && !is_back && not_after) out.owed_until = std::max(out.owed_until.value_or(0), *not_after);
    at = row.getColumn(3).getInt() != 0 ? std::nullopt : to_array<16>(column_bytes(row.getColumn(2)));
  }
  return out;
}

void DerivedTables::set(const ActivationId& id, const Counted& counted) {
  Statement update(statements_, "UPDATE activations SET counted = ?, owed_until = ?, counted_after = ? WHERE id = ?");
  bind_number(update, 1, counted.now);
  bind_number_or_null(update, 2, counted.owed_until);
  bind_number(update, 3, counted.after);
  bind_bytes(update, 4, id);
  update.exec();
}

void DerivedTables::shift(const ActivationId& id, int times) {
  Statement update(statements_,
                   "UPDATE licences SET steady = steady + ?2 * one.counted, steady_unreturned = steady_unreturned + ?2 * (one.counted > "
                   "one.seats) FROM activations AS one WHERE one.id = ?1 AND one.state = 1 AND one.not_after IS NULL AND "
                   "one.owed_until IS NULL AND licences.id = one.licence");
  bind_bytes(update, 1, id);
  update.bind(2, times);
  update.exec();
}

void DerivedTables::add_move(const Leaf& leaf, const ActivationId& activation) {
  Statement insert(statements_, "INSERT INTO moves (entry, licence, at) SELECT ?, licence, ? FROM activations WHERE id = ?");
  bind_number(insert, 1, leaf.index);
  bind_number(insert, 2, leaf.at_unix_s);
  bind_bytes(insert, 3, activation);
  insert.exec();
}

}  // namespace oak
