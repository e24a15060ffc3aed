#pragma once
// What the files of this tool's command line share: options and the world. Each main_SUBJECT.cpp adds the commands of
// one subject; nothing outside of them prints, parses flags or exits.

#include <optional>
#include <string>
#include <vector>

#include "core/licence_key.h"
#include "core/main_tool.h"
#include "core/terminal.h"
#include "request/carriers.h"
#include "request/report.h"
#include "verifier/machine.h"
#include "verifier/trust_source.h"

namespace oak::site_tool {

inline constexpr std::string_view tool = "oak-request";

struct Options : ToolOptions {
  Options() : ToolOptions{tool} {}
  std::string product, version, licence_key_file, site_secret_file, site, reason, out, qr, sheet, trust;
  std::string state_dir = state_dir_of_environment(), licence, activation, receipt;
  std::uint64_t seats = 1;
  bool force = false, raw = false, yes = false, superseded = false, seal = false;
  std::vector<std::string> files;
};

/// Everything a command needs from outside.
struct World {
  PosixDisk disk;
  LinuxHost host;
  SystemClock clock;
  SystemRandom random;
  PosixTerminal terminal;
  Machine machine(const Options& options);
};

/// nullopt and empty where no file was named.
Outcome<std::optional<LicenceKey>> read_licence_key(World& world, const Options& options);
Outcome<Bytes> read_site_secret(World& world, const Options& options);
TrustSource trust_source(const Options& options);
/// For the sheet, from trust, which may be missing; one that was named must be there.
Outcome<std::string> contact_of_vendor(World& world, const Options& options);
Existing existing_of(const Options& options);
/// "planner-dock4-2026-11-24.request.oak", or "…-2.request.oak" where that is there already.
std::string default_file_name(World& world, const Options& options, std::string_view product, std::string_view ending);
/// What a command that is told to somebody needs to find this machine's state: " --state-dir DIR", or nothing.
std::string state_option(const Options& options);
/// The same with --trust, where it was given.
std::string state_and_trust_options(const Options& options);

using Commands = CommandLine<World>;
void add_state_option(CLI::App& command, Options& options);
void add_state_options(CLI::App& command, Options& options);  ///< and those of the licence key and the site secret
void add_trust_option(CLI::App& command, Options& options);
void add_carrier_options(CLI::App& command, Options& options, const std::string& what);

// Each adds the commands of its subject.
void add_create_command(Commands& commands, Options& options);
void add_document_commands(Commands& commands, Options& options);
void add_import_command(Commands& commands, Options& options);
void add_return_command(Commands& commands, Options& options);
void add_refresh_command(Commands& commands, Options& options);

}  // namespace oak::site_tool
