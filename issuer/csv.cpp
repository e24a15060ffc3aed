#include "issuer/csv.h"

#include <algorithm>
#include <utility>

namespace oak {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// A formula to a spreadsheet; and what already looks like one with an apostrophe, so that no two texts are written alike.
bool needs_apostrophe(std::string_view text) {
  constexpr std::string_view begins_formula = "=+-@\t\r";
  const std::size_t begin = std::min(text.find_first_not_of('\''), text.size());
  return begin < text.size() && begins_formula.find(text[begin]) != std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
  }

  CsvTable run() {
    while (at_ < text_.size()) {
      const std::size_t begin = at_;
      CsvRecord record = take_record();
      const bool is_blank = record.fields.size() == 1 && record.fields.front().empty() && text_[begin] != '"';
      if (is_blank) continue;
      if (out_.records.size() == max_csv_records) {
        fault(record.line, 0, "there are more than " + std::to_string(max_csv_records) + " lines", "give the rest in a second file");
        break;
      }
      out_.records.push_back(std::move(record));
    }
    return std::move(out_);
  }

 private:
  void fault(std::uint64_t line, std::size_t field, std::string message, std::string remedy) {
    if (out_.faults.size() == max_csv_faults) return static_cast<void>(++out_.faults_left_out);
    out_.faults.push_back({line, field, std::move(message), std::move(remedy)});
  }

  CsvRecord take_record() {
    CsvRecord record{line_, {}};
    for (std::size_t field = 1;; ++field) {
      std::string value = at_ < text_.size() && text_[at_] == '"' ? take_quoted(field) : take_plain(field);
      if (field <= max_csv_fields) record.fields.push_back(std::move(value));
      if (field == max_csv_fields + 1)
        fault(line_, field, "there are more than " + std::to_string(max_csv_fields) + " fields", "leave out what no column is for");
      if (at_ == text_.size() || text_[at_] != ',') break;
      ++at_;
    }
    if (at_ < text_.size()) ++at_, ++line_;  // at an LF
    return record;
  }

  /// Up to the next comma or end of line, whose CR is passed over.
  std::string_view rest_of_field(std::size_t field) {
    const std::size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
    std::string_view rest = text_.substr(at_, end - at_);
    at_ = end;
    const bool ends_line = end < text_.size() && text_[end] == '\n';
    if (ends_line && rest.ends_with('\r')) rest.remove_suffix(1);
    if (rest.find('\r') != std::string_view::npos) fault(line_, field, "a carriage return stands alone", "end lines with LF or CR LF");
    return rest;
  }

  std::string take_plain(std::size_t field) {
    const std::string_view value = rest_of_field(field);
    if (value.find('"') != std::string_view::npos)
      fault(line_, field, "a quote stands inside a value that does not begin with one",
            "put the whole value between quotes, and double each quote inside it");
    return std::string(value);
  }

  std::string take_quoted(std::size_t field) {
    std::string value;
    const std::uint64_t begin = line_;
    for (++at_;; ++at_) {
      const std::size_t quote = text_.find('"', at_);
      const std::string_view piece = text_.substr(at_, quote == std::string_view::npos ? quote : quote - at_);
      value += piece;
      line_ += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
      at_ += piece.size();
      if (at_ == text_.size()) {
        fault(begin, field, "the quote that opens here is never closed", "close it, or double it where it is part of the value");
        return value;
      }
      ++at_;  // past the quote
      if (at_ == text_.size() || text_[at_] != '"') break;
      value += '"';
    }
    if (!rest_of_field(field).empty())
      fault(line_, field, "something follows the closing quote", "double each quote that is part of the value");
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
  CsvTable out_;
};

}  // namespace

CsvTable read_csv(std::string_view text) { return Reader(text).run(); }

std::string csv_field(std::string_view text) {
  constexpr std::string_view needs_quotes = ",\"\r\n";
  std::string out = needs_apostrophe(text) ? "'" : "";
  out += text;
  if (out.find_first_of(needs_quotes) == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string_view without_apostrophe(std::string_view value) {
  if (value.starts_with('\'') && needs_apostrophe(value.substr(1))) value.remove_prefix(1);
  return value;
}

}  // namespace oak
