#include "machine-id/facts_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/hardware_json.h"
#include "core/text.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view unreadable_mark = "!unreadable";
constexpr std::size_t max_members = 4096, max_depth = 8;

tl::unexpected<Error> bad(std::string context) { return fail(Code::bad_facts, std::move(context)); }

/// Refuses nesting before the parser builds a tree of it. Brackets inside strings count too; facts have none to spare.
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
  if (is_too_deep(text)) return bad("it is nested too deep");
  std::vector<std::vector<std::string>> keys;
  bool doubled = false;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.empty()) {
      const std::string key = parsed.get<std::string>();
      doubled |= std::find(keys.back().begin(), keys.back().end(), key) != keys.back().end();
      keys.back().push_back(key);
    }
    return true;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, false);
  if (json.is_discarded()) return bad("it is not JSON");
  if (!json.is_object()) return bad("it is not an object");
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

Status read_macs(const Json& json, Facts& facts) {
  return each_entry(json, "macs", Component::mac, facts, [&](const Json& entry) -> Status {
    OAK_ASSIGN(const std::string address, text_member(entry, "address", "macs"));
    OAK_ASSIGN(const std::string bus, text_member(entry, "bus", "macs"));
    OAK_ASSIGN(const std::string label, text_member(entry, "label", "macs"));
    const auto assigned = entry.find("assign_type");
    const bool known = assigned == entry.end() || assigned->is_null();
    if (!known && !assigned->is_number_unsigned()) return bad("'assign_type' in 'macs' is not a number");
    const bool permanent = known || assigned->get<std::uint64_t>() == 0;
    const bool hangs_here = bus != "virtual" && bus != "usb";
    if (hangs_here && (address == unreadable_mark || !permanent)) {
      facts.facts.push_back(missing_fact(Component::mac, State::unreadable, "macs",
                                         permanent ? std::string(no_permission) : "no known permanent address", label));
      return {};
    }
    CardRule rule = judge_card(label, bus, address, "macs");
    (rule.left_out ? facts.left_out : facts.facts).push_back(std::move(rule.fact));
    return {};
  });
}

Status read_disks(const Json& json, Facts& facts) {
  return each_entry(json, "disks", Component::disk, facts, [&](const Json& entry) -> Status {
    OAK_ASSIGN(const std::string serial, text_member(entry, "serial", "disks"));
    OAK_ASSIGN(const std::string bus, text_member(entry, "bus", "disks"));
    OAK_ASSIGN(const std::string label, text_member(entry, "label", "disks"));
    const auto flag = entry.find("removable");
    const bool given = flag != entry.end() && !flag->is_null();
    if (given && !flag->is_boolean()) return bad("'removable' in 'disks' is neither true nor false");
    const bool removable = given && flag->get<bool>();
    if (serial == unreadable_mark && bus != "virtual" && bus != "usb" && !removable) {
      facts.facts.push_back(missing_fact(Component::disk, State::unreadable, "disks", std::string(no_permission), label));
      return {};
    }
    CardRule rule = judge_disk(label, bus, removable, serial, "disks");
    (rule.left_out ? facts.left_out : facts.facts).push_back(std::move(rule.fact));
    return {};
  });
}

Status read_model(const Json& json, Facts& facts) {
  const auto at = json.find("model");
  if (at == json.end() || at->is_null()) return {};
  if (at->is_string() && at->get_ref<const std::string&>() == unreadable_mark) {
    facts.facts.push_back(missing_fact(Component::model, State::unreadable, "model", std::string(no_permission)));
    return {};
  }
  if (!at->is_object()) return bad("'model' is not an object");
  ModelParts parts;
  OAK_ASSIGN(parts.sys_vendor, text_member(*at, "sys_vendor", "model"));
  OAK_ASSIGN(parts.product_name, text_member(*at, "product_name", "model"));
  OAK_ASSIGN(parts.board_name, text_member(*at, "board_name", "model"));
  OAK_ASSIGN(parts.cpu, text_member(*at, "cpu", "model"));
  facts.facts.push_back(model_fact(parts, "model"));
  return {};
}

