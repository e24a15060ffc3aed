#include "issuer/dump.h"

#include <array>
#include <optional>
#include <variant>

#include "core/json_writer.h"
#include "core/receipt.h"
#include "core/text.h"
#include "issuer/csv.h"
#include "issuer/desk.h"
#include "issuer/desk_files.h"
#include "issuer/ledger_audit.h"

namespace oak {
namespace {

constexpr std::size_t entries_at_once = 4096;

using Value = std::variant<std::monostate, std::uint64_t, bool, std::string, std::vector<std::string>>;

// The columns, in their order; JSON leaves out what a kind of entry has not.
// clang-format off
enum Column : std::size_t {
  entry, kind, at, time_utc, operator_name, reason, licence, customer, product, seats, versions, features, rehosts, certificates, forbids,
  key_number, threshold, weights, grace_days, activation, site, activation_kind, not_after, generation, supersedes, request, approvals,
  quota, counted, successor, document, column_count
};
constexpr std::array<std::string_view, column_count> names = {
    "entry", "kind", "at", "time", "operator", "reason", "licence", "customer", "product", "seats", "versions", "features", "rehosts",
    "certificates", "forbids", "key_number", "threshold_percent", "weights", "grace_days", "activation", "site", "activation_kind",
    "not_after", "generation", "supersedes", "request", "approvals", "quota", "counted", "successor", "document"};
// clang-format on
using Row = std::array<Value, column_count>;

std::string hash_of(ByteView document) { return to_hex(sha256(document)); }

void put(Row& row, const LicenceLeaf& leaf) {
  const Licence& terms = leaf.licence;
  row[licence] = terms.id;
  row[customer] = terms.customer;
  row[product] = terms.product;
  row[seats] = terms.seats;
  row[versions] = std::string(terms.versions.text());
  row[features] = terms.features;
  row[rehosts] = terms.rehosts_a_year();
  row[certificates] = terms.certificates;
  std::vector<std::string> places;
  if (terms.forbids_virtual_machines) places.emplace_back("vm");
  if (terms.forbids_containers) places.emplace_back("container");
  row[forbids] = std::move(places);
  row[key_number] = terms.key_number;
}

void put(Row& row, const ProductLeaf& leaf) {
  row[product] = leaf.terms.product;
  row[threshold] = std::uint64_t{leaf.terms.policy.threshold_percent};
  std::vector<std::string> each;
  for (const auto weight : leaf.terms.policy.weights) each.push_back(std::to_string(weight));
  row[weights] = std::move(each);
  row[grace_days] = leaf.terms.grace_days;
}

void put(Row& row, const KeyLeaf& leaf) { row[document] = hash_of(leaf.certificate); }
void put(Row& row, const PublishedLeaf& leaf) { row[document] = hash_of(leaf.document); }

void put(Row& row, const IssuedLeaf& leaf) {
  row[licence] = leaf.licence;
  row[request] = to_hex(leaf.request);
  row[document] = hash_of(leaf.activation);
  row[approvals] = leaf.approvals;
  row[quota] = leaf.uses_quota;
  row[counted] = leaf.counted_seats;
  const auto read = read_activation_unverified(leaf.activation);
  if (!read) return;
  const Activation& what = read->activation;
  row[activation] = activation_id_text(read->id);
  row[product] = what.product;
  row[customer] = what.customer;
  row[seats] = what.seats;
  row[versions] = std::string(what.versions.text());
  row[features] = what.features;
  row[site] = what.site;
  row[activation_kind] = std::string(kind_name(what.kind));
  if (what.not_after_unix_s) row[not_after] = *what.not_after_unix_s;
  row[generation] = what.generation;
  if (what.supersedes) row[supersedes] = activation_id_text(*what.supersedes);
}

void put(Row& row, const EndedLeaf& leaf) {
  row[activation] = activation_id_text(leaf.activation);
  if (const auto by = to_array<16>(leaf.by)) row[successor] = activation_id_text(*by);
}

void put(Row& row, const ReturnedLeaf& leaf) {
  row[activation] = activation_id_text(leaf.activation);
  row[document] = hash_of(leaf.receipt);
  row[approvals] = leaf.approvals;
  row[quota] = leaf.uses_quota;
  const auto envelope = split(leaf.receipt, DocumentType::receipt);
  const auto receipt = envelope ? decode_receipt(envelope->payload) : fail(Code::bad_envelope);
  if (!receipt) return;
  row[licence] = receipt->licence;
  row[product] = receipt->product;
  row[generation] = receipt->generation;
  if (receipt->successor) row[successor] = activation_id_text(*receipt->successor);
}

Row row_of(const Leaf& leaf) {
  Row row;
  row[entry] = leaf.index;
  row[kind] = std::string(leaf_kind_name(leaf.kind));
  row[at] = leaf.at_unix_s;
  row[time_utc] = utc_text(leaf.at_unix_s);
  row[operator_name] = leaf.operator_name;
  row[reason] = leaf.reason;
  std::visit([&](const auto& body) { put(row, body); }, leaf.body);
  return row;
}

void put_value(JsonWriter& json, const Value& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) json.number(*number);
  if (const auto* flag = std::get_if<bool>(&value)) json.boolean(*flag);
  if (const auto* text = std::get_if<std::string>(&value)) json.text(*text);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    json.begin_array();
    for (const std::string& text : *texts) json.text(text);
    json.end_array();
  }
}

