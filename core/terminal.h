#pragma once
// Asking a person, handed in so that tests can answer.

#include <string>
#include <string_view>

#include "core/error.h"

namespace oak {

class Terminal {
 public:
  virtual ~Terminal() = default;
  /// Standard input and error are both a terminal.
  virtual bool interactive() = 0;
  /// Prints the prompt to stderr and reads a line without its end.
  virtual Result<std::string> ask(std::string_view prompt) = 0;
  /// The same without echo; the terminal is restored even when the read is interrupted.
  virtual Result<std::string> ask_hidden(std::string_view prompt) = 0;
  virtual void say(std::string_view text) = 0;  ///< to stderr
};

class PosixTerminal final : public Terminal {
 public:
  bool interactive() override;
  Result<std::string> ask(std::string_view prompt) override;
  Result<std::string> ask_hidden(std::string_view prompt) override;
  void say(std::string_view text) override;
};

}  // namespace oak
