// oak-issuer: the vendor's desk. Flags, prompts and printing; nothing else.

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "core/armour.h"
#include "core/document_page.h"
#include "core/text.h"
#include "issuer/report.h"
#include "verifier/advice.h"

namespace {

using namespace oak;

constexpr std::string_view tool = "oak-issuer";

struct Options {
  std::string desk, passphrase_file, out, operator_name, reason, format = "oak";
  bool json = false, force = false, reset_clock = false;
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
  DeskWorld desk(const Options& options) { return {disk, clock, random, terminal, passphrases, PasswordCost{}, options.operator_name}; }
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

Outcome<Bytes> read_document_file(World& world, const std::string& path) {
  const auto file = world.disk.read(path, max_armoured_bytes);
  if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read " + in_quotes(path)));
  auto armoured = document_from_file_bytes(file->bytes);
  if (!armoured) return tl::unexpected(explain(armoured.error(), in_quotes(path)));
  return std::move(armoured->document);
}

Outcome<void> write_file(World& world, const Options& options, const std::string& path, std::string_view text) {
  const auto written = world.disk.write(path, as_bytes(text), 0644, options.force ? Existing::replace : Existing::refuse);
  if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write " + in_quotes(path)));
  return {};
}

/// Opens the desk and hands it to `work`, whose failures are reported.
template <typename Work>
int with_desk(World& world, const Options& options, Work work) {
  auto desk = Desk::open(world.desk(options), options.desk);
  if (!desk) return report(options, desk.error());
  Outcome<int> done = work(*desk);
  return done ? *done : report(options, done.error());
}

int init(World& world, const Options& options) {
  const auto said = init_desk(world.desk(options), {options.desk, options.roots, options.threshold_roots, options.root_dirs});
  if (!said) return report(options, said.error());
  JsonWriter json;
  json.begin_object().key("desk").text(options.desk).key("roots").number(options.roots).key("threshold").number(options.threshold_roots);
  json.end_object();
  std::string text = said->front() + "\nnext: oak-issuer trust --out TRUST-FILE, then oak-issuer licence add\n";
  for (std::size_t i = 1; i < said->size(); ++i) say(fmt::format("{}: {}\n", tool, (*said)[i]));
  return show(options, {text, json.str() + "\n"});
}

int trust(World& world, const Options& options) {
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const Bytes document, make_trust(world.desk(options), desk, {options.product, options.contact, options.root_dirs}));
    const std::string text = options.format == "c" ? as_c_header(document) : armour_encode("OAK TRUST", document);
    OAK_TRY(write_file(world, options, options.out, text));
    if (options.out == "-") return 0;
    JsonWriter json;
    json.begin_object().key("out").text(options.out).key("document").text(to_hex(sha256(document))).end_object();
    return show(options, {fmt::format("trust written to {}\n", printable(options.out)), json.str() + "\n"});
  });
}

Outcome<IssuingKeys> unlock_for_inspecting(World& world, const Options& options, Desk& desk) {
  IssuingKeys keys;
  if (!world.passphrases.available()) return keys;
  UnlockedDeskKeys desk_keys;
  OAK_TRY(desk.unlock_desk_keys(world.desk(options), desk_keys));
  keys.ledger_key = std::move(desk_keys.ledger_key);
  return keys;
}

Outcome<IssuingKeys> unlock_for_issuing(World& world, const Options& options, Desk& desk) {
  IssuingKeys keys;
  UnlockedDeskKeys desk_keys;
  OAK_TRY(desk.unlock_desk_keys(world.desk(options), desk_keys));
  keys.ledger_key = std::move(desk_keys.ledger_key);
  OAK_TRY(desk.unlock_issuer(world.desk(options), keys.issuer.emplace()));
  OAK_ASSIGN(keys.certificate, desk.issuer_certificate(world.desk(options)));
  return keys;
}

std::string default_desk() {
  const char* home = std::getenv("HOME");
  return std::string(home && *home ? home : ".") + "/.local/share/oak-desk";
}

