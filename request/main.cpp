// oak-request: what a site admin runs on the machine that asks. Flags, prompts and printing; nothing else.

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "core/text.h"
#include "core/usage_words.h"
#include "machine-id/permanent_mac.h"
#include "request/ask.h"
#include "request/create.h"
#include "request/qr_render.h"
#include "request/report.h"
#include "core/document_page.h"
#include "verifier/advice.h"
#include "verifier/install.h"
#include "verifier/store.h"

namespace {

using namespace oak;

constexpr std::string_view tool = "oak-request";
constexpr std::size_t max_key_text_bytes = 4096, max_site_secret_bytes = 65536;

struct Options {
  std::string product, version, licence_key_file, site_secret_file, site, reason, out, qr, sheet, state_dir, trust;
  std::uint64_t seats = 1;
  bool json = false, force = false, raw = false;
  std::vector<std::string> files;
};

/// Everything a command needs from outside.
struct World {
  PosixDisk disk;
  LinuxHost host;
  SystemClock clock;
  SystemRandom random;
  PosixTerminal terminal;
  Machine machine(const Options& options) { return {disk, host, clock, static_cast<std::uint32_t>(::geteuid()), options.state_dir}; }
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void say(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

int report(const Options& options, const Failure& failure) {
  say(failure_text(tool, failure));
  if (options.json) print(failure_json(failure));
  return exit_code_of(failure.code);
}

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) say(fmt::format("{}: warning: {}\n", tool, warning));
}

Outcome<Bytes> read_file(World& world, const std::string& path, std::size_t max_bytes) {
  auto file = world.disk.read(path, max_bytes);
  if (!file) return tl::unexpected(explain({file.error().code, {}}, "cannot read " + in_quotes(path)));
  return std::move(file->bytes);
}

Outcome<std::optional<LicenceKey>> read_licence_key(World& world, const Options& options) {
  if (options.licence_key_file.empty()) return std::optional<LicenceKey>{};
  OAK_ASSIGN(Bytes text, read_file(world, options.licence_key_file, max_key_text_bytes));
  auto key = parse_licence_key(as_text(text));
  wipe(text.data(), text.size());
  if (!key) return tl::unexpected(explain(key.error(), "the licence key in " + in_quotes(options.licence_key_file)));
  return std::optional<LicenceKey>(std::move(*key));
}

Outcome<Bytes> read_site_secret(World& world, const Options& options) {
  if (options.site_secret_file.empty()) return Bytes{};
  OAK_ASSIGN(Bytes secret, read_file(world, options.site_secret_file, max_site_secret_bytes));
  if (secret.empty())
    return tl::unexpected(Failure{Code::empty_input, in_quotes(options.site_secret_file) + " is empty",
                                  "a site secret is any file of at least 32 random bytes, kept by the site"});
  return secret;
}

/// "planner-dock4-2026-11-24.request.oak", or "…-2.request.oak" where that is there already.
std::string default_request_name(World& world, const Options& options) {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0 || !is_name(host.data(), 64)) std::snprintf(host.data(), host.size(), "machine");
  const std::string stem = fmt::format("{}-{}-{}", options.product, host.data(), utc_date(world.clock.now_unix_s()));
  std::string name = stem + ".request.oak";
  for (int i = 2; !options.force && world.disk.exists(name) && i < 1000; ++i) name = fmt::format("{}-{}.request.oak", stem, i);
  return name;
}

/// What `import` will need again.
std::string options_of_import(const Options& options) {
  std::string out;
  if (options.state_dir != default_state_dir) out += " --state-dir " + shell_word(options.state_dir);
  if (!options.trust.empty()) out += " --trust " + shell_word(options.trust);
  return out;
}

/// For the sheet, from trust, which `create` can go without; one that was named must be there.
Outcome<std::string> contact_of_vendor(World& world, const Options& options) {
  TrustSource source;
  if (!options.trust.empty()) source.argument_file = options.trust;
  const auto found = find_trust(world.disk, source, options.product);
  if (!options.trust.empty() && !found) return tl::unexpected(found.error());
  if (!options.trust.empty() && found->problem) return tl::unexpected(*found->problem);
  return found && found->trust ? found->trust->contact : std::string();
}

Existing existing_of(const Options& options) { return options.force ? Existing::replace : Existing::refuse; }

/// Writes the request in every form asked for, and says so.
int hand_out(World& world, const Options& options, const Created& created) {
  Carriers carriers{options.out, options.qr, options.sheet};
  if (carriers.out.empty()) carriers.out = default_request_name(world, options);
  const auto contact = contact_of_vendor(world, options);
  if (!contact) return report(options, contact.error());
  const auto files = carrier_files(created.document, carriers, request_comments(created.request), *contact);
  if (!files) return report(options, files.error());
  const auto page = options.qr == "-" ? qr_terminal_page(created.document) : Result<std::string>();
  if (!page) return report(options, explain(page.error(), "--qr -"));
  if (const auto written = write_carriers(world.disk, *files, existing_of(options)); !written) return report(options, written.error());
  warn(created.warnings);
  const bool output_is_taken = carriers.out == "-" || carriers.sheet == "-" || carriers.qr == "-";
  if (options.json)
    print(created_json(created, carriers.out));
  else
    (output_is_taken ? say : print)(created_text(created, *files, options_of_import(options)));
  print(*page);
  return 0;
}

