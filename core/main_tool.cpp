#include "core/main_tool.h"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "core/crypto.h"
#include "core/key_file.h"
#include "core/usage_words.h"

namespace oak {
namespace {

/// Names the command that was being given, and where its help is.
Failure usage_failure(std::string_view tool, const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  std::string path(tool);
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    path += " " + command->get_name();
  }
  std::vector<std::string> next;
  for (const CLI::App* below : command->get_subcommands([](const CLI::App*) { return true; })) next.push_back(below->get_name());
  const std::vector<std::string> left_over = app.remaining(true);
  const bool no_command = error.get_name() == "RequiredError" && !next.empty();
  return {Code::usage, no_command ? no_command_words(next, left_over.empty() ? "" : left_over.front()) : usage_words(error.what()),
          "see: " + path + " --help"};
}

rlimit core_limit;  // as whoever called this tool has set it

}  // namespace

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void say(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

void note(std::string_view tool, std::string_view text) { say(std::string(tool) + ": " + std::string(text) + "\n"); }

void warn(std::string_view tool, std::string_view text) { note(tool, "warning: " + std::string(text)); }

void warn(std::string_view tool, const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) warn(tool, warning);
}

int report(const ToolOptions& options, const Failure& failure) {
  say(failure_text(options.tool_name, failure));
  if (options.json) print(failure_json(failure));
  return exit_code_of(failure.code);
}

std::string state_dir_of_environment() {
  const char* folder = std::getenv("OAK_STATE_DIR");
  return folder && *folder ? std::string(folder) : std::string(default_state_dir);
}

void add_common_options(CLI::App& app, ToolOptions& options) {
  app.set_version_flag("--version", std::string(options.tool_name) + " " OAK_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_flag("--json", options.json, "one JSON value on standard output");
}

std::optional<int> parse(CLI::App& app, int argc, char** argv, ToolOptions& options) {
  // Wrong usage is an answer too, and --json may stand behind it.
  for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i) options.json |= std::string_view(argv[i]) == "--json";
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print(app.help());
    return 0;
  } catch (const CLI::CallForVersion&) {
    print(std::string(options.tool_name) + " " OAK_VERSION "\n");
    return 0;
  } catch (const CLI::ParseError& error) {
    return report(options, usage_failure(options.tool_name, app, error));
  }
  if (const auto started = crypto_start(); !started) return report(options, explain(started.error(), "cannot start"));
  return std::nullopt;
}

void allow_core_files() { ::setrlimit(RLIMIT_CORE, &core_limit); }

int run_tool(std::string_view tool, const std::function<int()>& work, std::string_view lost_hint) {
  // The hard limit stays, so that another command can have what it had.
  if (::getrlimit(RLIMIT_CORE, &core_limit) != 0) core_limit = {};
  const rlimit no_core = {0, core_limit.rlim_max};
  ::setrlimit(RLIMIT_CORE, &no_core);
  try {
    const int code = work();
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    say(failure_text(tool, {Code::io_error, "cannot write to standard output", std::string(lost_hint)}));
  } catch (const std::exception& error) {
    say(failure_text(tool, {Code::out_of_memory, error.what(), {}}));
  }
  return 2;
}

}  // namespace oak
