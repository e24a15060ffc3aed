#include "machine-id/facts_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/hardware_json.h"
#include "core/text.h"
#include "machine-id/normalise.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

using Json = nlohmann::json;

constexpr std::string_view unreadable_mark = "!unreadable";
constexpr std::size_t max_members = 4096, max_depth = 8, max_machine_bytes = 4U << 20;

tl::unexpected<Error> bad(std::string context) { return fail(Code::bad_facts, std::move(context)); }

/// Refuses nesting before the parser builds a tree of it.
bool is_too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && in_string) ++i;
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if ((c == '{' || c == '[') && ++depth > max_depth) return true;
    if ((c == '}' || c == ']') && depth > 0) --depth;
  }
  return false;
}

/// Parses one object; nlohmann keeps the last of two equal keys, so a callback counts them.
Result<Json> parse_object(std::string_view text) {
  if (text.size() > max_machine_bytes) return bad("one machine's facts have at most 4 MiB");
  if (is_too_deep(text)) return bad("it is nested too deep");
  std::vector<std::set<std::string>> keys;
  bool doubled = false;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key) doubled |= !keys.back().insert(parsed.get<std::string>()).second;
    return true;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, false);
  if (json.is_discarded() || !json.is_object()) return bad("it is not one JSON object");
  if (doubled) return bad("a key appears twice");
  return json;
}

/// A text value: absent where the key is missing or null.
Result<Reading> text_value(const Json& json, const std::string& key) {
  const auto at = json.find(key);
  if (at == json.end() || at->is_null()) return Reading{State::absent, {}, key};
  if (!at->is_string()) return bad("'" + key + "' is not a text");
  const auto& text = at->get_ref<const std::string&>();
  if (text == unreadable_mark) return Reading{State::unreadable, {}, key};
  return Reading{State::usable, text, key};
}

Result<std::string> text_member(const Json& entry, const char* key, const std::string& where) {
  const auto at = entry.find(key);
  if (at == entry.end() || at->is_null()) return std::string();
  if (!at->is_string()) return bad("'" + std::string(key) + "' in '" + where + "' is not a text");
  return at->get<std::string>();
}

/// Walks an array of objects; a set that is "!unreadable" as a whole gives one unreadable fact.
template <typename Take>
Status each_entry(const Json& json, const std::string& key, Component component, Facts& facts, Take take) {
  const auto at = json.find(key);
  if (at == json.end() || at->is_null()) return {};
  if (at->is_string() && at->get_ref<const std::string&>() == unreadable_mark) {
    facts.facts.push_back(missing_fact(component, State::unreadable, key, std::string(no_permission)));
    return {};
  }
  if (!at->is_array() || at->size() > max_members) return bad("'" + key + "' is not a list of at most 4096 entries");
  for (const Json& entry : *at) {
    if (!entry.is_object()) return bad("'" + key + "' has an entry that is not an object");
    OAK_TRY(take(entry));
  }
  return {};
}

/// The value of one key of a card or a disk, as a reading.
Result<Reading> member_reading(const Json& entry, const char* key, const std::string& set) {
  OAK_ASSIGN(std::string value, text_member(entry, key, set));
  if (value == unreadable_mark) return Reading{State::unreadable, {}, set};
  return Reading{value.empty() ? State::absent : State::usable, std::move(value), set};
}

Result<std::string> bus_member(const Json& entry, const std::string& set) {
  return text_member(entry, "bus", set).map([](const std::string& bus) { return lower_case(bus); });
}

Status read_macs(const Json& json, Facts& facts) {
  return each_entry(json, "macs", Component::mac, facts, [&](const Json& entry) -> Status {
    OAK_ASSIGN(const Reading address, member_reading(entry, "address", "macs"));
    OAK_ASSIGN(std::string bus, bus_member(entry, "macs"));
    OAK_ASSIGN(std::string label, text_member(entry, "label", "macs"));
    const auto assigned = entry.find("assign_type");
    const bool is_given = assigned != entry.end() && !assigned->is_null();
    if (is_given && !assigned->is_number_unsigned()) return bad("'assign_type' in 'macs' is not a whole number");
    Fact fact = judge_card(bus, address);
    if (is_given && assigned->get<std::uint64_t>() != 0 && bus != "virtual" && bus != "usb")
      fact = missing_fact(Component::mac, State::unreadable, "macs", "no known permanent address");
    add_member(facts, std::move(fact), std::move(label), std::move(bus));
    return {};
  });
}

Status read_disks(const Json& json, Facts& facts) {
  return each_entry(json, "disks", Component::disk, facts, [&](const Json& entry) -> Status {
    OAK_ASSIGN(const Reading serial, member_reading(entry, "serial", "disks"));
    OAK_ASSIGN(std::string bus, bus_member(entry, "disks"));
    OAK_ASSIGN(std::string label, text_member(entry, "label", "disks"));
    const auto flag = entry.find("removable");
    const bool is_given = flag != entry.end() && !flag->is_null();
    if (is_given && !flag->is_boolean()) return bad("'removable' in 'disks' is neither true nor false");
    Fact fact = judge_disk(bus, is_given && flag->get<bool>(), serial);
    add_member(facts, std::move(fact), std::move(label), std::move(bus));
    return {};
  });
}