std::string default_out(const std::string& request_path) {
  constexpr std::string_view ending = ".request.oak";
  return (request_path.ends_with(ending) ? request_path.substr(0, request_path.size() - ending.size()) : request_path) + ".activation.oak";
}

std::string login_name() {
  const passwd* user = ::getpwuid(::getuid());
  return user && user->pw_name ? user->pw_name : "uid " + std::to_string(::getuid());
}

/// The whole command as it was given, so that a remedy which continues it asks for the same thing.
std::string issue_command_line(const Options& options, const std::string& file, const std::string& out) {
  std::string line = fmt::format("oak-issuer issue {} --out {}", shell_word(file), shell_word(out));
  if (options.desk != default_desk()) line += " --desk " + shell_word(options.desk);
  if (!options.passphrase_file.empty()) line += " --passphrase-file " + shell_word(options.passphrase_file);
  if (options.days > 0) line += fmt::format(" --days {}", options.days);
  if (options.reset_clock) line += " --reset-clock";
  if (options.operator_name != login_name()) line += " --operator " + shell_word(options.operator_name);
  return line;
}

Outcome<IssueTerms> terms_for(const Options& options, const std::string& file, const std::string& out) {
  IssueTerms terms;
  if (options.days > 0) terms.days = options.days;
  terms.reset_clock = options.reset_clock;
  terms.reason = options.reason;
  terms.approve_command = issue_command_line(options, file, out.empty() ? default_out(file) : out);
  for (const std::string& word : options.approve) {
    const auto code = refusal_code_of_approval(word);
    if (!code)
      return tl::unexpected(Failure{Code::usage, "--approve " + in_quotes(word) + " is no refusal code",
                                    "weak, rehost, reinstall, or a code that inspect names"});
    terms.approvals.push_back(*code);
  }
  if (!terms.approvals.empty() && options.reason.empty())
    return tl::unexpected(Failure{Code::usage, "--approve needs --reason", "say in one line why: --reason TEXT"});
  if (options.reason.size() > 240 || has_control_characters(options.reason))
    return tl::unexpected(Failure{Code::usage, "--reason has control characters or more than 240 bytes", "use one short line"});
  return terms;
}

Failure named(Failure failure, const std::string& path) {
  failure.message = in_quotes(path) + ": " + failure.message;
  return failure;
}

int inspect(World& world, const Options& options) {
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const IssuingKeys keys, unlock_for_inspecting(world, options, desk));
    std::string text, json;
    for (const std::string& path : options.files) {
      OAK_ASSIGN(const Bytes document, read_document_file(world, path));
      Report page;
      if (const auto type = claimed_type(document); type && *type != DocumentType::request) {
        OAK_ASSIGN(Page other, document_page(path, document));
        page = {std::move(other.text), std::move(other.json)};
      } else {
        OAK_ASSIGN(const IssueTerms terms, terms_for(options, path, {}));
        auto inspected = inspect_request(desk, keys, world.clock.now_unix_s(), terms, document);
        if (!inspected) return tl::unexpected(named(inspected.error(), path));
        page = inspected_report(*inspected);
      }
      text += page.text;
      json += (json.empty() ? "" : ",\n") + std::string(trimmed(page.json));
    }
    return show(options, {text, (options.files.size() > 1 ? "[" + json + "]" : json) + "\n"});
  });
}

/// On a terminal the operator sees what is asked and what the policy says, and confirms.
Outcome<bool> confirmed(World& world, Desk& desk, const IssuingKeys& keys, const IssueTerms& terms, ByteView document) {
  if (!world.terminal.interactive()) return true;
  OAK_ASSIGN(const Inspected inspected, inspect_request(desk, keys, world.clock.now_unix_s(), terms, document));
  say(inspected_report(inspected).text);
  if (!inspected.decision.refusals.empty()) return true;  // the refusal is the answer
  const auto answer = world.terminal.ask("Issue this activation? [y/N] ");
  return answer && (*answer == "y" || *answer == "yes");
}

