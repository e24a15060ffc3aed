#pragma once
// Tables as text (RFC 4180): a reader for what spreadsheets write, and the one spelling of a field that the desk writes.
// libcsv, which Debian has, says neither in which line nor in which field something is wrong.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace oak {

inline constexpr std::size_t max_csv_records = 100'000, max_csv_fields = 64, max_csv_faults = 1000;

struct CsvRecord {
  std::uint64_t line = 0;  ///< it begins there; from 1
  std::vector<std::string> fields;
};

struct CsvFault {
  std::uint64_t line = 0;
  std::size_t field = 0;  ///< of the record, from 1
  std::string message, remedy;
};

struct CsvTable {
  std::vector<CsvRecord> records;
  std::vector<CsvFault> faults;     ///< of form, in their order; at most max_csv_faults
  std::size_t faults_left_out = 0;  ///< those beyond
};

/// Any bytes. Lines end with LF or CR LF, the last one may lack it; a byte order mark in front is passed over, and so are lines
/// without a character. What stands between quotes may hold commas and ends of line, and "" there is one quote. After a fault it
/// goes on with the next field, so that all of them are found at once. Fields are bytes as they stand: not checked to be UTF-8.
CsvTable read_csv(std::string_view text);

/// A field of RFC 4180. One that a spreadsheet would take for a formula gets an apostrophe in front.
std::string csv_field(std::string_view text);
/// A field's value without the apostrophe that csv_field put in front.
std::string_view without_apostrophe(std::string_view value);

}  // namespace oak
