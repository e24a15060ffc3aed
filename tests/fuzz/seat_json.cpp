#include "seats/seat_json.h"

#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {
namespace {

/// What is read, and written again, is read as the same.
template <typename T>
void same_again(std::string_view text, Result<T> (*read)(std::string_view), std::string (*write)(const T&)) {
  const auto value = read(text);
  if (!value) return;
  const std::string written = write(*value);
  const auto again = read(written);
  require(again && write(*again) == written, "what is written is read as the same");
}

}  // namespace

void run(ByteView input) {
  const std::string_view text = as_text(input);
  same_again(text, seats::read_enrol_request, seats::enrol_request_json);
  same_again(text, seats::read_seat_request, seats::seat_request_json);
  same_again(text, seats::read_enrol_answer, seats::enrol_answer_json);
  same_again(text, seats::read_seat_answer, seats::seat_answer_json);
  same_again(text, seats::read_status_answer, seats::status_answer_json);
  (void)seats::read_error_answer(text);
}

std::vector<Bytes> seeds() {
  using namespace seats;
  EnrolRequest enrol{{1, 2, 3, 4, 5, 6}, "press-3"};
  SeatRequest ask;
  SeatAnswer held, waiting;
  held.held = true;
  held.token = Token{1};
  held.ttl_ms = 120'000;
  held.heartbeat_ms = 40'000;
  held.lease = "-----BEGIN OAK SEAT LEASE-----\n";
  held.until_unix_s = 1'800'000'000;
  waiting.position = 2;
  waiting.retry_after_ms = 10'000;
  StatusAnswer status{"turbine", true, 3, {{"press-3", 1, 2, false}}, {{"press-4", 3}}, {"press-5"}};
  std::vector<Bytes> made;
  for (const std::string& text :
       {enrol_request_json(enrol), seat_request_json(ask), enrol_answer_json({"text", "turbine", 120'000}), seat_answer_json(held),
        seat_answer_json(waiting), status_answer_json(status), error_answer_json({"not-enrolled", "this computer is not enrolled"})})
    made.push_back(as_bytes(text));
  return made;
}

}  // namespace oak::fuzz
