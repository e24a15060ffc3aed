#include "seats/pool.h"

#include <catch2/catch.hpp>
#include <deque>
#include <random>

namespace oak::seats::test {
namespace {

/// Numbers that never repeat, so that tokens and leases differ.
class Counting final : public Random {
 public:
  void fill(std::uint8_t* out, std::size_t size) override {
    const std::uint64_t number = ++last_;
    for (std::size_t i = 0; i < size; ++i) out[i] = i < 8 ? static_cast<std::uint8_t>(number >> (8 * i)) : 0;
  }

 private:
  std::uint64_t last_ = 0;
};

PublicKey key_of(std::uint8_t number) {
  PublicKey key{};
  key.fill(number);
  return key;
}

/// A computer's own view: what it would show, and until when it believes that it holds a seat.
struct Client {
  PublicKey key{};
  std::optional<Token> token;
  std::optional<Nonce> pending;  ///< written down, its answer not seen yet
  std::uint64_t believes_until_ms = 0;
  std::optional<LeaseId> lease;
  int requests = 0;  ///< an answer to an earlier one than the last is never heard

  Shown show(Random& random) {
    ++requests;
    if (!pending) pending = random_bytes<16>(random);
    return {token, *pending};
  }
  void take(const Answer& answer, std::uint64_t sent_at_ms, const Rules& rules) {
    if (answer.kind == Answer::Kind::second_holder) return;
    token = answer.token;
    pending = std::nullopt;
    if (answer.kind == Answer::Kind::held) {
      believes_until_ms = std::max(believes_until_ms, sent_at_ms + rules.ttl_ms);
      lease = answer.tenancy->lease;
    } else if (answer.kind == Answer::Kind::not_held) {
      believes_until_ms = 0;
    }
  }
};

struct World {
  explicit World(std::uint64_t seats, std::uint8_t computers) : rules{seats, 1200, 100, 30, true}, pool(rules, random) {
    for (std::uint8_t i = 1; i <= computers; ++i) {
      clients.push_back({key_of(i), {}, {}, 0, {}, 0});
      pool.enrol(key_of(i), "c" + std::to_string(i), now);
    }
  }
  Answer acquire(std::size_t i) {
    const std::uint64_t sent = now.boot_ms;
    const Answer answer = pool.acquire(clients[i].key, clients[i].show(random), now);
    clients[i].take(answer, sent, rules);
    return answer;
  }
  std::size_t believers() const {
    return static_cast<std::size_t>(
        std::count_if(clients.begin(), clients.end(), [&](const Client& client) { return client.believes_until_ms > now.boot_ms; }));
  }

