#pragma once
// One spelling for each value, so that a digest depends on the hardware and not on who reported it. No locale.

#include <optional>
#include <string>
#include <string_view>

namespace oak {

/// White space, NULs and all else that is not visible ASCII: off the ends, and folded to one space inside.
std::string folded(std::string_view value);
/// folded() and upper case, ASCII only.
std::string normalised_serial(std::string_view value);
/// Lower case "aaaaaaaa-bbbb-…", the smaller of itself and of the form with its first three fields byte-swapped
/// (firmware and tools disagree about their order); nullopt where it is no UUID.
std::optional<std::string> canonical_uuid(std::string_view value);
/// Lower case "aa:bb:cc:dd:ee:ff"; nullopt where it is no 48-bit address.
std::optional<std::string> normalised_mac(std::string_view value);
/// 32 lower-case hex digits; nullopt for empty, "uninitialized" and anything else.
std::optional<std::string> normalised_machine_id(std::string_view value);

std::string lower_case(std::string_view text);

}  // namespace oak
