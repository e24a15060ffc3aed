#pragma once
// What an operator asked for on the command line, as the terms of one request's answer.

#include <string>
#include <vector>

#include "issuer/issue.h"
#include "request/carriers.h"

namespace oak {

struct IssueWishes {
  std::uint64_t days = 0;  ///< 0: not asked
  bool permanent = false, reset_clock = false;
  std::vector<std::string> approve;  ///< words as typed
  std::string reason;
  /// What a remedy repeats of the command, each empty where it is the default.
  std::string desk, passphrase_file, operator_name;
};

/// Words of --approve as refusal codes. Usage where one is none, or where there is no reason, or one that is no short line.
Outcome<std::vector<std::string>> read_approvals(const std::vector<std::string>& words, const std::string& reason);
/// "line3.request.oak" is answered by "line3.activation.oak".
std::string answer_name_of(const std::string& request_path);
/// `request_paths` are the request's file, or its pictures; `carriers` are where the answer goes. Usage, naming the option, where the
/// wishes don't fit together.
Outcome<IssueTerms> issue_terms(const IssueWishes& wishes, const std::vector<std::string>& request_paths, const Carriers& carriers);
/// "vm", "container" from --allow and --forbid, as they are recorded: what is forbidden.
Outcome<std::vector<std::string>> forbidden_environments(const std::vector<std::string>& allow, const std::vector<std::string>& forbid);

}  // namespace oak
