#include <array>

#include "machine-id/sources.h"

namespace oak {
namespace {

/// A path of the firmware's tables.
std::string dmi(std::string_view name) { return "/sys/class/dmi/id/" + std::string(name); }

/// The device tree by its usual name, and where that link is missing (captured trees) by its own.
constexpr const char* tree_serials[] = {"/proc/device-tree/serial-number", "/sys/firmware/devicetree/base/serial-number",
                                        "/sys/devices/soc0/serial_number"};
constexpr const char* model_names[] = {"sys_vendor", "product_name", "board_name"};
constexpr const char* tree_models[] = {"/proc/device-tree/model", "/sys/firmware/devicetree/base/model"};

/// The first place with a real number; else the first that has anything to say.
Fact tree_serial(const Host& host) {
  Fact kept = missing_fact(Component::dt_serial, State::absent, tree_serials[0], "there is none");
  for (const char* place : tree_serials) {
    Fact fact = judge_serial(Component::dt_serial, read_value(host, place));
    if (fact.state == State::usable || fact.state == State::unreadable) return fact;
    if (kept.state == State::absent && fact.state == State::placeholder) kept = std::move(fact);
  }
  return kept;
}

Reading tree_model(const Host& host) {
  for (const char* place : tree_models) {
    Reading reading = read_value(host, place);
    if (reading.state == State::unreadable || !reading.value.empty()) return reading;
  }
  return {};
}

}  // namespace

void collect_platform(const Host& host, std::vector<Fact>& out) {
  out.push_back(judge_uuid(read_value(host, dmi("product_uuid"))));
  out.push_back(judge_serial(Component::product_serial, read_value(host, dmi("product_serial"))));
  out.push_back(judge_serial(Component::board_serial, read_value(host, dmi("board_serial"))));
  out.push_back(tree_serial(host));
}

void collect_system(const Host& host, const Result<std::string>& cpuinfo, std::vector<Fact>& out) {
  out.push_back(judge_machine_id(read_value(host, "/etc/machine-id")));
  const auto no_model = [&](std::string source) {
    out.push_back(missing_fact(Component::model, State::unreadable, std::move(source), std::string(no_permission)));
  };
  if (!cpuinfo && cpuinfo.error().code == Code::permission_denied) return no_model("/proc/cpuinfo");
  std::array<std::string, 3> names;
  std::string source;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Reading reading = read_value(host, dmi(model_names[i]));
    if (reading.state == State::unreadable) return no_model(std::move(reading.source));
    if (reading.state == State::usable) source = dmi("{sys_vendor,product_name,board_name}; ");
    names[i] = std::move(reading.value);
  }
  if (source.empty()) {
    Reading tree = tree_model(host);
    if (tree.state == State::unreadable) return no_model(std::move(tree.source));
    if (!tree.value.empty()) source = tree.source + "; ";
    names[1] = std::move(tree.value);
  }
  const std::string cpu = cpu_signature(cpuinfo.value_or(std::string()));
  out.push_back(judge_model({names[0], names[1], names[2], cpu}, source + "/proc/cpuinfo"));
}

}  // namespace oak
