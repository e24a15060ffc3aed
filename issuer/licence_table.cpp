#include "issuer/licence_table.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/text.h"
#include "issuer/csv.h"

namespace oak {
namespace {

enum Column : std::size_t { customer, product, seats, versions, id, feature, rehosts, certificates, allow, forbid, column_count };
struct ColumnName {
  std::string_view name, also;  ///< `also` is what dump calls it
  bool is_required;
};
constexpr std::array<ColumnName, column_count> columns = {{{"customer", {}, true},
                                                           {"product", {}, true},
                                                           {"seats", {}, true},
                                                           {"versions", {}, true},
                                                           {"id", "licence", false},
                                                           {"feature", "features", false},
                                                           {"rehosts", {}, false},
                                                           {"certificates", {}, false},
                                                           {"allow", {}, false},
                                                           {"forbid", "forbids", false}}};

std::string all_column_names() {
  std::string out;
  for (const ColumnName& column : columns) out += (out.empty() ? "" : ", ") + std::string(column.name);
  return out;
}

std::string in_small_letters(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Without white space around each, and without empty ones.
std::vector<std::string> split_list(std::string_view text, std::string_view separators) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (const auto part = trimmed(text.substr(0, end)); !part.empty()) out.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  constexpr std::size_t most_digits = 18;  // more than any term takes, and less than 2^64
  if (text.empty() || text.size() > most_digits || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::uint64_t out = 0;
  for (const char digit : text) out = out * 10 + static_cast<std::uint64_t>(digit - '0');
  return out;
}

/// As messages name a column: without the quotes.
std::string title_of(std::string_view field) {
  const std::string quoted = quoted_briefly(trimmed(field));
  return quoted.substr(1, quoted.size() - 2);
}

class TableReader {
 public:
  explicit TableReader(ByteView file) : text_(as_text(file)) {}

  ImportTable run() {
    if (const char* const wrong = wrong_file(); wrong) {
      fault(1, {}, wrong, "save the table as CSV in UTF-8, with commas between the columns");
      return std::move(out_);
    }
    const CsvTable table = read_csv(text_);
    if (!table.records.empty()) read_header(table.records.front());
    for (const CsvFault& wrong : table.faults) fault(wrong.line, title(wrong.field), wrong.message, wrong.remedy);
    out_.faults_left_out += table.faults_left_out;
    if (knows_columns_)
      for (std::size_t i = 1; i < table.records.size(); ++i) read_row(table.records[i]);
    if (out_.rows.empty() && out_.faults.empty())
      fault(1, {}, "there is no licence in the table",
            "the first line names the columns (" + all_column_names() + "), each other one is a licence");
    sort_by_line(out_.faults);
    return std::move(out_);
  }

 private:
  const char* wrong_file() const {
    if (text_.starts_with("\xff\xfe") || text_.starts_with("\xfe\xff")) return "the table is in UTF-16";
    if (text_.starts_with("PK\x03\x04") || text_.starts_with("\xd0\xcf\x11\xe0")) return "this is a spreadsheet, and no table in text";
    if (text_.find('\0') != std::string_view::npos) return "this is no text";
    return nullptr;
  }

  void fault(std::uint64_t line, std::string column, std::string message, std::string remedy) {
    if (out_.faults.size() == max_import_faults) return static_cast<void>(++out_.faults_left_out);
    out_.faults.push_back({line, std::move(column), std::move(message), std::move(remedy)});
  }

  /// The column's name in this table; of one that the header does not have, its number.
  std::string title(std::size_t field) const {
    if (field == 0) return {};
    return field <= titles_.size() && !titles_[field - 1].empty() ? titles_[field - 1] : std::to_string(field);
  }

  void read_header(const CsvRecord& header) {
    for (const std::string& field : header.fields) titles_.push_back(title_of(field));
    if (header.fields.size() == 1 && header.fields.front().find_first_of(";\t") != std::string::npos)
      return fault(header.line, {}, "the columns are not separated by commas", "save the table with commas between the columns");
    for (std::size_t field = 1; field <= header.fields.size(); ++field) read_title(header, field);
    for (std::size_t column = 0; column < column_count; ++column)
      if (columns[column].is_required && place_[column] == 0)
        fault(header.line, std::string(columns[column].name), "is missing", "add the column; the first line names them");
    knows_columns_ = true;
  }

  void read_title(const CsvRecord& header, std::size_t field) {
    const std::string name = in_small_letters(trimmed(header.fields[field - 1]));
    if (name.empty()) return fault(header.line, title(field), "has no name", "the columns are " + all_column_names());
    const auto known =
        std::find_if(columns.begin(), columns.end(), [&](const ColumnName& one) { return name == one.name || name == one.also; });
    if (known == columns.end())
      return fault(header.line, title(field), "is no column of a licence", "the columns are " + all_column_names());
    std::size_t& place = place_[static_cast<std::size_t>(known - columns.begin())];
    if (place != 0) return fault(header.line, title(field), "is there twice", "leave one of the columns out");
    place = field;
  }

  void read_row(const CsvRecord& record) {
    if (std::all_of(record.fields.begin(), record.fields.end(), [](const std::string& field) { return trimmed(field).empty(); })) return;
    if (record.fields.size() != titles_.size()) {
      return fault(record.line, {},
                   "has " + std::to_string(record.fields.size()) + " fields, and the first line has " + std::to_string(titles_.size()),
                   "give each column a field, even an empty one; a value with a comma in it stands between quotes");
    }
    ImportRow row{record.line, {}};
    NewLicence& input = row.input;
    input.id = text_of(record, id);
    input.customer = text_of(record, customer);
    input.product = text_of(record, product);
    input.versions = text_of(record, versions);
    input.features = split_list(text_of(record, feature), ";");
    input.forbidden = split_list(text_of(record, forbid), ";,");
    input.seats = number_in(record, seats).value_or(1);
    input.rehosts = number_in(record, rehosts);
    input.certificates = number_in(record, certificates);
    check_places(record, split_list(text_of(record, allow), ";,"), input.forbidden);
    check(record, input);
    out_.rows.push_back(std::move(row));
  }

  std::string text_of(const CsvRecord& record, Column column) const {
    if (place_[column] == 0) return {};
    return std::string(without_apostrophe(trimmed(record.fields[place_[column] - 1])));
  }

  std::optional<std::uint64_t> number_in(const CsvRecord& record, Column column) {
    const std::string text = text_of(record, column);
    if (text.empty()) return std::nullopt;
    const auto number = number_of(text);
    if (!number) fault(record.line, title(place_[column]), quoted_briefly(text) + " is not a whole number", "digits alone, such as 25");
    return number;
  }

  void check_places(const CsvRecord& record, const std::vector<std::string>& allowed, const std::vector<std::string>& forbidden) {
    for (const std::string& place : allowed) {
      if (place != "vm" && place != "container")
        fault(record.line, title(place_[allow]), quoted_briefly(place) + " is neither vm nor container",
              "vm, container, or both with a semicolon");
      else if (std::find(forbidden.begin(), forbidden.end(), place) != forbidden.end())
        fault(record.line, title(place_[allow]), place + " is allowed and forbidden", "leave one of the two out");
    }
  }

  /// What an option of `licence add` would be refused for.
  void check(const CsvRecord& record, const NewLicence& input) {
    std::vector<TermFault> faults;
    licence_of(input, faults);
    for (std::size_t column = 0; column < column_count; ++column) {
      if (place_[column] == 0) continue;
      const std::string at = title(place_[column]), value = text_of(record, static_cast<Column>(column));
      if (columns[column].is_required && value.empty()) {
        fault(record.line, at, "is empty", "every licence has a customer, a product, seats and versions");
        continue;
      }
      for (TermFault& one : faults)
        if (one.term == columns[column].name) fault(record.line, at, std::move(one.message), std::move(one.remedy));
    }
    if (input.id.empty()) return;
    const auto [first, is_new] = ids_.emplace(licence_id_as_meant(input.id), record.line);
    if (!is_new)
      fault(record.line, title(place_[id]), quoted_briefly(first->first) + " stands in line " + std::to_string(first->second) + " already",
            "give each licence an id of its own, or leave it empty: one is made up");
  }

  std::string_view text_;
  ImportTable out_;
  std::array<std::size_t, column_count> place_{};  ///< of the field, from 1; 0: not there
  std::vector<std::string> titles_;
  bool knows_columns_ = false;
  std::map<std::string, std::uint64_t> ids_;
};

std::string joined_by_semicolons(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ";") + word;
  return out;
}

std::string forbidden_places(const Licence& licence) {
  std::vector<std::string> out;
  if (licence.forbids_virtual_machines) out.emplace_back("vm");
  if (licence.forbids_containers) out.emplace_back("container");
  return joined_by_semicolons(out);
}

}  // namespace

std::string licence_table_of(const std::vector<Licence>& licences) {
  std::string out = "id,customer,product,seats,versions,feature,rehosts,certificates,forbid\r\n";
  for (const Licence& licence : licences) {
    const std::string rehosts = licence.rehosts ? std::to_string(*licence.rehosts) : std::string();
    for (const std::string& field : {licence.id, licence.customer, licence.product, std::to_string(licence.seats), licence.versions.text(),
                                     joined_by_semicolons(licence.features), rehosts, std::to_string(licence.certificates)})
      out += csv_field(field) + ",";
    out += csv_field(forbidden_places(licence)) + "\r\n";
  }
  return out;
}

void sort_by_line(std::vector<ImportFault>& faults) {
  std::stable_sort(faults.begin(), faults.end(), [](const ImportFault& a, const ImportFault& b) { return a.line < b.line; });
}

ImportTable read_licence_table(ByteView file) { return TableReader(file).run(); }

}  // namespace oak
