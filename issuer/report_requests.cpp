#include "issuer/report.h"

#include <fmt/core.h>

#include "core/site_page.h"
#include "core/text.h"
#include "issuer/report_json.h"

namespace oak {
namespace {

std::string refusal_lines(const std::vector<Refusal>& refusals) {
  std::string out;
  for (const Refusal& refusal : refusals)
    out += fmt::format("  {}: {}\n    remedy: {}\n", refusal.code, printable(refusal.message), printable(refusal.remedy));
  return out;
}

std::string_view factor_words(Factor factor) {
  switch (factor) {
    case Factor::platform: return "its board";
    case Factor::network: return "its network cards";
    case Factor::disks: return "its disks";
    case Factor::tpm: return "its TPM";
    case Factor::os: return "its system (a reinstallation)";
    case Factor::model: break;
  }
  return "its model";
}

/// `done` is what happened to it: "issued".
Report handed_out_report(std::string_view done, const ActivationRecord& record, bool repeat, const std::string& out) {
  const Activation& activation = record.activation;
  JsonWriter json;
  json.begin_object();
  json.key("activation").text(activation_id_text(record.id));
  json.key("licence").text(activation.licence);
  json.key("product").text(activation.product);
  json.key("seats").number(activation.seats);
  json.key("versions").text(activation.versions.text());
  json.key("kind").text(kind_name(activation.kind));
  json.key("not_after");
  write_number_or_null(json, activation.not_after_unix_s);
  json.key("generation").number(activation.generation);
  json.key("supersedes");
  activation.supersedes ? json.text(activation_id_text(*activation.supersedes)) : json.null();
  json.key("index").number(activation.index);
  json.key("repeat").boolean(repeat);
  json.end_object();
  std::string text =
      fmt::format("{} activation {}: {} seat{} of {} {}, {}", done, activation_id_text(record.id), activation.seats,
                  activation.seats == 1 ? "" : "s", activation.product, activation.versions.text(), kind_name(activation.kind));
  if (activation.not_after_unix_s) text += fmt::format(" until {}", utc_text(*activation.not_after_unix_s));
  text += fmt::format("\n  written to      {}\n  over the phone  {}\n  at the site     oak-request import FILE\n", printable(out),
                      phone_groups(sha256(record.document)));
  return {text, close(json)};
}

}  // namespace

Report inspected_report(const Inspected& inspected) {
  JsonWriter json;
  json.begin_object();
  write_request_members(json, inspected.request);
  const bool refused = !inspected.decision.refusals.empty();
  json.key("policy").begin_object();
  json.key("decision").text(refused ? "refuse" : "issue");
  json.key("reasons");
  write_refusals(json, inspected.decision.refusals);
  json.key("proof_checked").boolean(inspected.proof_checked);
  json.key("indispensable").begin_array();
  for (const Factor factor : inspected.indispensable) json.text(factor_name(factor));
  json.end_array().end_object().end_object();
  std::string text = request_page(inspected.request);
  if (inspected.earlier_answer)
    text += fmt::format("policy: issue: this request was answered before; it gets the same activation {} again\n",
                        activation_id_text(inspected.earlier_answer->id));
  else if (refused)
    text += "policy: refuse\n" + refusal_lines(inspected.decision.refusals);
  else if (!inspected.decision.grant.approvals.empty())
    text += "policy: issue, because you answer for: " + joined(inspected.decision.grant.approvals) + "\n";
  else
    text += "policy: issue\n";
  for (const Factor factor : inspected.indispensable)
    text += fmt::format("  thin: a change of {} alone would lock this machine out\n", factor_words(factor));
  if (!inspected.proof_checked) text += "  the licence key's proof was not checked: give a passphrase for that\n";
  return {text, close(json)};
}

Report refused_report(const std::vector<Refusal>& refusals) {
  JsonWriter json;
  json.begin_object().key("refused");
  write_refusals(json, refusals);
  json.end_object();
  return {{}, close(json)};
}

std::string refusal_messages(std::string_view tool, const std::vector<Refusal>& refusals) {
  std::string out;
  for (const Refusal& refusal : refusals)
    out += fmt::format("{}: refused: {}: {}\nhint: {}\n", tool, refusal.code, printable(refusal.message), printable(refusal.remedy));
  return out;
}

Report issued_report(const ActivationRecord& record, bool repeat, const std::string& out) {
  return handed_out_report(repeat ? "the same request, the same" : "issued", record, repeat, out);
}

Report exported_report(const ActivationRecord& record, const std::string& out) {
  return handed_out_report("exported again:", record, true, out);
}

std::vector<std::string> activation_comments(const ActivationRecord& record) {
  const Activation& activation = record.activation;
  return {fmt::format("Activation {} of licence {} for {} {}", activation_id_text(record.id), activation.licence, activation.product,
                      activation.versions.text()),
          "These lines are not signed. Install it with: oak-request import FILE"};
}

}  // namespace oak
