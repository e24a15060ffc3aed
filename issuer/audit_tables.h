#pragma once
// Derived tables held against what the leaves say (rule 11 of the threat model: one that is absent is fine, one that disagrees is not).

#include "issuer/reckoning.h"

namespace oak {

/// `fault` gets the entry that a row is about, where that can be told.
using TableFault = std::function<void(std::optional<std::uint64_t> entry, std::string message)>;
Status check_tables(LedgerReader& reader, const Reckoning& reckoning, const TableFault& fault);

}  // namespace oak
