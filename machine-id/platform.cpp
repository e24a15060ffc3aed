#include "machine-id/normalise.h"
#include "machine-id/placeholders.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

const std::string dmi = "/sys/class/dmi/id/";

/// The first of several places that has the value; where none has, the first that could not be read.
Reading first_of(const Host& host, std::initializer_list<const char*> paths) {
  Reading best;
  for (const char* path : paths) {
    Reading reading = read_value(host, path);
    if (reading.state == State::usable && !reading.value.empty()) return reading;
    if (best.source.empty() || (best.state == State::absent && reading.state == State::unreadable)) best = reading;
  }
  return best;
}

}  // namespace

void collect_platform(const Host& host, std::vector<Fact>& out) {
  out.push_back(judge_uuid(read_value(host, dmi + "product_uuid")));
  out.push_back(judge_serial(Component::product_serial, read_value(host, dmi + "product_serial")));
  out.push_back(judge_serial(Component::board_serial, read_value(host, dmi + "board_serial")));
  out.push_back(judge_serial(Component::dt_serial, first_of(host, {"/proc/device-tree/serial-number",
                                                                   "/sys/devices/soc0/serial_number"})));
}

Fact model_fact(const ModelParts& parts, std::string source) {
  std::string value;
  for (const std::string* name : {&parts.sys_vendor, &parts.product_name, &parts.board_name}) {
    const std::string text = folded(*name);
    if (!text.empty() && !name_placeholder(text).empty())
      return fact_of(Component::model, folded(parts.sys_vendor + "|" + parts.product_name + "|" + parts.board_name + "|" + parts.cpu),
                     std::move(source), "placeholder: a name that nobody filled in");
    value += normalised_serial(text) + "|";
  }
  value += parts.cpu;
  if (value == "|||") return missing_fact(Component::model, State::absent, std::move(source), "there is none");
  return fact_of(Component::model, value, std::move(source), {});
}

void collect_system(const Host& host, std::vector<Fact>& out) {
  out.push_back(judge_machine_id(read_value(host, "/etc/machine-id")));
  ModelParts parts{read_value(host, dmi + "sys_vendor").value, read_value(host, dmi + "product_name").value,
                   read_value(host, dmi + "board_name").value, cpu_signature(host)};
  std::string source = dmi + "sys_vendor, product_name, board_name; /proc/cpuinfo";
  if (parts.sys_vendor.empty() && parts.product_name.empty() && parts.board_name.empty()) {
    const Reading tree = read_value(host, "/proc/device-tree/model");
    parts.product_name = tree.value;
    source = (tree.value.empty() ? std::string() : tree.source + "; ") + "/proc/cpuinfo";
  }
  out.push_back(model_fact(parts, std::move(source)));
}

}  // namespace oak
