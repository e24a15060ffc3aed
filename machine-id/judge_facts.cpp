#include "machine-id/judge_facts.h"

#include <algorithm>
#include <set>

#include "machine-id/normalise.h"
#include "machine-id/placeholders.h"

namespace oak {
namespace {

Fact unreadable_fact(Component component, const Reading& reading) {
  return missing_fact(component, State::unreadable, reading.source, std::string(no_permission));
}

bool is_empty(const Reading& reading) { return reading.state == State::absent || folded(reading.value).empty(); }

/// Two names for one thing: namespaces of a disk, ports of a switch that share an address. One placeholder on several
/// things does not make them one.
void leave_out_doubles(Facts& facts) {
  std::set<std::pair<Component, std::string>> seen;
  std::vector<Fact> kept;
  for (Fact& fact : facts.facts) {
    if (!is_set(fact.component) || fact.state != State::usable || seen.emplace(fact.component, fact.value).second) {
      kept.push_back(std::move(fact));
      continue;
    }
    fact.state = State::absent;
    fact.value.clear();
    fact.reason = "counted already under another name";
    facts.left_out.push_back(std::move(fact));
  }
  facts.facts = std::move(kept);
}

}  // namespace

Fact fact_of(Component component, std::string value, std::string source, std::string reason) {
  const State state = reason.empty() ? State::usable : State::placeholder;
  return {component, state, std::move(value), {}, std::move(source), std::move(reason), {}};
}

Fact missing_fact(Component component, State state, std::string source, std::string reason) {
  return {component, state, {}, {}, std::move(source), std::move(reason), {}};
}

Fact judge_serial(Component component, const Reading& reading) {
  if (reading.state == State::unreadable) return unreadable_fact(component, reading);
  if (is_empty(reading)) return missing_fact(component, State::absent, reading.source, "there is none");
  std::string serial = normalised_serial(reading.value);
  std::string reason = serial_placeholder(serial);
  return fact_of(component, std::move(serial), reading.source, std::move(reason));
}

Fact judge_uuid(const Reading& reading) {
  constexpr Component component = Component::product_uuid;
  if (reading.state == State::unreadable) return unreadable_fact(component, reading);
  if (is_empty(reading)) return missing_fact(component, State::absent, reading.source, "there is none");
  const auto uuid = canonical_uuid(reading.value);
  if (!uuid) return fact_of(component, normalised_serial(reading.value), reading.source, "placeholder: not a UUID");
  return fact_of(component, *uuid, reading.source, uuid_placeholder(*uuid));
}

Fact judge_machine_id(const Reading& reading) {
  constexpr Component component = Component::machine_id;
  if (reading.state == State::unreadable) return unreadable_fact(component, reading);
  const auto id = normalised_machine_id(reading.value);
  if (!id) return missing_fact(component, State::absent, reading.source, "there is none, or it is not set yet");
  return fact_of(component, *id, reading.source, serial_placeholder(*id));
}

Fact judge_card(std::string_view bus, const Reading& permanent_address) {
  const auto left_out = [&](std::string reason) {
    return missing_fact(Component::mac, State::absent, permanent_address.source, std::move(reason));
  };
  if (bus == "virtual") return left_out("virtual device");
  if (bus == "usb") return left_out("USB device");
  if (permanent_address.state == State::unreadable) return unreadable_fact(Component::mac, permanent_address);
  const auto mac = normalised_mac(permanent_address.value);
  if (!mac) return left_out("no 48-bit address");
  const char second_digit = (*mac)[1];
  if (std::string_view("13579bdf").find(second_digit) != std::string_view::npos) return left_out("a group address");
  if (std::string_view("26ae").find(second_digit) != std::string_view::npos) return left_out("locally administered");
  return fact_of(Component::mac, *mac, permanent_address.source, mac_placeholder(*mac));
}

Fact judge_disk(std::string_view bus, bool removable, const Reading& serial) {
  const auto left_out = [&](std::string reason) { return missing_fact(Component::disk, State::absent, serial.source, std::move(reason)); };
  if (bus == "virtual") return left_out("virtual device");
  if (bus == "usb") return left_out("USB device");
  if (bus == "remote") return left_out("on another machine");
  if (removable) return left_out("removable");
  if (serial.state == State::unreadable) return unreadable_fact(Component::disk, serial);
  std::string number = normalised_serial(serial.value);
  if (number.empty()) return left_out("no serial number");
  std::string reason = disk_placeholder(number);
  return fact_of(Component::disk, std::move(number), serial.source, std::move(reason));
}

Fact judge_model(const ModelParts& parts, std::string source) {
  std::string value;
  bool is_placeholder = false;
  for (const std::string* name : {&parts.sys_vendor, &parts.product_name, &parts.board_name}) {
    is_placeholder |= !name_placeholder(folded(*name)).empty();
    value += normalised_serial(*name) + "\n";
  }
  value += normalised_serial(parts.cpu);
  if (value == "\n\n\n") return missing_fact(Component::model, State::absent, std::move(source), "there is none");
  return fact_of(Component::model, std::move(value), std::move(source), is_placeholder ? "placeholder: a name that nobody filled in" : "");
}

ModelParts split_model(std::string_view value) {
  ModelParts parts;
  for (std::string* part : {&parts.sys_vendor, &parts.product_name, &parts.board_name, &parts.cpu}) {
    const std::size_t end = std::min(value.find('\n'), value.size());
    *part = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return parts;
}

void add_member(Facts& facts, Fact fact, std::string label, std::string bus) {
  fact.label = std::move(label);
  fact.bus = std::move(bus);
  (fact.state == State::absent ? facts.left_out : facts.facts).push_back(std::move(fact));
}

void complete(Facts& facts, const std::string& cards, const std::string& disks) {
  leave_out_doubles(facts);
  for (std::size_t i = 1; i <= component_count; ++i) {
    const auto component = static_cast<Component>(i);
    const auto is_of_it = [&](const Fact& fact) { return fact.component == component; };
    if (std::any_of(facts.facts.begin(), facts.facts.end(), is_of_it)) continue;
    const bool are_some = std::any_of(facts.left_out.begin(), facts.left_out.end(), is_of_it);
    const std::string place = component == Component::mac    ? cards
                              : component == Component::disk ? disks
                                                             : std::string(component_name(component));
    facts.facts.push_back(missing_fact(component, State::absent, place, are_some ? "none that counts" : "there is none"));
  }
  std::stable_sort(facts.facts.begin(), facts.facts.end(), [](const Fact& a, const Fact& b) { return a.component < b.component; });
}

}  // namespace oak
