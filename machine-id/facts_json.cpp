#include "machine-id/facts_json.h"

#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "core/hardware_json.h"
#include "core/text.h"
#include "machine-id/judge_facts.h"
#include "machine-id/normalise.h"

namespace oak {
namespace {

using Json = nlohmann::json;
using Written = nlohmann::ordered_json;

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view unreadable_mark = "!unreadable";
constexpr auto keys_in_order =
    std::to_array({"product_uuid", "product_serial", "board_serial", "dt_serial", "macs", "disks", "machine_id", "tpm_ek", "model"});
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

std::string line_name(std::size_t number) { return "line " + std::to_string(number); }

std::size_t count_lines(std::string_view text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

/// "line 3, column 7", from how many bytes the parser had read when it gave up.
std::string place_of(std::string_view text, std::size_t first_line, std::size_t bytes_read) {
  const std::string_view before = text.substr(0, bytes_read > 0 ? bytes_read - 1 : 0);
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  return line_name(first_line + count_lines(before)) + ", column " + std::to_string(column);
}

/// What is written twice, and whether the object has ended: nlohmann keeps the last of two equal keys, and has one
/// message for all that it can't read.
struct Watch {
  std::vector<std::set<std::string>> keys;
  std::string doubled;
  bool is_over = false;

  bool operator()(int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) {
      keys.pop_back();
      is_over = keys.empty();
    }
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) doubled = parsed.get<std::string>();
    return true;
  }
};

/// Parses one object that begins on line `first_line` of its file.
Result<Json> parse_object(std::string_view text, std::size_t first_line) {
  const std::string line = line_name(first_line);
  if (text.size() > max_machine_bytes) return bad(line + ": one machine's facts have at most 4 MiB");
  if (is_too_deep(text)) return bad(line + ": it is nested too deep");
  Watch watch;
  Json json;
  // The library gives the place of a mistake only with its exceptions; none leaves this function.
  try {
    json = Json::parse(text.begin(), text.end(), std::ref(watch));
  } catch (const Json::parse_error& error) {
    if (error.byte > text.size()) return bad(line_name(first_line + count_lines(text)) + ": it ends in the middle");
    return bad(place_of(text, first_line, error.byte) +
               (watch.is_over ? ": more follows behind the object" : ": it is not JSON from here on"));
  } catch (const Json::exception&) {
    return bad(line + ": it holds a number that is out of range");
  }
  if (!json.is_object()) return bad(line + ": it is not one JSON object");
  if (!watch.doubled.empty()) return bad(line + ": the key " + in_quotes(watch.doubled) + " appears twice");
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
  if (!at->is_string()) return bad("'" + std::string(key) + "' in " + where + " is not a text");
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
  std::size_t number = 0;
  for (const Json& entry : *at) {
    const std::string where = "entry " + std::to_string(++number) + " of '" + key + "'";
    if (!entry.is_object()) return bad(where + " is not an object");
    OAK_TRY(take(entry, where));
  }
  return {};
}

/// The value of one key of a card or a disk, as a reading.
Result<Reading> member_reading(const Json& entry, const char* key, const char* set, const std::string& where) {
  OAK_ASSIGN(std::string value, text_member(entry, key, where));
  if (value == unreadable_mark) return Reading{State::unreadable, {}, set};
  return Reading{value.empty() ? State::absent : State::usable, std::move(value), set};
}

Result<std::string> bus_member(const Json& entry, const std::string& where) {
  return text_member(entry, "bus", where).map([](const std::string& bus) { return lower_case(bus); });
}

Status read_macs(const Json& json, Facts& facts) {
  return each_entry(json, "macs", Component::mac, facts, [&](const Json& entry, const std::string& where) -> Status {
    OAK_ASSIGN(const Reading address, member_reading(entry, "address", "macs", where));
    OAK_ASSIGN(std::string bus, bus_member(entry, where));
    OAK_ASSIGN(std::string label, text_member(entry, "label", where));
    const auto assigned = entry.find("assign_type");
    const bool is_given = assigned != entry.end() && !assigned->is_null();
    if (is_given && !assigned->is_number_unsigned()) return bad("'assign_type' in " + where + " is not a whole number");
    Fact fact = judge_card(bus, address);
    if (is_given && assigned->get<std::uint64_t>() != 0 && bus != "virtual" && bus != "usb")
      fact = missing_fact(Component::mac, State::unreadable, "macs", "no known permanent address");
    add_member(facts, std::move(fact), std::move(label), std::move(bus));
    return {};
  });
}

Status read_disks(const Json& json, Facts& facts) {
  return each_entry(json, "disks", Component::disk, facts, [&](const Json& entry, const std::string& where) -> Status {
    OAK_ASSIGN(const Reading serial, member_reading(entry, "serial", "disks", where));
    OAK_ASSIGN(std::string bus, bus_member(entry, where));
    OAK_ASSIGN(std::string label, text_member(entry, "label", where));
    const auto flag = entry.find("removable");
    const bool is_given = flag != entry.end() && !flag->is_null();
    if (is_given && !flag->is_boolean()) return bad("'removable' in " + where + " is neither true nor false");
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
    OAK_ASSIGN(parts.sys_vendor, text_member(*at, "sys_vendor", "'model'"));
    OAK_ASSIGN(parts.product_name, text_member(*at, "product_name", "'model'"));
    OAK_ASSIGN(parts.board_name, text_member(*at, "board_name", "'model'"));
    OAK_ASSIGN(parts.cpu, text_member(*at, "cpu", "'model'"));
    is_unreadable = is_mark(parts.sys_vendor) || is_mark(parts.product_name) || is_mark(parts.board_name) || is_mark(parts.cpu);
  }
  facts.facts.push_back(is_unreadable ? missing_fact(Component::model, State::unreadable, "model", std::string(no_permission))
                                      : judge_model(parts, "model"));
  return {};
}

Result<NamedFacts> machine_of(const Json& json) {
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
  complete(facts, "macs", "disks");
  return out;
}

Written state_or_value(const Fact& fact) {
  if (fact.state == State::unreadable) return std::string(unreadable_mark);
  return fact.state == State::absent ? Written(nullptr) : Written(fact.value);
}

Written model_json(const Fact& fact) {
  if (fact.state == State::unreadable || fact.state == State::absent) return state_or_value(fact);
  const ModelParts parts = split_model(fact.value);
  return {{"sys_vendor", parts.sys_vendor}, {"product_name", parts.product_name}, {"board_name", parts.board_name}, {"cpu", parts.cpu}};
}

Written member_json(const Fact& fact) {
  const Written value = state_or_value(fact);
  if (fact.component == Component::mac) return {{"address", value}, {"bus", fact.bus}, {"assign_type", 0}, {"label", fact.label}};
  return {{"serial", value}, {"bus", fact.bus}, {"removable", false}, {"label", fact.label}};
}

/// One object a line, from line `number` on.
Result<FactsFile> read_lines(std::string_view text, std::size_t number) {
  FactsFile file;
  file.one_a_line = true;
  for (; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (trimmed(line).empty()) continue;
    OAK_ASSIGN(const Json json, parse_object(line, number));
    auto machine = machine_of(json);
    if (!machine) return bad(line_name(number) + ": " + machine.error().context);
    file.machines.push_back(std::move(*machine));
  }
  return file;
}

}  // namespace

std::string write_facts(const Facts& facts) {
  Written json = Written::object();
  for (const char* key : keys_in_order) json[key] = nullptr;
  Written macs = Written::array(), disks = Written::array();
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
  return json.dump(2, ' ', false, Written::error_handler_t::replace) + "\n";
}

Result<FactsFile> read_facts(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const std::string_view body = trimmed(text);
  if (body.empty()) return fail(Code::empty_input);
  const std::size_t first_line = 1 + count_lines(text.substr(0, static_cast<std::size_t>(body.data() - text.data())));
  const auto whole = parse_object(body, first_line);
  if (whole) {
    FactsFile file;
    OAK_ASSIGN(NamedFacts machine, machine_of(*whole));
    file.machines.push_back(std::move(machine));
    return file;
  }
  // Many machines only where the first line is an object by itself; else the whole is one broken object, or it is the
  // first line that is broken where there is more than one machine can have.
  const std::string_view first = trimmed(body.substr(0, body.find('\n')));
  if (first.size() == body.size()) return tl::unexpected(whole.error());
  if (const auto begin = parse_object(first, first_line); !begin)
    return tl::unexpected(body.size() > max_machine_bytes && first.back() == '}' ? begin.error() : whole.error());
  return read_lines(body, first_line);
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
