#pragma once
// Machine facts as JSON: written for rehearsals and comparisons, and read back. The one file of this floor that speaks
// JSON. The files hold raw values: they stay on the machine.

#include <optional>
#include <string>
#include <vector>

#include "core/tolerance.h"
#include "machine-id/collect.h"

namespace oak {

inline constexpr std::size_t max_facts_bytes = 256U << 20;

/// One object, with the keys of the contract, and a newline.
std::string write_facts(const Facts& facts);

struct NamedFacts {
  std::optional<std::string> id;  ///< as JSON: a text or a whole number
  Facts facts;
};
struct FactsFile {
  std::vector<NamedFacts> machines;
  bool one_a_line = false;  ///< many objects, one a line, each with an "id"
};
/// A single object over any number of lines, or one object a line. bad_facts names the line, the entry and the key. The same
/// rules apply as when collecting: buses, locally administered addresses, placeholders. One machine has at most 4 MiB.
Result<FactsFile> read_facts(std::string_view text);

/// Judges `now` against `base` as enrolled, with the default policy. Both are digested under a fixed key: raw values
/// need no secret to be compared with one another.
Judgement compare_facts(const Facts& base, const Facts& now);

/// An answer of `compare` on one line, with the machine's id (as JSON) in front where it has one.
std::string comparison_json(const Judgement& judgement, const std::optional<std::string>& id);

}  // namespace oak
