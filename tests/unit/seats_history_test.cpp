// Goal: over random histories of asking, renewing, giving back, borrowing, lost questions and answers, crashes of either end at any write,
// full disks, started machines, clocks that are set, and activations that come and go: at no moment do more computers hold a seat by
// their own view than there are seats; who holds one is who should; and the line is served in order. The rules, the store, the service
// and the client are the real ones; the network and the clocks are made up.
// What it doesn't prove: TLS, sockets and processes (tests/cli/netns_seats_test.sh); two copies of one enrolment (seats_pool_test).
// Computers' calendars run true here: one that is set back within its tolerance has its borrowed seat for so much longer
// (docs/threat-model.md).

#include <cstdlib>
#include <iostream>

#include "tests/unit/seats_world.h"

namespace oak::seats::test {
namespace {

constexpr std::size_t seats = 3, computers = 5;
constexpr std::uint64_t day_s = 86'400;

/// A disk that fails from some write on, as a process that is killed there would.
class CutDisk final : public Disk {
 public:
  std::optional<std::size_t> writes_left;
  Result<FileBytes> read(const std::string& path, std::size_t max) override { return real_.read(path, max); }
  Status write(const std::string& path, ByteView bytes, std::uint32_t mode, Existing existing) override {
    OAK_TRY(change());
    return real_.write(path, bytes, mode, existing);
  }
  Result<FileBytes> read_beneath(const std::string& folder, const std::string& name, std::size_t max) override {
    return real_.read_beneath(folder, name, max);
  }
  Status write_beneath(const std::string& folder, const std::string& name, ByteView bytes, std::uint32_t mode, Existing existing) override {
    OAK_TRY(change());
    return real_.write_beneath(folder, name, bytes, mode, existing);
  }
  Status remove_beneath(const std::string& folder, const std::string& name) override {
    OAK_TRY(change());
    return real_.remove_beneath(folder, name);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override { return real_.list(folder); }
  Status make_folder(const std::string& folder, std::uint32_t mode) override { return real_.make_folder(folder, mode); }
  bool may_write(const std::string& folder) override { return real_.may_write(folder); }
  Result<FileLock> lock_beneath(const std::string& folder, const std::string& name, const LockTerms& terms) override {
    return real_.lock_beneath(folder, name, terms);
  }
  bool exists(const std::string& path) override { return real_.exists(path); }
  Status share_with_oak_group(const std::string&, const std::string&) override { return {}; }

 private:
  Status change() {
    if (!writes_left) return {};
    if (*writes_left == 0) return fail(Code::io_error, "cut");
    --*writes_left;
    return {};
  }
  PosixDisk real_;
};

struct Computer {
  CutDisk disk;
  FakeClock clock;
  FakeBoot boot;
  SeededRandom random{0};
  std::string folder;
  PublicKey key{};
  std::unique_ptr<Client> client;
};

/// The line as it should be, and what it says of an answer before it is asked for.
class Line {
 public:
  struct Place {
    std::size_t computer;
    std::uint64_t asked_at_ms;
  };
  /// Where the computer stands after it asked; 0 is first.
  std::size_t ask(std::size_t computer, std::uint64_t now_ms, std::uint64_t patience_ms, bool& is_new) {
    std::erase_if(places_, [&](const Place& place) { return place.asked_at_ms + patience_ms < now_ms; });
    auto found = std::find_if(places_.begin(), places_.end(), [&](const Place& place) { return place.computer == computer; });
    is_new = found == places_.end();
    if (is_new) found = places_.insert(places_.end(), {computer, now_ms});
    found->asked_at_ms = now_ms;
    return static_cast<std::size_t>(found - places_.begin());
  }
  void leave(std::size_t computer) {
    std::erase_if(places_, [&](const Place& place) { return place.computer == computer; });
  }
  /// The server began anew: it takes nobody for impatient.
  void restart(std::uint64_t now_ms) {
    for (Place& place : places_) place.asked_at_ms = now_ms;
  }

 private:
  std::vector<Place> places_;
};

struct Tally {
  std::size_t most = 0, grants = 0, from_line = 0, lost = 0, crashes = 0, borrowed = 0;
};

class History {
 public:
  History(std::uint64_t seed, Tally& tally) : dice_(seed), tally_(tally), host_(folder_.path(), {seats, 120'000, 10'000, 30, true}) {
    host_.start();
    for (std::size_t i = 0; i < computers; ++i) make_computer(i, seed);
  }

  void play(int steps) {
    for (int step = 0; step < steps; ++step) {
      INFO("step " << step);
      one_step();
      const std::size_t now = holders();
      tally_.most = std::max(tally_.most, now);
      if (now > seats) {
        const Now at = host_.service ? host_.service->now() : Now{};
        for (std::size_t i = 0; i < computers; ++i) {
          const auto seat = computers_[i]->client->held_now();
          std::cerr << "computer " << i << ": believes " << (seat && seat->held) << " borrowed " << (seat && seat->borrowed) << " until ms "
                    << (seat ? seat->until_boot_ms : 0) << " of " << computers_[i]->boot.ms << ", s " << (seat ? seat->until_unix_s : 0)
                    << " of " << computers_[i]->clock.now << "; the server counts it " << (host_.service && has_tenancy(i, at)) << "\n";
        }
      }
      REQUIRE(now <= seats);
    }
    settle();
  }

