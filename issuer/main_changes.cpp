// oak-issuer: commands that take activations back.

#include "issuer/main.h"

#include <algorithm>

#include "core/text.h"
#include "issuer/report_changes.h"
#include "verifier/advice.h"

namespace oak::desk_tool {
namespace {

std::string accept_command_line(const Options& options, const CarriedDocument& receipt) {
  std::string line = "oak-issuer accept";
  for (const std::string& path : receipt.paths) line += " " + shell_word(path);
  line += desk_option(options);
  if (options.operator_name != login_name()) line += " --operator " + shell_word(options.operator_name);
  return line;
}

/// What one receipt comes to: said, and as one report among several. What is wrong with one document is no reason to leave
/// out those after it; what is wrong with the desk is.
struct Said {
  Report report;
  int code = 0;
};
Outcome<Said> accept_one(World& world, const Options& options, Desk& desk, const CarriedDocument& receipt) {
  AcceptTerms terms{{}, options.reason, accept_command_line(options, receipt)};
  OAK_ASSIGN(terms.approvals, read_approvals(options.approve, options.reason));
  auto accepted = accept_receipt(desk, world.desk(options), terms, receipt.file);
  if (!accepted) {
    Failure failure = std::move(accepted).error();
    failure.message = in_quotes(receipt.name) + ": " + failure.message;
    if (exit_code_of(failure.code) != 1 || failure.code == Code::ledger_damaged) return tl::unexpected(std::move(failure));
    say(failure_text(tool, failure));
    return Said{{{}, failure_json(failure)}, 1};
  }
  say(refusal_messages(tool, accepted->refusals));
  if (!accepted->refusals.empty()) return Said{refused_report(accepted->refusals), 1};
  return Said{accepted_report(*accepted), 0};
}

int accept(World& world, const Options& options) {
  const auto receipts = read_documents(world, options);
  if (!receipts) return report(options, receipts.error());
  return with_desk(world, options, DeskUse::write, [&](Desk& desk) -> Outcome<int> {
    std::vector<Report> said;
    int code = 0;
    for (const CarriedDocument& receipt : *receipts) {
      OAK_ASSIGN(Said one, accept_one(world, options, desk, receipt));
      said.push_back(std::move(one.report));
      code = std::max(code, one.code);
    }
    return show(options, together(said, receipts->size() > 1), code);
  });
}

}  // namespace

void add_change_commands(Commands& commands, Options& options) {
  CLI::App* accept_app = commands.app.add_subcommand("accept", "take in the receipt of an activation that was given back");
  accept_app->add_option("RECEIPT", options.files, "receipts, or pictures of their symbols")->required();
  accept_app->add_option("--approve", options.approve, "refusal codes that you answer for: rehost-quota")->delimiter(',');
  accept_app->add_option("--reason", options.reason, "why");
  commands.add(accept_app, [&options](World& world) { return accept(world, options); });
}

}  // namespace oak::desk_tool
