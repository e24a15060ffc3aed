#include <fmt/core.h>

#include <algorithm>

#include "core/text.h"
#include "issuer/batch.h"
#include "issuer/table.h"

namespace oak {
namespace {

bool got_nothing(const BatchRow& row) { return row.decision == BatchRow::Decision::refused || row.decision == BatchRow::Decision::failed; }

std::string decision_word(const BatchRow& row) {
  switch (row.decision) {
    case BatchRow::Decision::issued: return "issued";
    case BatchRow::Decision::repeated: return "issued before";
    case BatchRow::Decision::refused: return "refused";
    case BatchRow::Decision::failed: break;
  }
  return exit_code_of(row.failure.code) == 1 ? "malformed" : "not done";
}

std::string codes_of(const BatchRow& row) {
  if (row.decision == BatchRow::Decision::failed) return std::string(code_name(row.failure.code));
  std::vector<std::string> codes;
  for (const Refusal& refusal : row.refusals) codes.push_back(refusal.code);
  return joined(codes);
}

std::string table_of(const std::vector<const BatchRow*>& rows) {
  Table table({{"request"}, {"decision"}, {"activation, or why not"}});
  for (const BatchRow* row : rows)
    table.add({row->request, decision_word(*row), row->activation.empty() ? codes_of(*row) : row->activation});
  return table.text();
}

/// "3 issued, 1 refused", in the order of the words' first appearance in `words`.
std::string sum_of(const std::vector<BatchRow>& rows) {
  std::string out;
  for (const char* word : {"issued", "issued before", "refused", "malformed", "not done"}) {
    const auto count = std::count_if(rows.begin(), rows.end(), [&](const BatchRow& row) { return decision_word(row) == word; });
    if (count > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, word);
  }
  return out;
}

/// A report's value with the request's name in front.
std::string with_request(const std::string& request, std::string_view json) {
  JsonWriter name;
  name.text(request);
  return "{\"request\": " + name.str() + ", " + std::string(trimmed(json).substr(1));
}

}  // namespace

BatchRow batch_row(const std::string& request, const Outcome<Issued>& answer, const std::string& written_to) {
  BatchRow row;
  row.request = request;
  if (!answer) {
    row.failure = answer.error();
    row.json = with_request(request, failure_json(row.failure));
  } else if (!answer->refusals.empty()) {
    row.decision = BatchRow::Decision::refused;
    row.refusals = answer->refusals;
    row.json = with_request(request, refused_report(row.refusals).json);
  } else {
    row.decision = answer->repeat ? BatchRow::Decision::repeated : BatchRow::Decision::issued;
    row.activation = activation_id_text(answer->record.id);
    row.json = with_request(request, issued_report(answer->record, answer->repeat, written_to).json);
  }
  return row;
}

Report batch_report(const std::vector<BatchRow>& rows, const std::string& folder) {
  Report out;
  std::vector<const BatchRow*> all;
  for (const BatchRow& row : rows) {
    out.json += (out.json.empty() ? "[" : ",\n") + row.json;
    all.push_back(&row);
  }
  out.json += "]\n";
  out.text = table_of(all) + fmt::format("\n{}; written to {}\n", sum_of(rows), printable(folder));
  return out;
}

int batch_exit_code(const std::vector<BatchRow>& rows) {
  int code = 0;
  for (const BatchRow& row : rows) {
    if (row.decision == BatchRow::Decision::refused) code = std::max(code, 1);
    if (row.decision == BatchRow::Decision::failed) code = std::max(code, exit_code_of(row.failure.code));
  }
  return code;
}

std::string batch_messages(std::string_view tool, const std::vector<BatchRow>& rows, std::size_t at_most) {
  std::string out;
  std::size_t said = 0, left = 0;
  for (const BatchRow& row : rows) {
    if (!got_nothing(row)) continue;
    if (said++ >= at_most)
      ++left;
    else if (row.decision == BatchRow::Decision::failed)
      out += failure_text(tool, row.failure);
    else
      for (const Refusal& refusal : row.refusals)
        out += fmt::format("{}: refused: {}: {}: {}\nhint: {}\n", tool, in_quotes(row.request), refusal.code, printable(refusal.message),
                           printable(refusal.remedy));
  }
  if (left > 0) out += fmt::format("{}: and {} more, each with its reason and remedy in {}\n", tool, left, batch_report_name);
  return out;
}

std::string batch_page(const std::vector<BatchRow>& rows) {
  std::vector<const BatchRow*> not_plain;
  for (const BatchRow& row : rows)
    if (row.decision != BatchRow::Decision::issued) not_plain.push_back(&row);
  constexpr std::size_t screen = 20;
  const std::size_t left = not_plain.size() > screen ? not_plain.size() - screen : 0;
  not_plain.resize(not_plain.size() - left);
  std::string out = fmt::format("{} requests: {}\n", rows.size(), sum_of(rows));
  if (!not_plain.empty()) out += "\n" + table_of(not_plain);
  if (left > 0) out += fmt::format("and {} more\n", left);
  return out;
}

}  // namespace oak
