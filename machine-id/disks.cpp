#include "machine-id/normalise.h"
#include "machine-id/placeholders.h"
#include "machine-id/sources.h"

namespace oak {
namespace {

const std::string block = "/sys/block/";

std::string bus_of(const std::string& name, const std::string& device_path) {
  const auto has = [&](std::string_view part) { return device_path.find(part) != std::string::npos; };
  // NVMe with native multipath hangs below /devices/virtual, and is as real as any.
  if (name.starts_with("nvme")) return "nvme";
  if (device_path.empty() || has("/devices/virtual/")) return "virtual";
  if (has("/usb")) return "usb";
  if (has("/session") || has("/rport-")) return "remote";
  if (has("/virtio")) return "virtio";
  if (name.starts_with("mmcblk")) return "mmc";
  return has("/ata") ? "ata" : "scsi";
}

/// Where a disk's own number stands; the controller's serial comes before identifiers that formatting may change.
Reading read_serial(const Host& host, const std::string& disk) {
  Reading first;
  for (const char* place : {"/serial", "/device/serial", "/device/wwid", "/wwid", "/device/cid"}) {
    Reading reading = read_value(host, block + disk + place);
    if (reading.state == State::usable && !reading.value.empty()) return reading;
    if (first.source.empty() || reading.state == State::unreadable) first = std::move(reading);
  }
  return first;
}

bool is_optical_or_floppy(const std::string& name) { return name.starts_with("sr") || name.starts_with("fd"); }

bool is_removable(const Host& host, const std::string& disk) {
  return is_optical_or_floppy(disk) || read_value(host, block + disk + "/removable").value == "1" ||
         read_value(host, block + disk + "/device/type").value == "SD";
}

}  // namespace

CardRule judge_disk(std::string_view label, std::string_view bus, bool removable, std::string_view serial,
                    std::string source) {
  const auto left_out = [&](std::string reason) {
    return CardRule{true, missing_fact(Component::disk, State::absent, source, std::move(reason), std::string(label))};
  };
  if (bus == "virtual") return left_out("virtual device");
  if (bus == "usb") return left_out("USB device");
  if (bus == "remote") return left_out("on another machine");
  if (removable) return left_out("removable");
  const std::string normalised = normalised_serial(serial);
  if (normalised.empty()) return left_out("no serial number");
  return {false, fact_of(Component::disk, normalised, source, disk_placeholder(normalised), std::string(label))};
}

void collect_disks(const Host& host, Facts& out) {
  for (const std::string& disk : host.list("/sys/block")) {
    const std::string bus = bus_of(disk, host.resolve(block + disk));
    if (bus == "virtual" || bus == "usb" || bus == "remote" || is_removable(host, disk)) {
      out.left_out.push_back(judge_disk(disk, bus, true, {}, block + disk).fact);
      continue;
    }
    const Reading serial = read_serial(host, disk);
    if (serial.state == State::unreadable) {
      out.facts.push_back(missing_fact(Component::disk, State::unreadable, serial.source, std::string(no_permission), disk));
      continue;
    }
    CardRule rule = judge_disk(disk, bus, false, serial.value, serial.source);
    (rule.left_out ? out.left_out : out.facts).push_back(std::move(rule.fact));
  }
}

}  // namespace oak