Result<NamedFacts> read_machine(std::string_view text) {
  OAK_ASSIGN(const Json json, parse_object(text));
  NamedFacts out;
  if (const auto id = json.find("id"); id != json.end() && !id->is_null()) {
    if (!id->is_string()) return bad("'id' is not a text");
    out.id = id->get<std::string>();
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
  // The TPM's key has its place; until it has its rules it is never enrolled.
  OAK_TRY(text_value(json, "tpm_ek"));
  OAK_TRY(read_model(json, facts));
  complete(facts.facts);
  return out;
}

bool is_blank(std::string_view text) { return trimmed(text).empty(); }

Json state_or_value(const Fact& fact) {
  if (fact.state == State::unreadable) return std::string(unreadable_mark);
  return fact.state == State::absent ? Json(nullptr) : Json(fact.value);
}

Json model_json(const Fact& fact) {
  if (fact.state == State::unreadable) return std::string(unreadable_mark);
  if (fact.state == State::absent) return nullptr;
  std::vector<std::string> parts(1);
  for (const char c : fact.value) {
    if (c == '|' && parts.size() < 4)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  parts.resize(4);
  return {{"sys_vendor", parts[0]}, {"product_name", parts[1]}, {"board_name", parts[2]}, {"cpu", parts[3]}};
}

}  // namespace

std::string write_facts(const Facts& facts) {
  Json json = Json::object();
  Json macs = Json::array(), disks = Json::array();
  for (const Fact& fact : facts.facts) {
    const bool is_unreadable = fact.state == State::unreadable;
    if (fact.component == Component::mac || fact.component == Component::disk) {
      if (fact.state == State::absent) continue;
      const std::string value = is_unreadable ? std::string(unreadable_mark) : fact.value;
      if (fact.component == Component::mac)
        macs.push_back({{"address", value}, {"bus", "pci"}, {"assign_type", 0}, {"label", fact.label}});
      else
        disks.push_back({{"serial", value}, {"bus", "scsi"}, {"removable", false}, {"label", fact.label}});
    } else if (fact.component == Component::model) {
      json["model"] = model_json(fact);
    } else {
      json[std::string(component_name(fact.component))] = state_or_value(fact);
    }
  }
  json["macs"] = std::move(macs);
  json["disks"] = std::move(disks);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<FactsFile> read_facts(std::string_view text) {
  if (is_blank(text)) return fail(Code::empty_input);
  FactsFile file;
  if (auto whole = read_machine(text)) {
    file.machines.push_back(std::move(*whole));
    return file;
  } else if (text.find('\n') == std::string_view::npos || is_blank(text.substr(text.find('\n')))) {
    return tl::unexpected(whole.error());
  } else if (!read_machine(text.substr(0, text.find('\n')))) {
    // The first line alone is no machine either: one broken object, not a list.
    const auto first = read_machine(text.substr(0, text.find('\n')));
    return tl::unexpected(text.front() == '{' && first.error().context == "it is not JSON" ? whole.error() : first.error());
  }
  file.one_a_line = true;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (is_blank(line)) continue;
    auto machine = read_machine(line);
    if (!machine) return fail(machine.error().code, "line " + std::to_string(number) + ": " + machine.error().context);
    file.machines.push_back(std::move(*machine));
  }
  return file;
}

Judgement compare_facts(const Facts& base, const Facts& now) {
  const SymmetricKey comparing_key(sha256(as_bytes("oak/v1/compare")));
  return judge(enrol(observe(base, comparing_key)), observe(now, comparing_key), Policy{});
}

std::string comparison_json(const Judgement& judgement, const std::optional<std::string>& id) {
  JsonWriter json;
  write_judgement(json, judgement, false);
  if (!id) return json.str() + "\n";
  JsonWriter name;
  name.text(*id);
  return "{\"id\": " + name.str() + ", " + json.str().substr(1) + "\n";
}

}  // namespace oak
