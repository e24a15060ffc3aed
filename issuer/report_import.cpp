#include "issuer/report_import.h"

#include <fmt/core.h>

#include "core/text.h"
#include "issuer/csv.h"
#include "issuer/report_json.h"
#include "issuer/table.h"

namespace oak {
namespace {

std::string counted(std::size_t count, std::string_view word) { return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s"); }

std::string place_of(const std::string& file, const ImportFault& fault) {
  return fmt::format("{}, line {}{}", in_quotes(file), fault.line, fault.column.empty() ? "" : ", column " + fault.column);
}

}  // namespace

RefusedTable refused_table(std::string_view tool, const std::string& file, const ImportTable& table) {
  const std::string sum =
      fmt::format("{} has {}: no licence was added", in_quotes(file), counted(table.faults.size() + table.faults_left_out, "fault"));
  const std::string next = "mend the table, and give the same command again";
  RefusedTable out;
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.key("code").text(code_name(Code::refused)).key("message").text(sum).key("hint").text(next).end_object();
  json.key("faults").begin_array();
  for (const ImportFault& fault : table.faults) {
    out.messages += failure_text(tool, {Code::refused, place_of(file, fault) + ": " + fault.message, fault.remedy});
    json.begin_object().key("line").number(fault.line).key("column").text_or_null(fault.column);
    json.key("message").text(fault.message).key("remedy").text(fault.remedy).end_object();
  }
  json.end_array().end_object();
  if (table.faults_left_out > 0) out.messages += fmt::format("{}: and {} more\n", tool, table.faults_left_out);
  out.messages += failure_text(tool, {Code::refused, sum, next});
  out.report.json = close(json);
  return out;
}

Report imported_report(const Imported& imported, const std::string& out) {
  JsonWriter json;
  json.begin_array();
  Table table({{"licence"}, {"licence key"}, {"customer"}, {"product"}, {"seats", Table::Side::right}, {"versions"}});
  for (const ImportedLicence& one : imported.licences) {
    const Licence& licence = one.licence;
    json.begin_object().key("id").text(licence.id).key("licence_key").text(one.key_text);
    json.key("customer").text(licence.customer).key("repeat").boolean(imported.repeat).end_object();
    table.add({licence.id, one.key_text, licence.customer, licence.product, std::to_string(licence.seats), licence.versions.text()});
  }
  json.end_array();
  const std::string done = counted(imported.licences.size(), "licence") + (imported.repeat ? " of this file, added before" : " added");
  const std::string again = "  one key again  oak-issuer licence key ID\n";
  if (!out.empty()) return {fmt::format("{}; the keys are in {}, which only you can read\n{}", done, printable(out), again), close(json)};
  return {fmt::format("{}\n{}: the keys are the customers' secrets; send each apart from everything else\n{}", table.text(), done, again),
          close(json)};
}

std::string keys_as_csv(const Imported& imported) {
  std::string out = "id,licence_key,customer,product,seats,versions\r\n";
  for (const ImportedLicence& one : imported.licences)
    out += fmt::format("{},{},{},{},{},{}\r\n", csv_field(one.licence.id), csv_field(one.key_text), csv_field(one.licence.customer),
                       csv_field(one.licence.product), one.licence.seats, csv_field(one.licence.versions.text()));
  return out;
}

std::vector<std::string> import_warnings(const Imported& imported) {
  std::vector<std::string> out;
  for (const std::string& product : imported.new_products)
    out.push_back(fmt::format("product {} is new, and has the default policy; see oak-issuer product change {}", product, product));
  if (imported.repeat)
    out.emplace_back(
        "this very file was imported before: nothing was added; the same order a second time needs a table that differs from it, say by "
        "ids");
  return out;
}

}  // namespace oak
