#include "seats/service.h"

#include <algorithm>

#include "core/armour.h"
#include "core/seat_lease.h"
#include "core/text.h"
#include "seats/status_page.h"

namespace oak::seats {
namespace {

constexpr std::uint64_t wrong_codes_a_minute = 5, minute_ms = 60'000;
constexpr std::size_t most_addresses = 10'000;
// A status that changed is made anew at once where few ask, and once a second where many do.
constexpr std::uint64_t status_lasts_ms = 1'000, status_tokens = 16;

http::Response json_response(unsigned status, std::string body) { return {status, "application/json", std::move(body), {}}; }
http::Response error_response(unsigned status, std::string code, std::string message) {
  return json_response(status, error_answer_json({std::move(code), std::move(message)}));
}

bool is_seat_path(std::string_view path) {
  return path == "/v1/acquire" || path == "/v1/heartbeat" || path == "/v1/release" || path == "/v1/borrow";
}

/// Where a row is damaged it may have held a seat until the latest moment that there is; where it is not known how much time has gone by,
/// a borrowed one is counted by the calendar.
void count_longest(Tenancy& tenancy, bool is_damaged, const Rules& rules, const Now& at) {
  const std::uint64_t most_s = rules.borrow_days * 86'400;
  if (is_damaged) {
    tenancy.counted_ms = Rules::counted_ms(longest_ttl_ms);
    if (tenancy.borrowed_until_unix_s) tenancy.borrowed_until_unix_s = at.unix_s + most_s;
  }
  if (!tenancy.borrowed_until_unix_s) return;
  const std::uint64_t left_s = *tenancy.borrowed_until_unix_s > at.unix_s ? *tenancy.borrowed_until_unix_s - at.unix_s : 0;
  tenancy.borrowed_over_ms = at.elapsed_ms + std::min(left_s, most_s) * 1000;
}

/// A computer in words: its name, and the start of its key, since two may have one name.
std::string computer_name(const PublicKey& key, const Computer& computer) {
  return computer.name + " (" + to_hex(key_id(key)).substr(0, 8) + ")";
}

}  // namespace

Service::Service(ServiceWorld world, Rules rules, Lending lending)
    : world_(std::move(world)), pool_(rules, world_.random), lending_(std::move(lending)) {}

Result<std::unique_ptr<Service>> Service::start(ServiceWorld world, Rules rules, Lending lending) {
  std::unique_ptr<Service> service(new Service(std::move(world), rules, std::move(lending)));
  OAK_TRY(service->load_pool());
  OAK_TRY(service->write({}));  // the calendar as it is now: from here on nobody sets it ahead unnoticed
  return service;
}

Status Service::load_pool() {
  OAK_ASSIGN(const StoredPool stored, world_.store.load());
  if (!elapsed_) elapsed_.emplace(stored.time, world_.boot_id, world_.boot.now_boot_ms(), world_.clock.now_unix_s());
  const Now at = now();
  Pool pool(pool_.rules(), world_.random);
  for (const StoredPool::Row& row : stored.computers) {
    Computer computer = row.computer;
    if (computer.tenancy && (row.damaged || !stored.time)) count_longest(*computer.tenancy, row.damaged, pool.rules(), at);
    pool.restore(row.key, std::move(computer), at);
  }
  for (const Waiting& waiting : stored.line) pool.restore(waiting, at);
  pool.take_changes();
  pool_ = std::move(pool);
  if (stored.damage.empty()) return {};
  damage_ = stored.damage;
  return mend(stored);
}

/// What was made of damaged rows is written down at once: else it would be made anew at the next start.
Status Service::mend(const StoredPool& stored) {
  Pool::Changes all;
  for (const StoredPool::Row& row : stored.computers) all.computers.insert(row.key);
  for (const Waiting& waiting : stored.line) all.line.insert(waiting.computer);
  return write(all);
}

Status Service::write(const Pool::Changes& changes) {
  const Now at = now();
  return world_.store.write({pool_, changes, used_codes_, elapsed_->mark(at.boot_ms, at.unix_s)});
}

Status Service::note_time() {
  const bool has_borrowed = std::any_of(pool_.computers().begin(), pool_.computers().end(), [](const auto& entry) {
    return entry.second.tenancy && entry.second.tenancy->borrowed_until_unix_s;
  });
  return has_borrowed ? write(pool_.take_changes()) : Status{};
}

void Service::set_lending(Rules rules, Lending lending) {
  pool_.set_rules(rules);
  lending_ = std::move(lending);
}

Now Service::now() {
  const std::uint64_t boot_ms = world_.boot.now_boot_ms();
  return {boot_ms, world_.clock.now_unix_s(), elapsed_->at(boot_ms)};
}

std::optional<http::Response> Service::refuse(const http::Head& head) {
  const bool is_read = head.path == "/" || head.path == "/v1/status";
  const bool is_written = head.path == "/v1/enrol" || is_seat_path(head.path);
  if (!is_read && !is_written) return error_response(404, "not-found", "there is nothing here");
  if (head.method != (is_read ? "GET" : "POST")) return error_response(405, "bad-method", is_read ? "ask with GET" : "ask with POST");
  if (is_written && !head.peer_key) return error_response(401, "not-enrolled", "this needs the computer's own certificate");
  if (is_seat_path(head.path) && !pool_.is_enrolled(*head.peer_key))
    return error_response(401, "not-enrolled", "this computer is not enrolled here: oak-seat enrol");
  return std::nullopt;
}

void Service::handle(const http::Head& head, std::string body, http::Respond respond) {
  pending_.push_back({head, std::move(body), std::move(respond)});
  if (pending_.size() == 1) world_.after_what_is_ready([this] { answer_pending(); });
}

/// One transaction for all that came in meanwhile: on the disk before any of it is answered.
void Service::answer_pending() {
  std::vector<Pending> batch = std::exchange(pending_, {});
  std::vector<http::Response> responses;
  for (const Pending& pending : batch) responses.push_back(answer(pending));
  const Pool::Changes changes = pool_.take_changes();
  const Status written = changes.any() ? write(changes) : Status{};
  used_codes_.clear();
  cache_.is_stale |= changes.any();
  if (!written) {
    // What is not on the disk has not happened.
    static_cast<void>(load_pool());
    cache_.is_made = false;
    for (http::Response& response : responses)
      response = error_response(500, "not-stored", "the server can't write its state: " + std::string(code_cause(written.error().code)));
  }
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].respond(std::move(responses[i]));
}

