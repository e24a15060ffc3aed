#include "issuer/licence_history.h"

#include "core/text.h"

namespace oak {
namespace {

std::string listed(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out.empty() ? "none" : out;
}

std::string forbidden_of(const Licence& licence) {
  std::vector<std::string> out;
  if (licence.forbids_virtual_machines) out.emplace_back("vm");
  if (licence.forbids_containers) out.emplace_back("container");
  return listed(out);
}

class Changes {
 public:
  void compare(const char* name, const std::string& before, const std::string& after) {
    if (before != after) what.push_back(std::string(name) + " " + before + " → " + after);
  }
  void compare(const char* name, std::uint64_t before, std::uint64_t after) {
    compare(name, std::to_string(before), std::to_string(after));
  }
  std::vector<std::string> what;
};

std::vector<std::string> differences(const Licence& before, const Licence& after) {
  Changes changes;
  changes.compare("customer", in_quotes(before.customer), in_quotes(after.customer));
  changes.compare("seats", before.seats, after.seats);
  changes.compare("versions", before.versions.text(), after.versions.text());
  changes.compare("features", listed(before.features), listed(after.features));
  changes.compare("moves a year", before.rehosts_a_year(), after.rehosts_a_year());
  changes.compare("certificates", before.certificates, after.certificates);
  changes.compare("forbidden", forbidden_of(before), forbidden_of(after));
  if (before.key_number != after.key_number) changes.what.push_back("licence key changed: number " + std::to_string(after.key_number));
  if (changes.what.empty()) changes.what.emplace_back("the same terms again");
  return changes.what;
}

std::string sold(const Licence& licence) {
  return "added: " + std::to_string(licence.seats) + (licence.seats == 1 ? " seat of " : " seats of ") + licence.product + " " +
         licence.versions.text();
}

}  // namespace

std::vector<TermsChange> changes_of(const std::vector<Leaf>& leaves) {
  std::vector<TermsChange> out;
  const Licence* before = nullptr;
  for (const Leaf& leaf : leaves) {
    const Licence& terms = std::get<LicenceLeaf>(leaf.body).licence;
    out.push_back({leaf.index, leaf.at_unix_s, leaf.operator_name, leaf.reason,
                   before ? differences(*before, terms) : std::vector<std::string>{sold(terms)}});
    before = &terms;
  }
  return out;
}

}  // namespace oak
