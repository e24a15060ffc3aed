#pragma once
// An HTTP client with one connection, which it keeps where the server does. Blocks, for a bounded time. Not shared by threads.

#include <functional>
#include <memory>

#include "core/http/http.h"
#include "core/http/tls.h"

namespace oak::http {

struct ClientLimits {
  std::uint64_t connect_ms = 5'000;    ///< name, connection and handshake together
  std::uint64_t exchange_ms = 10'000;  ///< one request and its answer
  std::size_t max_body_bytes = 1 << 20;
};

class Client {
 public:
  /// `tls` is for https only. `expects` judges the server's Ed25519 key where the context doesn't check a name; without it no
  /// server is good.
  Client(Url url, std::optional<TlsContext> tls, std::function<bool(const PublicKey&)> expects, ClientLimits limits = {});
  Client(Client&&) noexcept;
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// In the clear, who asks; servers on loopback believe it.
  void claim_key(const PublicKey& key) { claimed_key_ = key; }
  /// The way to an https server: a proxy on it that makes tunnels (CONNECT, RFC 9110 §9.3.6). It sees names and sizes, no more.
  void go_through(Endpoint proxy) { proxy_ = std::move(proxy); }

  /// `path` begins with a slash. Any status is an answer. unreachable where nothing answers in time, wrong_server where somebody else
  /// does, bad_answer where what comes is no HTTP or too large. A request may have been carried out though its answer was lost.
  Result<Response> ask(const std::string& method, const std::string& path, const std::string& body,
                       const std::string& content_type = "application/json");

 private:
  struct Connection;
  Status connect();
  Url url_;
  std::optional<TlsContext> tls_;
  std::function<bool(const PublicKey&)> expects_;
  ClientLimits limits_;
  std::optional<PublicKey> claimed_key_;
  std::optional<Endpoint> proxy_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace oak::http