http::Response Service::answer(const Pending& pending) {
  if (pending.head.path == "/v1/status") return status_response(false);
  if (pending.head.path == "/") return status_response(true);
  return pending.head.path == "/v1/enrol" ? enrol(pending) : answer_seat(pending);
}

const http::Response& Service::status_response(bool as_page) {
  const std::uint64_t now_ms = world_.boot.now_boot_ms();
  const std::uint64_t gained = (now_ms - cache_.refilled_at_ms) / status_lasts_ms;
  cache_.tokens = std::min(status_tokens, cache_.tokens + gained);
  cache_.refilled_at_ms += gained * status_lasts_ms;
  const bool is_old = !cache_.is_made || now_ms - cache_.made_at_ms >= status_lasts_ms;
  if (is_old || (cache_.is_stale && cache_.tokens > 0)) {
    if (!is_old) --cache_.tokens;
    const StatusAnswer answer = status();
    cache_.json = json_response(200, status_answer_json(answer));
    cache_.page = {200, "text/html; charset=utf-8", status_page(answer, now().unix_s), {}};
    cache_.made_at_ms = now_ms;
    cache_.is_made = true;
    cache_.is_stale = false;
  }
  return as_page ? cache_.page : cache_.json;
}

bool Service::may_try_code(const std::string& address) {
  const std::uint64_t now_ms = world_.boot.now_boot_ms();
  std::erase_if(wrong_codes_, [&](const auto& entry) { return entry.second.since_ms + minute_ms < now_ms; });
  const auto found = wrong_codes_.find(address);
  if (found == wrong_codes_.end()) return wrong_codes_.size() < most_addresses;
  return found->second.count < wrong_codes_a_minute;
}

http::Response Service::enrol(const Pending& pending) {
  const auto request = read_enrol_request(pending.body);
  if (!request) return error_response(400, "bad-request", request.error().context);
  if (!may_try_code(pending.head.peer_address)) return error_response(429, "too-many", "too many wrong codes: wait a minute");
  const Now at = now();
  const Digest secret_hash = sha256(request->secret);
  const auto good = is_good_code(secret_hash, *pending.head.peer_key, at);
  if (!good) return error_response(500, "not-stored", std::string(code_cause(good.error().code)));
  if (!*good) {
    Tries& tries = wrong_codes_[pending.head.peer_address];
    if (tries.count++ == 0) tries.since_ms = at.boot_ms;
    return error_response(403, "bad-code", "the code is wrong, was used, or has ended: make a new one with oak-seatd code");
  }
  used_codes_[secret_hash] = *pending.head.peer_key;
  pool_.enrol(*pending.head.peer_key, request->name, at);
  return json_response(200, enrol_answer_json({lending_.activation_text, lending_.product, pool_.rules().ttl_ms}));
}

