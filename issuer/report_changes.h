#pragma once
// What the commands that take activations back say. Nothing is printed here.

#include "issuer/report.h"
#include "issuer/returning.h"
#include "issuer/revoking.h"

namespace oak {

Report accepted_report(const Accepted& accepted);
Report revoked_report(const Revoked& revoked);
/// `out` is where it was written.
Report bulletin_report(const MadeBulletin& made, const std::string& out);
/// The unsigned lines on top of a bulletin's file.
std::vector<std::string> bulletin_comments(const MadeBulletin& made);
/// What was revoked and this bulletin does not reach.
std::vector<std::string> bulletin_warnings(const MadeBulletin& made);

}  // namespace oak
