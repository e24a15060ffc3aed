#include "seats/client.h"

#include "core/armour.h"
#include "core/folder_sharing.h"
#include "core/seat_lease.h"
#include "core/text.h"
#include "seats/enrolment_code.h"
#include "verifier/lease.h"
#include "verifier/record.h"

namespace oak::seats {
namespace {

Failure state_problem(const Error& error) {
  return explain(error, "this computer's seat",
                 error.code == Code::damaged_state ? "enrol it anew with a new code: oak-seat enrol" : std::string_view{});
}

Failure refusal(unsigned status, const std::string& body) {
  const ErrorAnswer answer = read_error_answer(body);
  std::string hint;
  if (answer.code == "second-holder" || answer.code == "not-enrolled" || answer.code == "bad-code")
    hint = "ask for a code on the server (oak-seatd code), then: oak-seat enrol";
  if (answer.code == "borrow-refused") hint = "acquire a seat first, then borrow it for fewer days";
  if (answer.code == "not-stored") hint = "on the server: free some space, and see its log";
  if (answer.code == "not-active") hint = "on the server: oak-verifier check, and oak-verifier doctor";
  if (status == 429) hint = "wait a minute, then try with the right code";
  return {Code::refused, "the server refused (" + printable(answer.code) + "): " + printable(answer.message), hint};
}

/// The client of a server whose key is judged by `expects`. In the clear on this machine alone.
Outcome<http::Client> connect(const std::string& url_text, const KeyPair& key, std::function<bool(const PublicKey&)> expects,
                              const http::ClientLimits& limits) {
  const auto url = http::parse_url(url_text);
  if (!url)
    return tl::unexpected(Failure{Code::usage, "--server: " + url.error().context, "for example --server https://seats.example:7443"});
  if (!url->tls && !http::is_loopback(url->endpoint.host))
    return tl::unexpected(
        Failure{Code::usage, "without TLS only a server on this machine is asked: " + in_quotes(url_text), "use https://"});
  std::optional<http::TlsContext> tls;
  if (url->tls) {
    auto made = http::TlsContext::client_of_key(&key);
    if (!made) return tl::unexpected(explain(made.error(), "cannot start TLS"));
    tls = std::move(*made);
  }
  http::Client client(*url, std::move(tls), std::move(expects), limits);
  client.claim_key(key.public_key);
  return client;
}

/// The activation that the server shows must lead from the vendor's roots to the key that answered.
Outcome<Bytes> verified_activation(Disk& disk, const TrustSource& source, const EnrolAnswer& answer, const std::string& product,
                                   const PublicKey* server) {
  OAK_ASSIGN(const FoundTrust found, find_trust(disk, source, product));
  OAK_ASSIGN(const Trust trust, require_trust(found, product));
  auto armoured = armour_decode(answer.activation);
  if (!armoured) return tl::unexpected(explain(armoured.error(), "the server's activation"));
  const auto opened = open_activation(armoured->document, trust, product);
  if (!opened) return tl::unexpected(explain(opened.error(), "the server's activation"));
  if (server && opened->activation->seat_server_key != *server)
    return tl::unexpected(
        Failure{Code::wrong_server, "the server's activation is for another server's key", "don't go on: ask whoever runs the server"});
  return std::move(armoured->document);
}

/// A group that may read the folder may take turns in it.
Outcome<FileLock> lock_in(Disk& disk, const std::string& folder, const std::string& name, LockKind kind) {
  auto lock = disk.lock_beneath(folder, name, {kind, std::nullopt, 0640});
  if (lock) return std::move(*lock);
  const Code code = lock.error().code == Code::not_found ? Code::not_activated : lock.error().code;
  return tl::unexpected(explain({code, {}}, "cannot use the seat in " + in_quotes(folder)));
}

/// The programs of one computer ask one at a time. Each takes a bounded time.
Outcome<FileLock> take_turn(Disk& disk, const std::string& folder) { return lock_in(disk, folder, "request.lock", LockKind::alone); }

}  // namespace

Outcome<FileLock> use_seat(Disk& disk, const std::string& folder) { return lock_in(disk, folder, "users.lock", LockKind::shared); }

Outcome<void> enrol(const ClientWorld& world, const TrustSource& trust, const Enrolment& enrolment) {
  const auto code = parse_enrolment_code(enrolment.code);
  if (!code)
    return tl::unexpected(
        Failure{Code::usage, "--code is not an enrolment code", "26 letters and digits 2 to 7, as oak-seatd code shows them"});
  SeatState state(world.disk, world.state_dir, enrolment.product);
  auto key = state.computer_key();
  if (!key && key.error().code != Code::damaged_state) return tl::unexpected(state_problem(key.error()));
  if (!key || !*key) {
    KeyPair made = make_key_pair(world.random);
    Status put = state.put_computer_key(made.seed);
    if (put) put = share_folder_with_oak_group(state.folder());  // whoever may use the product may hold its seat
    if (!put) return tl::unexpected(state_problem(put.error()));
    key = std::optional(std::move(made));
  }
  OAK_ASSIGN(const FileLock lock, take_turn(world.disk, state.folder()));
  std::optional<PublicKey> server;
  OAK_ASSIGN(http::Client client, connect(
                                      enrolment.url, **key,
                                      [&](const PublicKey& shown) {
                                        server = shown;
                                        return server_part(shown) == code->server;
                                      },
                                      world.limits));
  const auto response = client.ask("POST", "/v1/enrol", enrol_request_json({code->secret, enrolment.name}));
  if (!response && response.error().code == Code::wrong_server)
    return tl::unexpected(Failure{Code::wrong_server, in_quotes(enrolment.url) + " is not the server that made this code",
                                  "check the address; if it is right, somebody stands between: don't go on"});
  if (!response) return tl::unexpected(explain(response.error(), "cannot enrol"));
  if (response->status != 200) return tl::unexpected(refusal(response->status, response->body));
  const auto answer = read_enrol_answer(response->body);
  if (!answer) return tl::unexpected(explain(answer.error(), in_quotes(enrolment.url)));
  OAK_ASSIGN(Bytes document, verified_activation(world.disk, trust, *answer, enrolment.product, server ? &*server : nullptr));
  const auto read = read_activation_unverified(document);
  if (!read) return tl::unexpected(explain(read.error(), "the server's activation"));
  if (!server && server_part(read->activation.seat_server_key) != code->server)
    return tl::unexpected(
        Failure{Code::wrong_server, in_quotes(enrolment.url) + " is not the server that made this code", "check the address"});
  // Leases of an earlier enrolment stay older than what comes from now on.
  const auto before = state.token();
  Status stored = state.put_token({std::nullopt, std::nullopt, before && *before ? (*before)->answers + 1 : 0});
  if (stored) stored = state.remove_lease();
  if (stored) stored = state.put_server({enrolment.url, read->activation.seat_server_key, std::move(document), enrolment.product});
  if (!stored) return tl::unexpected(state_problem(stored.error()));
  return {};
}

Client::Client(const ClientWorld& world, SeatState state, SeatServer server, KeyPair key, Transport transport)
    : world_(world), state_(std::move(state)), server_(std::move(server)), key_(std::move(key)), transport_(std::move(transport)) {}

Outcome<std::unique_ptr<Client>> Client::open(const ClientWorld& world, const std::string& product) {
  OAK_ASSIGN(auto client, open_over(world, product, {}));
  const PublicKey expected = client->server_.key;
  OAK_ASSIGN(http::Client http,
             connect(
                 client->server_.url, client->key_, [expected](const PublicKey& shown) { return shown == expected; }, world.limits));
  const auto shared = std::make_shared<http::Client>(std::move(http));
  client->transport_ = [shared](const std::string& method, const std::string& path, const std::string& body) {
    return shared->ask(method, path, body);
  };
  return client;
}

Outcome<std::unique_ptr<Client>> Client::open_over(const ClientWorld& world, const std::string& product, Transport ask) {
  SeatState state(world.disk, world.state_dir, product);
  auto server = state.server();
  if (!server) return tl::unexpected(state_problem(server.error()));
  if (!*server)
    return tl::unexpected(
        Failure{Code::not_activated, "this computer is not enrolled for " + in_quotes(product),
                "ask for a code on the server (oak-seatd code), then: oak-seat enrol --server URL --product " + product + " --code CODE"});
  auto key = state.computer_key();
  if (!key) return tl::unexpected(state_problem(key.error()));
  if (!*key) return tl::unexpected(state_problem({Code::damaged_state, state.folder() + "/computer.key"}));
  return std::unique_ptr<Client>(new Client(world, std::move(state), std::move(**server), std::move(**key), std::move(ask)));
}

/// Nonce and token are written down before they are shown: whoever is killed meanwhile asks again with the same.
Outcome<Seat> Client::ask(const std::string& path, std::uint64_t days) {
  OAK_ASSIGN(const FileLock lock, take_turn(world_.disk, state_.folder()));
  const auto kept = state_.token();
  if (!kept) return tl::unexpected(state_problem(kept.error()));
  SeatToken token = kept->value_or(SeatToken{});
  if (!token.nonce) {
    token.nonce = random_bytes<16>(world_.random);
    if (const auto put = state_.put_token(token); !put) return tl::unexpected(state_problem(put.error()));
  }
  const Sent sent{world_.boot.now_boot_ms(), world_.clock.now_unix_s(), token.answers + 1};
  const auto response = transport_("POST", path, seat_request_json({{token.token, *token.nonce}, days}));
  if (!response) return tl::unexpected(explain(response.error(), "the seat server"));
  if (response->status != 200) return tl::unexpected(refusal(response->status, response->body));
  const auto answer = read_seat_answer(response->body);
  if (!answer) return tl::unexpected(explain(answer.error(), "the seat server"));
  return take(*answer, sent);
}

Outcome<Seat> Client::take(const SeatAnswer& answer, const Sent& sent) {
  Status stored;
  Seat seat;
  if (answer.held) {
    OAK_TRY(hold(answer, sent, seat));
  } else {
    stored = state_.remove_lease();
  }
  if (stored && answer.token) stored = state_.put_token({answer.token, std::nullopt, sent.number});
  if (!stored) return tl::unexpected(state_problem(stored.error()));
  seat.heartbeat_ms = answer.heartbeat_ms;
  seat.position = answer.position;
  seat.retry_after_ms = answer.retry_after_ms;
  return seat;
}

/// The lease must be this computer's, and the pinned server's. What it says counts, and not what the answer says beside it.
Outcome<void> Client::hold(const SeatAnswer& answer, const Sent& sent, Seat& seat) {
  const auto armoured = armour_decode(answer.lease);
  if (!armoured) return tl::unexpected(explain(armoured.error(), "the lease"));
  const auto lease = open_seat_lease_pinned(armoured->document, server_.key);
  if (!lease) return tl::unexpected(explain(lease.error(), "the lease"));
  if ((*lease)->computer_key != key_.public_key || (*lease)->product != server_.product)
    return tl::unexpected(
        Failure{Code::bad_answer, "the server sent the lease of another computer or product", "ask whoever runs the server"});
  const auto boot_id = world_.boot.boot_id();
  if (!boot_id) return tl::unexpected(Failure{Code::internal, "the kernel does not say which boot this is", "mount /proc"});
  // A borrowed seat is judged by the latest time that was seen. The server's word begins it anew, also where the clock was
  // ahead by mistake meanwhile: whoever hears from the server is given no more than the server counts.
  const HeldLease held{armoured->document, *boot_id, sent.boot_ms, sent.unix_s, sent.number};
  const Status timed = (*lease)->not_after_unix_s ? state_.put_time_mark((*lease)->issued_at_unix_s) : Status{};
  if (const Status put = timed ? state_.put_lease(held) : timed; !put) return tl::unexpected(state_problem(put.error()));
  seat.held = true;
  seat.ttl_ms = (*lease)->ttl_s * 1000;
  seat.until_boot_ms = sent.boot_ms + seat.ttl_ms;
  seat.borrowed = (*lease)->not_after_unix_s.has_value();
  seat.until_unix_s = seat.borrowed ? borrowed_end_unix_s(**lease, held) : sent.unix_s + (*lease)->ttl_s;
  return {};
}

/// What is given back is not used any more from the moment before it is said.
Outcome<Seat> Client::release(FileLock& use) {
  if (!use.become_alone())
    return tl::unexpected(Failure{Code::refused, "the seat is used by a program of this computer",
                                  "end that program: the last one that uses the seat gives it back"});
  {
    OAK_ASSIGN(const FileLock lock, take_turn(world_.disk, state_.folder()));
    if (const auto removed = state_.remove_lease(); !removed) return tl::unexpected(state_problem(removed.error()));
  }
  return ask("/v1/release", 0);
}

Outcome<StatusAnswer> Client::status() {
  const auto response = transport_("GET", "/v1/status", {});
  if (!response) return tl::unexpected(explain(response.error(), "the seat server"));
  if (response->status != 200) return tl::unexpected(refusal(response->status, response->body));
  auto answer = read_status_answer(response->body);
  if (!answer) return tl::unexpected(explain(answer.error(), "the seat server"));
  return std::move(*answer);
}

Outcome<Seat> Client::held_now() {
  const auto held = state_.lease();
  if (!held) return tl::unexpected(state_problem(held.error()));
  Seat seat;
  if (!*held) return seat;
  const auto token = state_.token();
  const auto lease = open_seat_lease_pinned((*held)->document, server_.key);
  const bool is_newest = token && *token && (*held)->number >= (*token)->answers;
  if (!lease || !is_newest || (*lease)->computer_key != key_.public_key) return seat;
  seat.borrowed = (*lease)->not_after_unix_s.has_value();
  seat.ttl_ms = (*lease)->ttl_s * 1000;
  seat.heartbeat_ms = seat.ttl_ms / 3;
  seat.until_boot_ms = (*held)->sent_at_ms + seat.ttl_ms;
  LeaseMoment now{world_.boot.boot_id(), world_.boot.now_boot_ms(), world_.clock.now_unix_s(), 0};
  const auto mark = seat.borrowed ? state_.time_mark() : Result<std::optional<std::uint64_t>>(0);
  now.time_mark_unix_s = mark ? mark->value_or(0) : 0;
  seat.held = mark && *mark && judge_lease_time(**lease, **held, now) == LeaseTime::good;
  if (seat.borrowed && mark && now.unix_s >= now.time_mark_unix_s + time_step_s) static_cast<void>(state_.put_time_mark(now.unix_s));
  seat.until_unix_s = seat.borrowed ? borrowed_end_unix_s(**lease, **held) : now.unix_s;
  if (seat.held && !seat.borrowed) seat.until_unix_s += (seat.until_boot_ms - now.boot_ms) / 1000;
  return seat;
}

}  // namespace oak::seats
