#include "issuer/report.h"

#include <fmt/core.h>

#include "core/text.h"
#include "issuer/report_json.h"

namespace oak {
namespace {

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

}  // namespace

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

}  // namespace oak
