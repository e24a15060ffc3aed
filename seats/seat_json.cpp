#include "seats/seat_json.h"

#include <nlohmann/json.hpp>

#include "core/json_writer.h"
#include "core/text.h"

namespace oak::seats {
namespace {

using Json = nlohmann::json;

constexpr std::size_t max_name_bytes = 64, max_document_text = 262'144;
constexpr std::uint64_t max_ms = 366ULL * 86'400'000, max_unix_s = 253'402'300'799;  // 9999-12-31

int hex_value(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

/// Members of one object, taken one by one; the first fault sticks.
class Taker {
 public:
  explicit Taker(std::string_view text) : json_(Json::parse(text, nullptr, false)) {
    if (!json_.is_object()) fault_ = "it is no JSON object";
  }
  explicit Taker(const Json& json) : json_(json) {
    if (!json_.is_object()) fault_ = "it is no JSON object";
  }

  const Json* member(const char* name, bool is_needed = true) {
    if (!fault_.empty()) return nullptr;
    const auto found = json_.find(name);
    if (found != json_.end() && !found->is_null()) return &*found;
    if (is_needed) wrong(name);
    return nullptr;
  }
  std::string text(const char* name, std::size_t most) {
    const Json* found = member(name);
    if (!found || !found->is_string() || found->get_ref<const std::string&>().size() > most) return wrong(name), std::string();
    return found->get<std::string>();
  }
  std::uint64_t number(const char* name, std::uint64_t most) {
    const Json* found = member(name);
    if (!found || !found->is_number_unsigned() || found->get<std::uint64_t>() > most) return wrong(name), 0;
    return found->get<std::uint64_t>();
  }
  bool boolean(const char* name) {
    const Json* found = member(name);
    if (!found || !found->is_boolean()) return wrong(name), false;
    return found->get<bool>();
  }
  template <std::size_t N>
  ByteArray<N> bytes(const char* name) {
    const std::string hex = text(name, 2 * N);
    ByteArray<N> out{};
    if (hex.size() != 2 * N) return wrong(name), out;
    for (std::size_t i = 0; i < N; ++i) {
      const int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);
      if (high < 0 || low < 0) return wrong(name), out;
      out[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return out;
  }
  template <std::size_t N>
  std::optional<ByteArray<N>> bytes_if(const char* name) {
    return member(name, false) ? std::optional(bytes<N>(name)) : std::nullopt;
  }
  std::vector<Json> array(const char* name) {
    const Json* found = member(name);
    if (!found || !found->is_array()) return wrong(name), std::vector<Json>();
    return found->get<std::vector<Json>>();
  }
  void wrong(const char* name) {
    if (fault_.empty()) fault_ = std::string("member \"") + name + "\" is missing or wrong";
  }
  template <typename T>
  Result<T> finish(T value) {
    if (!fault_.empty()) return fail(Code::bad_answer, fault_);
    return value;
  }

 private:
  Json json_;
  std::string fault_;
};

}  // namespace

Result<EnrolRequest> read_enrol_request(std::string_view json) {
  Taker take(json);
  EnrolRequest out;
  out.secret = take.bytes<6>("secret");
  out.name = take.text("name", max_name_bytes);
  if (out.name.empty() || has_control_characters(out.name) || !is_utf8(out.name)) take.wrong("name");
  return take.finish(std::move(out));
}

Result<SeatRequest> read_seat_request(std::string_view json) {
  Taker take(json);
  SeatRequest out;
  out.shown.token = take.bytes_if<16>("token");
  out.shown.nonce = take.bytes<16>("nonce");
  if (take.member("days", false)) out.days = take.number("days", 3660);
  return take.finish(out);
}

std::string enrol_request_json(const EnrolRequest& request) {
  JsonWriter json;
  json.begin_object().key("secret").text(to_hex(request.secret)).key("name").text(request.name).end_object();
  return json.str() + "\n";
}

std::string seat_request_json(const SeatRequest& request) {
  JsonWriter json;
  json.begin_object().key("token");
  request.shown.token ? json.text(to_hex(*request.shown.token)) : json.null();
  json.key("nonce").text(to_hex(request.shown.nonce));
  if (request.days > 0) json.key("days").number(request.days);
  json.end_object();
  return json.str() + "\n";
}

Result<EnrolAnswer> read_enrol_answer(std::string_view json) {
  Taker take(json);
  EnrolAnswer out{take.text("activation", max_document_text), take.text("product", 40), take.number("lease_ttl_ms", max_ms)};
  return take.finish(std::move(out));
}

std::string enrol_answer_json(const EnrolAnswer& answer) {
  JsonWriter json;
  json.begin_object().key("activation").text(answer.activation).key("product").text(answer.product);
  json.key("lease_ttl_ms").number(answer.lease_ttl_ms).end_object();
  return json.str() + "\n";
}

Result<SeatAnswer> read_seat_answer(std::string_view json) {
  Taker take(json);
  SeatAnswer out;
  out.held = take.boolean("held");
  out.token = take.bytes_if<16>("token");
  if (out.held) {
    out.ttl_ms = take.number("ttl_ms", max_ms);
    out.heartbeat_ms = take.number("heartbeat_ms", max_ms);
    out.lease = take.text("lease", max_document_text);
    if (take.member("until", false)) out.until_unix_s = take.number("until", max_unix_s);
  } else if (take.member("position", false)) {
    out.position = take.number("position", UINT64_MAX);
    out.retry_after_ms = take.number("retry_after_ms", max_ms);
  }
  return take.finish(std::move(out));
}

std::string seat_answer_json(const SeatAnswer& answer) {
  JsonWriter json;
  json.begin_object().key("held").boolean(answer.held);
  if (answer.token) json.key("token").text(to_hex(*answer.token));
  if (answer.held) {
    json.key("ttl_ms").number(answer.ttl_ms).key("heartbeat_ms").number(answer.heartbeat_ms).key("lease").text(answer.lease);
    json.key("until");
    answer.until_unix_s ? json.number(*answer.until_unix_s) : json.null();
  } else if (answer.position > 0) {
    json.key("position").number(answer.position).key("retry_after_ms").number(answer.retry_after_ms);
  }
  json.end_object();
  return json.str() + "\n";
}

ErrorAnswer read_error_answer(std::string_view json) {
  Taker take(json);
  ErrorAnswer out{take.text("error", 64), take.text("message", 1024)};
  return take.finish(std::move(out)).value_or(ErrorAnswer{"bad-answer", "the server gave no reason"});
}

std::string error_answer_json(const ErrorAnswer& answer) {
  JsonWriter json;
  json.begin_object().key("error").text(answer.code).key("message").text(answer.message).end_object();
  return json.str() + "\n";
}

Result<StatusAnswer> read_status_answer(std::string_view json) {
  Taker take(json);
  StatusAnswer out;
  out.product = take.text("product", 40);
  out.active = take.boolean("active");
  out.seats = take.number("seats", UINT64_MAX);
  for (const Json& each : take.array("held")) {
    Taker one(each);
    StatusAnswer::Held held{one.text("computer", 256), one.number("since", max_unix_s), one.number("until", max_unix_s),
                            one.boolean("borrowed")};
    OAK_ASSIGN(held, one.finish(std::move(held)));
    out.held.push_back(std::move(held));
  }
  for (const Json& each : take.array("waiting")) {
    Taker one(each);
    StatusAnswer::Waiting waiting{one.text("computer", 256), one.number("since", max_unix_s)};
    OAK_ASSIGN(waiting, one.finish(std::move(waiting)));
    out.waiting.push_back(std::move(waiting));
  }
  for (const Json& each : take.array("second_holders"))
    if (each.is_string()) out.second_holders.push_back(each.get<std::string>());
  return take.finish(std::move(out));
}

std::string status_answer_json(const StatusAnswer& status) {
  JsonWriter json;
  json.begin_object().key("product").text(status.product).key("active").boolean(status.active).key("seats").number(status.seats);
  json.key("held").begin_array();
  for (const StatusAnswer::Held& held : status.held) {
    json.begin_object().key("computer").text(held.computer).key("since").number(held.since_unix_s);
    json.key("until").number(held.until_unix_s).key("borrowed").boolean(held.borrowed).end_object();
  }
  json.end_array().key("waiting").begin_array();
  for (const StatusAnswer::Waiting& waiting : status.waiting)
    json.begin_object().key("computer").text(waiting.computer).key("since").number(waiting.since_unix_s).end_object();
  json.end_array().key("second_holders").begin_array();
  for (const std::string& computer : status.second_holders) json.text(computer);
  json.end_array().end_object();
  return json.str() + "\n";
}

}  // namespace oak::seats