Outcome<Report> issue_one(World& world, const Options& options, Desk& desk, const IssuingKeys& keys, const std::string& path,
                          const std::string& out, bool& refused) {
  OAK_ASSIGN(const Bytes document, read_document_file(world, path));
  OAK_ASSIGN(const IssueTerms terms, terms_for(options, path, out));
  auto go_on = confirmed(world, desk, keys, terms, document);
  if (!go_on) return tl::unexpected(named(go_on.error(), path));
  if (!*go_on) return tl::unexpected(Failure{Code::refused, in_quotes(path) + ": not issued, as you answered", {}});
  if (out != "-" && !options.force && world.disk.exists(out))
    return tl::unexpected(explain({Code::already_exists, {}}, "cannot write " + in_quotes(out)));
  auto issued = issue(desk, world.desk(options), keys, terms, document);
  if (!issued) return tl::unexpected(named(issued.error(), path));
  if (!issued->refusals.empty()) {
    refused = true;
    for (const Refusal& refusal : issued->refusals)
      say(fmt::format("{}: refused: {}: {}\nhint: {}\n", tool, refusal.code, printable(refusal.message), printable(refusal.remedy)));
    return refused_report(issued->refusals);
  }
  const std::string text = armour_encode("OAK ACTIVATION", issued->record.document, activation_comments(issued->record));
  if (auto written = write_file(world, options, out, text); !written) {
    Failure failure = std::move(written).error();
    failure.hint =
        fmt::format("it is in the ledger and lost nothing: oak-issuer export {} --out FILE", activation_id_text(issued->record.id));
    return tl::unexpected(std::move(failure));
  }
  return issued_report(issued->record, issued->repeat, out);
}

int issue_command(World& world, const Options& options) {
  if (options.files.size() > 1 && !options.out.empty())
    return report(options, {Code::usage, "--out names one file, and several requests were given", "issue them one at a time"});
  if (options.out.empty() && !world.terminal.interactive())
    return report(options, {Code::usage, "--out is needed", "say where the activation goes: --out FILE (- is standard output)"});
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const IssuingKeys keys, unlock_for_issuing(world, options, desk));
    std::string text, json;
    bool refused = false;
    for (const std::string& path : options.files) {
      const std::string out = options.out.empty() ? default_out(path) : options.out;
      OAK_ASSIGN(const Report one, issue_one(world, options, desk, keys, path, out, refused));
      text += one.text;
      json += (json.empty() ? "" : ",\n") + std::string(trimmed(one.json));
    }
    const Report all{text, (options.files.size() > 1 ? "[" + json + "]" : json) + "\n"};
    if (options.out == "-" && !refused) return say(all.text), 0;
    return show(options, all, refused ? 1 : 0);
  });
}

Outcome<ActivationRecord> find_activation(Desk& desk, const std::string& typed) {
  const auto id = normalised_activation_id(typed);
  if (!id) return tl::unexpected(Failure{Code::usage, in_quotes(typed) + " is not an activation id", "16 characters, as list shows them"});
  const auto found = desk.ledger().activation_by_text(*id);
  if (!found) return tl::unexpected(ledger_failure(found.error(), desk.folder()));
  if (!*found) return tl::unexpected(explain({Code::unknown_activation, {}}, in_quotes(typed), "see: oak-issuer list"));
  return **found;
}

int export_command(World& world, const Options& options) {
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const ActivationRecord record, find_activation(desk, options.id));
    OAK_TRY(write_file(world, options, options.out, armour_encode("OAK ACTIVATION", record.document, activation_comments(record))));
    const Report done = issued_report(record, true, options.out);
    if (options.out == "-") return 0;
    return show(options, done);
  });
}

int list_command(World& world, const Options& options) {
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
    const auto records = desk.ledger().activations();
    if (!records) return tl::unexpected(ledger_failure(records.error(), desk.folder()));
    return show(options, activations_report(*records, world.clock.now_unix_s()));
  });
}

