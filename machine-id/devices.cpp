#include "machine-id/sources.h"

namespace oak {
namespace {

bool has(std::string_view path, std::string_view part) { return path.find(part) != std::string_view::npos; }

/// A copy that followed the links has plain folders; what the device calls itself then says where it hangs.
std::string path_by_alias(const Host& host, const std::string& device) {
  if (host.list(device).empty()) return {};
  const std::string alias = read_value(host, device + "/modalias").value;
  if (alias.starts_with("usb:")) return "/sys/devices/usb1/";
  if (alias.starts_with("virtio:")) return "/sys/devices/virtio";
  return alias.starts_with("pci:") ? "/sys/devices/pci" : "/sys/devices/platform";
}

/// Behind a USB host controller, whose folder is "usb1", "usb2" …
bool is_on_usb(std::string_view path) {
  for (std::size_t at = path.find("/usb"); at != std::string_view::npos; at = path.find("/usb", at + 1))
    if (at + 4 < path.size() && path[at + 4] >= '0' && path[at + 4] <= '9') return true;
  return false;
}

}  // namespace

std::string device_path(const Host& host, const std::string& entry) {
  std::string path = host.resolve(entry);
  if (path.empty()) path = host.resolve(entry + "/device");
  return path.empty() ? path_by_alias(host, entry + "/device") : path;
}

std::string bus_of(const std::string& device_path) {
  if (device_path.empty() || has(device_path, "/devices/virtual/")) return "virtual";
  if (is_on_usb(device_path)) return "usb";
  if (has(device_path, "/virtio")) return "virtio";
  return has(device_path, "/pci") ? "pci" : "platform";
}

std::string disk_bus_of(const std::string& disk, const std::string& device_path) {
  // iSCSI, Fibre Channel and NVMe over a network show the other end's disks as if they were here.
  for (const char* far : {"/session", "/rport-", "/nvme-fabrics/"})
    if (has(device_path, far)) return "remote";
  const std::string bus = bus_of(device_path);
  // With multipath, an NVMe disk hangs below /devices/virtual and is as real as any.
  const bool is_nvme = disk.starts_with("nvme");
  if (bus == "usb" || bus == "virtio" || (bus == "virtual" && !is_nvme)) return bus;
  if (is_nvme) return "nvme";
  if (disk.starts_with("mmcblk")) return "mmc";
  return has(device_path, "/ata") ? "ata" : "scsi";
}

}  // namespace oak
