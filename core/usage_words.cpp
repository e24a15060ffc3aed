#include "core/usage_words.h"

#include "core/text.h"

namespace oak {
namespace {

/// What stands behind `start`, where the message begins with it.
bool begins(std::string_view message, std::string_view start, std::string_view& rest) {
  if (!message.starts_with(start)) return false;
  rest = message.substr(start.size());
  return true;
}

std::string unexpected_words(std::string_view words) {
  return words.starts_with('-') ? "there is no option " + in_quotes(words) + " here" : in_quotes(words) + " was not expected here";
}

}  // namespace

std::string usage_words(std::string_view message) {
  std::string_view rest;
  if (begins(message, "The following argument was not expected: ", rest) ||
      begins(message, "The following arguments were not expected: ", rest))
    return unexpected_words(rest);
  if (begins(message, "Could not convert: ", rest)) {
    const std::size_t equals = rest.find(" = ");
    if (equals != std::string_view::npos)
      return printable(rest.substr(0, equals)) + ": " + in_quotes(rest.substr(equals + 3)) + " is not a number";
  }
  const std::size_t colon = message.find(": ");
  if (colon == std::string_view::npos) return printable(message);
  const std::string option = printable(message.substr(0, colon));
  const std::string_view what = message.substr(colon + 2);
  if (what.ends_with(" missing")) return option + " needs a value";
  if (begins(what, "At Most 1 required but received ", rest))
    return option + " is given " + printable(rest) + " times, and can be given once";
  if (begins(what, "Value ", rest)) return option + ": " + printable(rest);
  return printable(message);
}

std::string no_command_words(const std::vector<std::string>& commands, std::string_view left_over) {
  if (!left_over.empty()) return unexpected_words(left_over);
  std::string out = "a command is needed: ";
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (i > 0) out += i + 1 == commands.size() ? " or " : ", ";
    out += commands[i];
  }
  return out;
}

}  // namespace oak
