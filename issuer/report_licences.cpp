#include <fmt/core.h>

#include <algorithm>

#include "core/text.h"
#include "issuer/concerns.h"
#include "issuer/licence_table.h"
#include "issuer/report_json.h"
#include "issuer/report_lookup.h"
#include "issuer/table.h"

namespace oak {
namespace {

constexpr std::size_t machines_on_a_page = 50;

void write_members(JsonWriter& json, const LicenceView& view) {
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
  json.end_array();
  json.key("weak").number(view.weak);
  json.key("certificates_active").number(view.certificates);
  json.key("suspicious").begin_array();
  for (const std::string& code : concerns_of(view)) json.text(code);
  json.end_array();
}

std::string forbidden_words(const Licence& licence) {
  if (licence.forbids_virtual_machines && licence.forbids_containers) return "virtual machines, containers";
  return licence.forbids_virtual_machines ? "virtual machines" : licence.forbids_containers ? "containers" : "";
}

/// "1 unreturned; 3 of 2 moves used; 4 weak machines".
std::string look_at(const LicenceView& view) {
  std::vector<std::string> out;
  for (const std::string& code : concerns_of(view)) {
    if (code == "unreturned") out.push_back(fmt::format("{} unreturned", view.unreturned));
    if (code == "moves-over-quota" || code == "no-moves-left")
      out.push_back(fmt::format("{} of {} moves used", view.moves, view.licence.rehosts_a_year()));
    if (code == "many-weak") out.push_back(fmt::format("{} weak machines", view.weak));
  }
  std::string text;
  for (const std::string& one : out) text += (text.empty() ? "" : "; ") + one;
  return text;
}

std::string page_of(const LicenceView& view) {
  const Licence& licence = view.licence;
  std::string out = fmt::format("licence {} for {}\n", licence.id, licence.product);
  const auto line = [&out](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format("  {:<12}  {}\n", name, value);
  };
  line("customer", printable(licence.customer));
  line("seats", fmt::format("{} of {} in use", view.live, licence.seats));
  line("versions", licence.versions.text());
  line("features", printable(joined(licence.features)));
  if (view.unreturned > 0) line("unreturned", fmt::format("{} (seats counted until a receipt is in)", view.unreturned));
  line("rehosts left", fmt::format("{} of {} this year", view.rehosts_left, licence.rehosts_a_year()));
  const std::string next_end = view.first_end_unix_s ? "; the next ends " + utc_date(*view.first_end_unix_s) : "";
  line("certificates", fmt::format("{} of {} active{}", view.certificates, licence.certificates, next_end));
  if (view.weak > 0) line("weak", fmt::format("{} machine{}", view.weak, view.weak == 1 ? "" : "s"));
  line("not allowed", forbidden_words(licence));
  if (licence.key_number > 1) line("licence key", fmt::format("number {}", licence.key_number));
  return out;
}

std::string unreturned_lines(const LicencePage& page, std::uint64_t now_unix_s, const std::string& desk_option) {
  std::string out;
  for (const auto& one : page.unreturned) {
    for (const ActivationRecord& record : page.machines) {
      if (record.id != one.activation) continue;
      out += fmt::format("  {}{} has {} of the {} seats it counts for; the receipt is missing of", activation_id_text(record.id),
                         record.activation.site.empty() ? "" : " (" + printable(record.activation.site) + ")", record.activation.seats,
                         record.counted_at(now_unix_s));
      for (const Owed& owed : one.owed)
        out += fmt::format(" {} ({}{})", activation_id_text(owed.id), owed.seats,
                           owed.until_unix_s ? ", until " + utc_date(*owed.until_unix_s) : "");
      out += "\n";
    }
  }
  if (out.empty()) return out;
  return "\nunreturned\n" + out + "  the site writes it when it imports the smaller one; then: oak-issuer accept RECEIPT" + desk_option +
         "\n";
}

std::string machines_text(const LicencePage& page, std::uint64_t now_unix_s, const std::string& desk_option) {
  if (page.machines.empty()) return "\nno machine has a seat\n";
  std::string out = "\nmachines\n" + activations_table(page.machines, machines_on_a_page, true, now_unix_s);
  if (page.machines.size() > machines_on_a_page)
    out += fmt::format("and {} more: oak-issuer list --state live --licence {}{}\n", page.machines.size() - machines_on_a_page,
                       page.view.licence.id, desk_option);
  return out;
}

std::string history_text(const std::vector<TermsChange>& history) {
  Table table({{"when"}, {"entry", Table::Side::right}, {"operator"}, {"what"}, {"why"}});
  for (const TermsChange& change : history) {
    std::string what;
    for (const std::string& one : change.what) what += (what.empty() ? "" : "; ") + one;
    table.add({utc_text(change.at_unix_s), std::to_string(change.entry), change.operator_name, what, change.reason});
  }
  return "\nhistory\n" + table.text();
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
  JsonWriter json;
  json.begin_object();
  write_members(json, view);
  json.end_object();
  return {page_of(view), close(json)};
}

Report licence_page_report(const LicencePage& page, std::uint64_t now_unix_s, const std::string& desk_option) {
  JsonWriter json;
  json.begin_object();
  write_members(json, page.view);
  json.key("machines").begin_array();
  for (const ActivationRecord& record : page.machines) write_activation_row(json, record, now_unix_s);
  json.end_array();
  json.key("history").begin_array();
  for (const TermsChange& change : page.history) {
    json.begin_object().key("entry").number(change.entry).key("at").number(change.at_unix_s).key("operator").text(change.operator_name);
    json.key("reason").text_or_null(change.reason).key("what").begin_array();
    for (const std::string& one : change.what) json.text(one);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return {page_of(page.view) + unreturned_lines(page, now_unix_s, desk_option) + machines_text(page, now_unix_s, desk_option) +
              history_text(page.history),
          close(json)};
}

std::string licences_csv(const std::vector<LicenceView>& views) {
  std::vector<Licence> licences;
  for (const LicenceView& view : views) licences.push_back(view.licence);
  std::sort(licences.begin(), licences.end(), [](const Licence& a, const Licence& b) { return a.id < b.id; });
  return licence_table_of(licences);
}

Report licences_report(const std::vector<LicenceView>& views) {
  JsonWriter json;
  json.begin_array();
  Table table(
      {{"licence"}, {"product"}, {"live", Table::Side::right}, {"bought", Table::Side::right}, {"versions"}, {"customer"}, {"look at"}});
  for (const LicenceView& view : views) {
    json.begin_object();
    write_members(json, view);
    json.end_object();
    table.add({view.licence.id, view.licence.product, std::to_string(view.live), std::to_string(view.licence.seats),
               view.licence.versions.text(), view.licence.customer, look_at(view)});
  }
  json.end_array();
  return {views.empty() ? "no licences yet: oak-issuer licence add\n" : table.text(), close(json)};
}

}  // namespace oak
