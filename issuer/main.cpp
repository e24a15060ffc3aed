// oak-issuer: the vendor's desk. Flags, prompts and printing; nothing else. Its commands are in the files main_*.cpp.

#include "issuer/main.h"

#include <fmt/core.h>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/text.h"
#include "core/usage_words.h"
#include "verifier/advice.h"

namespace oak::desk_tool {

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void say(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

int report(const Options& options, const Failure& failure) {
  say(failure_text(tool, failure));
  if (options.json) print(failure_json(failure));
  return exit_code_of(failure.code);
}

int show(const Options& options, const Report& what, int code) {
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

void warn_of_swap(const HeldKeys& keys) {
  if (!keys.out_of_swap())
    say(fmt::format("{}: warning: keys can't be kept out of swap here: raise the limit of locked memory (ulimit -l)\n", tool));
}

std::string default_desk() {
  const char* home = std::getenv("HOME");
  return std::string(home && *home ? home : ".") + "/.local/share/oak-desk";
}

/// For a command that is told to somebody: what it needs to find this desk.
std::string desk_option(const Options& options) { return options.desk == default_desk() ? "" : " --desk " + shell_word(options.desk); }

std::string login_name() {
  const passwd* user = ::getpwuid(::getuid());
  return user && user->pw_name ? user->pw_name : "uid " + std::to_string(::getuid());
}

bool is_any_given(const CLI::App& command, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return command.count(name) > 0; });
}

Commands::Commands(Options& options) {
  app.set_version_flag("--version", std::string(tool) + " " OAK_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--desk", options.desk, "the desk's folder")->envname("OAK_DESK");
  app.add_option("--passphrase-file", options.passphrase_file, "passphrases of the desk's keys")->envname("OAK_PASSPHRASE_FILE");
  app.add_option("--issuer", options.issuer, "the issuer key to sign with, such as issuer-2 (default: the newest that may)");
  app.add_option("--operator", options.operator_name, "who answers for it (default: your login name)");
  app.add_flag("--json", options.json, "one JSON value on standard output");
  app.add_flag("--force", options.force, "replace an existing file");

  add_desk_commands(*this, options);
  add_key_commands(*this, options);
  add_licence_commands(*this, options);
  add_request_commands(*this, options);
  add_change_commands(*this, options);
  add_ledger_commands(*this, options);
}

namespace {

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
}  // namespace oak::desk_tool

int main(int argc, char** argv) {
  using namespace oak::desk_tool;
  try {
    return said_all(run(argc, argv));
  } catch (const std::exception& error) {
    say(oak::failure_text(tool, {oak::Code::out_of_memory, error.what(), {}}));
    return 2;
  }
}
