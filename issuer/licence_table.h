#pragma once
// Licences as a table in text: what its columns are called, and all that can be wrong with it (docs/changes.md, "Many licences at
// once"). Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "issuer/licence_terms.h"

namespace oak {

inline constexpr std::size_t max_import_bytes = 16U << 20;

struct ImportFault {
  std::uint64_t line = 0;
  std::string column;  ///< as the table names it; empty: of the whole line
  std::string message, remedy;
};

struct ImportRow {
  std::uint64_t line = 0;
  NewLicence input;
};
struct ImportTable {
  std::vector<ImportRow> rows;
  std::vector<ImportFault> faults;  ///< in the order of lines, at most max_import_faults; not empty: nothing may be imported
  std::size_t faults_left_out = 0;
};
inline constexpr std::size_t max_import_faults = 1000;
/// Everything that can be said of a table without a desk. Any bytes.
ImportTable read_licence_table(ByteView file);
void sort_by_line(std::vector<ImportFault>& faults);
/// The table that is read as these very licences.
std::string licence_table_of(const std::vector<Licence>& licences);

}  // namespace oak
