#pragma once
// What staff should look at first: activations and licences that cost seats or moves, or stand on somebody's word. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "issuer/licence_desk.h"

namespace oak {

/// "unreturned", then those refusal codes that an operator approved and that bear on seats, the gravest first; empty for one that
/// is not live.
std::vector<std::string> concerns_of(const ActivationRecord& record, std::uint64_t now_unix_s);
/// "unreturned", "moves-over-quota", "no-moves-left", "many-weak", the gravest first.
std::vector<std::string> concerns_of(const LicenceView& view);
/// For sorting: smaller is graver; nothing of concern comes last.
std::size_t rank_of(const std::vector<std::string>& concerns);
/// "moved on a word; weak": for a column.
std::string concern_words(const std::vector<std::string>& concerns);

}  // namespace oak
