#include "machine-id/collect.h"

#include <algorithm>

#include "machine-id/normalise.h"
#include "machine-id/placeholders.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

Facts collect_with(const Host& host, const PermanentAddressSource* permanent) {
  Facts facts;
  collect_platform(host, facts.facts);
  collect_network(host, permanent, facts);
  collect_disks(host, facts);
  collect_system(host, facts.facts);
  complete(facts.facts);
  facts.environment = read_environment(host);
  return facts;
}

}  // namespace

Reading read_value(const Host& host, const std::string& path) {
  auto text = host.read(path);
  if (text) return {State::usable, folded(*text), path};
  const bool denied = text.error().code == Code::permission_denied;
  return {denied ? State::unreadable : State::absent, {}, path};
}

Fact fact_of(Component component, std::string value, std::string source, std::string reason, std::string label) {
  const State state = reason.empty() ? State::usable : State::placeholder;
  return {component, state, std::move(value), std::move(label), std::move(source), std::move(reason)};
}

Fact missing_fact(Component component, State state, std::string source, std::string reason, std::string label) {
  return {component, state, {}, std::move(label), std::move(source), std::move(reason)};
}

Fact judge_serial(Component component, const Reading& reading) {
  if (reading.state == State::unreadable)
    return missing_fact(component, State::unreadable, reading.source, std::string(no_permission));
  std::string serial = normalised_serial(reading.value);
  if (reading.state == State::absent || serial.empty())
    return missing_fact(component, State::absent, reading.source, "there is none");
  std::string reason = serial_placeholder(serial);
  return fact_of(component, std::move(serial), reading.source, std::move(reason));
}

Fact judge_uuid(const Reading& reading) {
  if (reading.state == State::unreadable)
    return missing_fact(Component::product_uuid, State::unreadable, reading.source, std::string(no_permission));
  if (reading.state == State::absent || reading.value.empty())
    return missing_fact(Component::product_uuid, State::absent, reading.source, "there is none");
  const auto uuid = canonical_uuid(reading.value);
  if (!uuid)
    return fact_of(Component::product_uuid, normalised_serial(reading.value), reading.source, "placeholder: not a UUID");
  return fact_of(Component::product_uuid, *uuid, reading.source, uuid_placeholder(*uuid));
}

Fact judge_machine_id(const Reading& reading) {
  if (reading.state == State::unreadable)
    return missing_fact(Component::machine_id, State::unreadable, reading.source, std::string(no_permission));
  const auto id = normalised_machine_id(reading.value);
  if (!id) return missing_fact(Component::machine_id, State::absent, reading.source, "there is none, or it is not set yet");
  return fact_of(Component::machine_id, *id, reading.source, serial_placeholder(*id));
}

void complete(std::vector<Fact>& facts) {
  for (std::size_t i = 1; i <= component_count; ++i) {
    const auto component = static_cast<Component>(i);
    const bool there = std::any_of(facts.begin(), facts.end(), [&](const Fact& fact) { return fact.component == component; });
    if (!there) facts.push_back(missing_fact(component, State::absent, {}, "there is none"));
  }
  std::stable_sort(facts.begin(), facts.end(), [](const Fact& a, const Fact& b) { return a.component < b.component; });
}

Facts collect(const Host& host) { return collect_with(host, nullptr); }
Facts collect(const Host& host, const PermanentAddressSource& permanent) { return collect_with(host, &permanent); }

std::vector<Observation> observe(const Facts& facts, const SymmetricKey& fingerprint_key) {
  std::vector<Observation> out;
  out.reserve(facts.facts.size());
  for (const Fact& fact : facts.facts) {
    Observation seen{fact.component, fact.state, std::nullopt, fact.label};
    if (fact.state == State::usable || fact.state == State::placeholder)
      seen.digest = member_digest(fingerprint_key, fact.component, fact.value);
    out.push_back(std::move(seen));
  }
  return out;
}

}  // namespace oak
