#include <array>

#include "core/text.h"
#include "machine-id/normalise.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

struct Sign {
  std::string_view begins, name;
};

/// How the firmware values begin that hypervisors make up; lower case. Some write their product's name behind the name
/// of what they are built on, so the order counts.
constexpr std::array<Sign, 20> firmware_signs = {{{"openstack", "openstack"},
                                                  {"kubevirt", "kubevirt"},
                                                  {"rhev hypervisor", "ovirt"},
                                                  {"ovirt", "ovirt"},
                                                  {"amazon ec2", "ec2"},
                                                  {"google compute engine", "gce"},
                                                  {"virtual machine", "hyperv"},
                                                  {"vmware", "vmware"},
                                                  {"virtualbox", "virtualbox"},
                                                  {"innotek", "virtualbox"},
                                                  {"xen", "xen"},
                                                  {"hvm domu", "xen"},
                                                  {"bochs", "bochs"},
                                                  {"bhyve", "bhyve"},
                                                  {"parallels", "parallels"},
                                                  {"nutanix ahv", "nutanix"},
                                                  {"apple virtualization", "apple"},
                                                  {"droplet", "kvm"},
                                                  {"kvm", "kvm"},
                                                  {"qemu", "qemu"}}};

std::string by_firmware(const Host& host) {
  std::array<std::string, 4> values;
  std::size_t count = 0;
  for (const char* name : {"sys_vendor", "product_name", "board_vendor", "bios_vendor"})
    values[count++] = lower_case(read_value(host, std::string("/sys/class/dmi/id/") + name).value);
  // Whole machines of a cloud show its name too ("m5.metal").
  if (values[1].find(".metal") != std::string::npos) return {};
  for (const Sign& sign : firmware_signs)
    for (const std::string& value : values)
      if (value.starts_with(sign.begins)) return std::string(sign.name);
  return {};
}

std::string by_device_tree(const Host& host) {
  if (const auto node = host.read("/proc/device-tree/hypervisor/compatible"))
    return node->find("xen") != std::string::npos ? "xen" : node->find("kvm") != std::string::npos ? "kvm" : "hypervisor";
  const auto board = host.read("/proc/device-tree/compatible");
  return board && board->find("dummy-virt") != std::string::npos ? "qemu" : "";
}

/// The domain that owns the hardware runs under Xen and is no guest.
bool owns_xen(const Host& host) { return read_value(host, "/proc/xen/capabilities").value.find("control_d") != std::string::npos; }

std::string virtual_machine(const Host& host, std::string_view cpuinfo) {
  if (owns_xen(host)) return {};
  if (std::string name = by_firmware(host); !name.empty()) return name;
  const std::string hypervisor = lower_case(read_value(host, "/sys/hypervisor/type").value);
  if (is_name(hypervisor, max_environment_bytes)) return hypervisor;
  if (!host.list("/proc/xen").empty()) return "xen";
  if (std::string name = by_device_tree(host); !name.empty()) return name;
  return cpuinfo.find(" hypervisor") != std::string_view::npos ? "hypervisor" : "";
}

/// The value of `container=` in the first process's environment; only root sees it.
std::string by_first_process(const Host& host) {
  const auto environment = host.read("/proc/1/environ");
  if (!environment) return {};
  const std::string all = '\0' + *environment;
  const std::string mark = std::string(1, '\0') + "container=";
  const std::size_t at = all.find(mark);
  return at == std::string::npos ? std::string() : lower_case(all.c_str() + at + mark.size());
}

std::string container(const Host& host) {
  for (const char* place : {"/run/systemd/container", "/run/host/container-manager"}) {
    const std::string name = lower_case(read_value(host, place).value);
    if (is_name(name, max_environment_bytes)) return name;
  }
  if (host.read("/run/.containerenv")) return "podman";
  if (host.read("/.dockerenv")) return "docker";
  if (std::string name = by_first_process(host); is_name(name, max_environment_bytes)) return name;
  const std::string release = lower_case(read_value(host, "/proc/sys/kernel/osrelease").value);
  if (release.find("microsoft") != std::string::npos) return "wsl";
  const auto groups = host.read("/proc/1/cgroup");
  for (const std::string_view name : {"kubepods", "docker", "lxc"})
    if (groups && groups->find(name) != std::string::npos) return std::string(name);
  return {};
}

}  // namespace

Environment read_environment(const Host& host, std::string_view cpuinfo) { return {virtual_machine(host, cpuinfo), container(host)}; }

}  // namespace oak
