#pragma once
// What the flag parser says of wrong usage, in the words of our other messages.

#include <string>
#include <string_view>
#include <vector>

#include "core/failure.h"

namespace oak {

/// "--seats: 'many' is not a number" for CLI11's "Could not convert: --seats = many"; what it has no better words for stays.
std::string usage_words(std::string_view parser_message);
/// "a command is needed: add, change or list", of the commands that could stand there; where a word was left over, it is the
/// one that nobody knows.
std::string no_command_words(const std::vector<std::string>& commands, std::string_view left_over);

/// The failure for a parser's error, which names the command that was being given and where its help is. `App` and `ParseError`
/// are CLI11's, which only main.cpp files know.
template <typename App, typename ParseError>
Failure usage_failure(std::string_view tool, const App& app, const ParseError& error) {
  const App* command = &app;
  std::string path(tool);
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    path += " " + command->get_name();
  }
  std::vector<std::string> next;
  for (const App* below : command->get_subcommands([](const App*) { return true; })) next.push_back(below->get_name());
  const std::vector<std::string> left_over = app.remaining(true);
  const bool no_command = error.get_name() == "RequiredError" && !next.empty();
  return {Code::usage, no_command ? no_command_words(next, left_over.empty() ? "" : left_over.front()) : usage_words(error.what()),
          "see: " + path + " --help"};
}

}  // namespace oak
