#include "issuer/ledger_activations.h"

#include <algorithm>

#include "issuer/ledger_statements.h"

namespace oak {
namespace {

constexpr std::size_t at_once = 1000;
constexpr const char* activation_columns = "SELECT entry, state, successor, counted, owed_until, counted_after, ended FROM activations ";
constexpr const char* filtered = "(?1 = '' OR +licence = ?1) AND (?2 = 0 OR +state = ?2)";

void bind_filter(SQLite::Statement& query, const ActivationFilter& filter) {
  bind_text(query, 1, filter.licence);
  query.bind(2, filter.state ? static_cast<int>(*filter.state) : 0);
}

}  // namespace

Result<Leaf> StoredActivations::leaf(std::uint64_t index) {
  Statement query(statements_, "SELECT leaf FROM entries WHERE idx = ?");
  bind_number(query, 1, index);
  if (!query.executeStep()) return fail(Code::ledger_damaged, "entry " + std::to_string(index) + " is missing");
  OAK_ASSIGN(Leaf leaf, decode_leaf(column_bytes(query.getColumn(0))));
  if (leaf.index != index) return fail(Code::ledger_damaged, "entry " + std::to_string(index) + " has another number");
  return leaf;
}

/// `row` is of activation_columns.
Result<ActivationRecord> StoredActivations::read_record(SQLite::Statement& row) {
  OAK_ASSIGN(Leaf found, leaf(column_number(row.getColumn(0))));
  auto* issued = std::get_if<IssuedLeaf>(&found.body);
  if (!issued) return fail(Code::ledger_damaged, "the activation table disagrees with the leaves");
  OAK_ASSIGN(UnverifiedActivation read, read_activation_unverified(issued->activation));
  ActivationRecord record;
  record.id = read.id;
  record.activation = std::move(read.activation);
  record.document = std::move(issued->activation);
  record.state = static_cast<ActivationState>(row.getColumn(1).getInt());
  record.at_unix_s = found.at_unix_s;
  record.operator_name = std::move(found.operator_name);
  record.reason = std::move(found.reason);
  record.approvals = std::move(issued->approvals);
  record.counted_seats = column_number(row.getColumn(3));
  record.owed_until_unix_s = column_number_or_null(row.getColumn(4));
  record.counted_after = column_number(row.getColumn(5));
  record.request = issued->request;
  record.uses_quota = issued->uses_quota;
  record.successor = to_array<16>(column_bytes(row.getColumn(2)));
  record.ended = column_number_or_null(row.getColumn(6));
  return record;
}

Result<std::vector<ActivationRecord>> StoredActivations::find(const std::string& where,
                                                              const std::function<void(SQLite::Statement&)>& bind) {
  Statement query(statements_, activation_columns + where);
  bind(query);
  std::vector<ActivationRecord> out;
  while (query.executeStep()) {
    OAK_ASSIGN(ActivationRecord record, read_record(query));
    out.push_back(std::move(record));
  }
  return out;
}

Result<std::vector<std::uint64_t>> StoredActivations::entries(const ActivationFilter& filter) {
  const std::string by_licence = filter.licence.empty() ? "" : "licence = ?1 AND ";
  Statement query(statements_, "SELECT entry FROM activations WHERE " + by_licence + filtered + " ORDER BY entry DESC");
  bind_filter(query, filter);
  std::vector<std::uint64_t> out;
  while (query.executeStep()) out.push_back(column_number(query.getColumn(0)));
  return out;
}

Status StoredActivations::each(const ActivationFilter& filter, const std::function<void(ActivationRecord)>& take) {
  OAK_ASSIGN(const std::vector<std::uint64_t> all, entries(filter));
  for (std::size_t at = 0; at < all.size(); at += at_once) {
    const std::uint64_t newest = all[at], oldest = all[std::min(at + at_once, all.size()) - 1];
    OAK_ASSIGN(auto found,
               find(std::string("WHERE entry BETWEEN ?3 AND ?4 AND ") + filtered + " ORDER BY entry DESC", [&](SQLite::Statement& query) {
                 bind_filter(query, filter);
                 bind_number(query, 3, oldest);
                 bind_number(query, 4, newest);
               }));
    for (ActivationRecord& record : found) take(std::move(record));
  }
  return {};
}

}  // namespace oak
