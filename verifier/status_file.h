#pragma once
// /run/oak/<product>.status: what root's last look found, for anybody to read (docs/format-state.md, "Status"). No verdict
// hangs on it: nothing here reads it but to show it.

#include <optional>
#include <string>
#include <string_view>

#include "verifier/answer.h"
#include "verifier/machine.h"

namespace oak {

inline constexpr std::size_t max_status_file_bytes = 16384;

std::string status_file_path(std::string_view product);
/// One JSON object and a newline: what `status` says in short.
std::string status_file_json(const Answer& answer);

/// Written where root looked at the machine's own state, and left alone where it says the same already. That it can't be written
/// is no fault: /run may be read-only, and the verdict stands all the same.
void publish_status(const Machine& machine, const Answer& answer);
/// The same after something was stored: a check that asks for no version.
void publish_status(const Machine& machine, const TrustSource& source, std::string_view product);

/// What was published of a product, where only root can have written it: an object of one line.
std::optional<std::string> published_status(Disk& disk, std::string_view product);

}  // namespace oak
