#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "core/http/server.h"
#include "tests/fuzz/fuzz.h"

namespace oak::fuzz {
namespace {

constexpr http::ServerLimits limits{64, 64, 2048, 4096, 1'000, 1'000, 1'000};

/// Whatever comes through has the form that handlers rely on.
class Handler final : public http::Handler {
 public:
  std::optional<http::Response> refuse(const http::Head& head) override {
    require(!head.method.empty() && head.method.size() <= limits.header_bytes, "a method has an end");
    require(head.path.find_first_of(" \r\n?") == std::string::npos, "a path is one word without a query");
    if (head.method == "POST" || head.method == "GET") return std::nullopt;
    return http::Response{405, "application/json", "{}", std::nullopt};
  }
  void handle(const http::Head&, std::string body, http::Respond respond) override {
    require(body.size() <= limits.body_bytes, "no body is larger than the cap");
    respond({200, "application/json", "{}", std::nullopt});
  }
};

/// Listens on loopback as long as the program runs.
std::uint16_t served_port() {
  static Handler handler;
  static auto server = http::Server::listen({"127.0.0.1", 0}, std::nullopt, handler, limits);
  require(server.has_value(), "a server listens");
  static const bool started = [] {
    std::thread([] { server->run(); }).detach();
    return true;
  }();
  require(started, "and runs");
  return server->port();
}

}  // namespace

/// One connection: all of the input, then nothing more. The server answers or closes, and goes on.
void run(ByteView input) {
  static const std::uint16_t port = served_port();
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(peer >= 0 && connect(peer, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0, "the server still takes connections");
  const linger reset{1, 0};  // no port is kept waiting after thousands of connections a second
  setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  std::size_t sent = 0;
  while (sent < input.size()) {
    const ssize_t some = send(peer, input.data() + sent, input.size() - sent, MSG_NOSIGNAL);
    if (some <= 0) break;
    sent += static_cast<std::size_t>(some);
  }
  shutdown(peer, SHUT_WR);
  char answer[4096];
  while (recv(peer, answer, sizeof answer, 0) > 0) {}
  close(peer);
}

std::vector<Bytes> seeds() {
  return {as_bytes("GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n"),
          as_bytes("POST /v1/acquire HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"),
          as_bytes("POST /v1/acquire HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
          as_bytes("GET /a?b HTTP/1.1\r\nHost: a\r\nX-Oak-Computer: "
                   "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\r\n\r\nGET /b HTTP/1.1\r\n\r\n"),
          as_bytes("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")};
}

}  // namespace oak::fuzz
