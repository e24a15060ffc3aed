// Goal: a table is read as RFC 4180 says, whatever program wrote it; of a table that is wrong, all faults are found at once, each with
// its line and field; and no bytes make the reader use more than its bounds, or lose its place.
#include <catch2/catch.hpp>

#include <random>

#include "issuer/csv.h"

namespace oak {
namespace {

using Fields = std::vector<std::string>;

std::vector<Fields> fields_of(std::string_view text) {
  const CsvTable table = read_csv(text);
  CHECK(table.faults.empty());
  std::vector<Fields> out;
  for (const CsvRecord& record : table.records) out.push_back(record.fields);
  return out;
}

struct Place {
  std::uint64_t line;
  std::size_t field;
  bool operator==(const Place&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Place& place) { return out << "line " << place.line << ", field " << place.field; }

std::vector<Place> faults_of(std::string_view text) {
  std::vector<Place> out;
  for (const CsvFault& fault : read_csv(text).faults) {
    CHECK_FALSE(fault.message.empty());
    CHECK_FALSE(fault.remedy.empty());
    out.push_back({fault.line, fault.field});
  }
  return out;
}

}  // namespace

TEST_CASE("a table is read whatever ends its lines", "[issuer][csv]") {
  const std::vector<Fields> expected = {{"a", "b"}, {"1", "2"}};
  CHECK(fields_of("a,b\n1,2\n") == expected);
  CHECK(fields_of("a,b\r\n1,2\r\n") == expected);
  CHECK(fields_of("a,b\r\n1,2") == expected);
  CHECK(fields_of("\xef\xbb\xbf\"a\",b\n1,2\n") == expected);
  CHECK(fields_of("\na,b\n\r\n\n1,2\n\n") == expected);
  CHECK(fields_of("").empty());
  CHECK(fields_of("\xef\xbb\xbf").empty());
  CHECK(fields_of("a,\n,\n") == std::vector<Fields>{{"a", ""}, {"", ""}});
  CHECK(fields_of("a,") == std::vector<Fields>{{"a", ""}});
  CHECK(fields_of("\"\"") == std::vector<Fields>{{""}});
}

TEST_CASE("quotes hold commas, quotes and ends of line", "[issuer][csv]") {
  CHECK(fields_of("\"a,b\",\"say \"\"yes\"\"\",\"one\ntwo\"\n") == std::vector<Fields>{{"a,b", "say \"yes\"", "one\ntwo"}});
  CHECK(fields_of("\"one\r\ntwo\"\r\n") == std::vector<Fields>{{"one\r\ntwo"}});
  CHECK(fields_of("\"\"\"\",x") == std::vector<Fields>{{"\"", "x"}});
  CHECK(fields_of(" a , b") == std::vector<Fields>{{" a ", " b"}});
  // What the desk writes, it reads; and lines are counted within quotes too.
  for (const std::string text : {"plain", "a,b", "\"", "two\nlines", "\r\n", ""})
    CHECK(fields_of(csv_field(text) + ",x\n") == std::vector<Fields>{{text == "\r\n" ? "'\r\n" : text, "x"}});
  const CsvTable table = read_csv("\"1\n2\n\"\n\nlast\n");
  REQUIRE(table.records.size() == 2);
  CHECK(table.records[1].line == 5);
}

TEST_CASE("the desk writes a field so that no spreadsheet runs it", "[issuer][csv]") {
  CHECK(csv_field("plain") == "plain");
  CHECK(csv_field("a,\"b\"\n") == "\"a,\"\"b\"\"\n\"");
  for (const char* formula : {"=1", "+1", "-1", "@SUM", "\tx"}) CHECK(csv_field(formula) == "'" + std::string(formula));
  CHECK(csv_field("\r=1") == "\"'\r=1\"");
  CHECK(csv_field("'quoted'") == "'quoted'");
  for (const std::string text : {"=1", "'=1", "''-", "'", "''", "'a", "", "-", "plain"}) {
    const CsvTable table = read_csv(csv_field(text) + ",x");
    CHECK(without_apostrophe(table.records.at(0).fields.at(0)) == text);
  }
}

TEST_CASE("every fault of form is named by its line and field, and what comes after is read on", "[issuer][csv]") {
  CHECK(faults_of("a,\"b\"c,d\n") == std::vector<Place>{{1, 2}});
  CHECK(faults_of("a,b\"c\nx\n\"d\" ,e") == std::vector<Place>{{1, 2}, {3, 1}});
  CHECK(faults_of("a\n\"open,\nb\n") == std::vector<Place>{{2, 1}});
  CHECK(faults_of("a\rb,c\n") == std::vector<Place>{{1, 1}});
  const CsvTable table = read_csv("\"a\"x,b\nc,\"d\n");
  REQUIRE(table.records.size() == 2);
  CHECK(table.records[0].fields == Fields{"a", "b"});
  CHECK(table.records[1].fields == Fields{"c", "d\n"});
}

TEST_CASE("what a table may hold is bounded, and what is beyond is a fault", "[issuer][csv]") {
  std::string many, wide, wrong;
  for (std::size_t i = 0; i <= max_csv_records; ++i) many += "x\n";
  CHECK(read_csv(many).records.size() == max_csv_records);
  CHECK(faults_of(many) == std::vector<Place>{{max_csv_records + 1, 0}});
  wide = std::string(1'000'000, ',');
  CHECK(read_csv(wide).records.front().fields.size() == max_csv_fields);
  CHECK(faults_of(wide) == std::vector<Place>{{1, max_csv_fields + 1}});
  for (std::size_t i = 0; i < max_csv_faults + 5; ++i) wrong += "a\"\n";
  CHECK(read_csv(wrong).faults.size() == max_csv_faults);
  CHECK(read_csv(wrong).faults_left_out == 5);
}

// Not proved: that each fault found is the one a person would name.
TEST_CASE("no bytes lead the reader astray", "[issuer][csv]") {
  std::mt19937 random(7);
  const std::string alphabet("a,\"\n\r;\0\xff\xef\xbb\xbf", 11);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 40, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    const CsvTable table = read_csv(text);
    std::uint64_t last = 0;
    for (const CsvRecord& record : table.records) {
      CHECK_FALSE(record.fields.empty());
      CHECK(record.line > last);
      last = record.line;
    }
    CHECK(last <= 1 + static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')));
    // What was read without a fault says the same when it is written and read again.
    if (!table.faults.empty()) continue;
    std::string again;
    for (const CsvRecord& record : table.records)
      for (std::size_t i = 0; i < record.fields.size(); ++i) {
        std::string quoted;
        for (const char c : record.fields[i]) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        again += "\"" + quoted + "\"" + (i + 1 == record.fields.size() ? "\r\n" : ",");
      }
    const CsvTable read = read_csv(again);
    REQUIRE(read.records.size() == table.records.size());
    for (std::size_t i = 0; i < read.records.size(); ++i) CHECK(read.records[i].fields == table.records[i].fields);
  }
}

}  // namespace oak
