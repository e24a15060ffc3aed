#include <array>

#include "core/text.h"
#include "machine-id/normalise.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

struct Sign {
  std::string_view text, name;
};

/// What hypervisors write into the firmware tables that they make up; lower case.
constexpr std::array<Sign, 16> firmware_signs = {{
    {"kvm", "kvm"}, {"openstack", "openstack"}, {"amazon ec2", "ec2"}, {"google compute engine", "gce"},
    {"vmware", "vmware"}, {"virtualbox", "virtualbox"}, {"innotek", "virtualbox"}, {"xen", "xen"}, {"bochs", "bochs"},
    {"bhyve", "bhyve"}, {"parallels", "parallels"}, {"nutanix", "nutanix"}, {"ovirt", "ovirt"},
    {"apple virtualization", "apple"}, {"qemu", "qemu"}, {"virtual machine", "hyperv"}}};

/// "aws-nitro metal" and the like show the vendor's name on real hardware.
bool is_metal(const std::string& product) { return product.find(".metal") != std::string::npos; }

std::string virtual_machine(const Host& host) {
  std::string firmware;
  for (const char* name : {"sys_vendor", "product_name", "board_vendor", "bios_vendor"})
    firmware += lower_case(read_value(host, std::string("/sys/class/dmi/id/") + name).value) + "\n";
  if (!is_metal(firmware))
    for (const Sign& sign : firmware_signs)
      if (firmware.find(sign.text) != std::string::npos) return std::string(sign.name);
  const std::string hypervisor = lower_case(read_value(host, "/sys/hypervisor/type").value);
  if (is_name(hypervisor, max_environment_bytes)) return hypervisor;
  if (host.read("/proc/device-tree/hypervisor/compatible")) return "hypervisor";
  const auto cpuinfo = host.read("/proc/cpuinfo");
  return cpuinfo && cpuinfo->find(" hypervisor") != std::string::npos ? "hypervisor" : "";
}

std::string container(const Host& host) {
  const std::string named = lower_case(read_value(host, "/run/systemd/container").value);
  if (is_name(named, max_environment_bytes)) return named;
  if (host.read("/run/.containerenv")) return "podman";
  if (host.read("/.dockerenv")) return "docker";
  if (const auto environment = host.read("/proc/1/environ")) {
    constexpr std::string_view mark = "container=";
    const std::string all = std::string(1, '\0') + *environment;
    const std::size_t at = all.find(std::string(1, '\0') + std::string(mark));
    if (at != std::string::npos) {
      const std::string name = lower_case(all.c_str() + at + 1 + mark.size());
      if (is_name(name, max_environment_bytes)) return name;
    }
  }
  const std::string release = lower_case(read_value(host, "/proc/sys/kernel/osrelease").value);
  if (release.find("microsoft") != std::string::npos) return "wsl";
  const auto groups = host.read("/proc/1/cgroup");
  for (const std::string_view name : {"kubepods", "docker", "lxc"})
    if (groups && groups->find(name) != std::string::npos) return std::string(name);
  return {};
}

}  // namespace

Environment read_environment(const Host& host) { return {virtual_machine(host), container(host)}; }

}  // namespace oak
