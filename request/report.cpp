#include "request/report.h"

#include <fmt/core.h>

#include "core/json_writer.h"
#include "core/text.h"
#include "verifier/advice.h"

namespace oak {

std::vector<std::string> request_comments(const Request& request) {
  return {fmt::format("Request for {} {}: {} seat{}, licence {}", request.product, request.version, request.seats,
                      request.seats == 1 ? "" : "s", request.licence),
          "These lines are not signed. What counts is below; show it with: oak-request show FILE"};
}

std::vector<std::string> sealed_comments() {
  return {"Sealed request: only the vendor's desk can open it. The answer will not be sealed.", "These lines are not signed."};
}

std::string created_text(const Created& created, const std::vector<CarrierFile>& files, const std::string& options,
                         const std::optional<PublicKey>& sealing_key) {
  const bool is_file = files.front().path != "-";
  const std::string path = is_file ? shell_word(files.front().path) : "it";
  std::string out = fmt::format("{} written to {}\n", sealing_key ? "Sealed request" : "Request", is_file ? path : "standard output");
  for (std::size_t i = 1; i < files.size(); ++i) out += fmt::format("  and to             {}\n", shell_word(files[i].path));
  out += fmt::format("  over the phone     {}\n", phone_groups(created.document_hash));
  if (sealing_key) out += fmt::format("  sealed for key     {}; the answer will not be sealed\n", to_hex(key_id(*sealing_key)));
  if (is_file && !sealing_key) out += fmt::format("  all that is in it  oak-request show {}\n", path);
  return out + fmt::format(
                   "Next:\n  1. Bring {} to your vendor, by any way that {}.\n  2. When the answer is here: oak-request import ANSWER{}\n",
                   path, files.size() > 1 ? "suits you" : "a file can take", options);
}

std::string created_json(const Created& created, const std::string& path, const std::optional<PublicKey>& sealing_key) {
  JsonWriter json;
  json.begin_object();
  json.key("out").text(path);
  json.key("product").text(created.request.product);
  json.key("licence").text(created.request.licence);
  json.key("seats").number(created.request.seats);
  json.key("strength").text(created.strong ? "normal" : "weak");
  json.key("supersedes");
  created.request.supersedes ? json.text(activation_id_text(created.request.supersedes->activation)) : json.null();
  json.key("sealed_for");
  sealing_key ? json.text(to_hex(key_id(*sealing_key))) : json.null();
  json.key("document").text(to_hex(created.document_hash));
  json.key("phone").text(phone_groups(created.document_hash));
  json.key("warnings").begin_array();
  for (const std::string& warning : created.warnings) json.text(warning);
  json.end_array().end_object();
  return json.str() + "\n";
}

std::vector<std::string> receipt_comments(const Receipt& receipt) {
  return {fmt::format("Receipt: activation {} of {}, licence {}, was given back", activation_id_text(receipt.activation), receipt.product,
                      receipt.licence),
          "These lines are not signed. What counts is below; show it with: oak-request show FILE"};
}

std::string plan_text(const ReturnPlan& plan) {
  const Receipt& receipt = plan.receipt;
  std::string out = fmt::format("To be given back: activation {} of licence {}", activation_id_text(receipt.activation), receipt.licence);
  if (!plan.grant.empty()) out += ", " + plan.grant;
  return out + fmt::format(".\nIt ends on this machine at once and for good: {} will not count as activated here.\n", receipt.product);
}

std::string again_text(const ReturnPlan& plan, const std::string& product, const std::string& options) {
  return fmt::format(
      "the activation is given back and its receipt is kept; this writes it: oak-request return --product {} --activation {} "
      "--out FILE --yes{}",
      product, activation_id_text(plan.receipt.activation), options);
}

std::string returned_text(const ReturnPlan& plan, ByteView document, const std::string& where) {
  const Receipt& receipt = plan.receipt;
  std::string out = fmt::format("{}: activation {} of licence {}{}\n", plan.ended ? "Given back before" : "Given back",
                                activation_id_text(receipt.activation), receipt.licence, plan.grant.empty() ? "" : ", " + plan.grant);
  if (receipt.successor) out += fmt::format("  in its place       {}\n", activation_id_text(*receipt.successor));
  for (const ActivationId& id : plan.also_ended) out += fmt::format("  ended with it      {}\n", activation_id_text(id));
  out += fmt::format("Receipt written to {}\n  over the phone     {}\n", where, phone_groups(sha256(document)));
  return out + fmt::format(
                   "Next: bring it to your vendor; the seats are free when it is accepted there (oak-issuer accept).\n"
                   "If it is lost: oak-request return --product {} --activation {} writes the same receipt again.\n",
                   receipt.product, activation_id_text(receipt.activation));
}

std::string returned_json(const ReturnPlan& plan, ByteView document, const std::string& path) {
  const Receipt& receipt = plan.receipt;
  JsonWriter json;
  json.begin_object();
  json.key("out").text(path);
  json.key("product").text(receipt.product);
  json.key("licence").text(receipt.licence);
  json.key("activation").text(activation_id_text(receipt.activation));
  json.key("generation").number(receipt.generation);
  json.key("successor");
  receipt.successor ? json.text(activation_id_text(*receipt.successor)) : json.null();
  json.key("repeat").boolean(plan.ended);
  json.key("document").text(to_hex(sha256(document)));
  json.key("phone").text(phone_groups(sha256(document)));
  json.key("warnings").begin_array();
  for (const std::string& warning : plan.warnings) json.text(warning);
  json.end_array().end_object();
  return json.str() + "\n";
}

Outcome<ReturnPlan> choose_replaced(ReplacedPlans found, const std::string& product, const std::string& options) {
  const std::string check = "oak-verifier check --product " + product + " --version VERSION" + options;
  if (found.plans.empty() && !found.not_yet.empty())
    return tl::unexpected(Failure{Code::refused, found.not_yet, "run this, then the same command again: " + check});
  if (found.plans.empty())
    return tl::unexpected(Failure{Code::not_activated,
                                  "no activation of " + in_quotes(product) + " with more seats was replaced on this machine",
                                  "to give back the one in force, leave --superseded out"});
  std::vector<ReturnPlan*> due;
  ReturnPlan* last = &found.plans.front();
  for (ReturnPlan& plan : found.plans) {
    if (plan.kept.empty()) due.push_back(&plan);
    if (plan.receipt.generation > last->receipt.generation) last = &plan;
  }
  if (due.size() < 2) return std::move(due.empty() ? *last : *due.front());
  std::string ids;
  for (const ReturnPlan* plan : due) ids += (ids.empty() ? "" : ", ") + activation_id_text(plan->receipt.activation);
  return tl::unexpected(Failure{Code::usage, "several were replaced: " + ids,
                                "one at a time: add --activation " + activation_id_text(due.front()->receipt.activation)});
}

std::string numbered_path(const std::string& path, std::size_t number) {
  if (number < 2) return path;
  const std::size_t slash = path.rfind('/'), from = slash == std::string::npos ? 0 : slash + 1, dot = path.find('.', from + 1);
  const std::size_t end = dot == std::string::npos ? path.size() : dot;
  return path.substr(0, end) + "-" + std::to_string(number) + path.substr(end);
}

std::string raw_scan_text(const RawScan& scanned) {
  std::string out;
  for (const ImageTexts& image : scanned.images)
    for (const std::string& text : image.texts)
      out += (scanned.images.size() > 1 ? printable(image.path) + ": " : std::string()) + printable(text) + "\n";
  return out;
}

std::string raw_scan_json(const RawScan& scanned) {
  JsonWriter json;
  json.begin_array();
  for (const ImageTexts& image : scanned.images) {
    json.begin_object();
    json.key("image").text(image.path);
    json.key("symbols").begin_array();
    for (const std::string& text : image.texts) {
      json.begin_object();
      json.key("text").text(text);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
  return json.str() + "\n";
}

ScannedText scanned_report(std::string_view word, const Digest& document, const std::string& path) {
  JsonWriter json;
  json.begin_object();
  json.key("type").text(word);
  json.key("out").text(path);
  json.key("document").text(to_hex(document));
  json.key("phone").text(phone_groups(document));
  json.end_object();
  return {fmt::format("{} written to {}\n  over the phone     {}\n", word, shell_word(path), phone_groups(document)), json.str() + "\n"};
}

std::string json_of_several(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : ",\n") + std::string(trimmed(value));
  return values.size() == 1 ? out + "\n" : "[" + out + "]\n";
}

}  // namespace oak