std::string json_of(const Row& row) {
  JsonWriter json;
  json.begin_object();
  for (std::size_t column = 0; column < column_count; ++column) {
    if (std::holds_alternative<std::monostate>(row[column])) continue;
    json.key(names[column]);
    put_value(json, row[column]);
  }
  json.end_object();
  return json.str();
}

std::string csv_of(const Value& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "no";
  if (const auto* text = std::get_if<std::string>(&value)) return csv_field(*text);
  std::string joined;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
    for (const std::string& text : *texts) joined += (joined.empty() ? "" : ";") + text;
  return csv_field(joined);
}

/// RFC 4180: lines end with CR LF.
template <typename Values, typename Write>
std::string csv_line(const Values& values, Write write) {
  std::string out;
  for (std::size_t column = 0; column < column_count; ++column) out += (column > 0 ? "," : "") + write(values[column]);
  return out + "\r\n";
}

Result<std::string> dump(LedgerReader& reader, DumpFormat format) {
  const bool is_json = format == DumpFormat::json;
  std::string out = is_json ? "[" : csv_line(names, [](std::string_view name) { return std::string(name); });
  for (std::uint64_t next = 0;;) {
    OAK_ASSIGN(const auto entries, reader.entries(next, entries_at_once));
    if (entries.empty()) break;
    for (const RawEntry& raw : entries) {
      OAK_ASSIGN(const Leaf leaf, decode_leaf(raw.leaf));
      if (leaf.index != next || raw.index != next)
        return fail(Code::ledger_damaged, "entry " + std::to_string(next) + " is missing, or not in its place");
      if (is_json && next > 0) out += ",\n ";
      out += is_json ? json_of(row_of(leaf)) : csv_line(row_of(leaf), csv_of);
      ++next;
    }
  }
  return is_json ? out + "]\n" : out;
}

}  // namespace

Outcome<std::string> dump_ledger(const std::string& desk, DumpFormat format) {
  OAK_TRY(check_desk_folder(desk));
  const auto reader = open_sqlite_ledger_reader(desk + "/" + std::string(ledger_file));
  if (!reader) return tl::unexpected(ledger_failure(reader.error(), desk));
  auto dumped = dump(**reader, format);
  if (!dumped) return tl::unexpected(ledger_failure(dumped.error(), desk));
  return std::move(*dumped);
}

}  // namespace oak
