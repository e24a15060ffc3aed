#pragma once
// The ledger in one SQLite file. The one file that speaks SQL.

#include <memory>
#include <string>

#include "issuer/ledger.h"

namespace oak {

enum class LedgerOpening { create, read_write };

/// Synchronous EXTRA with a rollback journal: what is committed is on disk. `create` refuses an existing file.
Result<std::unique_ptr<Ledger>> open_sqlite_ledger(const std::string& path, LedgerOpening opening);

}  // namespace oak
