#pragma once
// The server's status as a page for people: static HTML, no script, nothing from elsewhere.

#include <string>

#include "seats/seat_json.h"

namespace oak::seats {

std::string status_page(const StatusAnswer& status, std::uint64_t now_unix_s);

}  // namespace oak::seats
