#pragma once
// The parts of a collection, each with its sources. Only machine-id/collect.cpp calls these.

#include "machine-id/collect.h"

namespace oak {

inline constexpr std::string_view no_permission = "no permission: run as root or enable the boot unit";

/// A fact from a file that holds one value: absent, unreadable, or `value` still to be judged.
struct Reading {
  State state = State::absent;
  std::string value;
  std::string source;
};
Reading read_value(const Host& host, const std::string& path);
/// A fact of a value that was read: placeholder where `reason` says so.
Fact fact_of(Component component, std::string value, std::string source, std::string reason, std::string label = {});
Fact missing_fact(Component component, State state, std::string source, std::string reason, std::string label = {});

/// DMI, device tree, SoC: F1.
void collect_platform(const Host& host, std::vector<Fact>& out);
/// F2. `permanent` may be null.
void collect_network(const Host& host, const PermanentAddressSource* permanent, Facts& out);
/// F3.
void collect_disks(const Host& host, Facts& out);
/// F5 and F6.
void collect_system(const Host& host, std::vector<Fact>& out);

/// "family/model/stepping" on x86, "implementer/architecture/variant/part/revision" on arm64, or empty.
std::string cpu_signature(const Host& host);
/// One value of F6 from its parts, or why it can't be one. Names are folded; empty where absent.
struct ModelParts {
  std::string sys_vendor, product_name, board_name, cpu;
};
Fact model_fact(const ModelParts& parts, std::string source);

Environment read_environment(const Host& host);

// Rules that files and captured facts share.

/// Judges a card by where it hangs and what its permanent address is. `bus`: "pci", "platform", "virtio", "usb", "virtual".
struct CardRule {
  bool left_out = false;
  Fact fact;  ///< what to keep, or what was left out and why
};
CardRule judge_card(std::string_view label, std::string_view bus, std::string_view permanent_address, std::string source);
CardRule judge_disk(std::string_view label, std::string_view bus, bool removable, std::string_view serial, std::string source);
Fact judge_serial(Component component, const Reading& reading);
Fact judge_uuid(const Reading& reading);
Fact judge_machine_id(const Reading& reading);
/// Adds an absent fact for each component that has none.
void complete(std::vector<Fact>& facts);

}  // namespace oak
