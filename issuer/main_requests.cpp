// oak-issuer: commands that look at requests, answer them, and look up the answers.

#include "issuer/main.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "core/sealed_request.h"
#include "issuer/batch.h"
#include "issuer/report_lookup.h"

namespace oak::desk_tool {
namespace {

IssueWishes wishes_of(const Options& options) {
  IssueWishes wishes{
      options.days, options.permanent, options.reset_clock, options.approve, options.reason, {}, options.passphrase_file, {}};
  if (options.desk != default_desk()) wishes.desk = options.desk;
  if (options.operator_name != login_name()) wishes.operator_name = options.operator_name;
  return wishes;
}

/// Whoever may read the desk but not its keys still sees the page; it says that the licence key's proof was not checked.
Outcome<void> unlock_for_inspecting(World& world, const Options& options, const Desk& desk, HeldKeys& keys) {
  if (!world.passphrases.available() || keys.keys().ledger_key) return {};
  auto unlocked = keys.unlock_ledger(desk, world.desk(options));
  if (!unlocked && unlocked.error().code == Code::permission_denied) return {};
  return unlocked;
}

int inspect(World& world, const Options& options) {
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    HeldKeys keys;
    std::vector<Report> pages;
    OAK_ASSIGN(const std::vector<CarriedDocument> documents, read_documents(world, options));
    for (const CarriedDocument& one : documents) {
      if (is_sealed_request(one.file) || claimed_type(one.file) == DocumentType::request)
        OAK_TRY(unlock_for_inspecting(world, options, desk, keys));
      OAK_ASSIGN(const IssueTerms terms, issue_terms(wishes_of(options), one.paths, {answer_name_of(one.paths.front()), {}, {}}));
      OAK_ASSIGN(Report page, inspect_document(desk, keys.keys(), world.clock.now_unix_s(), terms, one.name, one.file));
      pages.push_back(std::move(page));
    }
    return show(options, together(pages, documents.size() > 1));
  });
}

WayOut way_out(const Options& options) {
  return {{options.out, options.qr, options.sheet}, options.force ? Existing::replace : Existing::refuse};
}

Outcome<void> check_issue_options(World& world, const Options& options) {
  OAK_TRY(check_carriers(way_out(options).carriers, options.json));
  if (options.permanent && options.days > 0)
    return tl::unexpected(
        Failure{Code::usage, "--permanent and --days can't stand together", "a certificate ends; a permanent activation doesn't"});
  if (options.files.empty() && options.list.empty())
    return tl::unexpected(Failure{Code::usage, "FILE is required", "see: oak-issuer issue --help"});
  if (options.out.empty() && options.qr.empty() && options.sheet.empty() && !world.terminal.interactive())
    return tl::unexpected(Failure{Code::usage, "--out is needed", "say where the activation goes: --out FILE (- is standard output)"});
  return {};
}

Outcome<void> check_batch_options(const Options& options) {
  if (!options.qr.empty() || !options.sheet.empty())
    return tl::unexpected(Failure{Code::usage, "--qr and --sheet name one file, and several requests were given",
                                  "issue them one at a time, or give the activations out again: oak-issuer export ID --qr FILE"});
  if (options.out.empty() || options.out == "-")
    return tl::unexpected(Failure{Code::usage, "--out is needed", "say in which folder the activations go: --out DIR"});
  return {};
}

/// A line that is rewritten as the batch goes on; nothing where nobody would see it rewritten.
Progress progress_line() {
  if (::isatty(STDERR_FILENO) != 1) return [](std::size_t, std::size_t) {};
  return [](std::size_t done, std::size_t total) {
    say(done < total ? fmt::format("\r{} of {} answered\x1b[K", done, total) : std::string("\r\x1b[K"));
  };
}

int issue_many(World& world, const Options& options, const BatchRequests& batch) {
  if (const auto checked = check_batch_options(options); !checked) return report(options, checked.error());
  warn(tool, batch.warnings);
  return with_desk(world, options, DeskUse::read, [&](Desk& reading) -> Outcome<int> {
    HeldKeys keys;
    warn_of_swap(keys);
    OAK_TRY(keys.unlock_all(reading, world.desk(options)));
    const BatchWay way{options.out, options.force ? Existing::replace : Existing::refuse};
    OAK_ASSIGN(const std::vector<BatchRow> rows,
               issue_batch(reading, world.desk(options), keys.keys(), wishes_of(options), batch, way, progress_line()));
    constexpr std::size_t messages = 10;
    say(batch_messages(tool, rows, messages));
    return show(options, batch_report(rows, way.folder), batch_exit_code(rows));
  });
}

int issue_single(World& world, const Options& options, const CarriedDocument& request) {
  return with_desk(world, options, DeskUse::read, [&](Desk& reading) -> Outcome<int> {
    HeldKeys keys;
    warn_of_swap(keys);
    OAK_TRY(keys.unlock_all(reading, world.desk(options)));
    OAK_ASSIGN(const HandedOut answer,
               answer_and_hand_out(reading, world.desk(options), keys.keys(), wishes_of(options), request, way_out(options)));
    const bool refused = !answer.refusals.empty();
    say(refusal_messages(tool, answer.refusals));
    if ((options.out == "-" || options.sheet == "-") && !refused) return say(answer.report.text), 0;
    return show(options, answer.report, refused ? 1 : 0);
  });
}

