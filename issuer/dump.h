#pragma once
// The ledger's entries for other programs: JSON, or CSV that a spreadsheet can open (docs/ledger.md, "Dump"). No licence secret is in it.

#include <string>

#include "core/failure.h"

namespace oak {

enum class DumpFormat { json, csv };
Outcome<std::string> dump_ledger(const std::string& desk, DumpFormat format);

/// A field of RFC 4180. One that a spreadsheet would take for a formula gets an apostrophe in front.
std::string csv_field(std::string_view text);

}  // namespace oak
