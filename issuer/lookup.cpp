#include "issuer/lookup.h"

#include "core/text.h"

namespace oak {

Outcome<ActivationRecord> find_activation(Desk& desk, const std::string& typed) {
  const auto id = normalised_activation_id(typed);
  if (!id) return tl::unexpected(Failure{Code::usage, in_quotes(typed) + " is not an activation id", "16 characters, as list shows them"});
  const auto found = desk.ledger().activation_by_text(*id);
  if (!found) return tl::unexpected(ledger_failure(found.error(), desk.folder()));
  if (!*found) return tl::unexpected(explain({Code::unknown_activation, {}}, in_quotes(typed), "see: oak-issuer list"));
  return **found;
}

Outcome<Report> list_activations(Desk& desk, std::uint64_t now_unix_s) {
  const auto records = desk.ledger().activations();
  if (!records) return tl::unexpected(ledger_failure(records.error(), desk.folder()));
  return activations_report(*records, now_unix_s);
}

Outcome<Report> show_licence(Desk& desk, const std::string& id, std::uint64_t now_unix_s) {
  OAK_ASSIGN(const Licence licence, find_licence(desk, id));
  OAK_ASSIGN(const LicenceView view, view_licence(desk, licence, now_unix_s));
  return licence_report(view);
}

Outcome<Report> list_licences(Desk& desk, std::uint64_t now_unix_s) {
  const auto licences = desk.ledger().licences();
  if (!licences) return tl::unexpected(ledger_failure(licences.error(), desk.folder()));
  std::vector<LicenceView> views;
  for (const Licence& licence : *licences) {
    OAK_ASSIGN(LicenceView view, view_licence(desk, licence, now_unix_s));
    views.push_back(std::move(view));
  }
  return licences_report(views);
}

}  // namespace oak
