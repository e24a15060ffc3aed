#pragma once
// Columns for people, as wide as a terminal shows them.

#include <string>
#include <string_view>
#include <vector>

namespace oak {

/// Cells that a terminal gives to well-formed UTF-8 without control characters: two for East Asian wide characters and most
/// pictographs, none for combining marks.
std::size_t display_width(std::string_view text);

class Table {
 public:
  enum class Side : char { left, right };
  struct Column {
    std::string title;
    Side side = Side::left;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as columns; untrusted text is escaped here.
  void add(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }
  /// The titles and a line a row, without spaces at its end.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace oak
