#include "issuer/report.h"

#include <fmt/core.h>

#include "core/text.h"
#include "issuer/report_json.h"

namespace oak {
void write_number_or_null(JsonWriter& json, const std::optional<std::uint64_t>& value) { value ? json.number(*value) : json.null(); }

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

}  // namespace oak
