#include "machine-id/sources.h"

namespace oak {
namespace {

const std::string dmi = "/sys/class/dmi/id/";

/// The device tree by its usual name, and where that link is missing (captured trees) by its own.
constexpr const char* tree_serials[] = {"/proc/device-tree/serial-number", "/sys/firmware/devicetree/base/serial-number",
                                        "/sys/devices/soc0/serial_number"};
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
    if (!reading.value.empty()) return reading;
  }
  return {};
}

}  // namespace

void collect_platform(const Host& host, std::vector<Fact>& out) {
  out.push_back(judge_uuid(read_value(host, dmi + "product_uuid")));
  out.push_back(judge_serial(Component::product_serial, read_value(host, dmi + "product_serial")));
  out.push_back(judge_serial(Component::board_serial, read_value(host, dmi + "board_serial")));
  out.push_back(tree_serial(host));
}

void collect_system(const Host& host, std::string_view cpuinfo, std::vector<Fact>& out) {
  out.push_back(judge_machine_id(read_value(host, "/etc/machine-id")));
  ModelParts parts{{}, {}, {}, cpu_signature(cpuinfo)};
  std::string source;
  const auto read_name = [&](const char* name, std::string& part) {
    Reading reading = read_value(host, dmi + name);
    if (reading.state != State::absent) source = dmi + "{sys_vendor,product_name,board_name}; ";
    part = std::move(reading.value);
    return reading.state != State::unreadable;
  };
  bool is_readable = read_name("sys_vendor", parts.sys_vendor);
  is_readable &= read_name("product_name", parts.product_name);
  is_readable &= read_name("board_name", parts.board_name);
  if (!is_readable) {
    out.push_back(missing_fact(Component::model, State::unreadable, source, std::string(no_permission)));
    return;
  }
  if (source.empty()) {
    Reading tree = tree_model(host);
    if (!tree.value.empty()) source = tree.source + "; ";
    parts.product_name = std::move(tree.value);
  }
  out.push_back(judge_model(parts, source + "/proc/cpuinfo"));
}

}  // namespace oak
