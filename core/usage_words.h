#pragma once
// What the flag parser says of wrong usage, in the words of our other messages.

#include <string>
#include <string_view>
#include <vector>

namespace oak {

/// "--seats: 'many' is not a number" for CLI11's "Could not convert: --seats = many"; what it has no better words for stays.
std::string usage_words(std::string_view parser_message);
/// "a command is needed: add, change or list", of the commands that could stand there; where a word was left over, it is the
/// one that nobody knows.
std::string no_command_words(const std::vector<std::string>& commands, std::string_view left_over);

}  // namespace oak
