// oak-issuer: the vendor's desk. Flags, prompts and printing; nothing else.

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/armour.h"
#include "core/text.h"
#include "core/usage_words.h"
#include "issuer/answering.h"
#include "issuer/hand_out.h"
#include "issuer/issue_terms.h"
#include "issuer/lookup.h"
#include "issuer/published_trust.h"
#include "verifier/advice.h"

namespace {

using namespace oak;

constexpr std::string_view tool = "oak-issuer";
constexpr std::uint64_t lock_wait_ms = 10'000;  // another command's answer is given within this, but for one on a terminal

struct Options {
  std::string desk, passphrase_file, out, qr, sheet, operator_name, reason, format = "oak";
  bool json = false, force = false, permanent = false, reset_clock = false;
  std::vector<std::string> files, root_dirs, approve, allow, forbid, features;
  std::uint64_t roots = 3, threshold_roots = 2, days = 0;
  std::string product, contact, customer, versions, id, weights;
  std::uint64_t seats = 0, rehosts = 0, certificates = 0, threshold = 0, grace = 0;
};

struct World {
  explicit World(const Options& options) : passphrases(disk, terminal, options.passphrase_file) {}
  PosixDisk disk;
  SystemClock clock;
  SystemRandom random;
  PosixTerminal terminal;
  Passphrases passphrases;
  DeskWorld desk(const Options& options) {
    return {disk, clock, random, terminal, passphrases, PasswordCost{}, options.operator_name, lock_wait_ms};
  }
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void say(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

int report(const Options& options, const Failure& failure) {
  say(failure_text(tool, failure));
  if (options.json) print(failure_json(failure));
  return exit_code_of(failure.code);
}

int show(const Options& options, const Report& what, int code = 0) {
  print(options.json ? what.json : what.text);
  return code;
}

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) say(fmt::format("{}: warning: {}\n", tool, warning));
}

Outcome<std::vector<CarriedDocument>> read_documents(World& world, const Options& options) {
  OAK_ASSIGN(Carried carried, read_documents(world.disk, options.files));
  warn(carried.warnings);
  return std::move(carried.documents);
}

Outcome<void> write_file(World& world, const Options& options, const std::string& path, std::string_view text) {
  const auto written = world.disk.write(path, as_bytes(text), 0644, options.force ? Existing::replace : Existing::refuse);
  if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write " + in_quotes(path)));
  return {};
}

/// Opens the desk and hands it to `work`, whose failures are reported.
template <typename Work>
int with_desk(World& world, const Options& options, DeskUse use, Work work) {
  auto desk = Desk::open(world.desk(options), options.desk, use);
  if (!desk) return report(options, desk.error());
  Outcome<int> done = work(*desk);
  return done ? *done : report(options, done.error());
}

void warn_of_swap(const HeldKeys& keys) {
  if (!keys.out_of_swap())
    say(fmt::format("{}: warning: keys can't be kept out of swap here: raise the limit of locked memory (ulimit -l)\n", tool));
}

/// The same with the ledger's key. Passphrases are asked for before the desk is taken: nobody waits for somebody who types.
template <typename Work>
int with_unlocked_desk(World& world, const Options& options, Work work) {
  return with_desk(world, options, DeskUse::read, [&](Desk& reading) -> Outcome<int> {
    HeldKeys keys;
    warn_of_swap(keys);
    OAK_TRY(keys.unlock_ledger(reading, world.desk(options)));
    OAK_ASSIGN(Desk desk, Desk::open(world.desk(options), options.desk, DeskUse::write));
    return work(desk, keys.ledger_key());
  });
}

/// A command that looks something up and shows it.
template <typename Find>
int look_up(World& world, const Options& options, Find find) {
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const Report found, find(desk));
    return show(options, found);
  });
}

std::string default_desk() {
  const char* home = std::getenv("HOME");
  return std::string(home && *home ? home : ".") + "/.local/share/oak-desk";
}

/// For a command that is told to somebody: what it needs to find this desk.
std::string desk_option(const Options& options) { return options.desk == default_desk() ? "" : " --desk " + shell_word(options.desk); }

int init(World& world, const Options& options) {
  const auto said = init_desk(world.desk(options), {options.desk, options.roots, options.threshold_roots, options.root_dirs});
  if (!said) return report(options, said.error());
  for (std::size_t i = 1; i < said->size(); ++i) say(fmt::format("{}: {}\n", tool, (*said)[i]));
  return show(options, new_desk_report({options.desk, options.roots, options.threshold_roots, {}}, said->front(), desk_option(options)));
}

