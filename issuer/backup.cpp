#include "issuer/backup.h"

#include "core/text.h"
#include "issuer/desk.h"
#include "issuer/desk_files.h"
#include "issuer/ledger_audit.h"
#include "issuer/merkle.h"

namespace oak {
namespace {

constexpr std::size_t entries_at_once = 4096;

/// Of the first `most` entries.
Result<BackedUp> read_first(LedgerReader& reader, std::uint64_t most) {
  MerkleTree tree;
  while (tree.size() < most) {
    OAK_ASSIGN(const auto entries, reader.entries(tree.size(), std::min<std::uint64_t>(entries_at_once, most - tree.size())));
    if (entries.empty()) break;
    for (const RawEntry& entry : entries) {
      if (entry.index != tree.size()) return fail(Code::ledger_damaged, "entry " + std::to_string(tree.size()) + " is missing");
      tree.append(entry.leaf);
    }
  }
  return BackedUp{tree.size(), tree.root()};
}

Result<BackedUp> copy_and_compare(LedgerReader& ledger, const std::string& path) {
  OAK_TRY(ledger.copy_to(path));
  OAK_ASSIGN(const auto copy, open_sqlite_ledger_reader(path));
  OAK_ASSIGN(const auto faults, copy->faults_of_form());
  if (!faults.empty()) return fail(Code::ledger_damaged, faults.front());
  OAK_ASSIGN(const BackedUp copied, read_first(*copy, UINT64_MAX));
  // The desk may have gone on meanwhile: entries are only ever added.
  OAK_ASSIGN(const BackedUp original, read_first(ledger, copied.entries));
  if (original.entries != copied.entries || original.root != copied.root)
    return fail(Code::ledger_damaged, "the copy holds other entries than the desk");
  return copied;
}

}  // namespace

Outcome<BackedUp> back_up(const std::string& desk, const std::string& out, Existing existing) {
  OAK_TRY(check_desk_folder(desk));
  const auto reader = open_sqlite_ledger_reader(desk + "/" + std::string(ledger_file));
  if (!reader) return tl::unexpected(ledger_failure(reader.error(), desk));
  std::optional<Failure> of_ledger;
  BackedUp done;
  const auto written = write_made_by(out, existing, [&](const std::string& temporary) -> Status {
    const auto copied = copy_and_compare(**reader, temporary);
    if (!copied) {
      of_ledger = ledger_failure(copied.error(), desk);
      return tl::unexpected(copied.error());
    }
    done = *copied;
    return {};
  });
  if (of_ledger) return tl::unexpected(std::move(*of_ledger));
  if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write the backup " + in_quotes(out)));
  return done;
}

}  // namespace oak
