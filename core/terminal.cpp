#include "core/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace oak {
namespace {

constexpr std::size_t max_line = 4096;

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

Result<std::string> read_line() {
  std::string line;
  for (;;) {
    char c = 0;
    const ssize_t n = ::read(STDIN_FILENO, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return fail(Code::usage, "the input ended before it was complete");
    if (c == '\n') return line;
    if (line.size() == max_line) return fail(Code::too_large, "the typed line");
    line += c;
  }
}

/// Turns echo off for its lifetime. TCSAFLUSH also drops what was typed ahead.
class EchoOff {
 public:
  EchoOff() : active_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag &= ~static_cast<tcflag_t>(ISIG);  // an interrupt must not leave the terminal silent
    if (active_) active_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~EchoOff() {
    if (active_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  termios before_{};
  bool active_;
};

}  // namespace

bool PosixTerminal::interactive() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

Result<std::string> PosixTerminal::ask(std::string_view prompt) {
  write_all(prompt);
  return read_line();
}

Result<std::string> PosixTerminal::ask_hidden(std::string_view prompt) {
  write_all(prompt);
  Result<std::string> line = [] {
    EchoOff silence;
    return read_line();
  }();
  write_all("\n");
  // Ctrl-C and Ctrl-D arrive as characters while signals are off.
  if (line && (line->find('\x03') != std::string::npos || line->find('\x04') != std::string::npos)) return fail(Code::usage, "interrupted");
  return line;
}

void PosixTerminal::say(std::string_view text) { write_all(text); }

}  // namespace oak
