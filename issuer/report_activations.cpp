#include <fmt/core.h>

#include <limits>
#include <map>

#include "core/text.h"
#include "issuer/concerns.h"
#include "issuer/report_json.h"
#include "issuer/report_lookup.h"
#include "issuer/table.h"

namespace oak {
namespace {

constexpr std::uint64_t day_s = 86400;

std::string seats_text(std::uint64_t seats) { return fmt::format("{} seat{}", seats, seats == 1 ? "" : "s"); }

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_array();
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

void write_members(JsonWriter& json, const ActivationRecord& record, std::uint64_t now_unix_s) {
  const Activation& activation = record.activation;
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
  write_texts(json, "suspicious", concerns_of(record, now_unix_s));
}

std::string lasts(const Activation& activation) {
  return activation.not_after_unix_s ? "to " + utc_date(*activation.not_after_unix_s) : "permanent";
}

/// "7 live, 2 superseded", each state that there is.
std::string states_of(const std::vector<ActivationRecord>& records, std::uint64_t now_unix_s) {
  std::map<std::string_view, std::size_t> counts;
  for (const ActivationRecord& record : records) ++counts[state_word(record, now_unix_s)];
  std::string out;
  for (const char* state : {"live", "expired", "superseded", "returned", "revoked"})
    if (counts[state] > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", counts[state], state);
  return out;
}

std::string owed_text(const Owed& one) {
  return fmt::format("{}{} with {}{}", activation_id_text(one.id), one.site.empty() ? "" : " (" + printable(one.site) + ")",
                     seats_text(one.seats), one.until_unix_s ? " until " + utc_date(*one.until_unix_s) : "");
}

std::string all_owed(const std::vector<Owed>& owed) {
  std::string out;
  for (const Owed& one : owed) out += (out.empty() ? "" : ", ") + owed_text(one);
  return out;
}

struct Standing {
  std::string counts, next;  ///< for what in the sum and why; the command that helps, or nothing
};

Standing standing_of_superseded(const ActivationView& view, const std::string& desk_option) {
  const ActivationRecord& last = *view.in_place;
  const std::string by = activation_id_text(last.id);
  if (view.is_owed)
    return {fmt::format("in {}, which took its place and counts {} until this one's receipt is in", by, seats_text(last.counted_seats)),
            "oak-issuer accept RECEIPT" + desk_option};
  return {fmt::format("nothing: {} took its place", by), {}};
}

Standing standing_of(const ActivationView& view, std::uint64_t now_unix_s, const std::string& desk_option) {
  const ActivationRecord& record = view.record;
  const Activation& activation = record.activation;
  switch (record.state) {
    case ActivationState::superseded: return standing_of_superseded(view, desk_option);
    case ActivationState::returned: return {"nothing: its receipt is in", {}};
    case ActivationState::revoked:
      return {"nothing: it was revoked, which the machine learns from a bulletin",
              fmt::format("oak-issuer bulletin --product {} --out FILE{}", activation.product, desk_option)};
    case ActivationState::live: break;
  }
  if (!record.is_live(now_unix_s)) return {"nothing: the certificate has ended", {}};
  const std::uint64_t counted = record.counted_at(now_unix_s);
  if (counted <= activation.seats) return {fmt::format("{}, its own", seats_text(counted)), {}};
  return {fmt::format("{}, {} more than its own: not returned is {}", seats_text(counted), counted - activation.seats, all_owed(view.owed)),
          "oak-issuer accept RECEIPT" + desk_option};
}

std::string event_words(const ActivationView& view, const Event& event) {
  switch (event.kind) {
    case LeafKind::superseded: return "superseded by " + activation_id_text(*view.record.successor);
    case LeafKind::returned: return "receipt accepted";
    default: return std::string(leaf_kind_name(event.kind));
  }
}

std::string remarks_of(const Event& event) {
  std::vector<std::string> out;
  if (!event.reason.empty()) out.push_back(event.reason);
  if (!event.approvals.empty()) out.push_back("approved: " + joined(event.approvals));
  if (event.uses_quota) out.emplace_back("counts as a move");
  std::string text;
  for (const std::string& one : out) text += (text.empty() ? "" : "; ") + one;
  return text;
}

std::string history_table(const ActivationView& view) {
  Table table({{"when"}, {"entry", Table::Side::right}, {"what"}, {"operator"}, {"why"}});
  for (const Event& event : view.history)
    table.add({utc_text(event.at_unix_s), std::to_string(event.entry), event_words(view, event), event.operator_name, remarks_of(event)});
  return table.text();
}

std::string binding_words(const Activation& activation) {
  std::string out = std::string(binding_name(activation.binding)) +
                    (is_strong(activation.fingerprint) ? "" : ", weak: too little to tell it from another");
  const Environment& place = activation.environment;
  if (!place.virtual_machine.empty()) out += "; a virtual machine (" + printable(place.virtual_machine) + ")";
  if (!place.container.empty()) out += "; in a container (" + printable(place.container) + ")";
  return out;
}

std::string duration_words(const Activation& activation, std::uint64_t now_unix_s) {
  const auto& end = activation.not_after_unix_s;
  if (!end) return std::string(kind_name(activation.kind));
  const std::string days = *end < now_unix_s ? "ended" : fmt::format("{} days left", (*end - now_unix_s) / day_s);
  return fmt::format("{} until {}, {}", kind_name(activation.kind), utc_text(*end), days);
}

std::string page_of(const ActivationView& view, const Standing& standing, std::uint64_t now_unix_s) {
  const Activation& activation = view.record.activation;
  std::string out = fmt::format("activation {}: {}\n", activation_id_text(view.record.id), state_word(view.record, now_unix_s));
  const auto line = [&out](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format("  {:<12}  {}\n", name, value);
  };
  line("counts for", standing.counts);
  line("next", standing.next);
  line("look at", concern_words(concerns_of(view.record, now_unix_s)));
  line("licence", fmt::format("{} for {} {}", activation.licence, activation.product, activation.versions.text()));
  line("customer", printable(activation.customer));
  line("machine", activation.site.empty() ? "without a label" : printable(activation.site));
  line("seats", std::to_string(activation.seats));
  line("features", printable(joined(activation.features)));
  line("kind", duration_words(activation, now_unix_s));
  line("binding", binding_words(activation));
  line("generation", std::to_string(activation.generation));
  if (activation.supersedes) line("in place of", activation_id_text(*activation.supersedes));
  return out + "\n" + history_table(view);
}

void write_history(JsonWriter& json, const ActivationView& view) {
  json.key("history").begin_array();
  for (const Event& event : view.history) {
    json.begin_object().key("entry").number(event.entry).key("at").number(event.at_unix_s).key("event").text(leaf_kind_name(event.kind));
    json.key("operator").text(event.operator_name).key("reason").text_or_null(event.reason);
    write_texts(json, "approvals", event.approvals);
    json.key("uses_quota").boolean(event.uses_quota);
    json.key("successor");
    event.kind == LeafKind::superseded ? json.text(activation_id_text(*view.record.successor)) : json.null();
    json.end_object();
  }
  json.end_array();
}

std::string json_of(const ActivationView& view, const Standing& standing, std::uint64_t now_unix_s) {
  const ActivationRecord& record = view.record;
  const Activation& activation = record.activation;
  JsonWriter json;
  json.begin_object();
  write_members(json, record, now_unix_s);
  json.key("versions").text(activation.versions.text()).key("customer").text(activation.customer);
  write_texts(json, "features", activation.features);
  json.key("binding").text(binding_name(activation.binding)).key("strength").text(is_strong(activation.fingerprint) ? "normal" : "weak");
  json.key("index").number(activation.index).key("request").text(to_hex(record.request));
  json.key("supersedes");
  activation.supersedes ? json.text(activation_id_text(*activation.supersedes)) : json.null();
  json.key("successor");
  record.successor ? json.text(activation_id_text(*record.successor)) : json.null();
  json.key("counted").number(record.is_live(now_unix_s) ? record.counted_at(now_unix_s) : 0);
  json.key("owed").begin_array();
  for (const Owed& one : view.owed) {
    json.begin_object()
        .key("activation")
        .text(activation_id_text(one.id))
        .key("site")
        .text_or_null(one.site)
        .key("seats")
        .number(one.seats);
    json.key("until");
    write_number_or_null(json, one.until_unix_s);
    json.end_object();
  }
  json.end_array();
  json.key("next").text_or_null(standing.next);
  write_history(json, view);
  json.end_object();
  return close(json);
}

}  // namespace

void write_activation_row(JsonWriter& json, const ActivationRecord& record, std::uint64_t now_unix_s) {
  json.begin_object();
  write_members(json, record, now_unix_s);
  json.end_object();
}

std::string activations_table(const std::vector<ActivationRecord>& records, std::size_t at_most, bool of_one_licence,
                              std::uint64_t now_unix_s) {
  std::vector<Table::Column> columns = {
      {"activation"}, {"state"},  {"site"}, {"seats", Table::Side::right}, {"licence"}, {"lasts"}, {"gen", Table::Side::right},
      {"issued"},     {"look at"}};
  constexpr std::size_t state_column = 1, licence_column = 4;
  const auto without = [&](auto all) {
    if (!of_one_licence) return all;
    all.erase(all.begin() + licence_column);
    all.erase(all.begin() + state_column);
    return all;
  };
  Table table(without(columns));
  for (std::size_t i = 0; i < std::min(records.size(), at_most); ++i) {
    const ActivationRecord& record = records[i];
    const Activation& activation = record.activation;
    table.add(without(std::vector<std::string>{activation_id_text(record.id), std::string(state_word(record, now_unix_s)),
                                               activation.site.empty() ? "-" : activation.site, std::to_string(activation.seats),
                                               activation.licence, lasts(activation), std::to_string(activation.generation),
                                               utc_date(record.at_unix_s), concern_words(concerns_of(record, now_unix_s))}));
  }
  return table.text();
}

Report activations_report(const std::vector<ActivationRecord>& records, const ActivationSearch& search, std::uint64_t now_unix_s) {
  JsonWriter json;
  json.begin_array();
  std::size_t suspicious = 0;
  for (const ActivationRecord& record : records) {
    write_activation_row(json, record, now_unix_s);
    if (!concerns_of(record, now_unix_s).empty()) ++suspicious;
  }
  json.end_array();
  const bool is_whole = search.licence.empty() && search.state.empty() && search.site.empty();
  if (records.empty()) return {is_whole ? "nothing issued yet\n" : "no activation is like that\n", close(json)};
  std::string text = activations_table(records, std::numeric_limits<std::size_t>::max(), false, now_unix_s);
  text += "\n" + states_of(records, now_unix_s);
  if (suspicious > 0) text += fmt::format("; {} to look at: oak-issuer show ID", suspicious);
  return {text + "\n", close(json)};
}

Report activation_report(const ActivationView& view, std::uint64_t now_unix_s, const std::string& desk_option) {
  const Standing standing = standing_of(view, now_unix_s, desk_option);
  return {page_of(view, standing, now_unix_s), json_of(view, standing, now_unix_s)};
}

}  // namespace oak
