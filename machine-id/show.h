#pragma once
// What `oak-machine-id show` says of a machine, for people and for scripts. Never a raw value.

#include "machine-id/collect.h"

namespace oak {

std::string show_text(const Facts& facts);
/// {"strength", "enrolled", "environment", "factors": [{"factor", "weight", "usable", "members": […]}]}
std::string show_json(const Facts& facts);

}  // namespace oak
