#pragma once
// What the files of this tool's command line share: options and the world. Each main_SUBJECT.cpp adds the commands of
// one subject; nothing outside of them prints, parses flags or exits.

#include <string>
#include <vector>

#include "core/main_tool.h"
#include "issuer/hand_out.h"
#include "issuer/held_keys.h"
#include "issuer/report.h"

namespace oak::desk_tool {

inline constexpr std::string_view tool = "oak-issuer";
inline constexpr std::uint64_t lock_wait_ms = 10'000;  // another command's answer is given within this, but for one on a terminal

struct Options : ToolOptions {
  Options() : ToolOptions{tool} {}
  std::string desk, passphrase_file, issuer, out, qr, sheet, operator_name, reason, list, state, format = "oak";
  bool force = false, permanent = false, reset_clock = false;
  std::vector<std::string> files, root_dirs, root_keys, approve, allow, forbid, features;
  std::uint64_t roots = 3, threshold_roots = 2, days = 0;
  bool is_unsigned = false, without_earlier = false;  // trust
  std::string product, contact, roots_of, customer, versions, id, weights;
  std::uint64_t seats = 0, rehosts = 0, certificates = 0, threshold = 0, grace = 0, lowest_bulletin = 0;
};

/// For a command that is told to somebody: what it needs to find this desk.
std::string desk_option(const Options& options);

struct World {
  explicit World(const Options& options) : passphrases(disk, terminal, options.passphrase_file) {}
  PosixDisk disk;
  SystemClock clock;
  SystemRandom random;
  PosixTerminal terminal;
  Passphrases passphrases;
  DeskWorld desk(const Options& options) {
    return {disk,
            clock,
            random,
            terminal,
            passphrases,
            PasswordCost{},
            options.operator_name,
            lock_wait_ms,
            options.issuer,
            desk_option(options)};
  }
};

int show(const Options& options, const Report& what, int code = 0);
void warn_of_swap(const HeldKeys& keys);
Outcome<std::vector<CarriedDocument>> read_documents(World& world, const Options& options);
Outcome<void> write_file(World& world, const Options& options, const std::string& path, std::string_view text);
std::string default_desk();
std::string login_name();
bool is_any_given(const CLI::App& command, std::initializer_list<const char*> names);

/// Opens the desk and hands it to `work`, whose failures are reported.
template <typename Work>
int with_desk(World& world, const Options& options, DeskUse use, Work work) {
  auto desk = Desk::open(world.desk(options), options.desk, use);
  if (!desk) return report(options, desk.error());
  Outcome<int> done = work(*desk);
  return done ? *done : report(options, done.error());
}

/// The same with the ledger's key. Passphrases are asked for before the desk is taken: nobody waits for somebody who types.
template <typename Work>
int with_unlocked_desk(World& world, const Options& options, Work work) {
  return with_desk(world, options, DeskUse::read, [&](Desk& reading) -> Outcome<int> {
    HeldKeys keys;
    warn_of_swap(keys);
    OAK_TRY(keys.unlock_ledger(reading, world.desk(options)));
    OAK_ASSIGN(Desk desk, Desk::open(world.desk(options), options.desk, DeskUse::write));
    return work(desk, keys.ledger_key());
  });
}

/// A command that looks something up and shows it.
template <typename Find>
int look_up(World& world, const Options& options, Find find) {
  return with_desk(world, options, DeskUse::read, [&](Desk& desk) -> Outcome<int> {
    OAK_ASSIGN(const Report found, find(desk));
    return show(options, found);
  });
}

using Commands = CommandLine<World>;

// Each adds the commands of its subject.
void add_desk_commands(Commands& commands, Options& options);
void add_key_commands(Commands& commands, Options& options);
void add_licence_commands(Commands& commands, Options& options);
void add_request_commands(Commands& commands, Options& options);
void add_change_commands(Commands& commands, Options& options);
void add_ledger_commands(Commands& commands, Options& options);
void add_serve_command(Commands& commands, Options& options);

}  // namespace oak::desk_tool
