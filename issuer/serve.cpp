#include "issuer/serve.h"

#include "core/text.h"
#include "issuer/report_json.h"

namespace oak {
namespace {

constexpr std::string_view path = "/v1/certificate";
constexpr std::uint64_t tell_again_ms = 60'000, busy_again_s = 5;

http::Response error_response(unsigned status, std::string_view code, std::string_view message) {
  JsonWriter json;
  json.begin_object().key("error").text(code).key("message").text(message).end_object();
  http::Response response;
  response.status = status;
  response.body = json.str() + "\n";
  return response;
}

http::Response busy() {
  UnattendedAnswer answer;
  answer.what = UnattendedAnswer::What::busy;
  answer.retry_after_s = busy_again_s;
  return response_to(answer);
}

http::Response too_many(std::uint64_t wait_ms) {
  UnattendedAnswer answer;
  answer.what = UnattendedAnswer::What::too_many;
  answer.retry_after_s = (wait_ms + 999) / 1000;
  return response_to(answer);
}

}  // namespace

CertificateService::CertificateService(World world, UnattendedDesk& desk, const ServeRules& rules)
    : world_(std::move(world)), desk_(desk), rules_(rules), told_({1, tell_again_ms}, 1024) {
  if (rules_.address) addresses_.emplace(*rules_.address);
  worker_ = std::thread([this] { work(); });
}

/// What is being decided is decided; what waits is not begun, and its site asks again.
CertificateService::~CertificateService() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  something_.notify_one();
  worker_.join();
}

std::optional<http::Response> CertificateService::refuse(const http::Head& head) {
  const std::uint64_t now_ms = world_.boot.now_boot_ms();
  const auto wait = addresses_ ? addresses_->take(head.peer_network, now_ms) : std::nullopt;
  if (wait) {
    if (!told_.take(head.peer_network, now_ms))
      world_.log(utc_text(world_.clock.now_unix_s()) + " too many requests from " + printable(head.peer_network));
    return too_many(*wait);
  }
  if (head.path != path) return error_response(404, "not-found", "certificates are asked for at " + std::string(path));
  if (head.method == "POST") return std::nullopt;
  auto refused = error_response(405, "method-not-allowed", "certificates are asked for with POST");
  refused.allow = "POST";
  return refused;
}

void CertificateService::handle(const http::Head& head, std::string body, http::Respond respond) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < rules_.most_waiting) {
      waiting_.push_back({head.peer_address, std::move(body), std::move(respond)});
      something_.notify_one();
      return;
    }
  }
  respond(busy());
}

void CertificateService::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    something_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    answer(std::move(job));
  }
}

void CertificateService::answer(Job job) {
  const UnattendedAnswer answer = desk_.answer(as_bytes(job.body), world_.boot.now_boot_ms());
  world_.log(log_line(answer, job.peer, world_.clock.now_unix_s()));
  world_.post([respond = std::move(job.respond), response = response_to(answer)] { respond(response); });
}

http::Response response_to(const UnattendedAnswer& answer) {
  using What = UnattendedAnswer::What;
  http::Response response;
  switch (answer.what) {
    case What::issued:
    case What::repeated: {
      const std::string_view bytes = as_text(answer.record->document);
      return {200, "application/cose", std::string(bytes), std::nullopt};
    }
    case What::refused: {
      JsonWriter json;
      json.begin_object().key("error").text("refused").key("message").text(answer.told.front().message).key("refused");
      write_refusals(json, answer.told);
      json.end_object();
      return {403, "application/json", close(json), std::nullopt};
    }
    case What::no_request: return error_response(400, code_name(answer.failure->code), answer.failure->message);
    case What::too_many: response = error_response(429, "too-many", "too many requests: wait a little"); break;
    case What::busy: response = error_response(503, "busy", "the desk is busy: ask again"); break;
    case What::not_available: response = error_response(503, "not-available", "the desk can't answer now: ask again later"); break;
  }
  response.retry_after_s = answer.retry_after_s;
  return response;
}

std::string log_line(const UnattendedAnswer& answer, const std::string& peer, std::uint64_t now_unix_s) {
  using What = UnattendedAnswer::What;
  std::string line = utc_text(now_unix_s) + " ";
  switch (answer.what) {
    case What::issued:
    case What::repeated: {
      const ActivationRecord& record = *answer.record;
      line += answer.what == What::issued ? "issued " : "repeated ";
      line += activation_id_text(record.id) + ", generation " + std::to_string(record.activation.generation);
      line += ", until " + utc_text(record.activation.not_after_unix_s.value_or(0));
      break;
    }
    case What::refused:
      line += "refused";
      for (const Refusal& refusal : answer.refusals) line += " " + refusal.code;
      for (const Refusal& refusal : answer.refusals) line += ": " + printable(refusal.message);
      break;
    case What::no_request: line += "no request: " + printable(answer.failure->message); break;
    case What::too_many: line += "too many requests"; break;
    case What::busy: line += "busy: " + printable(answer.failure->message); break;
    case What::not_available:
      line += "not available: " + printable(answer.failure->message);
      if (!answer.failure->hint.empty()) line += "; " + printable(answer.failure->hint);
      break;
  }
  if (!answer.licence.empty()) line += "; licence " + printable(answer.licence) + ", product " + printable(answer.product);
  if (answer.request) line += ", request " + phone_groups(*answer.request);
  return line + ", from " + printable(peer);
}

}  // namespace oak
