#pragma once
// The JSON of docs/format-seats.md, "Requests": read and written here only, for both ends.

#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "seats/pool.h"

namespace oak::seats {

struct EnrolRequest {
  ByteArray<6> secret{};
  std::string name;  ///< printable, at most 64 bytes
};
struct SeatRequest {
  Shown shown;
  std::uint64_t days = 0;  ///< of borrow
};
// bad_answer with the member's name where it is not that JSON.
Result<EnrolRequest> read_enrol_request(std::string_view json);
Result<SeatRequest> read_seat_request(std::string_view json);
std::string enrol_request_json(const EnrolRequest& request);
std::string seat_request_json(const SeatRequest& request);

struct EnrolAnswer {
  std::string activation;  ///< text form
  std::string product;
  std::uint64_t lease_ttl_ms = 0;
};
struct SeatAnswer {
  bool held = false;
  std::optional<Token> token;
  // Held:
  std::uint64_t ttl_ms = 0, heartbeat_ms = 0;
  std::string lease;  ///< text form
  std::optional<std::uint64_t> until_unix_s;
  // Waiting:
  std::uint64_t position = 0, retry_after_ms = 0;
};
Result<EnrolAnswer> read_enrol_answer(std::string_view json);
Result<SeatAnswer> read_seat_answer(std::string_view json);
std::string enrol_answer_json(const EnrolAnswer& answer);
std::string seat_answer_json(const SeatAnswer& answer);

struct ErrorAnswer {
  std::string code, message;
};
ErrorAnswer read_error_answer(std::string_view json);
std::string error_answer_json(const ErrorAnswer& answer);

struct StatusAnswer {
  std::string product;
  bool active = true;
  std::uint64_t seats = 0;
  struct Held {
    std::string computer;
    std::uint64_t since_unix_s = 0, until_unix_s = 0;
    bool borrowed = false;
  };
  std::vector<Held> held;  ///< by since
  struct Waiting {
    std::string computer;
    std::uint64_t since_unix_s = 0;
  };
  std::vector<Waiting> waiting;             ///< in order
  std::vector<std::string> second_holders;  ///< computers whose enrolment was shown by another one too
};
Result<StatusAnswer> read_status_answer(std::string_view json);
std::string status_answer_json(const StatusAnswer& status);

}  // namespace oak::seats
