// oak-issuer: commands that take activations back.

#include "issuer/main.h"

#include <algorithm>

#include "core/text.h"
#include "issuer/lookup.h"
#include "issuer/published_trust.h"
#include "issuer/report_changes.h"
#include "request/qr_render.h"
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

int revoke(World& world, const Options& options) {
  return with_desk(world, options, DeskUse::write, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const ActivationRecord record, find_activation(desk, options.id));
    OAK_ASSIGN(const Revoked revoked, revoke_activation(desk, world.desk(options), options.reason, record.id));
    say(refusal_messages(tool, revoked.refusals));
    if (!revoked.refusals.empty()) return show(options, refused_report(revoked.refusals), 1);
    return show(options, revoked_report(revoked));
  });
}

Carriers bulletin_carriers(const Options& options) { return {options.out, options.qr, options.sheet}; }

Outcome<int> hand_out_bulletin(World& world, const Options& options, const Desk& desk, const MadeBulletin& made) {
  const std::string contact = options.sheet.empty() ? std::string() : published_contact(world.disk, desk, made.bulletin.product);
  const auto files = carrier_files(made.document, bulletin_carriers(options), bulletin_comments(made), contact);
  auto written = files ? write_carriers(world.disk, *files, options.force ? Existing::replace : Existing::refuse)
                       : Outcome<void>(tl::unexpected(files.error()));
  if (!written) {
    written.error().hint = "the same command again signs the next one; number " + std::to_string(made.bulletin.number) + " is recorded";
    return tl::unexpected(std::move(written).error());
  }
  Report report = bulletin_report(made, paths_of(*files));
  if (options.qr == "-") {
    const auto page = qr_terminal_page(made.document);
    if (!page) return tl::unexpected(explain(page.error(), "--qr -"));
    report.text += *page;
  }
  warn(tool, bulletin_warnings(made));
  if (options.out == "-" || options.sheet == "-") return say(report.text), 0;
  return show(options, report);
}

Outcome<void> check_bulletin_options(World& world, const Options& options) {
  OAK_TRY(check_carriers(bulletin_carriers(options), options.json));
  OAK_TRY(check_folders(world.disk, bulletin_carriers(options)));
  return options.force ? Outcome<void>() : check_free(world.disk, bulletin_carriers(options));
}

int bulletin(World& world, const Options& options) {
  if (const auto checked = check_bulletin_options(world, options); !checked) return report(options, checked.error());
  return with_desk(world, options, DeskUse::read, [&](Desk& reading) -> Outcome<int> {
    HeldKeys keys;
    warn_of_swap(keys);
    OAK_TRY(keys.unlock_issuer(reading, world.desk(options)));
    OAK_ASSIGN(Desk desk, Desk::open(world.desk(options), options.desk, DeskUse::write));
    OAK_ASSIGN(const MadeBulletin made,
               make_bulletin(desk, world.desk(options), *keys.keys().issuer, keys.keys().certificate, options.product));
    return hand_out_bulletin(world, options, desk, made);
  });
}

}  // namespace

void add_change_commands(Commands& commands, Options& options) {
  CLI::App* accept_app = commands.app.add_subcommand("accept", "take in the receipt of an activation that was given back");
  accept_app->add_option("RECEIPT", options.files, "receipts, or pictures of their symbols")->required();
  accept_app->add_option("--approve", options.approve, "refusal codes that you answer for: rehost-quota")->delimiter(',');
  accept_app->add_option("--reason", options.reason, "why");
  commands.add(accept_app, [&options](World& world) { return accept(world, options); });

  CLI::App* revoke_app = commands.app.add_subcommand("revoke", "end an activation that nobody gives back");
  revoke_app->add_option("ID", options.id, "the activation's id, as list shows it")->required();
  revoke_app->add_option("--reason", options.reason, "why")->required();
  commands.add(revoke_app, [&options](World& world) { return revoke(world, options); });

  CLI::App* bulletin_app = commands.app.add_subcommand("bulletin", "sign what is revoked, for the sites to import");
  bulletin_app->add_option("--out", options.out, "the bulletin's file; - is standard output")->required();
  bulletin_app->add_option("--product", options.product, "its product; may be left out where the desk has one only");
  bulletin_app->add_option("--qr", options.qr, "its QR symbols: a .png or .svg file, or - for the terminal");
  bulletin_app->add_option("--sheet", options.sheet, "a page to print: an .html file");
  commands.add(bulletin_app, [&options](World& world) { return bulletin(world, options); });
}

}  // namespace oak::desk_tool
