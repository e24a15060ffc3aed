#pragma once
// Values that stand where an identity should be and are none. Lists and rules: docs/binding.md, "Placeholders".

#include <string>
#include <string_view>

namespace oak {

/// Why a normalised value is no identity ("placeholder: listed", "placeholder: one repeated character" …); empty
/// where it may be one.
std::string serial_placeholder(std::string_view serial);
std::string uuid_placeholder(std::string_view canonical_uuid);
std::string mac_placeholder(std::string_view mac);
/// Of a vendor, product or board name: these may be common, but not what firmware shows where nobody filled it in.
std::string name_placeholder(std::string_view folded_name);
/// Of a disk's serial or WWID: also what emulators give to every disk.
std::string disk_placeholder(std::string_view number);

}  // namespace oak
