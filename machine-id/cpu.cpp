#include <algorithm>
#include <array>

#include "machine-id/normalise.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

/// The value behind "name : " in the first processor's block, which a blank line ends.
std::string field(std::string_view cpuinfo, std::string_view name) {
  while (!cpuinfo.empty()) {
    const std::size_t end = std::min(cpuinfo.find('\n'), cpuinfo.size());
    const std::string_view line = cpuinfo.substr(0, end);
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && folded(line.substr(0, colon)) == name) return folded(line.substr(colon + 1));
    cpuinfo.remove_prefix(std::min(end + 1, cpuinfo.size()));
  }
  return {};
}

/// The values between slashes; empty where one is missing.
std::string joined(std::string_view cpuinfo, const std::array<std::string_view, 3>& names) {
  std::string out;
  for (const std::string_view name : names) {
    const std::string value = field(cpuinfo, name);
    if (value.empty()) return {};
    out += (out.empty() ? "" : "/") + value;
  }
  return out;
}

}  // namespace

std::string cpu_signature(std::string_view cpuinfo) {
  const std::string x86 = joined(cpuinfo, {"cpu family", "model", "stepping"});
  return x86.empty() ? joined(cpuinfo, {"CPU implementer", "CPU part", "CPU variant"}) : x86;
}

}  // namespace oak