int show_command(World& world, const Options& options) {
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const ActivationRecord record, find_activation(desk, options.id));
    return show(options, activation_report(record, world.clock.now_unix_s()));
  });
}

Outcome<std::vector<std::string>> forbidden_of(const Options& options) {
  std::vector<std::string> out;
  if (!options.allow.empty() && !options.forbid.empty())
    return tl::unexpected(Failure{Code::usage, "--allow and --forbid can't stand together", "everything that is not forbidden is allowed"});
  for (const std::string& word : options.allow)
    if (word != "vm" && word != "container")
      return tl::unexpected(
          Failure{Code::usage, "--allow " + in_quotes(word) + " is neither vm nor container", "for example --allow vm,container"});
  return options.forbid;
}

int licence_add(World& world, const Options& options, const CLI::App& command) {
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
    NewLicence input{options.id, options.customer, options.product, options.versions, options.seats, options.features, {}, {}, {}};
    if (command.count("--rehosts") > 0) input.rehosts = options.rehosts;
    if (command.count("--certificates") > 0) input.certificates = options.certificates;
    OAK_ASSIGN(input.forbidden, forbidden_of(options));
    UnlockedDeskKeys keys;
    OAK_TRY(desk.unlock_desk_keys(world.desk(options), keys));
    OAK_ASSIGN(LicenceWithKey added, add_licence(desk, world.desk(options), keys.ledger_key, input));
    const int code = show(options, licence_key_report(added));
    wipe(added.key_text.data(), added.key_text.size());
    return code;
  });
}

int licence_change(World& world, const Options& options, const CLI::App& command) {
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
    LicenceChange change;
    if (command.count("--customer") > 0) change.customer = options.customer;
    if (command.count("--versions") > 0) change.versions = options.versions;
    if (command.count("--seats") > 0) change.seats = options.seats;
    if (command.count("--rehosts") > 0) change.rehosts = options.rehosts;
    if (command.count("--certificates") > 0) change.certificates = options.certificates;
    if (command.count("--feature") > 0) change.features = options.features;
    if (command.count("--allow") + command.count("--forbid") > 0) {
      OAK_ASSIGN(change.forbidden, forbidden_of(options));
    }
    OAK_ASSIGN(const Licence licence, change_licence(desk, world.desk(options), options.id, change));
    OAK_ASSIGN(const LicenceView view, view_licence(desk, licence, world.clock.now_unix_s()));
    return show(options, licence_report(view));
  });
}

int licence_show(World& world, const Options& options) {
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const Licence licence, find_licence(desk, options.id));
    OAK_ASSIGN(const LicenceView view, view_licence(desk, licence, world.clock.now_unix_s()));
    return show(options, licence_report(view));
  });
}

int licence_list(World& world, const Options& options) {
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
    const auto licences = desk.ledger().licences();
    if (!licences) return tl::unexpected(ledger_failure(licences.error(), desk.folder()));
    std::vector<LicenceView> views;
    for (const Licence& licence : *licences) {
      OAK_ASSIGN(LicenceView view, view_licence(desk, licence, world.clock.now_unix_s()));
      views.push_back(std::move(view));
    }
    return show(options, licences_report(views));
  });
}

int licence_key(World& world, const Options& options, bool make_new) {
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
    UnlockedDeskKeys keys;
    OAK_TRY(desk.unlock_desk_keys(world.desk(options), keys));
    auto found = make_new ? change_licence_key(desk, world.desk(options), keys.ledger_key, options.id)
                          : show_licence_key(desk, keys.ledger_key, options.id);
    if (!found) return tl::unexpected(std::move(found).error());
    const int code = show(options, licence_key_report(*found));
    wipe(found->key_text.data(), found->key_text.size());
    return code;
  });
}

