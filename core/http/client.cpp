#include "core/http/client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <charconv>
#include <chrono>

#include "core/http/tls_state.h"

namespace oak::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

std::optional<std::uint64_t> retry_after(const wire::fields& fields) {
  const auto text = fields[wire::field::retry_after];
  std::uint64_t seconds = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return seconds;
}

bool is_address(const std::string& host) {
  error_code ignored;
  asio::ip::make_address(host, ignored);
  return !ignored;
}

std::string authority_of(const Endpoint& endpoint) {
  const std::string host = endpoint.host.find(':') == std::string::npos ? endpoint.host : "[" + endpoint.host + "]";
  return host + ":" + std::to_string(endpoint.port);
}

Error unreachable(const Endpoint& endpoint, const error_code& error) {
  return {Code::unreachable, authority_of(endpoint) + ": " + error.message()};
}

/// The server's name goes into the handshake, and where an authority vouches for it, is checked.
Status name_server(TlsStream& stream, const TlsState& state, const std::string& host) {
  if (!is_address(host)) {
    std::string name = host;
    if (SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) != 1)
      return fail(Code::internal, "TLS");
  }
  if (state.checks_name) stream.set_verify_callback(asio::ssl::host_name_verification(host));
  return {};
}

}  // namespace

struct Client::Connection {
  explicit Connection(TlsState* state) {
    if (state)
      tls.emplace(io, state->context);
    else
      plain.emplace(io);
  }
  beast::tcp_stream& lowest() { return tls ? beast::get_lowest_layer(*tls) : *plain; }

  /// Starts one operation and waits for it: the stream's own deadline ends it.
  template <typename Start>
  error_code wait(Start start) {
    error_code result = asio::error::timed_out;
    start([&result](error_code error, auto&&...) { result = error; });
    io.restart();
    io.run();
    return result;
  }

  /// A name is looked up on a thread that ends with this call: one that stayed would take signals that are meant for others.
  static error_code resolve(const Endpoint& endpoint, milliseconds within, tcp::resolver::results_type& out) {
    error_code result;
    const auto address = asio::ip::make_address(endpoint.host, result);
    const std::string port = std::to_string(endpoint.port);
    if (!result) {
      out = tcp::resolver::results_type::create(tcp::endpoint(address, endpoint.port), endpoint.host, port);
      return result;
    }
    result = asio::error::timed_out;
    asio::io_context looking;
    tcp::resolver resolver(looking);
    resolver.async_resolve(endpoint.host, port, [&](error_code error, const tcp::resolver::results_type& found) {
      result = error;
      out = found;
    });
    looking.run_for(within);
    return result;
  }

  /// Asks the proxy at the other end for a tunnel.
  Status tunnel(const Endpoint& proxy, const Endpoint& to) {
    wire::request<wire::empty_body> request(wire::verb::connect, authority_of(to), 11);
    request.set(wire::field::host, authority_of(to));
    if (const auto error = wait([&](auto done) { wire::async_write(lowest(), request, done); }); error)
      return tl::unexpected(unreachable(proxy, error));
    wire::response_parser<wire::empty_body> parser;
    parser.skip(true);  // what follows the head is the tunnel's
    if (const auto error = wait([&](auto done) { wire::async_read_header(lowest(), buffer, parser, done); }); error)
      return tl::unexpected(unreachable(proxy, error));
    if (parser.get().result_int() / 100 != 2)
      return fail(Code::unreachable, "the proxy " + authority_of(proxy) + " answers " + std::to_string(parser.get().result_int()));
    // A server says nothing before its client has.
    if (buffer.size() > 0) return fail(Code::bad_answer, "the proxy " + authority_of(proxy));
    return {};
  }

  error_code handshake() {
    return wait([&](auto done) { tls->async_handshake(asio::ssl::stream_base::client, done); });
  }

