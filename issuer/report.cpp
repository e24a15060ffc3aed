#include "issuer/report.h"

#include <fmt/core.h>

#include "core/document_page.h"
#include "core/text.h"

namespace oak {
namespace {

std::string state_word(const ActivationRecord& record, std::uint64_t now_unix_s) {
  if (record.state == ActivationState::live && !record.is_live(now_unix_s)) return "expired";
  return std::string(activation_state_name(record.state));
}

void write_number_or_null(JsonWriter& json, const std::optional<std::uint64_t>& value) { value ? json.number(*value) : json.null(); }

std::string close(JsonWriter& json) { return json.str() + "\n"; }

void write_licence(JsonWriter& json, const LicenceView& view) {
  json.begin_object();
  json.key("id").text(view.licence.id);
  json.key("customer").text(view.licence.customer);
  json.key("product").text(view.licence.product);
  json.key("versions").text(view.licence.versions.text());
  json.key("seats").number(view.licence.seats);
  json.key("seats_live").number(view.live);
  json.key("unreturned").number(view.unreturned);
  json.key("rehosts_left").number(view.rehosts_left);
  json.key("features").begin_array();
  for (const std::string& feature : view.licence.features) json.text(feature);
  json.end_array().end_object();
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

void write_refusals(JsonWriter& json, const std::vector<Refusal>& refusals) {
  json.begin_array();
  for (const Refusal& refusal : refusals) {
    json.begin_object();
    json.key("code").text(refusal.code);
    json.key("message").text(refusal.message);
    json.key("remedy").text(refusal.remedy);
    json.end_object();
  }
  json.end_array();
}

std::string refusal_lines(const std::vector<Refusal>& refusals) {
  std::string out;
  for (const Refusal& refusal : refusals)
    out += fmt::format("  {}: {}\n    remedy: {}\n", refusal.code, printable(refusal.message), printable(refusal.remedy));
  return out;
}

std::string activation_line(const ActivationRecord& record, std::uint64_t now_unix_s) {
  const Activation& activation = record.activation;
  return fmt::format("{}  {:<10}  {:<24}  {:>5} of {:<12}  {:<11}  gen {:<4}  {}\n", activation_id_text(record.id),
                     state_word(record, now_unix_s), printable(activation.site.empty() ? "-" : activation.site), activation.seats,
                     activation.licence, kind_name(activation.kind), activation.generation, utc_text(record.at_unix_s));
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

}  // namespace

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

Report together(const std::vector<Report>& reports, bool several) {
  Report out;
  for (const Report& report : reports) {
    out.text += report.text;
    out.json += (out.json.empty() ? "" : ",\n") + std::string(trimmed(report.json));
  }
  out.json = several ? "[" + out.json + "]\n" : out.json + "\n";
  return out;
}

Report new_desk_report(const InitInput& input, const std::string& made, const std::string& desk_option) {
  JsonWriter json;
  json.begin_object().key("desk").text(input.desk).key("roots").number(input.roots).key("threshold").number(input.threshold).end_object();
  if (input.roots_of || !input.root_keys.empty())
    return {fmt::format("{0}\nnext, each root in turn, for both files in {1}:\n  oak-issuer key sign DRAFT --root-dir DIR --out FILE{2}\n"
                        "then:\n  oak-issuer key import FILE{2}\n",
                        made, in_quotes(input.desk + "/drafts"), desk_option),
            close(json)};
  return {fmt::format("{0}\nnext:\n  oak-issuer trust --out TRUST-FILE{1}\n"
                      "  oak-issuer licence add --customer NAME --product PRODUCT --seats N --versions '3.*'{1}\n",
                      made, desk_option),
          close(json)};
}

Report trust_report(ByteView document, const std::string& product, const std::string& out) {
  JsonWriter json;
  json.begin_object().key("out").text(out).key("document").text(to_hex(sha256(document))).end_object();
  return {fmt::format("trust written to {}\n  build it into the product, or put it at each site: /etc/oak/trust/{}.oak\n", printable(out),
                      product.empty() ? "PRODUCT" : product),
          close(json)};
}

Report licence_key_report(const LicenceWithKey& licence) {
  JsonWriter json;
  json.begin_object();
  json.key("id").text(licence.id);
  json.key("licence_key").text(licence.key_text);
  json.end_object();
  return {fmt::format(
              "licence      {}\nlicence key  {}\n\nThe key is the customer's secret: print it, or send it apart from everything else.\n",
              licence.id, licence.key_text),
          close(json)};
}

Report licence_report(const LicenceView& view) {
  const Licence& licence = view.licence;
  JsonWriter json;
  write_licence(json, view);
  std::string text = fmt::format("licence {} for {}\n  customer      {}\n  versions      {}\n  seats         {} of {} in use\n", licence.id,
                                 licence.product, printable(licence.customer), licence.versions.text(), view.live, licence.seats);
  if (!licence.features.empty()) text += fmt::format("  features      {}\n", printable(joined(licence.features)));
  if (view.unreturned > 0) text += fmt::format("  unreturned    {} (seats counted until a receipt is in)\n", view.unreturned);
  text += fmt::format("  rehosts left  {} of {} this year\n  certificates  at most {} active\n", view.rehosts_left,
                      licence.rehosts_a_year(), licence.certificates);
  if (licence.forbids_virtual_machines) text += "  virtual machines are not allowed\n";
  if (licence.forbids_containers) text += "  containers are not allowed\n";
  return {text, close(json)};
}

Report licences_report(const std::vector<LicenceView>& views) {
  JsonWriter json;
  json.begin_array();
  std::string text;
  for (const LicenceView& view : views) {
    write_licence(json, view);
    text += fmt::format("{:<16}  {:<16}  {:>5} of {:<5} seats  {:<12}  {}\n", view.licence.id, view.licence.product, view.live,
                        view.licence.seats, view.licence.versions.text(), printable(view.licence.customer));
  }
  json.end_array();
  if (text.empty()) return {"no licences yet: oak-issuer licence add\n", close(json)};
  return {fmt::format("{:<16}  {:<16}  {:<20}  {:<12}  {}\n", "licence", "product", " live of bought", "versions", "customer") + text,
          close(json)};
}

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

namespace {

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

Report issued_report(const ActivationRecord& record, bool repeat, const std::string& out) {
  return handed_out_report(repeat ? "the same request, the same" : "issued", record, repeat, out);
}

Report exported_report(const ActivationRecord& record, const std::string& out) {
  return handed_out_report("exported again:", record, true, out);
}

Report product_report(const ProductTerms& terms) {
  JsonWriter json;
  json.begin_object();
  json.key("product").text(terms.product);
  json.key("threshold").number(terms.policy.threshold_percent);
  json.key("weights").begin_array();
  std::string weights;
  for (const std::uint8_t weight : terms.policy.weights) {
    json.number(weight);
    weights += (weights.empty() ? "" : ",") + std::to_string(weight);
  }
  json.end_array();
  json.key("grace_days").number(terms.grace_days);
  json.end_object();
  return {fmt::format("product {}: threshold {} %, weights {}, grace {} days\n", terms.product, terms.policy.threshold_percent, weights,
                      terms.grace_days),
          close(json)};
}

std::vector<std::string> activation_comments(const ActivationRecord& record) {
  const Activation& activation = record.activation;
  return {fmt::format("Activation {} of licence {} for {} {}", activation_id_text(record.id), activation.licence, activation.product,
                      activation.versions.text()),
          "These lines are not signed. Install it with: oak-request import FILE"};
}

}  // namespace oak