/// What is missing is asked for on a terminal; in a script it is an error that names the option.
Outcome<void> complete(World& world, Options& options) {
  const std::string_view missing = options.product.empty() ? "--product" : options.version.empty() ? "--version" : "";
  if (missing.empty()) return {};
  if (!world.terminal.interactive())
    return tl::unexpected(Failure{Code::usage, fmt::format("{} is missing", missing), "for example --product planner --version 3.5"});
  if (options.product.empty()) {
    OAK_ASSIGN(options.product, ask_product(world.terminal, world.disk, TrustSource{}.site_folder));
  }
  if (options.version.empty()) {
    OAK_ASSIGN(options.version, ask_version(world.terminal, options.product));
  }
  return {};
}

int create(World& world, Options& options) {
  if (const auto checked = check_carriers({options.out, options.qr, options.sheet}, options.json); !checked)
    return report(options, checked.error());
  if (const auto completed = complete(world, options); !completed) return report(options, completed.error());
  const Machine machine = world.machine(options);
  auto key = read_licence_key(world, options);
  if (!key) return report(options, key.error());
  const auto secret = read_site_secret(world, options);
  if (!secret) return report(options, secret.error());
  if (!*key && !world.terminal.interactive() && !can_create_without_licence_key(machine, options.product))
    return report(options, {Code::usage, "--licence-key-file is missing, and this machine has no activation that could speak for it",
                            "put the licence key into a file, and name it: --licence-key-file FILE"});
  if (!*key && world.terminal.interactive() && !can_create_without_licence_key(machine, options.product)) {
    auto typed = ask_licence_key(world.terminal);
    if (!typed) return report(options, typed.error());
    *key = std::move(*typed);
    if (options.site.empty()) {
      auto site = ask_site(world.terminal);
      if (!site) return report(options, site.error());
      options.site = *site;
    }
  }
  const CreateInput input{options.product, options.version, options.seats, options.site, options.reason, *key ? &**key : nullptr, *secret};
  const PermanentAddresses permanent;
  auto created = create_request(machine, collect(world.host, permanent), world.random, input);
  if (!created) return report(options, created.error());
  if (!created->strong)
    created->warnings.push_back("the fingerprint is weak: your vendor must approve it by hand (see: oak-machine-id show)");
  if (!secret->empty())
    created->warnings.push_back("keep the site secret file: without it this machine can't be re-activated from its old answer");
  return hand_out(world, options, *created);
}

int show(World& world, const Options& options) {
  const auto carried = read_carried(world.disk, options.files);
  if (!carried) return report(options, carried.error());
  warn(carried->warnings);
  std::string text;
  std::vector<std::string> json;
  for (const CarriedDocument& document : carried->documents) {
    const auto page = document_page(document.name, document.file);
    if (!page) return report(options, page.error());
    text += page->text;
    json.push_back(page->json);
  }
  print(options.json ? json_of_several(json) : text);
  return 0;
}

int import(World& world, const Options& options) {
  const auto key = read_licence_key(world, options);
  if (!key) return report(options, key.error());
  const auto secret = read_site_secret(world, options);
  if (!secret) return report(options, secret.error());
  TrustSource trust;
  if (!options.trust.empty()) trust.argument_file = options.trust;
  const auto carried = read_carried(world.disk, options.files);
  if (!carried) return report(options, carried.error());
  warn(carried->warnings);
  std::string text;
  std::vector<std::string> json;
  for (const CarriedDocument& document : carried->documents) {
    const auto installed = install(world.machine(options), trust, {document.name, document.file, *key ? &**key : nullptr, *secret});
    if (!installed) {
      say(text);  // what was stored before it stays stored
      return report(options, installed.error());
    }
    warn(installed->warnings);
    for (const std::string& line : installed->lines) text += line + "\n";
    if (!installed->next.empty()) text += "next: " + installed->next + "\n";
    json.push_back(installed_json(*installed));
  }
  print(options.json ? json_of_several(json) : text);
  return 0;
}

/// Whatever the symbols say. One picture that can't be read stops no other.
int scan_raw_texts(World& world, const Options& options) {
  const auto scanned = scan_raw(world.disk, options.files);
  if (!scanned) return report(options, scanned.error());
  warn(scanned->warnings);
  int code = 0;
  const Failure* worst = nullptr;
  bool is_any_read = false;
  for (const ImageTexts& image : scanned->images) {
    is_any_read |= !image.failure;
    if (!image.failure || exit_code_of(image.failure->code) < code) continue;
    worst = &*image.failure;
    code = exit_code_of(worst->code);
  }
  if (!is_any_read && code == 2) return report(options, *worst);
  for (const ImageTexts& image : scanned->images)
    if (image.failure) say(failure_text(tool, *image.failure));
  print(options.json ? raw_scan_json(*scanned) : raw_scan_text(*scanned));
  return code;
}