 private:
  enum class Fate { answered, question_lost, answer_lost };

  std::uint64_t roll(std::uint64_t sides) { return dice_() % sides; }

  void make_computer(std::size_t i, std::uint64_t seed) {
    auto computer = std::make_unique<Computer>();
    computer->random = SeededRandom(seed * 100 + i);
    computer->folder = folder_.path() + "/c" + std::to_string(i);
    computer->boot.ms = 1'000 * (i + 1);
    std::filesystem::create_directory(computer->folder);
    std::filesystem::create_directory(computer->folder + "/planner");
    SeatState state(computer->disk, computer->folder, "planner");
    KeyPair key = make_key_pair(computer->random);
    computer->key = key.public_key;
    REQUIRE(state.put_computer_key(key.seed));
    REQUIRE(state.put_server({"https://192.0.2.1:7443", host_.server.public_key, {}, "planner"}));
    const auto enrolled = host_.ask(key.public_key, "POST", "/v1/enrol", enrol_request_json({host_.code(), "c" + std::to_string(i)}));
    REQUIRE(enrolled.status == 200);
    computers_.push_back(std::move(computer));
    open(i);
  }

  /// A process begins.
  void open(std::size_t i) {
    Computer& computer = *computers_[i];
    computer.disk.writes_left.reset();
    const ClientWorld world{computer.disk, computer.clock, computer.boot, computer.random, computer.folder, {}};
    auto opened = Client::open_over(
        world, "planner",
        [this, i](const std::string& method, const std::string& path, const std::string& body) { return carry(i, method, path, body); });
    REQUIRE(opened);
    computer.client = std::move(*opened);
  }

  Result<http::Response> carry(std::size_t i, const std::string& method, const std::string& path, const std::string& body) {
    if (fate_ == Fate::question_lost || !host_.service) return fail(Code::unreachable, "lost");
    passes(roll(300));
    const Fate fate = fate_;
    http::Response response = deliver(i, method, path, body);
    passes(roll(300));
    if (fate == Fate::answer_lost) return fail(Code::unreachable, "lost");
    return response;
  }

  /// The server's part, and what its answer must be.
  http::Response deliver(std::size_t i, const std::string& method, const std::string& path, const std::string& body) {
    const Now now = host_.service->now();
    const bool had = has_tenancy(i, now);
    const std::size_t held_before = server_counts(now);
    const bool fails = host_.store->fails_next;
    const Line line_before = line_;
    const http::Response response = host_.ask(computers_[i]->key, method, path, body);
    host_.store->fails_next = false;
    if (fails && response.status == 500) {
      line_ = line_before;
      line_.restart(host_.boot.ms);
      return response;
    }
    const bool active = host_.service->rules().active;
    if (path == "/v1/release") line_.leave(i);
    if (path != "/v1/acquire") return response;
    if (!active) {
      CHECK(response.status == 503);
      return response;
    }
    REQUIRE(response.status == 200);
    const auto answer = read_seat_answer(response.body);
    REQUIRE(answer);
    if (had) {
      CHECK(answer->held);
      return response;
    }
    bool is_new = false;
    const std::size_t before = line_.ask(i, now.boot_ms, host_.rules.patience_ms(), is_new);
    const bool should_get_it = held_before + before < seats;
    REQUIRE(answer->held == should_get_it);
    if (!should_get_it) CHECK(answer->position == before + 1);
    if (should_get_it) line_.leave(i);
    tally_.grants += should_get_it ? 1U : 0U;
    tally_.from_line += should_get_it && !is_new ? 1U : 0U;
    return response;
  }

  bool has_tenancy(std::size_t i, const Now& now) {
    const auto& tenancy = host_.service->pool().computers().at(computers_[i]->key).tenancy;
    return tenancy && !tenancy->is_over(now);
  }
  std::size_t server_counts(const Now& now) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < computers; ++i) count += has_tenancy(i, now) ? 1U : 0U;
    return count;
  }
  std::size_t holders() {
    std::size_t count = 0;
    for (const auto& computer : computers_) {
      const auto seat = computer->client->held_now();
      count += seat && seat->held ? 1U : 0U;
    }
    return count;
  }

  void passes(std::uint64_t ms) {
    true_ms_ += ms;
    host_.boot.ms += ms;
    set_calendars();
    for (const auto& computer : computers_) computer->boot.ms += ms;
  }
  void set_calendars() {
    const std::uint64_t unix_s = 1'760'000'000 + true_ms_ / 1000;
    host_.clock.now = unix_s + host_ahead_s_;
    for (const auto& computer : computers_) computer->clock.now = unix_s;
  }

