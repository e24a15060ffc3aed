#include "seats/service.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "tests/unit/seats_world.h"

namespace oak::seats::test {
namespace {

PublicKey key_of(std::uint8_t number) {
  ByteArray<32> seed{};
  seed.fill(number);
  return public_key_of(Seed(seed));
}

constexpr std::array<std::uint8_t, 2> both = {1, 2};

std::string asks(std::optional<Token> token, std::uint8_t nonce) {
  Nonce filled{};
  filled.fill(nonce);
  return seat_request_json({{token, filled}, 0});
}

SeatAnswer acquire(Host& host, const PublicKey& key, std::optional<Token> token, std::uint8_t nonce) {
  const http::Response response = host.ask(key, "POST", "/v1/acquire", asks(token, nonce));
  REQUIRE(response.status == 200);
  return *read_seat_answer(response.body);
}

void enrol(Host& host, std::uint8_t number) {
  REQUIRE(host.ask(key_of(number), "POST", "/v1/enrol", enrol_request_json({host.code(), "computer " + std::to_string(number)})).status ==
          200);
}

}  // namespace

TEST_CASE("a code serves one computer, and that one again while its answer may have been lost") {
  // Goal: a lost answer costs no second code, not after a crash either; nobody else can use it; and it ends with the first question.
  OwnFolder folder;
  Host host(folder.path());
  host.start();
  const auto secret = host.code();
  const auto enrols = [&](std::uint8_t number) {
    return host.ask(key_of(number), "POST", "/v1/enrol", enrol_request_json({secret, "computer"})).status;
  };
  CHECK(enrols(1) == 200);
  CHECK(enrols(1) == 200);
  CHECK(enrols(2) == 403);
  host.stop();
  host.start();
  CHECK(enrols(2) == 403);
  CHECK(enrols(1) == 200);
  acquire(host, key_of(1), std::nullopt, 1);
  CHECK(enrols(1) == 403);

  // Enrolled anew, with its first token in use: the same again.
  const auto second = host.code();
  const auto again = [&] { return host.ask(key_of(1), "POST", "/v1/enrol", enrol_request_json({second, "computer"})).status; };
  CHECK(again() == 200);
  CHECK(again() == 200);
  CHECK(acquire(host, key_of(1), std::nullopt, 2).held);
  CHECK(again() == 403);

  // What could not be written has not used the code up.
  const auto third = host.code();
  const auto with_third = [&] { return host.ask(key_of(3), "POST", "/v1/enrol", enrol_request_json({third, "computer"})).status; };
  host.store->fails_next = true;
  CHECK(with_third() == 500);
  CHECK(with_third() == 200);
}

TEST_CASE("two computers that show one code at the same moment do not both get in") {
  // Goal: both requests are in one batch, so nothing of the first is on the disk when the second is judged.
  OwnFolder folder;
  Host host(folder.path());
  host.start();
  const std::string body = enrol_request_json({host.code(), "computer"});
  std::vector<unsigned> answers;
  for (const std::uint8_t number : both)
    host.service->handle({"POST", "/v1/enrol", key_of(number), "192.0.2.1"}, body,
                         [&](http::Response response) { answers.push_back(response.status); });
  host.run();
  CHECK(answers == std::vector<unsigned>{200, 403});
}

TEST_CASE("a flood of questions about the status is answered from one answer a second") {
  // Goal: whoever asks now and then sees what is; under a flood the answer is up to a second old, and then new.
  OwnFolder folder;
  Host host(folder.path());
  host.start();
  enrol(host, 1);
  std::optional<Token> token;
  const auto shown = [&] { return read_status_answer(host.ask(key_of(1), "GET", "/v1/status", {}).body)->held.size(); };
  std::uint8_t nonce = 1;
  const auto change = [&](const char* path) {
    const http::Response response = host.ask(key_of(1), "POST", path, asks(token, nonce++));
    token = read_seat_answer(response.body)->token;
  };
  int wrong = 0;
  for (int i = 0; i < 60; ++i) {
    change(i % 2 == 0 ? "/v1/acquire" : "/v1/release");
    const bool is_right = shown() == (i % 2 == 0 ? 1U : 0U);
    if (i < 10) CHECK(is_right);
    wrong += is_right ? 0 : 1;
  }
  CHECK(wrong > 10);
  change("/v1/acquire");
  host.boot.ms += 1'000;
  CHECK(shown() == 1);
  CHECK(host.ask(key_of(1), "GET", "/", {}).body.find("1 of 3 held") != std::string::npos);
}

TEST_CASE("damaged rows keep no server from starting, and no seat is lent twice for them") {
  // Goal: whichever column of a holder's row is damaged, its seat is counted until it must be over, the row is named, and the
  // computer itself goes on where its key is legible. A damaged place in the line is forgotten.
  const char* column = GENERATE("name", "enrolled_at", "current", "previous", "nonce", "doubled", "lease", "counter", "since", "counted_ms",
                                "borrowed_until", "sum", "key");
  const char* damage = GENERATE("NULL", "x'00'", "'text'", "-1", "7", "9223372036854775807", "1.5");
  const bool whole_table = GENERATE(true, false);
  CAPTURE(column, damage, whole_table);
  const std::string value = damage;
  if (value == "NULL" && (std::string(column) == "previous" || std::string(column) == "borrowed_until" || std::string(column) == "key"))
    return;
  OwnFolder folder;
  Host host(folder.path(), {1, 120'000, 10'000, 30, true});
  host.start();
  for (const std::uint8_t number : both) enrol(host, number);
  const SeatAnswer held = acquire(host, key_of(1), std::nullopt, 1);
  REQUIRE(held.held);
  CHECK_FALSE(acquire(host, key_of(2), std::nullopt, 1).held);
  host.stop();
  {
    SQLite::Database database(host.path(), SQLite::OPEN_READWRITE);
    database.exec("UPDATE OR IGNORE computers SET " + std::string(column) + " = " + value + (whole_table ? "" : " WHERE lease NOT NULL"));
    database.exec("UPDATE line SET number = 'none'");
  }
  host.start();
  CHECK(host.service->damage().size() >= 2);
  for (const std::string& row : host.service->damage()) CHECK(row.starts_with("table "));
  const auto lent_to_other = [&](std::uint8_t nonce) {
    const http::Response response = host.ask(key_of(2), "POST", "/v1/acquire", asks(std::nullopt, nonce));
    return response.status == 200 && read_seat_answer(response.body)->held;
  };
  CHECK_FALSE(lent_to_other(1));
  // Where nothing else is in doubt, the holder goes on.
  const bool is_legible = std::string(column) != "key" && std::string(column) != "current";
  if (!whole_table && is_legible) CHECK(acquire(host, key_of(1), held.token, 2).held);
  host.boot.ms += whole_table || !is_legible ? 3'600'000 : 100'000;
  host.clock.now += 3'600;
  CHECK_FALSE(lent_to_other(1));
  // Told once: what was made of it is written down.
  host.stop();
  host.start();
  CHECK(host.service->damage().empty());
  CHECK_FALSE(lent_to_other(1));
  // In the end it is free. Whoever is unknown by then is enrolled anew.
  host.boot.ms += 40ULL * 86'400'000;
  host.clock.now += 40 * 86'400;
  enrol(host, 2);
  CHECK(lent_to_other(9));
}

TEST_CASE("a server that is set to another day ends no borrowed seat") {
  // Goal: ahead by years and back again, before and after a restart and in another boot, the seat is counted for its days; and what is
  // borrowed while the clock is wrong is counted for as many.
  OwnFolder folder;
  Host host(folder.path(), {1, 120'000, 10'000, 30, true});
  host.start();
  for (const std::uint8_t number : both) enrol(host, number);
  auto other_gets_it = [&, number = std::uint8_t{1}, shown = std::optional<Token>()]() mutable {
    const SeatAnswer answer = acquire(host, key_of(2), shown, number++);
    shown = answer.token;
    return answer.held;
  };
  const auto passes = [&](std::uint64_t seconds) {
    host.boot.ms += seconds * 1000;
    host.clock.now += seconds;
  };
  const std::uint64_t year = 365 * 86'400, day = 86'400;
  const SeatAnswer held = acquire(host, key_of(1), std::nullopt, 1);
  Nonce nonce{};
  const http::Response borrowed = host.ask(key_of(1), "POST", "/v1/borrow", seat_request_json({{held.token, nonce}, 3}));
  REQUIRE(borrowed.status == 200);
  const std::optional<Token> token = read_seat_answer(borrowed.body)->token;
  host.clock.now += year;
  CHECK_FALSE(other_gets_it());
  host.stop();
  host.start();
  CHECK_FALSE(other_gets_it());
  REQUIRE(host.service->note_time());
  host.stop();
  host.boot.boot = 2;  // started anew, an hour later by the calendar
  host.boot.ms = 5'000;
  host.clock.now += 3'600;
  host.start();
  CHECK_FALSE(other_gets_it());
  passes(2 * day);
  CHECK_FALSE(other_gets_it());
  // What is told of the end is told by the calendar as it is: set right again, it adds no year.
  host.clock.now -= year;
  const http::Response again = host.ask(key_of(1), "POST", "/v1/heartbeat", seat_request_json({{token, Nonce{9}}, 0}));
  REQUIRE(again.status == 200);
  CHECK(*read_seat_answer(again.body)->until_unix_s <= host.clock.now + day);
  passes(day);
  CHECK(other_gets_it());
}

}  // namespace oak::seats::test
