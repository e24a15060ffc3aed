#pragma once
// The ledger as an auditor reads it: entries as they lie there, undecoded, and the derived tables row by row, to be compared with
// what the leaves say. Nothing is mended, made again or written, whoever the auditor is and whatever is missing.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"

namespace oak {

struct RawEntry {
  std::uint64_t index = 0;
  Bytes leaf, request;
};

// Rows of the derived tables (issuer/ledger_derived.h).
struct LicenceRow {
  std::string id, folded;
  std::uint64_t entry = 0, added = 0, steady = 0, steady_unreturned = 0;
  std::vector<std::uint64_t> entries;  ///< of table licence_entries
  bool operator==(const LicenceRow&) const = default;
};
struct ProductRow {
  std::string name;
  std::uint64_t entry = 0;
  bool operator==(const ProductRow&) const = default;
};
struct ActivationRow {
  std::uint64_t entry = 0;
  Bytes id;
  std::string text, licence;
  std::uint64_t state = 0, generation = 0;
  Bytes request, machine;
  std::uint64_t seats = 0, counted = 0;
  std::optional<std::uint64_t> owed_until;
  std::uint64_t counted_after = 0;
  std::optional<std::uint64_t> not_after;
  Bytes supersedes, successor;
  std::uint64_t freed = 0, weak = 0;
  std::optional<std::uint64_t> ended;
  bool operator==(const ActivationRow&) const = default;
};
struct MemberRow {
  Bytes id, member;
  bool operator==(const MemberRow&) const = default;
};
struct MoveRow {
  std::uint64_t entry = 0;
  std::string licence;
  std::uint64_t at = 0;
  bool operator==(const MoveRow&) const = default;
};
struct KeyDocumentRow {
  std::uint64_t entry = 0, kind = 0;
  bool operator==(const KeyDocumentRow&) const = default;
};
struct SecretRow {
  std::string licence;
  std::uint64_t number = 0;
  Bytes nonce, sealed;
};

template <typename Row>
using EachRow = std::function<void(Row)>;

/// Every call may fail with io_error, locked, permission_denied or ledger_damaged.
class LedgerReader {
 public:
  virtual ~LedgerReader() = default;

  /// From here on everything is read as of one moment. A writer waits with its commit until the reader is gone.
  virtual Status hold() = 0;
  virtual Result<std::uint64_t> size() = 0;
  /// At most `most` of them from `first` on, in order; a gap shows in their numbers.
  virtual Result<std::vector<RawEntry>> entries(std::uint64_t first, std::size_t most) = 0;
  virtual Status each_secret(const EachRow<SecretRow>& take) = 0;

  /// What SQLite finds wrong with the file's pages and indexes; tables, triggers and views that no ledger has.
  virtual Result<std::vector<std::string>> faults_of_form() = 0;

  // Each answers false where the table is missing, or of an earlier version of the kit: it is made again from the leaves
  // before anybody uses it. In ascending order: by id, by name, by entry, by id and member, by entry, by entry.
  virtual Result<bool> each_licence(const EachRow<LicenceRow>& take) = 0;
  virtual Result<bool> each_product(const EachRow<ProductRow>& take) = 0;
  virtual Result<bool> each_activation(const EachRow<ActivationRow>& take) = 0;
  virtual Result<bool> each_member(const EachRow<MemberRow>& take) = 0;
  virtual Result<bool> each_move(const EachRow<MoveRow>& take) = 0;
  virtual Result<bool> each_key_document(const EachRow<KeyDocumentRow>& take) = 0;

  /// All of it into a new file, as of one moment.
  virtual Status copy_to(const std::string& path) = 0;
};

Result<std::unique_ptr<LedgerReader>> open_sqlite_ledger_reader(const std::string& path);

}  // namespace oak