/// A code serves one computer, and that one again until it has asked for a seat: the answer may have been lost.
Result<bool> Service::is_good_code(const Digest& secret_hash, const PublicKey& computer, const Now& at) {
  OAK_ASSIGN(const auto code, world_.store.find_code(secret_hash));
  if (!code || code->boot_id != world_.boot_id || code->ends_boot_ms < at.boot_ms) return false;
  const auto pending = used_codes_.find(secret_hash);
  const std::optional<PublicKey> used_by = pending == used_codes_.end() ? code->used_by : std::optional(pending->second);
  if (!used_by) return true;
  const auto known = pool_.computers().find(computer);
  return *used_by == computer && known != pool_.computers().end() && !known->second.current;
}

http::Response Service::answer_seat(const Pending& pending) {
  const auto request = read_seat_request(pending.body);
  if (!request) return error_response(400, "bad-request", request.error().context);
  const PublicKey& key = *pending.head.peer_key;
  const std::string& path = pending.head.path;
  const Now at = now();
  if (path == "/v1/acquire") return seat_response(pool_.acquire(key, request->shown, at), key);
  if (path == "/v1/heartbeat") return seat_response(pool_.heartbeat(key, request->shown, at), key);
  if (path == "/v1/release") return seat_response(pool_.release(key, request->shown, at), key);
  return seat_response(pool_.borrow(key, request->shown, request->days, at), key);
}

http::Response Service::seat_response(const Answer& answer, const PublicKey& computer) {
  const Rules& rules = pool_.rules();
  SeatAnswer out;
  out.token = answer.token;
  switch (answer.kind) {
    case Answer::Kind::second_holder:
      return error_response(409, "second-holder", "another computer uses this enrolment too: enrol anew with a new code");
    case Answer::Kind::not_active: {
      http::Response response =
          error_response(503, "not-active", "the host's activation is not active: see oak-verifier check on the server");
      response.retry_after_s = (rules.retry_ms + 999) / 1000;
      return response;
    }
    case Answer::Kind::borrow_refused:
      return error_response(409, "borrow-refused", "1 to " + std::to_string(rules.borrow_days) + " days, of a seat that is held");
    case Answer::Kind::not_held: return json_response(200, seat_answer_json(out));
    case Answer::Kind::waiting: {
      out.position = answer.position;
      out.retry_after_ms = rules.retry_ms;
      http::Response response = json_response(200, seat_answer_json(out));
      response.retry_after_s = (rules.retry_ms + 999) / 1000;
      return response;
    }
    case Answer::Kind::held: break;
  }
  out.held = true;
  out.ttl_ms = rules.ttl_ms;
  out.heartbeat_ms = rules.heartbeat_ms();
  out.until_unix_s = answer.tenancy->borrowed_until_unix_s;
  out.lease = sign_lease(*answer.tenancy, computer);
  return json_response(200, seat_answer_json(out));
}

std::string Service::sign_lease(const Tenancy& tenancy, const PublicKey& computer) {
  SeatLease lease;
  lease.product = lending_.product;
  lease.licence = lending_.licence;
  lease.issued_at_unix_s = world_.clock.now_unix_s();
  lease.not_after_unix_s = tenancy.borrowed_until_unix_s;
  lease.activation = lending_.activation;
  lease.computer_key = computer;
  lease.lease = tenancy.lease;
  lease.ttl_s = std::max<std::uint64_t>(1, pool_.rules().ttl_ms / 1000);
  lease.counter = tenancy.counter;
  return armour_encode("OAK SEAT LEASE", seal_seat_lease(lease, lending_.key, lending_.document));
}

StatusAnswer Service::status() {
  const Now at = now();
  pool_.held(at);
  StatusAnswer out;
  out.product = lending_.product;
  out.active = pool_.rules().active;
  out.seats = pool_.rules().seats;
  for (const auto& [key, computer] : pool_.computers()) {
    if (computer.doubled) out.second_holders.push_back(computer_name(key, computer));
    if (!computer.tenancy) continue;
    const Tenancy& tenancy = *computer.tenancy;
    const std::uint64_t left_s = tenancy.counted_until_ms > at.boot_ms ? (tenancy.counted_until_ms - at.boot_ms) / 1000 : 0;
    out.held.push_back({computer_name(key, computer), tenancy.since_unix_s, tenancy.borrowed_until_unix_s.value_or(at.unix_s + left_s),
                        tenancy.borrowed_until_unix_s.has_value()});
  }
  std::sort(out.held.begin(), out.held.end(), [](const auto& a, const auto& b) { return a.since_unix_s < b.since_unix_s; });
  for (const Waiting& waiting : pool_.line(at))
    out.waiting.push_back({computer_name(waiting.computer, pool_.computers().at(waiting.computer)), waiting.since_unix_s});
  return out;
}

}  // namespace oak::seats
