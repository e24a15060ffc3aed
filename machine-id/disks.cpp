#include <algorithm>

#include "machine-id/sources.h"

namespace oak {
namespace {

constexpr const char* block = "/sys/block/";

/// A disk by its own number. The first place that has one decides, or that may not be read, so that privilege does not
/// change the choice; the controller's serial comes before identifiers that formatting may change. Placeholders on the
/// way stay beside it: one that was enrolled before a list refused it has to be found again.
std::vector<Fact> numbers_of(const Host& host, const std::string& disk, const std::string& bus) {
  std::vector<Fact> out;
  for (const char* place : {"/serial", "/device/serial", "/device/wwid", "/wwid", "/device/cid"}) {
    Fact fact = judge_disk(bus, false, read_value(host, block + disk + place));
    if (fact.state == State::absent) continue;
    out.push_back(std::move(fact));
    if (out.back().state != State::placeholder) return out;
  }
  if (out.empty()) out.push_back(judge_disk(bus, false, {State::absent, {}, block + disk}));
  return out;
}

/// Whether the folder of an NVMe controller is of one on another machine. It says how it gets here ("tcp", "rdma", "fc");
/// where a copy lacks that, where its link leads does.
bool is_far_controller(const Host& host, const std::string& controller) {
  const std::string transport = read_value(host, controller + "/transport").value;
  if (transport.empty()) return host.resolve(controller).find("/nvme-fabrics/") != std::string::npos;
  return transport != "pcie" && transport != "apple-nvme";
}

/// With multipath a disk hangs below its subsystem, where each way to it is a controller. One local way makes it local.
bool is_over_fabric(const Host& host, const std::string& disk) {
  const std::string device = block + disk + "/device";
  if (is_far_controller(host, device)) return true;
  std::vector<std::string> ways = host.list(device);
  std::erase_if(ways, [](const std::string& name) {
    return !name.starts_with("nvme") || name.find_first_not_of("0123456789", 4) != std::string::npos;
  });
  return !ways.empty() &&
         std::all_of(ways.begin(), ways.end(), [&](const std::string& way) { return is_far_controller(host, device + "/" + way); });
}

/// "nvme0c1n1" is one of several ways to "nvme0n1".
bool is_path_only(const std::string& disk) { return disk.starts_with("nvme") && disk.find('c') != std::string::npos; }

/// Loops, compressed memory, mapped and joined disks: the kernel gives these names to nothing else, and a machine may have
/// a hundred of them.
bool is_made_up(const std::string& disk) {
  for (const std::string_view driver : {"loop", "zram", "ram", "dm-", "md"})
    if (disk.starts_with(driver) && disk.find_first_not_of("0123456789", driver.size()) == std::string::npos) return true;
  return false;
}

bool is_removable(const Host& host, const std::string& disk) {
  if (disk.starts_with("sr") || disk.starts_with("fd")) return true;
  if (disk.starts_with("mmcblk") && read_value(host, block + disk + "/device/type").value == "SD") return true;
  if (read_value(host, block + disk + "/removable").value == "1") return true;
  return disk.starts_with("nvme") && read_value(host, block + disk + "/device/device/removable").value == "removable";
}

}  // namespace

void collect_disks(const Host& host, Facts& out) {
  for (const std::string& disk : list_of(host, "/sys/block", Component::disk, out)) {
    if (is_path_only(disk)) continue;
    std::string bus = is_made_up(disk) ? "virtual" : disk_bus_of(disk, device_path(host, block + disk));
    if (bus == "nvme" && is_over_fabric(host, disk)) bus = "remote";
    const bool is_elsewhere = bus == "virtual" || bus == "usb" || bus == "remote";
    const bool removable = !is_elsewhere && is_removable(host, disk);
    if (is_elsewhere || removable) {
      add_member(out, judge_disk(bus, removable, {State::absent, {}, block + disk}), disk, bus);
      continue;
    }
    for (Fact& fact : numbers_of(host, disk, bus)) add_member(out, std::move(fact), disk, bus);
  }
}

}  // namespace oak
