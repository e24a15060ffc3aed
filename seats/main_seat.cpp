// oak-seat: a computer that borrows one of a host's seats. Flags, waiting and printing; nothing else.

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "core/json_writer.h"
#include "core/main_tool.h"
#include "core/text.h"
#include "seats/client.h"
#include "seats/keeper.h"
#include "verifier/check.h"

namespace {

using namespace oak;
using namespace oak::seats;

constexpr std::string_view tool = "oak-seat";
constexpr int no_seat = 75;  // EX_TEMPFAIL of sysexits.h: try again later
constexpr std::uint64_t shortest_pause_ms = 50, longest_goodbye_ms = 3'000;

struct Options : ToolOptions {
  Options() : ToolOptions{tool} {}
  std::string product, server, code, name, state_dir = state_dir_of_environment(), trust, lost_signal;
  std::vector<std::string> command;
  std::uint64_t days = 0, wait_s = 0;
};

struct World {
  PosixDisk disk;
  SystemClock clock;
  SystemBootClock boot;
  SystemRandom random;
  ClientWorld client(const Options& options) { return {disk, clock, boot, random, options.state_dir, {}}; }
};

std::string host_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0 || !is_name(host.data(), 64)) return "computer";
  return host.data();
}

int enrol_command(World& world, const Options& options) {
  TrustSource trust;
  if (!options.trust.empty()) trust.argument_file = options.trust;
  const auto done = enrol(world.client(options), trust,
                          {options.product, options.server, options.code, options.name.empty() ? host_name() : options.name});
  if (!done) return report(options, done.error());
  if (options.json)
    print(JsonWriter()
              .begin_object()
              .key("enrolled")
              .boolean(true)
              .key("product")
              .text(options.product)
              .key("server")
              .text(options.server)
              .end_object()
              .str() +
          "\n");
  else
    print(fmt::format("enrolled with {}\nnext: oak-seat run --product {} -- COMMAND\n", printable(options.server), options.product));
  return 0;
}

std::string seat_json(const Seat& seat) {
  JsonWriter json;
  json.begin_object().key("held").boolean(seat.held);
  if (seat.held)
    json.key("ttl_ms").number(seat.ttl_ms).key("until").number(seat.until_unix_s).key("borrowed").boolean(seat.borrowed);
  else if (seat.position > 0)
    json.key("position").number(seat.position).key("retry_after_ms").number(seat.retry_after_ms);
  return json.end_object().str() + "\n";
}

std::string seat_text(const Seat& seat) {
  if (seat.held) return fmt::format("held until {}{}\n", utc_text(seat.until_unix_s), seat.borrowed ? ", borrowed" : "");
  if (seat.position > 0)
    return fmt::format("no seat is free: number {} in the line; ask again in {} s\n", seat.position, (seat.retry_after_ms + 999) / 1000);
  return "no seat is held\n";
}

template <typename Ask>
int with_client(World& world, const Options& options, Ask ask) {
  auto client = seats::Client::open(world.client(options), options.product);
  if (!client) return report(options, client.error());
  return ask(**client);
}

template <typename Ask>
int ask_for_seat(World& world, const Options& options, bool wants_it, Ask ask) {
  return with_client(world, options, [&](seats::Client& client) {
    const auto seat = ask(client);
    if (!seat) return report(options, seat.error());
    print(options.json ? seat_json(*seat) : seat_text(*seat));
    return seat->held == wants_it ? 0 : 1;
  });
}

int acquire(World& world, const Options& options) {
  return ask_for_seat(world, options, true, [](seats::Client& client) { return client.acquire(); });
}

int release(World& world, const Options& options) {
  return ask_for_seat(world, options, false, [&](seats::Client& client) -> Outcome<Seat> {
    OAK_ASSIGN(FileLock use, use_seat(world.disk, client.folder()));
    return client.release(use);
  });
}

int borrow(World& world, const Options& options) {
  return ask_for_seat(world, options, true, [&](seats::Client& client) { return client.borrow(options.days); });
}

