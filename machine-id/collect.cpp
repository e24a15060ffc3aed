#include "machine-id/collect.h"

#include "machine-id/normalise.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

/// Each processor takes the kernel its time, and the first one says what counts; the environment's signs are further down.
Result<std::string> read_cpuinfo(const Host& host, bool with_environment) {
  constexpr std::size_t enough_of_the_first = 1024;
  const std::string path = "/proc/cpuinfo";
  if (with_environment) return host.read(path);
  auto start = host.read_start(path, enough_of_the_first);
  if (!start) return start;
  start->erase(start->rfind('\n') + 1);
  if (cpu_signature(*start).empty()) return host.read(path);
  return start;
}

Facts collect_with(const Host& given, const PermanentAddressSource* permanent, bool with_environment) {
  const std::unique_ptr<Host> look = given.for_one_collection();
  const Host& host = look ? *look : given;
  const auto cpuinfo = read_cpuinfo(host, with_environment);
  Facts facts;
  facts.facts.reserve(16);
  collect_platform(host, facts.facts);
  collect_network(host, permanent, facts);
  collect_disks(host, facts);
  collect_system(host, cpuinfo, facts.facts);
  facts.facts.push_back(missing_fact(Component::tpm_ek, State::absent, "/dev/tpmrm0", "not read by this version"));
  complete(facts, "/sys/class/net", "/sys/block");
  if (with_environment) facts.environment = read_environment(host, cpuinfo.value_or(std::string()));
  return facts;
}

}  // namespace

Reading read_value(const Host& host, const std::string& path) {
  const auto text = host.read(path);
  if (text) return {State::usable, folded(*text), path};
  const bool is_denied = text.error().code == Code::permission_denied;
  return {is_denied ? State::unreadable : State::absent, {}, path};
}

std::vector<std::string> list_of(const Host& host, const std::string& folder, Component component, Facts& out) {
  std::vector<std::string> names = host.list(folder);
  if (!names.empty()) return names;
  const auto refused = host.read(folder);
  if (!refused && refused.error().code == Code::permission_denied)
    out.facts.push_back(missing_fact(component, State::unreadable, folder, std::string(no_permission)));
  return names;
}

Facts collect(const Host& host) { return collect_with(host, nullptr, true); }
Facts collect(const Host& host, const PermanentAddressSource& permanent) { return collect_with(host, &permanent, true); }
Facts collect_components(const Host& host) { return collect_with(host, nullptr, false); }

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