int issue_batch_of(World& world, const Options& options, const std::vector<std::string>& paths) {
  const auto batch = find_batch(world.disk, paths);
  return batch ? issue_many(world, options, *batch) : report(options, batch.error());
}

/// A list or a folder is a batch, however many requests it holds; so are several documents.
int issue_command(World& world, const Options& options) {
  if (const auto checked = check_issue_options(world, options); !checked) return report(options, checked.error());
  std::vector<std::string> paths = options.files;
  if (!options.list.empty()) {
    const auto listed = read_batch_list(world.disk, options.list);
    if (!listed) return report(options, listed.error());
    paths.insert(paths.end(), listed->begin(), listed->end());
  }
  const auto is_a_folder = [&](const std::string& path) { return is_folder(world.disk, path); };
  if (!options.list.empty() || std::any_of(paths.begin(), paths.end(), is_a_folder)) return issue_batch_of(world, options, paths);
  if (paths.size() > 1 && !are_pictures(world.disk, paths)) return issue_batch_of(world, options, paths);
  const auto requests = read_documents(world, options);
  if (!requests) return report(options, requests.error());
  return requests->size() == 1 ? issue_single(world, options, requests->front()) : issue_batch_of(world, options, paths);
}

int export_command(World& world, const Options& options) {
  if (const auto checked = check_carriers(way_out(options).carriers, options.json); !checked) return report(options, checked.error());
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const ActivationRecord record, find_activation(desk, options.id));
    const auto refusal = refuse_to_export(desk, record, world.clock.now_unix_s());
    if (!refusal) return tl::unexpected(ledger_failure(refusal.error(), desk.folder()));
    if (*refusal) {
      say(refusal_messages(tool, {**refusal}));
      return show(options, refused_report({**refusal}), 1);
    }
    OAK_ASSIGN(const Report exported, export_activation(world.disk, desk, record, way_out(options)));
    if (options.out == "-") return 0;
    return show(options, exported);
  });
}

int list_command(World& world, const Options& options, const ActivationSearch& search) {
  return look_up(world, options, [&](Desk& desk) -> Outcome<Report> {
    const std::uint64_t now = world.clock.now_unix_s();
    OAK_ASSIGN(const std::vector<ActivationRecord> found, list_activations(desk, search, now));
    return activations_report(found, search, now);
  });
}

int show_command(World& world, const Options& options) {
  return look_up(world, options, [&](Desk& desk) -> Outcome<Report> {
    const std::uint64_t now = world.clock.now_unix_s();
    OAK_ASSIGN(const ActivationView view, look_at_activation(desk, options.id, now));
    return activation_report(view, now, desk_option(options));
  });
}

}  // namespace

void add_request_commands(Commands& commands, Options& options) {
  CLI::App* inspect_app = commands.app.add_subcommand("inspect", "what is asked, and what the policy would say");
  inspect_app->add_option("FILE", options.files, "documents, or pictures of their symbols")->required();
  commands.add(inspect_app, [&options](World& world) { return inspect(world, options); });

  CLI::App* issue_app = commands.app.add_subcommand("issue", "decide a request, record it, and sign the activation");
  issue_app->add_option("FILE", options.files, "requests, pictures of their symbols, or folders of them");
  issue_app->add_option("--list", options.list, "a file that names more of them, one a line; - is standard input");
  issue_app->add_option("--out", options.out, "the activation's file; - is standard output; of several, their folder");
  issue_app->add_option("--qr", options.qr, "its QR symbols: a .png or .svg file, or - for the terminal");
  issue_app->add_option("--sheet", options.sheet, "a page to print: an .html file");
  issue_app->add_flag("--permanent", options.permanent, "permanent, where a certificate is rebound or asked for");
  issue_app->add_option("--days", options.days, "a certificate of so many days, in place of a permanent activation")
      ->check(CLI::Range(1, 3660));
  issue_app->add_flag("--reset-clock", options.reset_clock, "mend a time mark that a wrong clock set ahead");
  issue_app->add_option("--approve", options.approve, "refusal codes that you answer for")->delimiter(',');
  issue_app->add_option("--reason", options.reason, "why");
  commands.add(issue_app, [&options](World& world) { return issue_command(world, options); });

  CLI::App* export_app = commands.app.add_subcommand("export", "the same activation again");
  export_app->add_option("ID", options.id, "the activation's id, as list shows it")->required();
  export_app->add_option("--out", options.out, "the file; - is standard output")->required();
  export_app->add_option("--qr", options.qr, "its QR symbols: a .png or .svg file");
  export_app->add_option("--sheet", options.sheet, "a page to print: an .html file");
  commands.add(export_app, [&options](World& world) { return export_command(world, options); });
  const auto search = std::make_shared<ActivationSearch>();
  CLI::App* list_app = commands.app.add_subcommand("list", "activations: those to look at first, then the newest");
  list_app->add_option("--licence", search->licence, "of this licence");
  list_app->add_option("--state", search->state, "live, superseded, returned, revoked or expired");
  list_app->add_option("--site", search->site, "whose site's label has this in it");
  commands.add(list_app, [&options, search](World& world) { return list_command(world, options, *search); });
  CLI::App* show_app = commands.app.add_subcommand("show", "one activation: what it counts for, and what happened to it");
  show_app->add_option("ID", options.id, "the activation's id, as list shows it")->required();
  commands.add(show_app, [&options](World& world) { return show_command(world, options); });
}

}  // namespace oak::desk_tool