  error_code exchange(wire::request<wire::string_body>& request, wire::response_parser<wire::string_body>& parser) {
    const auto on = [&](auto use) { return tls ? use(*tls) : use(*plain); };
    const error_code error = wait([&](auto done) { on([&](auto& stream) { wire::async_write(stream, request, done); }); });
    if (error) return error;
    return wait([&](auto done) { on([&](auto& stream) { wire::async_read(stream, buffer, parser, done); }); });
  }

  asio::io_context io;
  std::optional<beast::tcp_stream> plain;
  std::optional<TlsStream> tls;
  beast::flat_buffer buffer;
};

Client::Client(Url url, std::optional<TlsContext> tls, std::function<bool(const PublicKey&)> expects, ClientLimits limits)
    : url_(std::move(url)), tls_(std::move(tls)), expects_(std::move(expects)), limits_(limits) {}
Client::Client(Client&&) noexcept = default;
Client::~Client() = default;

Status Client::connect() {
  if (url_.tls && !tls_) return fail(Code::internal, "https without TLS");
  auto fresh = std::make_unique<Connection>(url_.tls ? tls_->state().get() : nullptr);
  const milliseconds within(limits_.connect_ms);
  const Endpoint& first = proxy_ && url_.tls ? *proxy_ : url_.endpoint;
  tcp::resolver::results_type addresses;
  if (const auto error = fresh->resolve(first, within, addresses); error) return tl::unexpected(unreachable(first, error));
  fresh->lowest().expires_after(within);
  if (const auto error = fresh->wait([&](auto done) { fresh->lowest().async_connect(addresses, done); }); error)
    return tl::unexpected(unreachable(first, error));
  error_code ignored;
  fresh->lowest().socket().set_option(tcp::no_delay(true), ignored);
  if (&first != &url_.endpoint) OAK_TRY(fresh->tunnel(first, url_.endpoint));
  if (fresh->tls) {
    const TlsState& state = *tls_->state();
    OAK_TRY(name_server(*fresh->tls, state, url_.endpoint.host));
    const auto error = fresh->handshake();
    const bool is_stranger = state.checks_name || SSL_get_verify_result(fresh->tls->native_handle()) == X509_V_ERR_CERT_REJECTED;
    if (error && error.category() == asio::error::get_ssl_category() && is_stranger) return fail(Code::wrong_server, error.message());
    if (error) return tl::unexpected(unreachable(url_.endpoint, error));
    const auto key = peer_key_of(fresh->tls->native_handle());
    if (!state.checks_name && !(key && expects_ && expects_(*key))) return fail(Code::wrong_server, url_.endpoint.host);
  }
  connection_ = std::move(fresh);
  return {};
}

Result<Response> Client::ask(const std::string& method, const std::string& path, const std::string& body, const std::string& content_type) {
  const bool was_open = connection_ != nullptr;
  if (!was_open) OAK_TRY(connect());
  wire::request<wire::string_body> request(wire::string_to_verb(method), url_.base + path, 11);
  request.set(wire::field::host, url_.endpoint.host);
  request.set(wire::field::content_type, content_type);
  if (!url_.tls && claimed_key_) request.set("X-Oak-Computer", to_hex(*claimed_key_));
  request.body() = body;
  request.prepare_payload();
  wire::response_parser<wire::string_body> parser;
  parser.body_limit(limits_.max_body_bytes);
  connection_->lowest().expires_after(milliseconds(limits_.exchange_ms));
  if (const error_code error = connection_->exchange(request, parser); error) {
    connection_.reset();
    // A server may end a connection that it kept just as it is used again: asked anew, once.
    if (was_open && !parser.got_some() && error != beast::error::timeout) return ask(method, path, body, content_type);
    if (!parser.got_some() || error == beast::error::timeout) return tl::unexpected(unreachable(url_.endpoint, error));
    return fail(Code::bad_answer, error.message());
  }
  auto& answer = parser.get();
  Response response{answer.result_int(), std::string(answer[wire::field::content_type]), std::move(answer.body()), retry_after(answer)};
  if (!parser.keep_alive()) connection_.reset();
  return response;
}

}  // namespace oak::http
