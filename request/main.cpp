// oak-request: what a site admin runs on the machine that asks. Flags, prompts and printing; nothing else.

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "core/armour.h"
#include "core/text.h"
#include "machine-id/permanent_mac.h"
#include "request/ask.h"
#include "request/create.h"
#include "core/document_page.h"
#include "verifier/advice.h"
#include "verifier/install.h"
#include "verifier/store.h"

namespace {

using namespace oak;

constexpr std::string_view tool = "oak-request";
constexpr std::size_t max_key_text_bytes = 4096, max_site_secret_bytes = 65536;

struct Options {
  std::string product, version, licence_key_file, site_secret_file, site, reason, out, state_dir, trust;
  std::uint64_t seats = 1;
  bool json = false, force = false;
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

std::string default_request_name(const Options& options, std::uint64_t now_unix_s) {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || !is_name(name.data(), 64)) std::snprintf(name.data(), name.size(), "machine");
  return fmt::format("{}-{}-{}.request.oak", options.product, name.data(), utc_date(now_unix_s));
}

std::vector<std::string> request_comments(const Created& created) {
  const Request& request = created.request;
  return {fmt::format("Request for {} {}: {} seat{}, licence {}", request.product, request.version, request.seats,
                      request.seats == 1 ? "" : "s", request.licence),
          "These lines are not signed. What counts is below; show it with: oak-request show FILE"};
}

std::string next_steps(const Options& options, const std::string& path) {
  std::string import = "oak-request import ANSWER";
  if (options.state_dir != default_state_dir) import += " --state-dir " + shell_word(options.state_dir);
  if (!options.trust.empty()) import += " --trust " + shell_word(options.trust);
  return fmt::format("Next:\n  1. Bring {} to your vendor, by any way that a file can take.\n  2. When the answer is here: {}\n",
                     shell_word(path), import);
}

std::string created_json(const Created& created, const std::string& path) {
  JsonWriter json;
  json.begin_object();
  json.key("out").text(path);
  json.key("product").text(created.request.product);
  json.key("licence").text(created.request.licence);
  json.key("seats").number(created.request.seats);
  json.key("strength").text(created.strong ? "normal" : "weak");
  json.key("supersedes");
  created.request.supersedes ? json.text(activation_id_text(created.request.supersedes->activation)) : json.null();
  json.key("document").text(to_hex(created.document_hash));
  json.key("phone").text(phone_groups(created.document_hash));
  json.key("warnings").begin_array();
  for (const std::string& warning : created.warnings) json.text(warning);
  json.end_array().end_object();
  return json.str() + "\n";
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
  if (const auto completed = complete(world, options); !completed) return report(options, completed.error());
  const Machine machine = world.machine(options);
  auto key = read_licence_key(world, options);
  if (!key) return report(options, key.error());
  const auto secret = read_site_secret(world, options);
  if (!secret) return report(options, secret.error());
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
  const std::string path = options.out.empty() ? default_request_name(options, world.clock.now_unix_s()) : options.out;
  const std::string text = armour_encode(labels_of(DocumentType::request).armour, created->document, request_comments(*created));
  const auto written = world.disk.write(path, as_bytes(text), 0644, options.force ? Existing::replace : Existing::refuse);
  if (!written) return report(options, explain({written.error().code, {}}, "cannot write " + in_quotes(path)));
  if (!created->strong)
    created->warnings.push_back("the fingerprint is weak: your vendor must approve it by hand (see: oak-machine-id show)");
  if (!secret->empty())
    created->warnings.push_back("keep the site secret file: without it this machine can't be re-activated from its old answer");
  warn(created->warnings);
  if (options.json) {
    if (path != "-") print(created_json(*created, path));
    return 0;
  }
  const std::string summary = fmt::format("Request written to {}\n  over the phone     {}\n  all that is in it  oak-request show {}\n",
                                          shell_word(path), phone_groups(created->document_hash), shell_word(path)) +
                              next_steps(options, path);
  path == "-" ? say(summary) : print(summary);
  return 0;
}

int show(World& world, const Options& options) {
  std::string text, json;
  for (const std::string& path : options.files) {
    const auto file = read_file(world, path, max_armoured_bytes);
    if (!file) return report(options, file.error());
    const auto page = document_page(path, *file);
    if (!page) return report(options, page.error());
    text += page->text;
    json += (json.empty() ? "" : ",\n") + std::string(trimmed(page->json));
  }
  const bool many = options.files.size() > 1;
  print(options.json ? (many ? "[" + json + "]\n" : json + "\n") : text);
  return 0;
}

int import(World& world, const Options& options) {
  const auto key = read_licence_key(world, options);
  if (!key) return report(options, key.error());
  const auto secret = read_site_secret(world, options);
  if (!secret) return report(options, secret.error());
  TrustSource trust;
  if (!options.trust.empty()) trust.argument_file = options.trust;
  std::string text, json;
  for (const std::string& path : options.files) {
    const auto file = read_file(world, path, max_armoured_bytes);
    if (!file) return report(options, file.error());
    const auto installed = install(world.machine(options), trust, {path, *file, *key ? &**key : nullptr, *secret});
    if (!installed) return report(options, installed.error());
    warn(installed->warnings);
    for (const std::string& line : installed->lines) text += line + "\n";
    if (!installed->next.empty()) text += "next: " + installed->next + "\n";
    json += (json.empty() ? "" : ",\n") + std::string(trimmed(installed_json(*installed)));
  }
  const bool many = options.files.size() > 1;
  print(options.json ? (many ? "[" + json + "]\n" : json + "\n") : text);
  return 0;
}

void add_state_options(CLI::App& command, Options& options) {
  command.add_option("--state-dir", options.state_dir, "where this machine keeps its state")
      ->envname("OAK_STATE_DIR")
      ->capture_default_str();
  command.add_option("--licence-key-file", options.licence_key_file, "a file that holds the licence key");
  command.add_option("--site-secret-file", options.site_secret_file, "the site's own secret, which keeps hardware digests from the vendor");
}

int run(int argc, char** argv) {
  World world;
  Options options;
  options.state_dir = std::string(default_state_dir);
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
  create_command->add_option("--trust", options.trust, "the vendor's trust file");
  add_state_options(*create_command, options);

  CLI::App* show_command = app.add_subcommand("show", "print all that leaves the site, field by field");
  show_command->add_option("files", options.files, "documents")->required();

  CLI::App* import_command = app.add_subcommand("import", "check the vendor's answer, then store it");
  import_command->add_option("files", options.files, "documents; - is standard input")->required();
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
    return report(options, {Code::usage, printable(error.what()), "see: oak-request --help"});
  }
  if (const auto started = crypto_start(); !started) return report(options, explain(started.error(), "cannot start"));
  if (create_command->parsed()) return create(world, options);
  if (show_command->parsed()) return show(world, options);
  return import(world, options);
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
