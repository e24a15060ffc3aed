#include "issuer/report.h"

#include <fmt/core.h>

#include "core/text.h"
#include "issuer/report_json.h"

namespace oak {
namespace {

std::string state_word(const ActivationRecord& record, std::uint64_t now_unix_s) {
  if (record.state == ActivationState::live && !record.is_live(now_unix_s)) return "expired";
  return std::string(activation_state_name(record.state));
}

void write_activation_row(JsonWriter& json, const ActivationRecord& record, std::uint64_t now_unix_s) {
  const Activation& activation = record.activation;
  json.begin_object();
  json.key("activation").text(activation_id_text(record.id));
  json.key("licence").text(activation.licence);
  json.key("product").text(activation.product);
  json.key("site").text_or_null(activation.site);
  json.key("seats").number(activation.seats);
  json.key("kind").text(kind_name(activation.kind));
  json.key("not_after");
  write_number_or_null(json, activation.not_after_unix_s);
  json.key("generation").number(activation.generation);
  json.key("state").text(state_word(record, now_unix_s));
  json.key("operator").text(record.operator_name);
  json.key("issued_at").number(record.at_unix_s);
  json.end_object();
}

std::string activation_line(const ActivationRecord& record, std::uint64_t now_unix_s) {
  const Activation& activation = record.activation;
  return fmt::format("{}  {:<10}  {:<24}  {:>5} of {:<12}  {:<11}  gen {:<4}  {}\n", activation_id_text(record.id),
                     state_word(record, now_unix_s), printable(activation.site.empty() ? "-" : activation.site), activation.seats,
                     activation.licence, kind_name(activation.kind), activation.generation, utc_text(record.at_unix_s));
}

}  // namespace

Report activations_report(const std::vector<ActivationRecord>& records, std::uint64_t now_unix_s) {
  JsonWriter json;
  json.begin_array();
  std::string text;
  for (const ActivationRecord& record : records) {
    write_activation_row(json, record, now_unix_s);
    text += activation_line(record, now_unix_s);
  }
  json.end_array();
  if (text.empty()) return {"nothing issued yet\n", close(json)};
  return {fmt::format("{:<16}  {:<10}  {:<24}  {:>5} of {:<12}  {:<11}  {:<8}  {}\n", "activation", "state", "site", "seats", "licence",
                      "kind", "", "issued") +
              text,
          close(json)};
}

Report activation_report(const ActivationRecord& record, std::uint64_t now_unix_s) {
  const Activation& activation = record.activation;
  JsonWriter json;
  write_activation_row(json, record, now_unix_s);
  std::string text = activation_line(record, now_unix_s);
  text += fmt::format("  product    {} {}\n  customer   {}\n  operator   {}\n  ledger     entry {}\n", activation.product,
                      activation.versions.text(), printable(activation.customer), printable(record.operator_name), activation.index);
  if (!record.reason.empty()) text += fmt::format("  reason     {}\n", printable(record.reason));
  if (!record.approvals.empty()) text += fmt::format("  approved   {}\n", joined(record.approvals));
  if (activation.not_after_unix_s) text += fmt::format("  ends       {}\n", utc_text(*activation.not_after_unix_s));
  if (activation.supersedes) text += fmt::format("  supersedes {}\n", activation_id_text(*activation.supersedes));
  if (record.successor) text += fmt::format("  superseded by {}\n", activation_id_text(*record.successor));
  return {text, close(json)};
}

}  // namespace oak