int status(World& world, const Options& options) {
  return with_client(world, options, [&](seats::Client& client) {
    const auto status = client.status();
    if (!status) return report(options, status.error());
    if (options.json) return print(status_answer_json(*status)), 0;
    std::string text = fmt::format("{}: {} of {} held, {} waiting{}\n", status->product, status->held.size(), status->seats,
                                   status->waiting.size(), status->active ? "" : "; the host's activation is not active");
    for (const auto& held : status->held)
      text += fmt::format("  {:<40} since {} until {}{}\n", printable(held.computer), utc_text(held.since_unix_s),
                          utc_text(held.until_unix_s), held.borrowed ? ", borrowed" : "");
    for (const auto& waiting : status->waiting)
      text += fmt::format("  {:<40} waiting since {}\n", printable(waiting.computer), utc_text(waiting.since_unix_s));
    for (const auto& computer : status->second_holders)
      text += "  warning: the enrolment of " + printable(computer) + " is used by a second computer\n";
    print(text);
    return 0;
  });
}

/// Signals that end this tool are passed on to the command, and arrive here as something to read.
int make_signal_fd(sigset_t& before) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) ::sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, &before);
  return ::signalfd(-1, &set, SFD_CLOEXEC);
}

pid_t start_command(const Options& options, const std::string& note_path, const sigset_t& signals) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  allow_core_files();
  ::setenv("OAK_SEAT_STATUS", note_path.c_str(), 1);
  std::vector<char*> arguments;
  std::vector<std::string> command = options.command;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execvp(arguments.front(), arguments.data());
  say(failure_text(tool, {Code::not_found, "cannot run " + in_quotes(options.command.front()), "check the spelling of the command"}));
  ::_exit(127);
}

int signal_number(const std::string& name) {
  if (name == "USR1") return SIGUSR1;
  return name == "USR2" ? SIGUSR2 : name == "HUP" ? SIGHUP : 0;
}

/// What the terminal sends goes to the command too, which is in the same group: passed on, it would come twice.
bool is_for_both(const signalfd_siginfo& info) {
  return info.ssi_code == SI_KERNEL && (info.ssi_signo == SIGINT || info.ssi_signo == SIGQUIT);
}

int wait_for_command(pid_t child, int signals) {
  for (;;) {
    signalfd_siginfo info = {};
    const bool is_read = ::read(signals, &info, sizeof info) == static_cast<ssize_t>(sizeof info);
    if (is_read && info.ssi_signo != SIGCHLD && !is_for_both(info)) ::kill(child, static_cast<int>(info.ssi_signo));
    int ended = 0;
    if (::waitpid(child, &ended, WNOHANG) == child) return WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
  }
}

/// The file that tells the command how its seat stands (docs/seats.md, "For programs").
class StatusNote {
 public:
  StatusNote(Disk& disk, const std::string& folder)
      : disk_(disk), folder_(std::filesystem::absolute(folder).string()), name_(fmt::format("run-{}.json", ::getpid())) {}
  ~StatusNote() { static_cast<void>(disk_.remove_beneath(folder_, name_)); }
  StatusNote(const StatusNote&) = delete;
  StatusNote& operator=(const StatusNote&) = delete;
  std::string path() const { return folder_ + "/" + name_; }
  void tell(const Standing& seat) {
    JsonWriter json;
    json.begin_object().key("held").boolean(seat.held).key("until_boot_ms").number(seat.held ? seat.until_boot_ms : 0);
    json.key("until").number(seat.held ? seat.until_unix_s : 0).key("borrowed").boolean(seat.held && seat.borrowed).end_object();
    const auto written = disk_.write_beneath(folder_, name_, as_bytes(json.str() + "\n"), 0644, Existing::replace);
    if (!written && !complained_) warn(tool, "the program can't be told how its seat stands: cannot write " + in_quotes(path()));
    complained_ = !written;
  }

 private:
  Disk& disk_;
  std::string folder_, name_;
  bool complained_ = false;
};

/// On the keeper's thread, after each turn that changed something.
void tell_change(const Options& options, StatusNote& told, pid_t child, std::string& trouble, Keeping::Change change,
                 const Keeping& keeping) {
  told.tell(keeping.standing());
  if (change == Keeping::Change::lost) warn(tool, "the seat is lost; the program goes on and is told");
  if (change == Keeping::Change::held) note(tool, "the seat is held again");
  if (keeping.trouble() != trouble && !keeping.trouble().empty()) warn(tool, keeping.trouble());
  trouble = keeping.trouble();
  const int number = signal_number(options.lost_signal);
  if (number != 0 && change != Keeping::Change::none) ::kill(child, number);
}

Outcome<Seat> wait_for_seat(World& world, const Options& options, Keeping& keeping) {
  const std::uint64_t until = world.boot.now_boot_ms() + options.wait_s * 1000;
  for (;;) {
    auto seat = keeping.acquire();
    const bool may_come = seat ? !seat->held : seat.error().code == Code::unreachable;
    const std::uint64_t now = world.boot.now_boot_ms();
    if (!may_come || now >= until) return seat;
    ::poll(nullptr, 0, static_cast<int>(std::min(std::max(keeping.sleep_ms().value_or(0), shortest_pause_ms), until - now)));
  }
}

