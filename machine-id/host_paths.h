#pragma once
// What the running system and a captured tree have in common.

#include <cstddef>
#include <string>

#include "core/error.h"

namespace oak {

inline constexpr std::size_t max_file_bytes = 65536, max_entries = 4096;

Code code_of_errno(int number);
/// Where a link points; empty where there is none of that name. `folder`: a descriptor that `name` is relative to.
std::string link_target(int folder, const char* name);
std::string without_dots(const std::string& path);

}  // namespace oak
