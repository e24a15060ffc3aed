#pragma once
// From what was read to a fact: usable, absent, unreadable or placeholder, and why; for live machines and facts files alike.
// docs/binding.md has each rule.

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
