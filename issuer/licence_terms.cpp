#include "issuer/licence_terms.h"

#include <algorithm>

#include "core/fields.h"
#include "core/licence_key.h"
#include "core/text.h"

namespace oak {
namespace {

constexpr std::uint64_t max_moves = 100'000;
constexpr std::size_t max_customer_bytes = 120, max_feature_bytes = 40, max_features = 64, max_reason_bytes = 240;

/// What is wrong with a text that a document must hold is added to `faults`.
void check_text(std::string_view term, std::string_view text, std::size_t max_bytes, std::vector<TermFault>& faults) {
  const auto add = [&](std::string message, std::string remedy) {
    faults.push_back({std::string(term), std::move(message), std::move(remedy)});
  };
  if (text.empty()) return add("is empty", "say what it is, in one short line");
  if (text.size() > max_bytes) return add("is longer than " + std::to_string(max_bytes) + " bytes", "shorten it");
  if (!is_utf8(text)) return add(quoted_briefly(text) + " is not UTF-8", "write it in UTF-8");
  if (has_control_characters(text)) add(quoted_briefly(text) + " has control characters", "use one short line");
}

}  // namespace

Outcome<void> check_reason(std::string_view reason) {
  if (reason.size() <= max_reason_bytes && !has_control_characters(reason)) return {};
  return tl::unexpected(Failure{Code::usage, "--reason has control characters or more than 240 bytes", "use one short line"});
}

std::string quoted_briefly(std::string_view text) {
  constexpr std::size_t most_bytes = 64;
  if (text.size() <= most_bytes) return in_quotes(text);
  std::size_t end = most_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;  // within a character
  return in_quotes(std::string(text.substr(0, end)) + "…");
}

std::string licence_id_as_meant(std::string typed) {
  for (char& c : typed)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return typed;
}

Failure usage_of(const TermFault& fault) { return {Code::usage, "--" + fault.term + " " + fault.message, fault.remedy}; }

void set_versions(Licence& licence, std::string_view text, std::vector<TermFault>& faults) {
  auto range = VersionRange::parse(text);
  if (!range) return faults.push_back({"versions", quoted_briefly(text) + " is not a range", "for example 3.*, 3.5.1, or \">=3.0 <5\""});
  licence.versions = std::move(*range);
}

void set_forbidden(Licence& licence, const std::vector<std::string>& names, std::vector<TermFault>& faults) {
  licence.forbids_virtual_machines = licence.forbids_containers = false;
  for (const std::string& name : names) {
    if (name != "vm" && name != "container")
      faults.push_back({"forbid", quoted_briefly(name) + " is neither vm nor container", "vm, container, or both: vm,container"});
    (name == "vm" ? licence.forbids_virtual_machines : licence.forbids_containers) = true;
  }
}

void check_terms(Licence& licence, std::vector<TermFault>& faults) {
  check_text("customer", licence.customer, max_customer_bytes, faults);
  if (!is_name(licence.product, max_product_bytes))
    faults.push_back(
        {"product", quoted_briefly(licence.product) + " is not a product's name", "letters, digits, dot, dash and underscore, at most 40"});
  if (licence.seats < 1 || licence.seats > max_seats) faults.push_back({"seats", "is out of range", "1 to 1,000,000"});
  std::sort(licence.features.begin(), licence.features.end());
  licence.features.erase(std::unique(licence.features.begin(), licence.features.end()), licence.features.end());
  for (const std::string& feature : licence.features) {
    check_text("feature", feature, max_feature_bytes, faults);
    if (feature.find(';') != std::string::npos)
      faults.push_back(
          {"feature", quoted_briefly(feature) + " has a semicolon, which separates features in tables", "use another character"});
  }
  if (licence.features.size() > max_features) faults.push_back({"feature", "names more than 64 features", "leave some out"});
  if (licence.rehosts.value_or(0) > max_moves) faults.push_back({"rehosts", "is out of range", "0 to 100,000"});
  if (licence.certificates > max_moves) faults.push_back({"certificates", "is out of range", "0 to 100,000"});
}

Licence licence_of(const NewLicence& input, std::vector<TermFault>& faults) {
  Licence licence;
  licence.id = licence_id_as_meant(input.id);
  licence.customer = input.customer;
  licence.product = input.product;
  licence.seats = input.seats;
  licence.features = input.features;
  licence.rehosts = input.rehosts;
  licence.certificates = input.certificates.value_or(licence.certificates);
  if (!licence.id.empty() && !is_licence_id(licence.id))
    faults.push_back({"id", quoted_briefly(licence.id) + " is not a licence id", "letters, digits, dot, dash and underscore, at most 32"});
  set_versions(licence, input.versions, faults);
  set_forbidden(licence, input.forbidden, faults);
  check_terms(licence, faults);
  return licence;
}

}  // namespace oak
