#pragma once
// The parts of a collection, each with its sources.

#include "machine-id/judge_facts.h"

namespace oak {

/// A file that holds one value, folded.
Reading read_value(const Host& host, const std::string& path);

/// The names in a folder of devices; where it may not be read, an unreadable fact says so.
std::vector<std::string> list_of(const Host& host, const std::string& folder, Component component, Facts& out);

// Sources (collect.cpp puts them together).

/// DMI, device tree, SoC: F1.
void collect_platform(const Host& host, std::vector<Fact>& out);
/// F2. `permanent` may be null.
void collect_network(const Host& host, const PermanentAddressSource* permanent, Facts& out);
/// F3.
void collect_disks(const Host& host, Facts& out);
/// F5 and F6.
void collect_system(const Host& host, const Result<std::string>& cpuinfo, std::vector<Fact>& out);
Environment read_environment(const Host& host, std::string_view cpuinfo);

/// x86: family/model/stepping. arm64: implementer/part/variant. Empty where cpuinfo has neither.
std::string cpu_signature(std::string_view cpuinfo);

/// Where an entry of /sys/class/net or /sys/block hangs, as a path below /sys/devices; empty where it hangs nowhere.
std::string device_path(const Host& host, const std::string& entry);
/// Of a card: "pci", "platform", "virtio", "usb" or "virtual".
std::string bus_of(const std::string& device_path);
/// Of a disk: "nvme", "ata", "scsi", "virtio", "mmc", "usb", "virtual", or "remote" where it is on another machine.
std::string disk_bus_of(const std::string& disk, const std::string& device_path);

}  // namespace oak