  void one_step() {
    const std::size_t i = roll(computers);
    Computer& computer = *computers_[i];
    switch (roll(24)) {
      case 0: return crash_server(false);
      case 1: return roll(4) == 0 ? crash_server(true) : void();
      case 2: return roll(4) == 0 ? set_host_calendar() : void();
      case 3: return start_computer_anew(computer);
      case 4: return passes(roll(4) == 0 ? roll(3) * day_s * 1000 : roll(200'000));
      case 5:
        if (is_inactive_ || roll(8) == 0) toggle_activation();
        return;
      default: break;
    }
    passes(roll(15'000));
    const std::uint64_t luck = roll(10);
    fate_ = luck == 0 ? Fate::question_lost : luck == 1 ? Fate::answer_lost : Fate::answered;
    if (host_.service) host_.store->fails_next = roll(20) == 0;
    const bool is_killed = roll(8) == 0;
    if (is_killed) computer.disk.writes_left = roll(5);
    ask(i);
    if (host_.service) host_.store->fails_next = false;
    fate_ = Fate::answered;
    if (is_killed) open(i);
  }

  void ask(std::size_t i) {
    Client& client = *computers_[i]->client;
    switch (roll(10)) {
      case 0: {
        auto use = use_seat(computers_[i]->disk, client.folder());
        REQUIRE(use);
        static_cast<void>(client.release(*use));
        break;
      }
      case 1: {
        const auto seat = client.borrow(1 + roll(4));
        tally_.borrowed += seat && seat->held ? 1U : 0U;
        break;
      }
      case 2: static_cast<void>(client.heartbeat()); break;
      default: {
        const auto seat = client.acquire();
        tally_.lost += seat ? 0U : 1U;
      }
    }
  }

  void crash_server(bool is_started_anew) {
    ++tally_.crashes;
    host_.stop();
    passes(roll(60'000));
    if (roll(3) == 0) {
      fate_ = Fate::answered;
      ask(roll(computers));  // nobody answers
    }
    if (is_started_anew) {
      const std::uint64_t away_ms = roll(2) == 0 ? roll(600'000) : roll(2 * day_s * 1000);
      passes(away_ms);
      ++host_.boot.boot;
      host_.boot.ms = roll(30'000);
    }
    host_.start();
    if (is_inactive_) set_active(false);
    line_.restart(host_.boot.ms);
  }

  /// Ahead by up to two years, or right again. It is what it was when the host is started anew: an operator who sets the clock of a host
  /// that is off is believed (docs/threat-model.md).
  void set_host_calendar() {
    host_ahead_s_ = host_ahead_s_ > 0 ? 0 : roll(730) * day_s;
    set_calendars();
    REQUIRE(host_.service->note_time());
  }

  void start_computer_anew(Computer& computer) {
    computer.boot.boot = static_cast<std::uint8_t>(computer.boot.boot + 1);
    computer.boot.ms = roll(20'000);
  }

  void toggle_activation() {
    is_inactive_ = !is_inactive_;
    set_active(!is_inactive_);
  }
  void set_active(bool active) {
    Rules rules = host_.rules;
    rules.active = active;
    host_.service->set_rules(rules);
  }

  /// In the end nothing has leaked: whoever comes first gets a seat.
  void settle() {
    set_active(true);
    is_inactive_ = false;
    host_ahead_s_ = 0;
    passes(40 * day_s * 1000);
    for (std::size_t i = 0; i < computers; ++i) {
      open(i);
      const auto seat = computers_[i]->client->acquire();
      REQUIRE(seat);
      CHECK(seat->held == (i < seats));
    }
  }

  std::mt19937_64 dice_;
  Tally& tally_;
  OwnFolder folder_;
  Host host_;
  std::vector<std::unique_ptr<Computer>> computers_;
  Line line_;
  Fate fate_ = Fate::answered;
  std::uint64_t true_ms_ = 0, host_ahead_s_ = 0;
  bool is_inactive_ = false;
};

}  // namespace

TEST_CASE("in no history do more computers hold a seat than there are seats") {
  const char* word = std::getenv("OAK_SEATS_SEED");
  const std::uint64_t seed = word ? std::strtoull(word, nullptr, 10) : 1;  // the same in every run, where none is given
  std::cerr << "seats_history: OAK_SEATS_SEED=" << seed << "\n";
  Tally tally;
  for (std::uint64_t i = 0; i < 60; ++i) {
    INFO("OAK_SEATS_SEED=" << seed << ", history " << i);
    History(seed + i, tally).play(200);
  }
  std::cerr << "seats_history: at most " << tally.most << " of " << seats << " seats held at once; " << tally.grants << " lent, "
            << tally.from_line << " after a wait, " << tally.crashes << " crashes of the server, " << tally.borrowed << " borrowed\n";
  CHECK(tally.most == seats);
  CHECK(tally.grants > 300);
  CHECK(tally.from_line > 20);
  CHECK(tally.crashes > 100);
  CHECK(tally.borrowed > 50);
}

}  // namespace oak::seats::test
