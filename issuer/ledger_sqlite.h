#pragma once
// The ledger in one SQLite file. The one file that speaks SQL.

#include <memory>
#include <string>

#include "issuer/ledger.h"

namespace oak {

/// `read` writes nothing but the end of a transaction that a crash cut off, where the file's permissions allow it.
enum class LedgerOpening { create, read_write, read };

/// Synchronous EXTRA with a rollback journal: what is committed is on disk. `create` makes its tables in a new or empty
/// file, and refuses any other.
Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const std::string& path, LedgerOpening opening);

}  // namespace oak
