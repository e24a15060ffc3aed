#include "core/http/server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <charconv>
#include <chrono>

#include "core/http/connections.h"
#include "core/http/tls_state.h"
#include "core/text.h"

namespace oak::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::uint64_t accept_again_ms = 100;  // after running out of descriptors
constexpr std::uint64_t goodbye_ms = 1'000;

}  // namespace

struct Server::State {
  State(std::optional<TlsContext> context, Handler& handles, ServerLimits caps)
      : tls(std::move(context)), handler(handles), limits(caps), connections(caps.connections, caps.connections_per_peer) {}
  void accept();
  void begin(tcp::socket socket);

  std::optional<TlsContext> tls;
  Handler& handler;
  ServerLimits limits;
  Connections connections;
  // The last to be made and the first to go: what is still under way leaves `connections` as it ends.
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  asio::steady_timer accept_timer{io};
  asio::signal_set signals{io};
};

namespace {

std::string hex_of(const PublicKey& key) { return to_hex(key); }

std::string network_of(const asio::ip::address& address) {
  if (!address.is_v6()) return address.to_string();
  const asio::ip::address_v6 whole = address.to_v6();
  if (whole.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, whole).to_string();
  auto bytes = whole.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return asio::ip::address_v6(bytes).to_string() + "/64";
}

/// In the clear there is no proof: it is believed on loopback, where servers without TLS listen.
std::optional<PublicKey> claimed_key(boost::beast::string_view hex) {
  PublicKey key{};
  if (hex.size() != 2 * key.size()) return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto parsed = std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, key[i], 16);
    if (parsed.ec != std::errc() || parsed.ptr != hex.data() + 2 * i + 2) return std::nullopt;
  }
  return is_valid_public_key(key) ? std::optional(key) : std::nullopt;
}

/// One way to say where a body ends (RFC 9112 §6.3): a length, or chunks and nothing else. What two readers could take for two things is
/// refused, and nothing more is read of that connection.
bool has_clear_end(const wire::request<wire::string_body>& request) {
  const auto [first, last] = request.equal_range(wire::field::transfer_encoding);
  if (first == last) return true;
  return std::next(first) == last && beast::iequals(first->value(), "chunked") && request.count(wire::field::content_length) == 0;
}

/// One connection, from accept to close. It lives as long as an operation of it is under way.
template <typename Stream>
class Session : public std::enable_shared_from_this<Session<Stream>> {
 public:
  template <typename... Args>
  Session(Handler& handler, const ServerLimits& limits, Connections& connections, Args&&... args)
      : handler_(handler), limits_(limits), connections_(connections), stream_(std::forward<Args>(args)...) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    if (place_) connections_.leave(*place_);
  }

  void start() {
    error_code unknown;
    const auto remote = lowest().socket().remote_endpoint(unknown);
    head_.peer_address = unknown ? "?" : remote.address().to_string();
    head_.peer_network = unknown ? "?" : network_of(remote.address());
    lowest().socket().set_option(tcp::no_delay(true), unknown);
    place_ = connections_.enter([weak = this->weak_from_this()] {
      if (const auto self = weak.lock()) self->evict();
    });
    if (!place_) return lowest().close();
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      expire_in(limits_.handshake_ms);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](error_code error) {
        if (error) return;
        self->head_.peer_key = peer_key_of(self->stream_.native_handle());
        self->enter();
      });
    } else {
      enter();
    }
  }

 private:
  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }
  void expire_in(std::uint64_t ms) { lowest().expires_after(milliseconds(ms)); }

  void evict() {
    place_.reset();
    lowest().close();
  }

  void enter() {
    if (!place_) return;  // made room for another while the handshake was under way
    if (!connections_.finish(*place_, head_.peer_key ? hex_of(*head_.peer_key) : head_.peer_network)) return lowest().close();
    read_head(limits_.request_ms);
  }

  void read_head(std::uint64_t within_ms) {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
    parser_->body_limit(limits_.body_bytes);
    expire_in(within_ms);
    wire::async_read_header(stream_, buffer_, *parser_, [self = this->shared_from_this()](error_code error, std::size_t) {
      if (error == wire::error::end_of_stream || error == beast::error::timeout) return self->lowest().close();
      if (error) return self->refuse_form(error);
      self->read_body();
    });
  }

  void read_body() {
    const auto& request = parser_->get();
    if (!has_clear_end(request)) return refuse_form(wire::error::bad_transfer_encoding);
    head_.method = std::string(request.method_string());
    head_.path = std::string(request.target());
    head_.path.resize(std::min(head_.path.find('?'), head_.path.size()));
    if constexpr (!std::is_same_v<Stream, TlsStream>) head_.peer_key = claimed_key(request["X-Oak-Computer"]);
    if (auto refusal = handler_.refuse(head_)) return send(std::move(*refusal), false);
    expire_in(limits_.request_ms);
    wire::async_read(stream_, buffer_, *parser_, [self = this->shared_from_this()](error_code error, std::size_t) {
      if (error == beast::error::timeout) return self->lowest().close();
      if (error) return self->refuse_form(error);
      self->hand_over();
    });
  }

  void hand_over() {
    lowest().expires_never();  // the handler's own time
    const bool keep = parser_->keep_alive();
    handler_.handle(head_, std::move(parser_->get().body()),
                    [self = this->shared_from_this(), keep](Response response) { self->send(std::move(response), keep); });
  }

  void refuse_form(const error_code& error) {
    if (error.category() != wire::make_error_code(wire::error::bad_method).category()) return lowest().close();
    const bool too_large = error == wire::error::body_limit || error == wire::error::header_limit;
    const std::string body = too_large ? R"({"error": "too-large", "message": "the header or the body is over the limit"})"
                                       : R"({"error": "bad-request", "message": "this is no HTTP/1.1 request"})";
    send({too_large ? 413U : 400U, "application/json", body + "\n", {}}, false);
  }

  void send(Response response, bool keep) {
    answer_.emplace(static_cast<wire::status>(response.status), 11);
    answer_->set(wire::field::content_type, response.content_type);
    answer_->set(wire::field::cache_control, "no-store");
    answer_->set("X-Content-Type-Options", "nosniff");
    if (response.retry_after_s) answer_->set(wire::field::retry_after, std::to_string(*response.retry_after_s));
    if (!response.allow.empty()) answer_->set(wire::field::allow, response.allow);
    answer_->keep_alive(keep);
    answer_->body() = std::move(response.body);
    answer_->prepare_payload();
    expire_in(limits_.request_ms);
    wire::async_write(stream_, *answer_, [self = this->shared_from_this(), keep](error_code error, std::size_t) {
      if (error) return self->lowest().close();
      if (keep) return self->read_head(self->limits_.keep_ms);
      self->say_goodbye();
    });
  }

  /// What the peer still sends is taken in for a moment: a reset would take the answer away from it.
  void say_goodbye() {
    error_code ignored;
    lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
    expire_in(goodbye_ms);
    drain();
  }
  void drain() {
    lowest().async_read_some(asio::buffer(drained_), [self = this->shared_from_this()](error_code error, std::size_t) {
      if (error) return self->lowest().close();
      self->drain();
    });
  }

  Handler& handler_;
  const ServerLimits& limits_;
  Connections& connections_;
  Stream stream_;
  std::optional<Connections::Place> place_;
  Head head_;
  beast::flat_buffer buffer_{limits_.header_bytes + limits_.body_bytes};
  std::optional<wire::request_parser<wire::string_body>> parser_;
  std::optional<wire::response<wire::string_body>> answer_;
  std::array<char, 4096> drained_{};
};

