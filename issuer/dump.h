#pragma once
// The ledger's entries for other programs: JSON, or CSV that a spreadsheet can open (docs/ledger.md, "Dump"). No licence secret is in it.

#include <string>

#include "core/failure.h"

namespace oak {

enum class DumpFormat { json, csv };
Outcome<std::string> dump_ledger(const std::string& desk, DumpFormat format);

}  // namespace oak