int product(World& world, const Options& options, const CLI::App& command, bool is_new) {
  return with_desk(world, options, [&](Desk& desk) -> Outcome<int> {
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
    command->add_option("product", options.product, "its name")->required();
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
  add_app->add_option("--customer", options.customer)->required();
  add_app->add_option("--product", options.product)->required();
  add_app->add_option("--seats", options.seats)->required();
  add_app->add_option("--versions", options.versions, "a range, such as 3.*")->required();
  add_app->add_option("--id", options.id, "the licence's id (default: made up)");
  add_licence_terms(*add_app, options);
  add(add_app, [&options, add_app](World& world) { return licence_add(world, options, *add_app); });

  CLI::App* change_app = licence->add_subcommand("change", "other terms");
  change_app->add_option("id", options.id)->required();
  change_app->add_option("--customer", options.customer);
  change_app->add_option("--seats", options.seats);
  change_app->add_option("--versions", options.versions);
  add_licence_terms(*change_app, options);
  add(change_app, [&options, change_app](World& world) { return licence_change(world, options, *change_app); });

  add(licence->add_subcommand("list", "all licences"), [&options](World& world) { return licence_list(world, options); });
  CLI::App* show_app = licence->add_subcommand("show", "one licence");
  show_app->add_option("id", options.id)->required();
  add(show_app, [&options](World& world) { return licence_show(world, options); });
  CLI::App* key_app = licence->add_subcommand("key", "print the licence key again");
  key_app->add_option("id", options.id)->required();
  add(key_app, [&options](World& world) { return licence_key(world, options, false); });
  CLI::App* rekey_app = licence->add_subcommand("rekey", "a new licence key; the old one no longer serves");
  rekey_app->add_option("id", options.id)->required();
  add(rekey_app, [&options](World& world) { return licence_key(world, options, true); });
}

void Commands::add_request_commands(Options& options) {
  CLI::App* inspect_app = app.add_subcommand("inspect", "what is asked, and what the policy would say");
  inspect_app->add_option("files", options.files, "documents")->required();
  add(inspect_app, [&options](World& world) { return inspect(world, options); });

  CLI::App* issue_app = app.add_subcommand("issue", "decide a request, record it, and sign the activation");
  issue_app->add_option("files", options.files, "requests")->required();
  issue_app->add_option("--out", options.out, "the activation's file; - is standard output");
  issue_app->add_option("--days", options.days, "a certificate of so many days, in place of a permanent activation")
      ->check(CLI::Range(1, 3660));
  issue_app->add_flag("--reset-clock", options.reset_clock, "mend a time mark that a wrong clock set ahead");
  issue_app->add_option("--approve", options.approve, "refusal codes that you answer for")->delimiter(',');
  issue_app->add_option("--reason", options.reason, "why");
  add(issue_app, [&options](World& world) { return issue_command(world, options); });

  CLI::App* export_app = app.add_subcommand("export", "the same activation again");
  export_app->add_option("id", options.id)->required();
  export_app->add_option("--out", options.out, "the file; - is standard output")->required();
  add(export_app, [&options](World& world) { return export_command(world, options); });
  add(app.add_subcommand("list", "all activations, newest first"), [&options](World& world) { return list_command(world, options); });
  CLI::App* show_app = app.add_subcommand("show", "one activation");
  show_app->add_option("id", options.id)->required();
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
    return report(options, {Code::usage, printable(error.what()), "see: oak-issuer --help"});
  }
  if (options.operator_name.empty() || options.operator_name.size() > 120 || has_control_characters(options.operator_name))
    return report(options, {Code::usage, "--operator is empty, too long, or has control characters", "use your name"});
  if (const auto started = crypto_start(); !started) return report(options, explain(started.error(), "cannot start"));
  World world(options);
  for (const auto& [command, what] : commands.run)
    if (command->parsed()) return what(world);
  return report(options, {Code::usage, "no command was given", "see: oak-issuer --help"});
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    say(failure_text(tool, {Code::out_of_memory, error.what(), {}}));
    return 2;
  }
}
