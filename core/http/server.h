#pragma once
// An HTTP server that hostile peers can't stop: everything a peer can make grow has a cap, everything it can delay a deadline. One
// thread runs it; handlers are called on that thread and must not block for long.

#include <functional>
#include <memory>

#include "core/http/http.h"
#include "core/http/tls.h"

namespace oak::http {

struct ServerLimits {
  std::size_t connections = 1024;         ///< beyond it the oldest without a finished handshake is closed, else the newcomer
  std::size_t connections_per_peer = 16;  ///< of one key; without a key, of one network (Head)
  std::size_t header_bytes = 8192;
  std::size_t body_bytes = 65536;  ///< chunked ones too
  std::uint64_t handshake_ms = 5'000;
  std::uint64_t request_ms = 10'000;  ///< from the first moment a request is awaited to its last byte, but for keeping
  std::uint64_t keep_ms = 90'000;     ///< an idle connection between two requests
};

using Respond = std::function<void(Response)>;

class Handler {
 public:
  virtual ~Handler() = default;
  /// Before the body is read: a response here ends it, and nothing more is read of the connection.
  virtual std::optional<Response> refuse(const Head& head) = 0;
  /// `respond` is called once, now or later, on the server's thread.
  virtual void handle(const Head& head, std::string body, Respond respond) = 0;
};

class Server {
 public:
  /// Listens at once: `already_exists` where the port is taken, bad_field where the address is none of this machine.
  /// Without `tls` in the clear. `handler` outlives the server.
  static Result<Server> listen(const Endpoint& at, std::optional<TlsContext> tls, Handler& handler, ServerLimits limits = {});
  Server(Server&&) noexcept;
  ~Server();

  /// The port, where 0 was asked for.
  std::uint16_t port() const;
  /// Serves until stop().
  void run();
  /// From any thread, and from a signal's: pending answers are sent where that takes no time.
  void stop();
  /// On the server's thread, after what is ready now: for work that is done once for many requests.
  void post(std::function<void()> work);
  /// On the server's thread, again and again.
  void every(std::uint64_t ms, std::function<void()> work);
  /// Stops at SIGTERM and SIGINT.
  void stop_on_signals();

 private:
  struct State;
  explicit Server(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace oak::http