int scan(World& world, const Options& options) {
  if (options.raw) return scan_raw_texts(world, options);
  if (options.out.empty())
    return report(options, {Code::usage, "--out is missing", "name the file that the document goes to, or use --raw"});
  if (const auto checked = check_carriers({options.out, {}, {}}, options.json); !checked) return report(options, checked.error());
  const auto carried = scan_documents(world.disk, options.files);
  if (!carried) return report(options, carried.error());
  warn(carried->warnings);
  if (carried->documents.size() > 1)
    return report(options, {Code::usage, fmt::format("these pictures hold {} documents", carried->documents.size()),
                            "give the pictures of one document at a time"});
  const Bytes& document = carried->documents.front().file;
  const auto type = claimed_type(document);
  if (!type) return report(options, explain(type.error(), in_quotes(carried->documents.front().name)));
  const auto files = carrier_files(document, {options.out, {}, {}}, {"Read from pictures. These lines are not signed."}, {});
  if (!files) return report(options, files.error());
  if (const auto written = write_carriers(world.disk, *files, existing_of(options)); !written) return report(options, written.error());
  const ScannedText said = scanned_report(*type, sha256(document), options.out);
  if (options.out != "-") print(options.json ? said.json : said.text);
  return 0;
}

void add_state_options(CLI::App& command, Options& options) {
  command.add_option("--state-dir", options.state_dir, "where this machine keeps its state (or OAK_STATE_DIR)")->capture_default_str();
  command.add_option("--licence-key-file", options.licence_key_file, "a file that holds the licence key");
  command.add_option("--site-secret-file", options.site_secret_file, "the site's own secret, which keeps hardware digests from the vendor");
}

int run(int argc, char** argv) {
  World world;
  Options options;
  // Read here: two commands share the option, and the parser would let the variable of the one that was not given win.
  const char* state_dir = std::getenv("OAK_STATE_DIR");
  options.state_dir = state_dir && *state_dir ? std::string(state_dir) : std::string(default_state_dir);
  CLI::App app{"Asks for an activation of this machine, and stores the vendor's answer.", std::string(tool)};
  app.set_version_flag("--version", std::string(tool) + " " OAK_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_flag("--json", options.json, "one JSON value on standard output");
  app.add_flag("--force", options.force, "replace an existing file");

  CLI::App* create_command = app.add_subcommand("create", "make a signed request");
  create_command->add_option("--product", options.product, "the product, as the vendor names it");
  // `--version` means the product's version here; the tool's own is asked for without a command.
  create_command->add_option("--version", options.version, "the product's version");
  create_command->add_option("--seats", options.seats, "seats wanted")->capture_default_str();
  create_command->add_option("--site", options.site, "a label for the vendor: site, machine");
  create_command->add_option("--reason", options.reason, "why, in one line");
  create_command->add_option("--out", options.out, "the request's file; - is standard output");
  create_command->add_option("--qr", options.qr, "QR symbols too: a .png or .svg file, or - for the terminal");
  create_command->add_option("--sheet", options.sheet, "a page to print, too: an .html file");
  create_command->add_option("--trust", options.trust, "the vendor's trust file");
  add_state_options(*create_command, options);

  CLI::App* show_command = app.add_subcommand("show", "print all that leaves the site, field by field");
  show_command->add_option("files", options.files, "documents, or pictures of their symbols")->required();

  CLI::App* scan_command = app.add_subcommand("scan", "pictures of QR symbols, in any order, into a document");
  scan_command->add_option("images", options.files, "PNG or JPEG files")->required();
  scan_command->add_option("--out", options.out, "the document's file; - is standard output");
  scan_command->add_flag("--raw", options.raw, "print whatever the symbols say");

  CLI::App* import_command = app.add_subcommand("import", "check the vendor's answer, then store it");
  import_command->add_option("files", options.files, "documents, or pictures of their symbols; - is standard input")->required();
  import_command->add_option("--trust", options.trust, "the vendor's trust file");
  add_state_options(*import_command, options);

  for (int i = 1; i < argc; ++i) options.json |= std::string_view(argv[i]) == "--json";
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print(app.help());
    return 0;
  } catch (const CLI::CallForAllHelp&) {
    print(app.help("", CLI::AppFormatMode::All));
    return 0;
  } catch (const CLI::CallForVersion&) {
    print(std::string(tool) + " " OAK_VERSION "\n");
    return 0;
  } catch (const CLI::ParseError& error) {
    return report(options, usage_failure(tool, app, error));
  }
  if (const auto started = crypto_start(); !started) return report(options, explain(started.error(), "cannot start"));
  if (create_command->parsed()) return create(world, options);
  if (show_command->parsed()) return show(world, options);
  if (scan_command->parsed()) return scan(world, options);
  return import(world, options);
}

/// What standard output did not take is lost, whatever was done.
int said_all(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  say(failure_text(tool, {Code::io_error, "cannot write to standard output", "make room, and run the command again"}));
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
