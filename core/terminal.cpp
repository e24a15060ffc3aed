#include "core/terminal.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
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

termios as_it_was;  // for the handler: one question is asked at a time

/// Gives the terminal its echo back, then lets the signal do what it always does: the handler is gone by now.
void restore_and_raise(int signal) {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &as_it_was);
  ::raise(signal);
}

/// Turns echo off for its lifetime, also where a signal ends that. TCSAFLUSH also drops what was typed ahead.
class EchoOff {
 public:
  EchoOff() : active_(::tcgetattr(STDIN_FILENO, &as_it_was) == 0) {
    if (!active_) return;
    struct sigaction restoring = {};
    restoring.sa_handler = &restore_and_raise;
    restoring.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    for (std::size_t i = 0; i < signals.size(); ++i) {
      ::sigaction(signals[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) ::sigaction(signals[i], &restoring, nullptr);
    }
    termios silent = as_it_was;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    active_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~EchoOff() {
    if (!active_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &as_it_was);
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  static constexpr std::array signals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  std::array<struct sigaction, signals.size()> before_{};
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
  return line;
}

void PosixTerminal::say(std::string_view text) { write_all(text); }

}  // namespace oak