/// While the command runs. A seat that is lost stops nothing.
int run_with_seat(World& world, const Options& options, seats::Client& client, Keeping& keeping, FileLock& use) {
  sigset_t signals_before;
  const int signals = make_signal_fd(signals_before);
  StatusNote told(world.disk, client.folder());
  told.tell(keeping.standing());
  const pid_t child = start_command(options, told.path(), signals_before);
  if (child < 0) return report(options, {Code::out_of_memory, "cannot start a process", {}});
  std::string trouble;
  Keeper keeper(keeping);
  keeper.start([&](Keeping::Change change, const Keeping& kept) { tell_change(options, told, child, trouble, change, kept); });
  const int code = wait_for_command(child, signals);
  const bool is_network_dead = !keeper.stop_within(longest_goodbye_ms);
  if (is_network_dead) {
    static_cast<void>(world.disk.remove_beneath(client.folder(), std::filesystem::path(told.path()).filename().string()));
    warn(tool, "the server does not answer: the seat is free when its time is over");
    ::_exit(code);  // whoever waits for the command must not wait for a network
  }
  if (use.become_alone())
    if (const auto released = keeping.release(use); !released)
      warn(tool, released.error().message + ": the seat is free when its time is over");
  return code;
}

int run_command(World& world, const Options& options) {
  if (!options.lost_signal.empty() && signal_number(options.lost_signal) == 0)
    return report(options, {Code::usage, "--lost-signal is neither USR1, USR2 nor HUP", "name one that the program handles"});
  return with_client(world, options, [&](seats::Client& client) {
    auto use = use_seat(world.disk, client.folder());
    if (!use) return report(options, use.error());
    Keeping keeping(client, world.clock, world.boot, world.random);
    const auto seat = wait_for_seat(world, options, keeping);
    if (!seat) return report(options, seat.error()), no_seat;
    if (!seat->held) return say("oak-seat: " + seat_text(*seat)), no_seat;
    return run_with_seat(world, options, client, keeping, *use);
  });
}

void add_commands(CommandLine<World>& commands, Options& options) {
  const auto add = [&](const char* name, const char* what, auto run) {
    CLI::App* command = commands.app.add_subcommand(name, what);
    command->add_option("--product", options.product, "the product, as the vendor names it")->required();
    commands.add(command, [&options, run](World& world) { return run(world, options); });
    return command;
  };
  CLI::App* enrol_app = add("enrol", "make this computer known to the server, once", enrol_command);
  enrol_app->add_option("--server", options.server, "https://HOST:PORT")->required();
  enrol_app->add_option("--code", options.code, "what oak-seatd code shows on the server")->required();
  enrol_app->add_option("--name", options.name, "how people know this computer (default: its host name)");
  enrol_app->add_option("--trust", options.trust, "the vendor's trust file");
  CLI::App* run_app = add("run", "hold a seat while a command runs; 75 without a seat", run_command);
  run_app->add_option("--wait", options.wait_s, "seconds to wait in the line for a seat")->capture_default_str();
  run_app->add_option("--lost-signal", options.lost_signal,
                      "USR1, USR2 or HUP: sent to the command when the seat is lost, and when it is held again");
  run_app->add_option("COMMAND", options.command, "the command, after --")->required();
  add("acquire", "ask for a seat, or renew it", acquire);
  add("release", "give the seat back, or leave the line", release);
  add("status", "who holds a seat, and who waits", status);
  add("borrow", "take the seat along for some days", borrow)
      ->add_option("--days", options.days, "how many")
      ->required()
      ->check(CLI::Range(1, 365));
}

int run(int argc, char** argv) {
  Options options;
  CommandLine<World> commands("Holds one of the seats that a host on the network lends.", options);
  commands.app.add_option("--state-dir", options.state_dir, "where this computer keeps its state (or OAK_STATE_DIR)")
      ->capture_default_str();
  add_commands(commands, options);
  if (const auto ended = parse(commands.app, argc, argv, options)) return *ended;
  if (const auto checked = check_product_name(options.product); !checked) return report(options, checked.error());
  World world;
  return commands.run(world, options);
}

}  // namespace

int main(int argc, char** argv) {
  return run_tool(tool, [&] { return run(argc, argv); });
}
