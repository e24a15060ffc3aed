#pragma once
// The parts of a collection, each with its sources, and the rules that live machines and facts files share.

#include "machine-id/collect.h"

namespace oak {

inline constexpr std::string_view no_permission =
    "no permission: run as root or enable the boot unit (systemctl enable oak-snapshot@PRODUCT)";

/// What a place holds before any rule: absent, unreadable, or (usable) a value still to be judged.
struct Reading {
  State state = State::absent;
  std::string value;
  std::string source;
};
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

// Rules (judge_facts.cpp).

/// Usable, or where there is a `reason` a placeholder.
Fact fact_of(Component component, std::string value, std::string source, std::string reason);
Fact missing_fact(Component component, State state, std::string source, std::string reason);

Fact judge_serial(Component component, const Reading& reading);
Fact judge_uuid(const Reading& reading);
Fact judge_machine_id(const Reading& reading);
/// Absent, with the reason, where the card or disk is to be left out.
Fact judge_card(std::string_view bus, const Reading& permanent_address);
Fact judge_disk(std::string_view bus, bool removable, const Reading& serial);

struct ModelParts {
  std::string sys_vendor, product_name, board_name, cpu;
};
/// F6 as one value; split_model takes it apart again.
Fact judge_model(const ModelParts& parts, std::string source);
ModelParts split_model(std::string_view value);

/// Puts a judged card or disk where it belongs: absent ones were left out.
void add_member(Facts& facts, Fact fact, std::string label, std::string bus);
/// Leaves out members of a set seen twice, adds an absent fact for each component that has none, and sorts. `cards` and
/// `disks` name the places of the sets.
void complete(Facts& facts, const std::string& cards, const std::string& disks);

}  // namespace oak
