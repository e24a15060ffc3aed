#pragma once
// What the tools' mains share: where they print, what every command line knows, how wrong usage is reported and how a run ends.
// Only main files include it, and it is a library of its own (oak_tool_main): the parser's weight stays out of the verifier,
// whose tool has a main of its own kind.

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/failure.h"

namespace oak {

/// What the options of every tool begin with.
struct ToolOptions {
  std::string_view tool_name;  ///< "oak-request"
  bool json = false;
};

void print(std::string_view text);                        ///< data, to standard output
void say(std::string_view text);                          ///< messages, to standard error
void note(std::string_view tool, std::string_view text);  ///< says "oak-request: <text>"
void warn(std::string_view tool, std::string_view text);  ///< says "oak-request: warning: <text>"
void warn(std::string_view tool, const std::vector<std::string>& warnings);
/// To standard error, and with --json to standard output too; the exit code.
int report(const ToolOptions& options, const Failure& failure);

/// OAK_STATE_DIR, else /var/lib/oak. Read once and handed to all commands as their default: the parser would let the variable
/// win over the option of another command.
std::string state_dir_of_environment();

/// A tool's command line, with what all have: --help, --version, --json, and commands of which one must be given. Each command
/// runs on the tool's `World`, everything it needs from outside.
template <typename World>
struct CommandLine {
  CLI::App app;
  std::vector<std::pair<CLI::App*, std::function<int(World&)>>> commands;

  CommandLine(std::string description, ToolOptions& options);
  void add(CLI::App* command, std::function<int(World&)> what) { commands.emplace_back(command, std::move(what)); }
  /// Runs the command that was given; its exit code.
  int run(World& world, const ToolOptions& options);
};

/// The exit code, where the run ends here: help or the version was asked for and is printed, or wrong usage is reported. Else
/// what follows may use the cryptography.
std::optional<int> parse(CLI::App& app, int argc, char** argv, ToolOptions& options);

/// What main() does: the exit code of `work`, or 2 where memory ran out or standard output did not take all that was printed;
/// `lost_hint` then says what has become of it. The tool leaves no core file, since it would hold keys.
int run_tool(std::string_view tool, const std::function<int()>& work, std::string_view lost_hint = "make room, and run the command again");

/// In a process that becomes another command: that one may leave core files as whoever called this tool has set.
void allow_core_files();

/// What the constructor of CommandLine adds.
void add_common_options(CLI::App& app, ToolOptions& options);

template <typename World>
CommandLine<World>::CommandLine(std::string description, ToolOptions& options)
    : app(std::move(description), std::string(options.tool_name)) {
  add_common_options(app, options);
}

template <typename World>
int CommandLine<World>::run(World& world, const ToolOptions& options) {
  for (const auto& [command, what] : commands)
    if (command->parsed()) return what(world);
  return report(options, {Code::usage, "no command was given", "see: " + std::string(options.tool_name) + " --help"});
}

}  // namespace oak
