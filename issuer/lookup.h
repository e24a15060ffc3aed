#pragma once
// What a desk holds, looked up and made ready to be reported.

#include "issuer/report.h"

namespace oak {

/// By its id as typed: any case, with or without dashes. Usage, unknown_activation.
Outcome<ActivationRecord> find_activation(Desk& desk, const std::string& typed);
Outcome<Report> list_activations(Desk& desk, std::uint64_t now_unix_s);
Outcome<Report> show_licence(Desk& desk, const std::string& id, std::uint64_t now_unix_s);
Outcome<Report> list_licences(Desk& desk, std::uint64_t now_unix_s);

}  // namespace oak
