#pragma once
// What `licence import` says. Nothing is printed here.

#include "issuer/licence_import.h"
#include "issuer/report.h"

namespace oak {

/// Why nothing was added. `messages` are for standard error, a line and a hint for each fault; in words there is nothing else.
struct RefusedTable {
  std::string messages;
  Report report;
};
RefusedTable refused_table(std::string_view tool, const std::string& file, const ImportTable& table);
/// `out` is where the keys went; empty: they are in the text. JSON has them either way.
Report imported_report(const Imported& imported, const std::string& out);
/// Ids, terms and keys as a table that a spreadsheet opens (RFC 4180).
std::string keys_as_csv(const Imported& imported);
std::vector<std::string> import_warnings(const Imported& imported);

}  // namespace oak
