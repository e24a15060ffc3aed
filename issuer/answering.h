#pragma once
// From a document to what the desk says to it: shown for an inspection, or answered, once the operator has confirmed.

#include "issuer/held_keys.h"
#include "issuer/report.h"

namespace oak {

/// A request, sealed or not, with what the policy would say; any other document with whether it verifies under the desk's trust. `what`
/// names the document for messages.
Outcome<Report> inspect_document(Desk& desk, const IssuingKeys& keys, std::uint64_t now_unix_s, const IssueTerms& terms,
                                 const std::string& what, ByteView carried);

/// Answers a request. Somebody at the terminal sees first what is asked and what would be answered, and confirms; nothing is
/// locked meanwhile. Then the desk is taken, the decision made again, and where it is another one, asked again.
/// Code::refused, with no hint, where the operator says no.
Outcome<Issued> answer_request(Desk& reading, const DeskWorld& world, const IssuingKeys& keys, const IssueTerms& terms, ByteView document);

/// Why an activation is not handed out again: it has ended. nullopt for one that is live.
Result<std::optional<Refusal>> refuse_to_export(Desk& desk, const ActivationRecord& record, std::uint64_t now_unix_s);

}  // namespace oak
