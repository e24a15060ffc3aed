#include "issuer/audit_tables.h"

#include <algorithm>

namespace oak {
namespace {

/// Walks rows of a table beside those it must hold, both ascending by `key_of`.
template <typename Row, typename Expected, typename Key, typename Differ>
class Beside {
 public:
  Beside(std::size_t count, Expected expected, Key key_of, Differ differ)
      : count_(count), expected_(std::move(expected)), key_of_(std::move(key_of)), differ_(std::move(differ)) {}
  void take(const Row& row) {
    for (; at_ < count_; ++at_) {
      const Row due = expected_(at_);
      if (!(key_of_(due) < key_of_(row))) break;
      differ_(due, "has no row in table ");
    }
    if (at_ == count_ || key_of_(row) < key_of_(expected_(at_))) return differ_(row, "has a row that no leaf gives in table ");
    const Row due = expected_(at_++);
    if (!(due == row)) differ_(due, "is not what its leaf says in table ");
  }
  void finish() {
    for (; at_ < count_; ++at_) differ_(expected_(at_), "has no row in table ");
  }

 private:
  std::size_t count_, at_ = 0;
  Expected expected_;
  Key key_of_;
  Differ differ_;
};

template <typename Row, typename Each, typename Expected, typename Key>
Status compare(const char* table, Each each, std::size_t count, Expected expected, Key key_of, const TableFault& fault) {
  Beside<Row, Expected, Key, std::function<void(const Row&, const char*)>> beside(
      count, expected, key_of, [&](const Row& row, const char* what) { fault(row.entry, std::string(what) + table); });
  OAK_ASSIGN(const bool is_there, each([&](const Row& row) { beside.take(row); }));
  if (is_there) beside.finish();
  return {};
}

Status check_members(LedgerReader& reader, const Reckoning& reckoning, const TableFault& fault) {
  std::vector<std::uint64_t> seen;
  MemberRow group;
  std::vector<Bytes> members;
  const auto close_group = [&] {
    if (members.empty()) return;
    const auto entry = reckoning.entry_of_live(group.id, members);
    if (entry)
      seen.push_back(*entry);
    else
      fault(reckoning.entry_of(group.id), "is not what its leaf says in table live_members");
    members.clear();
  };
  OAK_ASSIGN(const bool is_there, reader.each_member([&](MemberRow row) {
    if (row.id != group.id) close_group();
    group.id = std::move(row.id);
    members.push_back(std::move(row.member));
  }));
  if (!is_there) return {};
  close_group();
  std::sort(seen.begin(), seen.end());
  for (const std::uint64_t entry : reckoning.entries_of_live())
    if (!std::binary_search(seen.begin(), seen.end(), entry)) fault(entry, "has not the rows that are due in table live_members");
  return {};
}

}  // namespace

Status check_tables(LedgerReader& reader, const Reckoning& reckoning, const TableFault& fault) {
  const auto licences = reckoning.licence_rows();
  const auto products = reckoning.product_rows();
  const auto moves = reckoning.move_rows();
  const auto of = [](const auto& rows) { return [&rows](std::size_t at) { return rows[at]; }; };
  OAK_TRY(compare<LicenceRow>(
      "licences", [&](const EachRow<LicenceRow>& take) { return reader.each_licence(take); }, licences.size(), of(licences),
      [](const LicenceRow& row) { return row.id; }, fault));
  OAK_TRY(compare<ProductRow>(
      "products", [&](const EachRow<ProductRow>& take) { return reader.each_product(take); }, products.size(), of(products),
      [](const ProductRow& row) { return row.name; }, fault));
  OAK_TRY(compare<ActivationRow>(
      "activations", [&](const EachRow<ActivationRow>& take) { return reader.each_activation(take); }, reckoning.activation_count(),
      [&](std::size_t at) { return reckoning.activation_row(at); }, [](const ActivationRow& row) { return row.entry; }, fault));
  OAK_TRY(compare<MoveRow>(
      "moves", [&](const EachRow<MoveRow>& take) { return reader.each_move(take); }, moves.size(), of(moves),
      [](const MoveRow& row) { return row.entry; }, fault));
  const auto& documents = reckoning.key_document_rows();
  OAK_TRY(compare<KeyDocumentRow>(
      "key_documents", [&](const EachRow<KeyDocumentRow>& take) { return reader.each_key_document(take); }, documents.size(), of(documents),
      [](const KeyDocumentRow& row) { return row.entry; }, fault));
  return check_members(reader, reckoning, fault);
}

}  // namespace oak
