// Plays random histories and looks for a seat that runs twice: property [--histories N] [--first SEED] [--until KIND]. Prints the first
// history that goes wrong, as short as it gets, and exits with 1. With --until, only that kind of fault counts, and exit 0 means that
// it was found: a build with a rule switched off must.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/property/play.h"

namespace {

using namespace oak::property;

void print(const std::string& text) { std::fputs(text.c_str(), stdout); }

int tell(const History& history, const Fault& fault, const Play& play) {
  const History shortest = shorten(history, fault, play);
  print(text_of(shortest) + fault.kind + ": " + play(shortest)->text + "\n");
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t histories = 2000, first = 1;
  std::string_view until;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--histories") histories = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--first") first = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--until") until = argv[i + 1];
  }
  // The ledger syncs each answer to the disk; in memory that costs nothing.
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
  if (!oak::crypto_start()) return 2;
  FreshDesk desk;
  const Play play = [&](const History& history) { return Playing(desk, history, until).run(); };
  for (std::uint64_t seed = first; seed < first + histories; ++seed) {
    const History history = make_history(seed);
    const auto fault = play(history);
    if (!fault) continue;
    const int code = tell(history, *fault, play);
    return until.empty() ? code : 0;
  }
  print(std::to_string(histories) + " histories, seeds " + std::to_string(first) + " to " + std::to_string(first + histories - 1) + ": " +
        (until.empty() ? "no seat runs twice\n" : "no " + std::string(until) + "\n"));
  return until.empty() ? 0 : 1;
}
