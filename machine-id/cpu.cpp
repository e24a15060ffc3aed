#include <array>

#include "machine-id/normalise.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

/// The value behind "name : " in the first processor's block.
std::string field(const std::string& cpuinfo, std::string_view name) {
  std::size_t at = 0;
  while (at < cpuinfo.size()) {
    const std::size_t end = std::min(cpuinfo.find('\n', at), cpuinfo.size());
    const std::string_view line = std::string_view(cpuinfo).substr(at, end - at);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && folded(line.substr(0, colon)) == name) return folded(line.substr(colon + 1));
    at = end + 1;
  }
  return {};
}

}  // namespace

std::string cpu_signature(const Host& host) {
  const auto cpuinfo = host.read("/proc/cpuinfo");
  if (!cpuinfo) return {};
  static constexpr std::array<std::string_view, 3> x86 = {"cpu family", "model", "stepping"};
  static constexpr std::array<std::string_view, 5> arm = {"CPU implementer", "CPU architecture", "CPU variant", "CPU part",
                                                          "CPU revision"};
  const auto joined = [&](const auto& names) {
    std::string out;
    for (const std::string_view name : names) {
      const std::string value = field(*cpuinfo, name);
      if (value.empty()) return std::string();
      out += (out.empty() ? "" : "/") + value;
    }
    return out;
  };
  const std::string signature = joined(x86);
  return signature.empty() ? joined(arm) : signature;
}

}  // namespace oak