Status read_model(const Json& json, Facts& facts) {
  const auto at = json.find("model");
  if (at == json.end() || at->is_null()) return {};
  const auto is_mark = [](std::string_view text) { return text == unreadable_mark; };
  ModelParts parts;
  bool is_unreadable = at->is_string() && is_mark(at->get_ref<const std::string&>());
  if (!is_unreadable) {
    if (!at->is_object()) return bad("'model' is not an object");
    OAK_ASSIGN(parts.sys_vendor, text_member(*at, "sys_vendor", "model"));
    OAK_ASSIGN(parts.product_name, text_member(*at, "product_name", "model"));
    OAK_ASSIGN(parts.board_name, text_member(*at, "board_name", "model"));
    OAK_ASSIGN(parts.cpu, text_member(*at, "cpu", "model"));
    is_unreadable = is_mark(parts.sys_vendor) || is_mark(parts.product_name) || is_mark(parts.board_name) || is_mark(parts.cpu);
  }
  facts.facts.push_back(is_unreadable ? missing_fact(Component::model, State::unreadable, "model", std::string(no_permission))
                                      : judge_model(parts, "model"));
  return {};
}

Result<NamedFacts> read_machine(std::string_view text) {
  OAK_ASSIGN(const Json json, parse_object(text));
  NamedFacts out;
  if (const auto id = json.find("id"); id != json.end() && !id->is_null()) {
    if (!id->is_string() && !id->is_number_integer()) return bad("'id' is neither a text nor a whole number");
    out.id = id->dump();
  }
  Facts& facts = out.facts;
  OAK_ASSIGN(const Reading uuid, text_value(json, "product_uuid"));
  facts.facts.push_back(judge_uuid(uuid));
  for (const Component component : {Component::product_serial, Component::board_serial, Component::dt_serial}) {
    OAK_ASSIGN(const Reading serial, text_value(json, std::string(component_name(component))));
    facts.facts.push_back(judge_serial(component, serial));
  }
  OAK_TRY(read_macs(json, facts));
  OAK_TRY(read_disks(json, facts));
  OAK_ASSIGN(const Reading machine_id, text_value(json, "machine_id"));
  facts.facts.push_back(judge_machine_id(machine_id));
  OAK_ASSIGN(const Reading tpm_ek, text_value(json, "tpm_ek"));
  facts.facts.push_back(judge_serial(Component::tpm_ek, tpm_ek));
  OAK_TRY(read_model(json, facts));
  complete(facts);
  return out;
}

Json state_or_value(const Fact& fact) {
  if (fact.state == State::unreadable) return std::string(unreadable_mark);
  return fact.state == State::absent ? Json(nullptr) : Json(fact.value);
}

Json model_json(const Fact& fact) {
  if (fact.state == State::unreadable || fact.state == State::absent) return state_or_value(fact);
  const ModelParts parts = split_model(fact.value);
  return {{"sys_vendor", parts.sys_vendor}, {"product_name", parts.product_name}, {"board_name", parts.board_name}, {"cpu", parts.cpu}};
}

Json member_json(const Fact& fact) {
  const Json value = state_or_value(fact);
  if (fact.component == Component::mac) return {{"address", value}, {"bus", fact.bus}, {"assign_type", 0}, {"label", fact.label}};
  return {{"serial", value}, {"bus", fact.bus}, {"removable", false}, {"label", fact.label}};
}

/// A file of one object a line. The caller knows that the whole is not one object.
Result<FactsFile> read_lines(std::string_view text) {
  FactsFile file;
  file.one_a_line = true;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (trimmed(line).empty()) continue;
    auto machine = read_machine(line);
    if (!machine) return bad("line " + std::to_string(number) + ": " + machine.error().context);
    file.machines.push_back(std::move(*machine));
  }
  return file;
}

}  // namespace

std::string write_facts(const Facts& facts) {
  Json json = Json::object();
  Json macs = Json::array(), disks = Json::array();
  for (const Fact& fact : facts.facts) {
    const bool is_listed = fact.state != State::absent;
    if (fact.component == Component::mac) {
      if (is_listed) macs.push_back(member_json(fact));
    } else if (fact.component == Component::disk) {
      if (is_listed) disks.push_back(member_json(fact));
    } else {
      json[std::string(component_name(fact.component))] = fact.component == Component::model ? model_json(fact) : state_or_value(fact);
    }
  }
  json["macs"] = std::move(macs);
  json["disks"] = std::move(disks);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<FactsFile> read_facts(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return fail(Code::empty_input);
  auto whole = read_machine(text);
  if (whole) {
    FactsFile file;
    file.machines.push_back(std::move(*whole));
    return file;
  }
  // Many machines only where the first line is an object by itself; else the whole is one broken object.
  const std::string_view first = text.substr(0, text.find('\n'));
  if (first.size() == text.size() || !parse_object(first)) return tl::unexpected(whole.error());
  return read_lines(text);
}

Judgement compare_facts(const Facts& base, const Facts& now) {
  const SymmetricKey comparing_key(sha256(as_bytes("oak/v1/compare")));
  return judge(enrol(observe(base, comparing_key)), observe(now, comparing_key), Policy{});
}

std::string comparison_json(const Judgement& judgement, const std::optional<std::string>& id) {
  JsonWriter json;
  write_judgement(json, judgement, false);
  if (!id) return json.str() + "\n";
  return "{\"id\": " + *id + ", " + json.str().substr(1) + "\n";
}

}  // namespace oak