  Counting random;
  Now now{1'000'000, 1'800'000'000};
  Rules rules;
  Pool pool;
  std::vector<Client> clients;
};

}  // namespace

TEST_CASE("seats are lent first come first served, and who vanishes frees his") {
  // Goal: three seats, five computers: the line is in order, a second start takes no second seat, a free seat is the first one's.
  World world(3, 5);
  for (std::size_t i = 0; i < 3; ++i) CHECK(world.acquire(i).kind == Answer::Kind::held);
  const LeaseId first = *world.clients[0].lease;
  CHECK(world.acquire(0).kind == Answer::Kind::held);
  CHECK(*world.clients[0].lease == first);
  CHECK(world.acquire(3).position == 1);
  CHECK(world.acquire(4).position == 2);
  CHECK(world.acquire(3).position == 1);

  Client& gone = world.clients[1];
  gone.take(world.pool.release(gone.key, gone.show(world.random), world.now), 0, world.rules);
  CHECK(world.acquire(4).position == 2);  // the free seat is kept for the first
  CHECK(world.acquire(1).position == 3);
  CHECK(world.acquire(3).kind == Answer::Kind::held);
  CHECK(world.acquire(4).position == 1);

  world.now.boot_ms += world.rules.patience_ms() + 1;
  CHECK(world.acquire(1).position == 1);  // number five lost patience
}

TEST_CASE("a seat is counted longer than its computer believes") {
  // Goal: at the computer's own end the server still counts it, and a little later no more.
  World world(1, 2);
  CHECK(world.acquire(0).kind == Answer::Kind::held);
  world.now.boot_ms += world.rules.ttl_ms;
  CHECK(world.believers() == 0);
  CHECK(world.acquire(1).kind == Answer::Kind::waiting);
  world.now.boot_ms += world.rules.counted_ms() - world.rules.ttl_ms;
  CHECK(world.acquire(1).kind == Answer::Kind::held);
}

TEST_CASE("a copied enrolment is found out, and a lost answer is none") {
  // Goal: any number of lost answers locks nobody out; a copy is refused, also where it takes turns with the first.
  World world(2, 1);
  Client& real = world.clients[0];
  CHECK(world.acquire(0).kind == Answer::Kind::held);
  for (int i = 0; i < 5; ++i) {
    const Shown shown = real.show(world.random);
    CHECK(world.pool.heartbeat(real.key, shown, world.now).kind == Answer::Kind::held);  // and the answer is lost
  }
  CHECK(world.acquire(0).kind == Answer::Kind::held);

  Client copy = real;
  CHECK(world.acquire(0).kind == Answer::Kind::held);
  CHECK(world.pool.heartbeat(copy.key, copy.show(world.random), world.now).kind == Answer::Kind::second_holder);
  CHECK(world.pool.computers().at(real.key).doubled);
  CHECK(world.acquire(0).kind == Answer::Kind::held);
  CHECK(world.pool.held(world.now) == 1);

  world.pool.enrol(real.key, "again", world.now);
  real.token = std::nullopt;
  CHECK(world.acquire(0).kind == Answer::Kind::held);
}

TEST_CASE("a first answer that is lost is not the end of an enrolment") {
  // Goal: the computer has no token yet and asks again with the nonce that it wrote down.
  World world(1, 1);
  Client& client = world.clients[0];
  const Shown shown = client.show(world.random);
  CHECK(world.pool.acquire(client.key, shown, world.now).kind == Answer::Kind::held);
  CHECK(world.pool.acquire(client.key, shown, world.now).kind == Answer::Kind::held);
  CHECK(world.pool.acquire(client.key, {std::nullopt, random_bytes<16>(world.random)}, world.now).kind == Answer::Kind::second_holder);
}

TEST_CASE("a borrowed seat is counted by the calendar") {
  // Goal: it outlasts the ttl and a restart, ends after its day, is never shortened, and is capped by policy.
  World world(1, 2);
  Client& client = world.clients[0];
  const auto borrow = [&](std::uint64_t days) {
    const Answer answer = world.pool.borrow(client.key, client.show(world.random), days, world.now);
    client.take(answer, world.now.boot_ms, world.rules);
    return answer;
  };
  CHECK(borrow(3).kind == Answer::Kind::borrow_refused);
  CHECK(world.acquire(0).kind == Answer::Kind::held);
  CHECK(borrow(31).kind == Answer::Kind::borrow_refused);
  CHECK(borrow(3).kind == Answer::Kind::held);
  CHECK(borrow(1).tenancy->borrowed_until_unix_s == world.now.unix_s + 3 * 86400);
  world.now.boot_ms += 10 * world.rules.ttl_ms;
  world.now.unix_s += 1000 * 86400;  // a calendar that is set ends nothing
  world.now.elapsed_ms += 3 * 86'400'000 - 1;
  CHECK(world.acquire(1).kind == Answer::Kind::waiting);
  world.now.elapsed_ms += 1;
  CHECK(world.acquire(1).kind == Answer::Kind::held);
}

TEST_CASE("without an active activation nothing is lent, and what is held goes on to its end") {
  // Goal: neither renewed nor taken away.
  World world(2, 2);
  CHECK(world.acquire(0).kind == Answer::Kind::held);
  Rules stopped = world.rules;
  stopped.active = false;
  world.pool.set_rules(stopped);
  CHECK(world.acquire(1).kind == Answer::Kind::not_active);
  CHECK(world.acquire(0).kind == Answer::Kind::not_active);
  CHECK(world.pool.held(world.now) == 1);
  world.pool.set_rules(world.rules);
  CHECK(world.acquire(0).kind == Answer::Kind::held);
}

TEST_CASE("at no moment do more computers believe that they hold a seat than there are seats") {
  // Goal: the invariant, over random histories of lost answers, late answers, restarts, borrowed seats that come back, releases
  // and copies. What it doesn't prove: that the store keeps what the pool tells it (seats_store_test).
  std::mt19937_64 dice(20261124);
  const auto roll = [&](std::uint64_t sides) { return dice() % sides; };
  std::uint64_t most = 0, granted = 0;
  for (int history = 0; history < 300; ++history) {
    World world(3, 5);
    struct Late {
      std::size_t client;
      Answer answer;
      std::uint64_t sent_at_ms;
      int request;
    };
    std::deque<Late> late;
    for (int step = 0; step < 400; ++step) {
      const std::size_t i = roll(5);
      Client& client = world.clients[i];
      const std::uint64_t sent = world.now.boot_ms;
      world.now.boot_ms += roll(30);  // on its way
      switch (roll(12)) {
        case 0: {
          client.believes_until_ms = 0;  // stops believing before it asks
          client.take(world.pool.release(client.key, client.show(world.random), world.now), sent, world.rules);
          break;
        }
        case 1: {
          Rules rules = world.rules;
          Pool again(rules, world.random);
          Now later = world.now;
          for (const auto& [key, computer] : world.pool.computers()) again.restore(key, computer, later);
          for (const Waiting& waiting : world.pool.line(world.now)) again.restore(waiting, later);
          world.pool = std::move(again);
          break;
        }
        case 2: world.pool.heartbeat(client.key, client.show(world.random), world.now); break;  // the answer is lost
        case 3: {
          const Answer answer = world.pool.heartbeat(client.key, client.show(world.random), world.now);
          late.push_back({i, answer, sent, client.requests});
          break;
        }
        case 4: {
          Client copy = client;
          copy.pending = std::nullopt;
          world.pool.acquire(copy.key, copy.show(world.random), world.now);
          break;
        }
        default: {
          const Answer answer = world.pool.acquire(client.key, client.show(world.random), world.now);
          granted += answer.kind == Answer::Kind::held ? 1 : 0;
          client.take(answer, sent, world.rules);
        }
      }
      if (!late.empty() && roll(3) == 0) {
        const Late one = late.front();
        late.pop_front();
        Client& waits = world.clients[one.client];
        if (waits.requests == one.request) waits.take(one.answer, one.sent_at_ms, world.rules);
      }
      world.now.boot_ms += roll(400);
      most = std::max<std::uint64_t>(most, world.believers());
      REQUIRE(world.believers() <= 3);
      REQUIRE(world.pool.held(world.now) <= 3);
    }
  }
  CHECK(most == 3);
  CHECK(granted > 10'000);
}

}  // namespace oak::seats::test
