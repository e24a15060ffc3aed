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

/// `made` is what init_desk said first.
Report new_desk_report(const InitInput& input, const std::string& made, const std::string& desk_option);
Report trust_report(ByteView document, const std::string& product, const std::string& out);
Report licence_key_report(const LicenceWithKey& licence);
Report licence_report(const LicenceView& view);
Report inspected_report(const Inspected& inspected);
/// JSON alone: in words it is a message (refusal_messages), and said once.
Report refused_report(const std::vector<Refusal>& refusals);
/// "oak-issuer: refused: CODE: …\nhint: REMEDY\n" for each.
std::string refusal_messages(std::string_view tool, const std::vector<Refusal>& refusals);
Report issued_report(const ActivationRecord& record, bool repeat, const std::string& out);
/// The same keys as `issued_report`, as a repeat.
Report exported_report(const ActivationRecord& record, const std::string& out);
Report product_report(const ProductTerms& terms);

/// The unsigned lines on top of an activation file.
std::vector<std::string> activation_comments(const ActivationRecord& record);
std::string joined(const std::vector<std::string>& texts);
/// One after another as text; as JSON an array where there may be several, else the one value.
Report together(const std::vector<Report>& reports, bool several);

}  // namespace oak
