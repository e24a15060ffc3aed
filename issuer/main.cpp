// oak-issuer: the vendor's desk. Flags, prompts and printing; nothing else. Its commands are in the files main_*.cpp.

#include "issuer/main.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/text.h"
#include "verifier/advice.h"

namespace oak::desk_tool {

int show(const Options& options, const Report& what, int code) {
  print(options.json ? what.json : what.text);
  return code;
}

Outcome<std::vector<CarriedDocument>> read_documents(World& world, const Options& options) {
  OAK_ASSIGN(Carried carried, read_documents(world.disk, options.files));
  warn(tool, carried.warnings);
  return std::move(carried.documents);
}

Outcome<void> write_file(World& world, const Options& options, const std::string& path, std::string_view text) {
  const auto written = world.disk.write(path, as_bytes(text), 0644, options.force ? Existing::replace : Existing::refuse);
  if (!written) return tl::unexpected(explain({written.error().code, {}}, "cannot write " + in_quotes(path)));
  return {};
}

void warn_of_swap(const HeldKeys& keys) {
  if (!keys.out_of_swap()) warn(tool, "keys can't be kept out of swap here: raise the limit of locked memory (ulimit -l)");
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

namespace {

void add_commands(Commands& commands, Options& options) {
  CLI::App& app = commands.app;
  app.add_option("--desk", options.desk, "the desk's folder")->envname("OAK_DESK");
  app.add_option("--passphrase-file", options.passphrase_file, "passphrases of the desk's keys")->envname("OAK_PASSPHRASE_FILE");
  app.add_option("--issuer", options.issuer, "the issuer key to sign with, such as issuer-2 (default: the newest that may)");
  app.add_option("--operator", options.operator_name, "who answers for it (default: your login name)");
  app.add_flag("--force", options.force, "replace an existing file");

  add_desk_commands(commands, options);
  add_key_commands(commands, options);
  add_licence_commands(commands, options);
  add_request_commands(commands, options);
  add_change_commands(commands, options);
  add_ledger_commands(commands, options);
  add_serve_command(commands, options);
}

int run(int argc, char** argv) {
  Options options;
  options.desk = default_desk();
  options.operator_name = login_name();
  Commands commands("The vendor's desk: licences, requests, activations.", options);
  add_commands(commands, options);
  if (const auto ended = parse(commands.app, argc, argv, options)) return *ended;
  if (options.operator_name.empty() || options.operator_name.size() > 120 || has_control_characters(options.operator_name))
    return report(options, {Code::usage, "--operator is empty, too long, or has control characters", "use your name"});
  World world(options);
  return commands.run(world, options);
}

}  // namespace
}  // namespace oak::desk_tool

int main(int argc, char** argv) {
  using namespace oak::desk_tool;
  return oak::run_tool(
      tool, [&] { return run(argc, argv); }, "what was recorded stays so: see oak-issuer list, licence list");
}
