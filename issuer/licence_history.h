#pragma once
// What became of a licence's terms: each entry that added or changed it, and what it changed.

#include <string>
#include <vector>

#include "issuer/ledger.h"

namespace oak {

struct TermsChange {
  std::uint64_t entry = 0, at_unix_s = 0;
  std::string operator_name, reason;
  /// "seats 3 → 5"; of the first entry what was sold. Never empty.
  std::vector<std::string> what;
};
/// `leaves` as Ledger::licence_leaves gives them. Pure.
std::vector<TermsChange> changes_of(const std::vector<Leaf>& leaves);

}  // namespace oak
