#pragma once
// What list and show say, of activations and of licences: the gravest first. Nothing is printed here. `desk_option` is for commands that
// are named: " --desk DIR", or nothing.

#include "issuer/lookup.h"

namespace oak {

/// One of the contract's rows, and what makes it worth a look.
void write_activation_row(JsonWriter& json, const ActivationRecord& record, std::uint64_t now_unix_s);
/// The columns of a list; of the live ones of one licence without what they have in common.
std::string activations_table(const std::vector<ActivationRecord>& records, std::size_t at_most, bool of_one_licence,
                              std::uint64_t now_unix_s);

Report activations_report(const std::vector<ActivationRecord>& records, const ActivationSearch& search, std::uint64_t now_unix_s);
Report activation_report(const ActivationView& view, std::uint64_t now_unix_s, const std::string& desk_option);
Report licences_report(const std::vector<LicenceView>& views);
/// In the order of their ids.
std::string licences_csv(const std::vector<LicenceView>& views);
Report licence_page_report(const LicencePage& page, std::uint64_t now_unix_s, const std::string& desk_option);

}  // namespace oak