int trust(World& world, const Options& options) {
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const Bytes document, make_trust(world.desk(options), desk, {options.product, options.contact, options.root_dirs}));
    const std::string file = options.format == "c" ? as_c_header(document) : armour_encode("OAK TRUST", document);
    OAK_TRY(write_file(world, options, options.out, file));
    if (const auto kept = keep_published_trust(world.disk, desk, options.product, document); !kept)
      warn({kept.error().message + ": sheets of paper won't name the contact"});
    if (options.out == "-") return 0;
    return show(options, trust_report(document, options.product, options.out));
  });
}

std::string login_name() {
  const passwd* user = ::getpwuid(::getuid());
  return user && user->pw_name ? user->pw_name : "uid " + std::to_string(::getuid());
}

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
      if (claimed_type(one.file) == DocumentType::request) OAK_TRY(unlock_for_inspecting(world, options, desk, keys));
      OAK_ASSIGN(const IssueTerms terms, issue_terms(wishes_of(options), one.paths, {answer_name_of(one.paths.front()), {}, {}}));
      OAK_ASSIGN(Report page, inspect_document(desk, keys.keys(), world.clock.now_unix_s(), terms, one.name, one.file));
      pages.push_back(std::move(page));
    }
    return show(options, together(pages, documents.size() > 1));
  });
}

WayOut way_out(const Options& options) {
  return {{options.out, options.qr, options.sheet}, options.force ? Existing::replace : Existing::refuse, desk_option(options)};
}

Outcome<void> check_issue_options(World& world, const Options& options) {
  OAK_TRY(check_carriers(way_out(options).carriers, options.json));
  if (options.permanent && options.days > 0)
    return tl::unexpected(
        Failure{Code::usage, "--permanent and --days can't stand together", "a certificate ends; a permanent activation doesn't"});
  if (options.out.empty() && options.qr.empty() && options.sheet.empty() && !world.terminal.interactive())
    return tl::unexpected(Failure{Code::usage, "--out is needed", "say where the activation goes: --out FILE (- is standard output)"});
  return {};
}

int issue_command(World& world, const Options& options) {
  if (const auto checked = check_issue_options(world, options); !checked) return report(options, checked.error());
  const auto requests = read_documents(world, options);
  if (!requests) return report(options, requests.error());
  if (requests->size() > 1 && !(options.out + options.qr + options.sheet).empty())
    return report(options,
                  {Code::usage, "--out, --qr and --sheet name one file, and several requests were given", "issue them one at a time"});
  return with_desk(world, options, DeskUse::read, [&](Desk& reading) -> Outcome<int> {
    HeldKeys keys;
    warn_of_swap(keys);
    OAK_TRY(keys.unlock_all(reading, world.desk(options)));
    std::vector<Report> answers;
    bool refused = false;
    for (const CarriedDocument& request : *requests) {
      OAK_ASSIGN(HandedOut one,
                 answer_and_hand_out(reading, world.desk(options), keys.keys(), wishes_of(options), request, way_out(options)));
      say(refusal_messages(tool, one.refusals));
      refused |= !one.refusals.empty();
      answers.push_back(std::move(one.report));
    }
    const Report all = together(answers, requests->size() > 1);
    if ((options.out == "-" || options.sheet == "-") && !refused) return say(all.text), 0;
    return show(options, all, refused ? 1 : 0);
  });
}

int export_command(World& world, const Options& options) {
  if (const auto checked = check_carriers(way_out(options).carriers, options.json); !checked) return report(options, checked.error());
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const ActivationRecord record, find_activation(desk, options.id));
    const auto refusal = refuse_to_export(desk.ledger(), record, world.clock.now_unix_s(), desk_option(options));
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

int list_command(World& world, const Options& options) {
  return look_up(world, options, [&](Desk& desk) { return list_activations(desk, world.clock.now_unix_s()); });
}

int show_command(World& world, const Options& options) {
  return look_up(world, options, [&](Desk& desk) -> Outcome<Report> {
    OAK_ASSIGN(const ActivationRecord record, find_activation(desk, options.id));
    return activation_report(record, world.clock.now_unix_s());
  });
}

