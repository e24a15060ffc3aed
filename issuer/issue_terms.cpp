#include "issuer/issue_terms.h"

#include <fmt/core.h>

#include "core/text.h"
#include "issuer/licence_terms.h"
#include "verifier/advice.h"

namespace oak {
namespace {

/// The whole command as it was given, so that a remedy which continues it asks for the same thing.
std::string issue_command_line(const IssueWishes& wishes, const std::vector<std::string>& request_paths, const Carriers& carriers) {
  std::string line = "oak-issuer issue";
  const auto add = [&line](std::string_view option, const std::string& value) {
    if (!value.empty()) line += fmt::format(" {} {}", option, shell_word(value));
  };
  for (const std::string& path : request_paths) line += " " + shell_word(path);
  add("--out", carriers.out);
  add("--qr", carriers.qr);
  add("--sheet", carriers.sheet);
  add("--desk", wishes.desk);
  add("--passphrase-file", wishes.passphrase_file);
  if (wishes.days > 0) line += fmt::format(" --days {}", wishes.days);
  if (wishes.permanent) line += " --permanent";
  if (wishes.reset_clock) line += " --reset-clock";
  add("--operator", wishes.operator_name);
  return line;
}

}  // namespace

Outcome<std::vector<std::string>> read_approvals(const std::vector<std::string>& words, const std::string& reason) {
  std::vector<std::string> codes;
  for (const std::string& word : words) {
    const auto code = refusal_code_of_approval(word);
    if (!code)
      return tl::unexpected(Failure{Code::usage, "--approve " + in_quotes(word) + " is no refusal code",
                                    "weak, rehost, reinstall, or a code that inspect names"});
    codes.push_back(*code);
  }
  if (!codes.empty() && reason.empty())
    return tl::unexpected(Failure{Code::usage, "--approve needs --reason", "say in one line why: --reason TEXT"});
  OAK_TRY(check_reason(reason));
  return codes;
}

std::string answer_name_of(const std::string& request_path) {
  constexpr std::string_view ending = ".request.oak";
  return (request_path.ends_with(ending) ? request_path.substr(0, request_path.size() - ending.size()) : request_path) + ".activation.oak";
}

Outcome<IssueTerms> issue_terms(const IssueWishes& wishes, const std::vector<std::string>& request_paths, const Carriers& carriers) {
  IssueTerms terms;
  if (wishes.days > 0) terms.days = wishes.days;
  terms.permanent = wishes.permanent;
  terms.reset_clock = wishes.reset_clock;
  terms.reason = wishes.reason;
  terms.approve_command = issue_command_line(wishes, request_paths, carriers);
  OAK_ASSIGN(terms.approvals, read_approvals(wishes.approve, wishes.reason));
  return terms;
}

Outcome<std::vector<std::string>> forbidden_environments(const std::vector<std::string>& allow, const std::vector<std::string>& forbid) {
  if (!allow.empty() && !forbid.empty())
    return tl::unexpected(Failure{Code::usage, "--allow and --forbid can't stand together", "everything that is not forbidden is allowed"});
  for (const std::string& word : allow)
    if (word != "vm" && word != "container")
      return tl::unexpected(
          Failure{Code::usage, "--allow " + in_quotes(word) + " is neither vm nor container", "for example --allow vm,container"});
  return forbid;
}

}  // namespace oak