Error listen_error(const Endpoint& at, const error_code& error) {
  const std::string where = at.host + ":" + std::to_string(at.port);
  if (error == asio::error::address_in_use) return {Code::already_exists, where + ": " + error.message()};
  if (error == asio::error::access_denied) return {Code::permission_denied, where};
  return {Code::bad_field, where + ": " + error.message()};
}

}  // namespace

void Server::State::begin(tcp::socket socket) {
  if (tls)
    std::make_shared<Session<TlsStream>>(handler, limits, connections, beast::tcp_stream(std::move(socket)), tls->state()->context)
        ->start();
  else
    std::make_shared<Session<beast::tcp_stream>>(handler, limits, connections, std::move(socket))->start();
}

void Server::State::accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) {
    if (!acceptor.is_open()) return;
    if (!error) begin(std::move(socket));
    if (!error || error == asio::error::connection_aborted) return accept();
    accept_timer.expires_after(milliseconds(accept_again_ms));
    accept_timer.async_wait([this](error_code stopped) {
      if (!stopped) accept();
    });
  });
}

Server::Server(std::shared_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::listen(const Endpoint& at, std::optional<TlsContext> tls, Handler& handler, ServerLimits limits) {
  auto state = std::make_shared<State>(std::move(tls), handler, limits);
  error_code error;
  const auto address = asio::ip::make_address(at.host, error);
  if (error) return fail(Code::bad_field, "'" + at.host + "' is not an address");
  const tcp::endpoint endpoint(address, at.port);
  state->acceptor.open(endpoint.protocol(), error);
  if (!error) state->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) state->acceptor.bind(endpoint, error);
  if (!error) state->acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (error) return tl::unexpected(listen_error(at, error));
  state->accept();
  return Server(std::move(state));
}

std::uint16_t Server::port() const {
  error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

void Server::run() { state_->io.run(); }

void Server::stop() {
  asio::post(state_->io, [state = state_] {
    error_code ignored;
    state->acceptor.close(ignored);
    state->io.stop();
  });
}

void Server::post(std::function<void()> work) { asio::post(state_->io, std::move(work)); }

namespace {

void wait_again(std::shared_ptr<asio::steady_timer> timer, std::uint64_t ms, std::function<void()> work) {
  timer->expires_after(milliseconds(ms));
  timer->async_wait([timer, ms, work](error_code stopped) {
    if (stopped) return;
    work();
    wait_again(timer, ms, work);
  });
}

}  // namespace

void Server::every(std::uint64_t ms, std::function<void()> work) {
  wait_again(std::make_shared<asio::steady_timer>(state_->io), ms, std::move(work));
}

void Server::stop_on_signals() {
  error_code ignored;
  state_->signals.add(SIGTERM, ignored);
  state_->signals.add(SIGINT, ignored);
  state_->signals.async_wait([this_state = state_.get()](error_code error, int) {
    if (error) return;
    error_code closing;
    this_state->acceptor.close(closing);
    this_state->io.stop();
  });
}

}  // namespace oak::http