int licence_add(World& world, const Options& options, const CLI::App& command) {
  return with_unlocked_desk(world, options, [&](Desk& desk, const SymmetricKey& ledger_key) -> Outcome<int> {
    NewLicence input{options.id, options.customer, options.product, options.versions, options.seats, options.features, {}, {}, {}};
    if (command.count("--rehosts") > 0) input.rehosts = options.rehosts;
    if (command.count("--certificates") > 0) input.certificates = options.certificates;
    OAK_ASSIGN(input.forbidden, forbidden_environments(options.allow, options.forbid));
    OAK_ASSIGN(LicenceWithKey added, add_licence(desk, world.desk(options), ledger_key, input));
    const int code = show(options, licence_key_report(added));
    wipe(added.key_text.data(), added.key_text.size());
    return code;
  });
}

bool is_any_given(const CLI::App& command, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return command.count(name) > 0; });
}

int licence_change(World& world, const Options& options, const CLI::App& command) {
  if (!is_any_given(command, {"--customer", "--versions", "--seats", "--rehosts", "--certificates", "--feature", "--allow", "--forbid"}))
    return report(options, {Code::usage, "nothing is to be changed", "see: oak-issuer licence change --help"});
  return with_desk(world, options, DeskUse::write, [&](Desk& desk) -> Outcome<int> {
    LicenceChange change;
    if (command.count("--customer") > 0) change.customer = options.customer;
    if (command.count("--versions") > 0) change.versions = options.versions;
    if (command.count("--seats") > 0) change.seats = options.seats;
    if (command.count("--rehosts") > 0) change.rehosts = options.rehosts;
    if (command.count("--certificates") > 0) change.certificates = options.certificates;
    if (command.count("--feature") > 0) change.features = options.features;
    if (command.count("--allow") + command.count("--forbid") > 0) {
      OAK_ASSIGN(change.forbidden, forbidden_environments(options.allow, options.forbid));
    }
    OAK_ASSIGN(const Licence licence, change_licence(desk, world.desk(options), options.id, change));
    OAK_ASSIGN(const LicenceView view, view_licence(desk, licence, world.clock.now_unix_s()));
    return show(options, licence_report(view));
  });
}

int licence_show(World& world, const Options& options) {
  return look_up(world, options, [&](Desk& desk) { return show_licence(desk, options.id, world.clock.now_unix_s()); });
}

int licence_list(World& world, const Options& options) {
  return look_up(world, options, [&](Desk& desk) { return list_licences(desk, world.clock.now_unix_s()); });
}

Outcome<int> tell_key(const Options& options, Outcome<LicenceWithKey> found) {
  if (!found) return tl::unexpected(std::move(found).error());
  const int code = show(options, licence_key_report(*found));
  wipe(found->key_text.data(), found->key_text.size());
  return code;
}

int licence_key(World& world, const Options& options) {
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    HeldKeys keys;
    warn_of_swap(keys);
    OAK_TRY(keys.unlock_ledger(desk, world.desk(options)));
    return tell_key(options, show_licence_key(desk, keys.ledger_key(), options.id));
  });
}

int licence_rekey(World& world, const Options& options) {
  return with_unlocked_desk(world, options, [&](Desk& desk, const SymmetricKey& ledger_key) {
    return tell_key(options, change_licence_key(desk, world.desk(options), ledger_key, options.id));
  });
}

int product(World& world, const Options& options, const CLI::App& command, bool is_new) {
  if (!is_new && !is_any_given(command, {"--weights", "--threshold", "--grace"}))
    return report(options, {Code::usage, "nothing is to be changed", "see: oak-issuer product change --help"});
  return with_desk(world, options, DeskUse::write, [&](Desk& desk) -> Outcome<int> {
    ProductChange change;
    change.product = options.product;
    change.must_be_new = is_new;
    change.must_exist = !is_new;
    if (command.count("--weights") > 0) change.weights = options.weights;
    if (command.count("--threshold") > 0) change.threshold_percent = options.threshold;
    if (command.count("--grace") > 0) change.grace_days = options.grace;
    OAK_ASSIGN(const ProductTerms terms, change_product(desk, world.desk(options), change));
    return show(options, product_report(terms));
  });
}

void add_licence_terms(CLI::App& command, Options& options) {
  command.add_option("--feature", options.features, "a feature that the licence grants; may be repeated");
  command.add_option("--rehosts", options.rehosts, "moves a year that need no more than an operator (default: the seats, at least 2)");
  command.add_option("--certificates", options.certificates, "certificates active at one time (default 3)");
  command.add_option("--allow", options.allow, "vm,container")->delimiter(',');
  command.add_option("--forbid", options.forbid, "vm,container")->delimiter(',');
}

