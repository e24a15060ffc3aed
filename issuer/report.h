#pragma once
// What the desk's commands say, as text and as JSON with the contract's keys. Nothing is printed here.

#include <string>
#include <vector>

#include "core/json_writer.h"
#include "issuer/issue.h"
#include "issuer/licence_desk.h"

namespace oak {

struct Report {
  std::string text, json;
};

Report licence_key_report(const LicenceWithKey& licence);
Report licence_report(const LicenceView& view);
Report licences_report(const std::vector<LicenceView>& views);
Report activations_report(const std::vector<ActivationRecord>& records, std::uint64_t now_unix_s);
Report activation_report(const ActivationRecord& record, std::uint64_t now_unix_s);
Report inspected_report(const Inspected& inspected);
Report refused_report(const std::vector<Refusal>& refusals);
Report issued_report(const ActivationRecord& record, bool repeat, const std::string& out);
Report product_report(const ProductTerms& terms);

/// The unsigned lines on top of an activation file.
std::vector<std::string> activation_comments(const ActivationRecord& record);
std::string joined(const std::vector<std::string>& texts);

}  // namespace oak
