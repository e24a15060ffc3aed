// Goal: what a computer keeps of its seat comes back as it was written, and any fault in any of its files is named as damage of that
// file; no file stands in for another.

#include <catch2/catch.hpp>

#include "tests/unit/verifier_world.h"
#include "verifier/checked_file.h"
#include "verifier/seat_state.h"

using namespace oak;
using namespace oak::test;

namespace {

const std::string seat = folder + "/seat";

/// A computer that has been lent a seat.
struct Computer {
  FakeDisk disk;
  SeatState state{disk, state_dir, product};
  SeatServer server{"https://dock4:7443", PublicKey{1, 2, 3}, Bytes{9, 8, 7}, product};
  HeldLease lease{Bytes{4, 5, 6}, {7}, 88, 1'760'000'000, 3};
  SeatToken token{ByteArray<16>{1}, std::nullopt, 12};

  Computer() {
    REQUIRE(state.put_computer_key(Seed(ByteArray<32>{5})));
    REQUIRE(state.put_server(server));
    REQUIRE(state.put_lease(lease));
    REQUIRE(state.put_token(token));
    REQUIRE(state.put_time_mark(1'760'000'000));
  }
  /// The error of reading that file; its path must be the context.
  Code fault(const std::string& name) const {
    const auto code = [&](const auto& read) {
      if (read) return Code{};
      CHECK(read.error().context == seat + "/" + name);
      return read.error().code;
    };
    if (name == "server.oak") return code(state.server());
    if (name == "computer.key") return code(state.computer_key());
    if (name == "lease.oak") return code(state.lease());
    if (name == "token.oak") return code(state.token());
    return code(state.time_mark());
  }
};

const std::vector<std::string> names{"computer.key", "server.oak", "lease.oak", "token.oak", "clock.oak"};

}  // namespace

TEST_CASE("what a computer keeps of its seat comes back, and nothing where nothing was kept") {
  const Computer computer;
  CHECK((*computer.state.server())->url == computer.server.url);
  CHECK((*computer.state.server())->key == computer.server.key);
  CHECK((*computer.state.server())->activation == computer.server.activation);
  CHECK((*computer.state.lease())->document == computer.lease.document);
  CHECK((*computer.state.lease())->boot_id == computer.lease.boot_id);
  CHECK((*computer.state.lease())->sent_at_ms == 88);
  CHECK((*computer.state.lease())->sent_at_unix_s == 1'760'000'000);
  CHECK((*computer.state.lease())->number == 3);
  CHECK((*computer.state.token())->token == computer.token.token);
  CHECK(!(*computer.state.token())->nonce);
  CHECK((*computer.state.token())->answers == 12);
  CHECK(**computer.state.time_mark() == 1'760'000'000);
  CHECK((*computer.state.computer_key())->public_key == public_key_of(Seed(ByteArray<32>{5})));
  FakeDisk empty;
  const SeatState none(empty, state_dir, product);
  CHECK(!*none.server());
  CHECK(!*none.lease());
  CHECK(!*none.computer_key());
  CHECK(!*none.token());
  CHECK(!*none.time_mark());
}

TEST_CASE("cut off anywhere, longer, or with a bit flipped, a file of the seat is damaged") {
  for (const std::string& name : names) {
    Computer computer;
    Bytes& file = computer.disk.files.at(seat + "/" + name).bytes;
    const Bytes whole = file;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      file.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      REQUIRE(computer.fault(name) == Code::damaged_state);
    }
    file = whole;
    file.push_back(0);
    CHECK(computer.fault(name) == Code::damaged_state);
    if (name == "computer.key") continue;  // any 32 bytes are a seed
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
      file = whole;
      file[bit / 8] = static_cast<std::uint8_t>(file[bit / 8] ^ (1U << (bit % 8)));
      REQUIRE(computer.fault(name) == Code::damaged_state);
    }
  }
}

TEST_CASE("no file of the seat is taken for another, and none of another product for this one") {
  for (const std::string& one : names)
    for (const std::string& other : names) {
      if (one == other) continue;
      Computer computer;
      computer.disk.files.at(seat + "/" + one).bytes = computer.disk.files.at(seat + "/" + other).bytes;
      CHECK(computer.fault(one) == Code::damaged_state);
    }
  Computer computer;
  computer.server.product = "painter";
  REQUIRE(computer.state.put_server(computer.server));
  CHECK(computer.fault("server.oak") == Code::damaged_state);
}

TEST_CASE("a right sum does not help a body of another form") {
  Computer computer;
  for (const Bytes& body : {Bytes{0x80}, Bytes{0xf6}, Bytes{0x18, 0x01}, Bytes{0x83, 0x01, 0x02, 0x03}, Bytes{}, Bytes{0x01, 0x01}})
    for (const std::string_view label : {"oak/v1/seat-server", "oak/v1/seat-lease-held", "oak/v1/seat-token", "oak/v1/seat-clock"}) {
      const std::string name = label.ends_with("server")  ? "server.oak"
                               : label.ends_with("held")  ? "lease.oak"
                               : label.ends_with("token") ? "token.oak"
                                                          : "clock.oak";
      computer.disk.files.at(seat + "/" + name).bytes = encode_checked(label, body);
      INFO(label << " " << to_hex(body));
      CHECK(computer.fault(name) == Code::damaged_state);
    }
}