/// The command line, and which command was given.
struct Commands {
  CLI::App app{"The vendor's desk: licences, requests, activations.", std::string(tool)};
  std::vector<std::pair<CLI::App*, std::function<int(World&)>>> run;
  explicit Commands(Options& options);
  void add(CLI::App* command, std::function<int(World&)> what) { run.emplace_back(command, std::move(what)); }

 private:
  void add_licence_commands(Options& options);
  void add_request_commands(Options& options);
};

Commands::Commands(Options& options) {
  app.set_version_flag("--version", std::string(tool) + " " OAK_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--desk", options.desk, "the desk's folder")->envname("OAK_DESK");
  app.add_option("--passphrase-file", options.passphrase_file, "passphrases of the desk's keys")->envname("OAK_PASSPHRASE_FILE");
  app.add_option("--operator", options.operator_name, "who answers for it (default: your login name)");
  app.add_flag("--json", options.json, "one JSON value on standard output");
  app.add_flag("--force", options.force, "replace an existing file");

  CLI::App* init_app = app.add_subcommand("init", "make a desk: root keys, issuer key, ledger");
  init_app->add_option("--roots", options.roots, "how many root keys")->capture_default_str();
  init_app->add_option("--threshold", options.threshold_roots, "how many of them must sign")->capture_default_str();
  init_app->add_option("--root-dir", options.root_dirs, "a folder for each root key (default: DESK/roots/1..N)")->expected(1)->take_all();
  add(init_app, [&options](World& world) { return init(world, options); });

  CLI::App* trust_app = app.add_subcommand("trust", "write the trust document that products ship with");
  trust_app->add_option("--out", options.out, "the file; - is standard output")->required();
  trust_app->add_option("--product", options.product, "for this product only");
  trust_app->add_option("--contact", options.contact, "how customers reach you");
  trust_app->add_option("--format", options.format, "oak, or c for a C array")->check(CLI::IsMember({"oak", "c"}));
  trust_app->add_option("--root-dir", options.root_dirs, "where a root key is")->expected(1)->take_all();
  add(trust_app, [&options](World& world) { return trust(world, options); });

  CLI::App* product_app = app.add_subcommand("product", "binding policy of a product");
  product_app->require_subcommand(1);
  for (const bool is_new : {true, false}) {
    CLI::App* command = product_app->add_subcommand(is_new ? "add" : "change", is_new ? "a new product" : "an existing one");
    command->add_option("PRODUCT", options.product, "its name")->required();
    command->add_option("--weights", options.weights, "platform,network,disks,tpm,os,model");
    command->add_option("--threshold", options.threshold, "percent of the enrolled weight that must match");
    command->add_option("--grace", options.grace, "days after a hardware mismatch");
    add(command, [&options, command, is_new](World& world) { return product(world, options, *command, is_new); });
  }
  add_licence_commands(options);
  add_request_commands(options);
}

void Commands::add_licence_commands(Options& options) {
  CLI::App* licence = app.add_subcommand("licence", "what was sold");
  licence->require_subcommand(1);
  CLI::App* add_app = licence->add_subcommand("add", "a new licence; prints its id and key");
  add_app->add_option("--customer", options.customer, "who bought it")->required();
  add_app->add_option("--product", options.product, "a product's name")->required();
  add_app->add_option("--seats", options.seats, "how many computers at one time")->required();
  add_app->add_option("--versions", options.versions, "a range, such as 3.*")->required();
  add_app->add_option("--id", options.id, "the licence's id (default: made up)");
  add_licence_terms(*add_app, options);
  add(add_app, [&options, add_app](World& world) { return licence_add(world, options, *add_app); });

  CLI::App* change_app = licence->add_subcommand("change", "other terms");
  change_app->add_option("ID", options.id, "the licence's id")->required();
  change_app->add_option("--customer", options.customer, "who has it");
  change_app->add_option("--seats", options.seats, "how many computers at one time");
  change_app->add_option("--versions", options.versions, "a range, such as 3.*");
  add_licence_terms(*change_app, options);
  add(change_app, [&options, change_app](World& world) { return licence_change(world, options, *change_app); });

  add(licence->add_subcommand("list", "all licences"), [&options](World& world) { return licence_list(world, options); });
  CLI::App* show_app = licence->add_subcommand("show", "one licence");
  show_app->add_option("ID", options.id, "the licence's id")->required();
  add(show_app, [&options](World& world) { return licence_show(world, options); });
  CLI::App* key_app = licence->add_subcommand("key", "print the licence key again");
  key_app->add_option("ID", options.id, "the licence's id")->required();
  add(key_app, [&options](World& world) { return licence_key(world, options); });
  CLI::App* rekey_app = licence->add_subcommand("rekey", "a new licence key; the old one no longer serves");
  rekey_app->add_option("ID", options.id, "the licence's id")->required();
  add(rekey_app, [&options](World& world) { return licence_rekey(world, options); });
}

void Commands::add_request_commands(Options& options) {
  CLI::App* inspect_app = app.add_subcommand("inspect", "what is asked, and what the policy would say");
  inspect_app->add_option("FILE", options.files, "documents, or pictures of their symbols")->required();
  add(inspect_app, [&options](World& world) { return inspect(world, options); });

  CLI::App* issue_app = app.add_subcommand("issue", "decide a request, record it, and sign the activation");
  issue_app->add_option("FILE", options.files, "requests, or pictures of their symbols")->required();
  issue_app->add_option("--out", options.out, "the activation's file; - is standard output");
  issue_app->add_option("--qr", options.qr, "its QR symbols: a .png or .svg file, or - for the terminal");
  issue_app->add_option("--sheet", options.sheet, "a page to print: an .html file");
  issue_app->add_flag("--permanent", options.permanent, "permanent, where a certificate is rebound or asked for");
  issue_app->add_option("--days", options.days, "a certificate of so many days, in place of a permanent activation")
      ->check(CLI::Range(1, 3660));
  issue_app->add_flag("--reset-clock", options.reset_clock, "mend a time mark that a wrong clock set ahead");
  issue_app->add_option("--approve", options.approve, "refusal codes that you answer for")->delimiter(',');
  issue_app->add_option("--reason", options.reason, "why");
  add(issue_app, [&options](World& world) { return issue_command(world, options); });

  CLI::App* export_app = app.add_subcommand("export", "the same activation again");
  export_app->add_option("ID", options.id, "the activation's id, as list shows it")->required();
  export_app->add_option("--out", options.out, "the file; - is standard output")->required();
  export_app->add_option("--qr", options.qr, "its QR symbols: a .png or .svg file");
  export_app->add_option("--sheet", options.sheet, "a page to print: an .html file");
  add(export_app, [&options](World& world) { return export_command(world, options); });
  add(app.add_subcommand("list", "all activations, newest first"), [&options](World& world) { return list_command(world, options); });
  CLI::App* show_app = app.add_subcommand("show", "one activation");
  show_app->add_option("ID", options.id, "the activation's id, as list shows it")->required();
  add(show_app, [&options](World& world) { return show_command(world, options); });
}

int run(int argc, char** argv) {
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);  // keys must not end in a core file
  Options options;
  options.desk = default_desk();
  options.operator_name = login_name();
  for (int i = 1; i < argc; ++i) options.json |= std::string_view(argv[i]) == "--json";
  Commands commands(options);
  try {
    commands.app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print(commands.app.help());
    return 0;
  } catch (const CLI::CallForVersion&) {
    print(std::string(tool) + " " OAK_VERSION "\n");
    return 0;
  } catch (const CLI::ParseError& error) {
    return report(options, usage_failure(tool, commands.app, error));
  }
  if (options.operator_name.empty() || options.operator_name.size() > 120 || has_control_characters(options.operator_name))
    return report(options, {Code::usage, "--operator is empty, too long, or has control characters", "use your name"});
  if (const auto started = crypto_start(); !started) return report(options, explain(started.error(), "cannot start"));
  World world(options);
  for (const auto& [command, what] : commands.run)
    if (command->parsed()) return what(world);
  return report(options, {Code::usage, "no command was given", "see: oak-issuer --help"});
}

/// What standard output did not take is lost, whatever was done.
int said_all(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  say(failure_text(tool,
                   {Code::io_error, "cannot write to standard output", "what was recorded stays so: see oak-issuer list, licence list"}));
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return said_all(run(argc, argv));
  } catch (const std::exception& error) {
    say(failure_text(tool, {Code::out_of_memory, error.what(), {}}));
    return 2;
  }
}
