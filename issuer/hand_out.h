#pragma once
// Documents into the desk, from files and pictures, and activations out of it, in every carrier that was asked for.

#include <string>
#include <vector>

#include "issuer/answering.h"
#include "issuer/issue_terms.h"
#include "request/carriers.h"
#include "request/scan.h"

namespace oak {

/// Documents in their binary form; those of pictures are joined first.
Outcome<Carried> read_documents(Disk& disk, const std::vector<std::string>& paths);

/// How an activation leaves.
struct WayOut {
  Carriers carriers;  ///< none asked for: a file named after the request
  Existing existing = Existing::refuse;
};
struct HandedOut {
  std::vector<Refusal> refusals;  ///< not empty: nothing was issued
  Report report;
};
/// Answers one request (answer_request) and hands the activation out. What would be in the way of its files is found before
/// anything is recorded.
Outcome<HandedOut> answer_and_hand_out(Desk& reading, const DeskWorld& world, const IssuingKeys& keys, const IssueWishes& wishes,
                                       const CarriedDocument& request, WayOut way);
/// The same activation again. A failure to write says how to get it: it is in the ledger, and stays there.
Outcome<Report> export_activation(Disk& disk, const Desk& desk, const ActivationRecord& record, const WayOut& way);

}  // namespace oak
