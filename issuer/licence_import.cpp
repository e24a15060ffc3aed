#include "issuer/licence_import.h"

#include "core/text.h"
#include "issuer/transaction.h"

namespace oak {
namespace {

constexpr std::string_view reason_prefix = "licence import, SHA-256 ";

std::string reason_of(ByteView file) { return std::string(reason_prefix) + to_hex(sha256(file)); }

/// The table with those ids as faults that the ledger has already.
Result<ImportTable> read_table_for(Ledger& ledger, ByteView file) {
  ImportTable table = read_licence_table(file);
  for (const ImportRow& row : table.rows) {
    if (row.input.id.empty()) continue;
    OAK_ASSIGN(const auto like, ledger.licence_id_like(row.input.id));
    if (!like) continue;
    if (table.faults.size() == max_import_faults)
      ++table.faults_left_out;
    else
      table.faults.push_back({row.line, "id", "licence " + in_quotes(*like) + " is there already",
                              "choose another id, or change its terms: oak-issuer licence change " + *like});
  }
  sort_by_line(table.faults);
  return table;
}

Status read_keys_again(Ledger& ledger, const SymmetricKey& ledger_key, std::vector<Licence> licences, Imported& out) {
  out.repeat = true;
  for (Licence& licence : licences) {
    OAK_ASSIGN(const LicenceKey key, read_licence_secret(ledger, licence, ledger_key));
    out.licences.push_back({std::move(licence), format_licence_key(key)});
  }
  return {};
}

Status add_all(Ledger& ledger, const DeskWorld& world, const SymmetricKey& ledger_key, const std::vector<ImportRow>& rows,
               const std::string& reason, Imported& out) {
  for (const ImportRow& row : rows) {
    std::vector<TermFault> none;  // they were found while the table was read
    Licence licence = licence_of(row.input, none);
    if (licence.id.empty()) {
      OAK_ASSIGN(licence.id, free_licence_id(ledger, world.random));
    }
    OAK_ASSIGN(const auto product, ledger.product(licence.product));
    if (!product) out.new_products.push_back(licence.product);
    OAK_ASSIGN(const LicenceKey key, append_new_licence(ledger, world, ledger_key, licence, reason));
    out.licences.push_back({std::move(licence), format_licence_key(key)});
  }
  return {};
}

Result<Imported> import_in_transaction(Ledger& ledger, const DeskWorld& world, const SymmetricKey& ledger_key, ByteView file) {
  Imported out;
  Transaction transaction(ledger);
  OAK_TRY(transaction.begin());
  OAK_ASSIGN(std::vector<Licence> before, ledger.licences_added_for(reason_of(file)));
  if (!before.empty()) {
    OAK_TRY(read_keys_again(ledger, ledger_key, std::move(before), out));
    return out;
  }
  OAK_ASSIGN(out.refused, read_table_for(ledger, file));
  if (!out.refused.faults.empty()) return out;
  OAK_TRY(add_all(ledger, world, ledger_key, out.refused.rows, reason_of(file), out));
  OAK_TRY(transaction.commit());
  return out;
}

Result<ImportTable> check_table(Ledger& ledger, ByteView file) {
  OAK_ASSIGN(const std::vector<Licence> before, ledger.licences_added_for(reason_of(file)));
  if (!before.empty()) return ImportTable{};
  return read_table_for(ledger, file);
}

}  // namespace

Outcome<ImportTable> check_licence_table(Desk& desk, ByteView file) {
  auto checked = check_table(desk.ledger(), file);
  if (!checked) return tl::unexpected(ledger_failure(checked.error(), desk.folder()));
  return std::move(*checked);
}

Outcome<Imported> import_licences(Desk& desk, const DeskWorld& world, const SymmetricKey& ledger_key, ByteView file) {
  auto done = import_in_transaction(desk.ledger(), world, ledger_key, file);
  if (!done) return tl::unexpected(ledger_failure(done.error(), desk.folder()));
  return std::move(*done);
}

}  // namespace oak
