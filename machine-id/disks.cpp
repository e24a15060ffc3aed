#include "machine-id/sources.h"

namespace oak {
namespace {

const std::string block = "/sys/block/";

/// A disk's own number; the first place that has one decides, so that privilege does not change the choice. The
/// controller's serial comes before identifiers that formatting may change.
Reading read_serial(const Host& host, const std::string& disk) {
  for (const char* place : {"/serial", "/device/serial", "/device/wwid", "/wwid", "/device/cid"}) {
    Reading reading = read_value(host, block + disk + place);
    if (reading.state == State::unreadable || !reading.value.empty()) return reading;
  }
  return {State::absent, {}, block + disk};
}

/// An NVMe disk that another machine serves says how it gets here ("tcp", "rdma", "fc").
bool is_over_fabric(const Host& host, const std::string& disk) {
  const std::string transport = read_value(host, block + disk + "/device/transport").value;
  return !transport.empty() && transport != "pcie" && transport != "apple-nvme";
}

/// "nvme0c1n1" is one of several ways to "nvme0n1".
bool is_path_only(const std::string& disk) { return disk.starts_with("nvme") && disk.find('c') != std::string::npos; }

bool is_removable(const Host& host, const std::string& disk) {
  if (disk.starts_with("sr") || disk.starts_with("fd")) return true;
  if (disk.starts_with("mmcblk") && read_value(host, block + disk + "/device/type").value == "SD") return true;
  if (read_value(host, block + disk + "/removable").value == "1") return true;
  return disk.starts_with("nvme") && read_value(host, block + disk + "/device/device/removable").value == "removable";
}

}  // namespace

void collect_disks(const Host& host, Facts& out) {
  for (const std::string& disk : host.list("/sys/block")) {
    if (is_path_only(disk)) continue;
    std::string bus = disk_bus_of(disk, device_path(host, block + disk));
    if (bus == "nvme" && is_over_fabric(host, disk)) bus = "remote";
    const bool is_elsewhere = bus == "virtual" || bus == "usb" || bus == "remote";
    const bool removable = !is_elsewhere && is_removable(host, disk);
    const Reading serial = is_elsewhere || removable ? Reading{State::absent, {}, block + disk} : read_serial(host, disk);
    Fact fact = judge_disk(bus, removable, serial);
    add_member(out, std::move(fact), disk, std::move(bus));
  }
}

}  // namespace oak
