#include "core/http/server.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <thread>

#include "core/http/client.h"
#include "core/http/connections.h"
#include "core/http/tls_state.h"

namespace oak::http::test {
namespace {

KeyPair key_of(std::uint8_t number) {
  ByteArray<32> seed{};
  seed.fill(number);
  KeyPair pair;
  pair.seed = Seed(seed);
  pair.public_key = public_key_of(pair.seed);
  return pair;
}

/// Says back what it was told, and refuses /secret to whoever showed no key before it has read a body.
class Echo final : public Handler {
 public:
  std::optional<Response> refuse(const Head& head) override {
    if (head.path == "/secret" && !head.peer_key) return Response{401, "text/plain", "who are you", {}};
    if (head.path == "/network") return Response{405, "text/plain", head.peer_network, {}, "PUT"};
    return std::nullopt;
  }
  void handle(const Head& head, std::string body, Respond respond) override {
    respond({200, "text/plain",
             head.method + " " + head.path + " " + (head.peer_key ? to_hex(key_id(*head.peer_key)) : "nobody") + " " + body, 7});
  }
};

/// A server on a port of its own, for as long as this lives.
class Running {
 public:
  Running(std::optional<TlsContext> tls, ServerLimits limits) : server_(*Server::listen({"127.0.0.1", 0}, std::move(tls), echo_, limits)) {
    thread_ = std::thread([this] { server_.run(); });
  }
  ~Running() {
    server_.stop();
    thread_.join();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  std::uint16_t port() const { return server_.port(); }
  Url url(bool tls) const { return {tls, {"127.0.0.1", port()}, {}}; }

 private:
  Echo echo_;
  Server server_;
  std::thread thread_;
};

/// A peer that keeps to no rules.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr any = {};
    std::memcpy(&any, &address, sizeof address);
    connected_ = ::connect(fd_, &any, sizeof address) == 0;
  }
  RawPeer(RawPeer&& other) noexcept : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;
  RawPeer& operator=(RawPeer&&) = delete;
  ~RawPeer() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool connected() const { return connected_; }
  bool send(std::string_view text) { return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()); }
  /// All until the server closes.
  std::string receive() {
    std::string out;
    std::array<char, 4096> some{};
    for (ssize_t n = 0; (n = ::recv(fd_, some.data(), some.size(), 0)) > 0;) out.append(some.data(), static_cast<std::size_t>(n));
    return out;
  }

 private:
  int fd_;
  bool connected_ = false;
};

const auto take_any = [](const PublicKey&) { return true; };

}  // namespace

TEST_CASE("a client and a server know one another by their keys") {
  // Goal: each end sees the key of the other, and only the server whose key is expected is spoken to.
  const KeyPair server_key = key_of(1), computer = key_of(2), other = key_of(3);
  Running running(*TlsContext::server_with_key(server_key), {});
  const auto expects = [&](const PublicKey& key) { return key == server_key.public_key; };

  Client known(running.url(true), *TlsContext::client_of_key(&computer), expects);
  const auto answer = known.ask("POST", "/secret", "body");
  REQUIRE(answer);
  CHECK(answer->body == "POST /secret " + to_hex(key_id(computer.public_key)) + " body");
  CHECK(answer->retry_after_s == 7);
  CHECK(known.ask("GET", "/again?x=1", "")->body == "GET /again " + to_hex(key_id(computer.public_key)) + " ");

  Client nameless(running.url(true), *TlsContext::client_of_key(nullptr), expects);
  CHECK(nameless.ask("POST", "/secret", "body")->status == 401);
  CHECK(nameless.ask("POST", "/open", "body")->body == "POST /open nobody body");

  Client mistaken(running.url(true), *TlsContext::client_of_key(&computer), [&](const PublicKey& key) { return key == other.public_key; });
  const auto refused = mistaken.ask("POST", "/open", "");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::wrong_server);
}

namespace {

using CertificateHandle = std::unique_ptr<X509, decltype(&X509_free)>;

/// A certificate of `key` as we make them, or one that differs in its end; signed by `signer`.
CertificateHandle certificate_for(EVP_PKEY* key, EVP_PKEY* signer, const char* end) {
  CertificateHandle out(X509_new(), &X509_free);
  X509_set_version(out.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), 1);
  ASN1_TIME_set_string(X509_getm_notBefore(out.get()), "19700101000000Z");
  ASN1_TIME_set_string(X509_getm_notAfter(out.get()), end);
  X509_set_pubkey(out.get(), key);
  X509_sign(out.get(), signer, EVP_PKEY_get_id(signer) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256());
  return out;
}

}  // namespace

TEST_CASE("a certificate that is none of ours ends the handshake") {
  // Goal: a key of small order, of another kind or with an end is no key, and whoever shows one is not even asked what he wants.
  const KeyPair pair = key_of(2);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, pair.seed.data(), Seed::size()), &EVP_PKEY_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> curve(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const char* no_end = "99991231235959Z";
  CHECK(key_of_certificate(certificate_for(key.get(), key.get(), no_end).get()) == pair.public_key);
  CHECK_FALSE(key_of_certificate(certificate_for(key.get(), key.get(), "20250101000000Z").get()));
  CHECK_FALSE(key_of_certificate(certificate_for(key.get(), key.get(), "20990101000000Z").get()));
  CHECK_FALSE(key_of_certificate(certificate_for(curve.get(), curve.get(), no_end).get()));
  CHECK_FALSE(key_of_certificate(nullptr));
  // The points of order 1, 2, 4 and 8, in the spellings that their decoders meet.
  for (const char* hex : {"0100000000000000000000000000000000000000000000000000000000000000",
                          "0000000000000000000000000000000000000000000000000000000000000000",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"}) {
    std::array<unsigned char, 32> point{};
    for (std::size_t i = 0; i < point.size(); ++i)
      point[i] = static_cast<unsigned char>(std::stoul(std::string(hex + 2 * i, 2), nullptr, 16));
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> small(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, point.data(), point.size()), &EVP_PKEY_free);
    REQUIRE(small);
    CHECK_FALSE(key_of_certificate(certificate_for(small.get(), key.get(), no_end).get()));
  }

  // The same, where it matters: a known key, proved, in a certificate that ends.
  Running running(*TlsContext::server_with_key(key_of(1)), {});
  const auto asks_with = [&](const char* end) {
    auto context = *TlsContext::client_of_key(&pair);
    REQUIRE(SSL_CTX_use_certificate(context.state()->context.native_handle(), certificate_for(key.get(), key.get(), end).get()) == 1);
    return Client(running.url(true), context, take_any).ask("POST", "/open", "").has_value();
  };
  CHECK(asks_with(no_end));
  CHECK_FALSE(asks_with("20250101000000Z"));
  CHECK_FALSE(asks_with("20990101000000Z"));
  // And of a server: whoever expects a key does not take one with an end.
  auto ended = *TlsContext::server_with_key(pair);
  REQUIRE(SSL_CTX_use_certificate(ended.state()->context.native_handle(), certificate_for(key.get(), key.get(), "20990101000000Z").get()) ==
          1);
  Running other(ended, {});
  const auto refused = Client(other.url(true), *TlsContext::client_of_key(nullptr), take_any).ask("GET", "/", "");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::wrong_server);
}

TEST_CASE("no server is good for a client that expects none") {
  // Goal: forgetting to say who is expected lets nobody in.
  const KeyPair server_key = key_of(1);
  Running running(*TlsContext::server_with_key(server_key), {});
  Client careless(running.url(true), *TlsContext::client_of_key(nullptr), {});
  CHECK(careless.ask("GET", "/", "").error().code == Code::wrong_server);
  Client by_name(running.url(true), *TlsContext::client_of_authority({}), {});
  CHECK(by_name.ask("GET", "/", "").error().code == Code::wrong_server);
}

TEST_CASE("older protocols are not spoken") {
  // Goal: a TLS 1.2 hello is refused, and plain text too.
  Running running(*TlsContext::server_with_key(key_of(1)), {});
  RawPeer plain(running.port());
  REQUIRE(plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  CHECK(plain.receive().find("HTTP/1.1 200") == std::string::npos);
}

TEST_CASE("what a peer sends is capped before it is kept") {
  // Goal: a header, a body and a chunked body over the limit are refused with 413 or 400, and the server goes on.
  ServerLimits limits;
  limits.header_bytes = 1024;
  limits.body_bytes = 4096;
  Running running(std::nullopt, limits);
  const auto ask = [&](const std::string& text) {
    RawPeer peer(running.port());
    peer.send(text);
    return peer.receive();
  };
  CHECK(ask("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(5000, 'a') + "\r\n\r\n").starts_with("HTTP/1.1 413"));
  CHECK(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n").starts_with("HTTP/1.1 413"));
  std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) chunked += "400\r\n" + std::string(1024, 'c') + "\r\n";
  CHECK(ask(chunked).starts_with("HTTP/1.1 413"));
  CHECK(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd").starts_with("HTTP/1.1 400"));
  for (const char* coding : {"gzip", "gzip, chunked", "gzip, chunked, identity", "chunked, chunked", "identity"}) {
    const std::string answer = ask("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + std::string(coding) +
                                   "\r\nContent-Length: 0\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 400"));
    CHECK(answer.find("second") == std::string::npos);
  }
  CHECK(ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
  Client client(running.url(false), std::nullopt, {});
  CHECK(client.ask("POST", "/after", std::string(4096, 'b'))->status == 200);
}

TEST_CASE("who is slow is cut off, and nobody waits for him") {
  // Goal: 500 peers that connect and stay silent, or send half a header, do not keep others from being served.
  rlimit files = {};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);  // both ends are in this process
  ::setrlimit(RLIMIT_NOFILE, &files);
  ServerLimits limits;
  limits.connections = 700;
  limits.connections_per_peer = 1000;
  limits.request_ms = 400;
  Running running(std::nullopt, limits);
  std::vector<RawPeer> slow;
  for (int i = 0; i < 500; ++i) {
    slow.emplace_back(running.port());
    REQUIRE(slow.back().connected());
    if (i % 2 == 0) slow.back().send("POST /half HTTP/1.1\r\nHost:");
  }
  Client client(running.url(false), std::nullopt, {});
  for (int i = 0; i < 20; ++i) CHECK(client.ask("GET", "/", "")->status == 200);
  for (RawPeer& peer : slow) CHECK(peer.receive().find("200") == std::string::npos);  // ends: each was closed
}

TEST_CASE("over the cap the oldest without a finished handshake makes room") {
  // Goal: strangers who hold connections open don't keep a known computer out, and one peer can't take all places.
  const KeyPair server_key = key_of(1), computer = key_of(2);
  ServerLimits limits;
  limits.connections = 8;
  limits.connections_per_peer = 3;
  Running running(*TlsContext::server_with_key(server_key), limits);
  std::vector<RawPeer> strangers;
  for (int i = 0; i < 20; ++i) strangers.emplace_back(running.port());
  std::vector<std::unique_ptr<Client>> clients;
  int served = 0;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<Client>(running.url(true), *TlsContext::client_of_key(&computer), take_any));
    const auto answer = clients.back()->ask("GET", "/", "");
    served += answer && answer->status == 200 ? 1 : 0;
  }
  CHECK(served == 3);
}

TEST_CASE("connections are counted by who is at their other end") {
  // Goal: the table of connections forgets who has left, and closes the oldest unfinished one only.
  std::vector<int> closed;
  Connections table(3, 2);
  const auto enter = [&](int number) { return table.enter([&closed, number] { closed.push_back(number); }); };
  const auto first = enter(1);
  REQUIRE(enter(2).has_value());
  const auto third = enter(3);
  REQUIRE(third);
  CHECK(table.finish(*first, "a"));
  const auto fourth = enter(4);
  REQUIRE(fourth);
  CHECK(closed == std::vector<int>{2});
  CHECK(table.finish(*third, "a"));
  CHECK_FALSE(table.finish(*fourth, "a"));
  CHECK_FALSE(enter(5).has_value());
  table.leave(*fourth);
  table.leave(*third);
  const auto sixth = enter(6);
  REQUIRE(sixth);
  CHECK(table.finish(*sixth, "a"));
  CHECK(closed == std::vector<int>{2});
  CHECK(table.size() == 2);
}

TEST_CASE("limits are for networks: an IPv6 holder has more addresses than anybody can count") {
  // Goal: what limits count by is an IPv4 address whole, and the first half of an IPv6 one.
  Running running(std::nullopt, {});
  Client four(running.url(false), std::nullopt, {});
  CHECK(four.ask("GET", "/network", "")->body == "127.0.0.1");
  Echo echo;
  auto six = Server::listen({"::1", 0}, std::nullopt, echo);
  if (!six) {
    WARN("there is no IPv6 here");
    return;
  }
  std::thread thread([&] { six->run(); });
  Client client({false, {"::1", six->port()}, {}}, std::nullopt, {});
  CHECK(client.ask("GET", "/network", "")->body == "::/64");
  six->stop();
  thread.join();
}

TEST_CASE("a status that names the methods does") {
  Running running(std::nullopt, {});
  RawPeer peer(running.port());
  REQUIRE(peer.send("GET /network HTTP/1.1\r\nHost: x\r\n\r\n"));
  const std::string answer = peer.receive();
  CHECK(answer.find("HTTP/1.1 405") == 0);
  CHECK(answer.find("Allow: PUT\r\n") != std::string::npos);
}

TEST_CASE("a client goes through a tunnel, and speaks to nobody but its server") {
  // Goal: the proxy is asked for the server by name and port, and one that makes no tunnel is as no network. What the tunnel carries is
  // tested from the command line.
  int answered = 0;
  class Proxy final : public Handler {
   public:
    explicit Proxy(int& count) : count_(count) {}
    std::optional<Response> refuse(const Head& head) override {
      ++count_;
      return Response{head.method == "CONNECT" && head.path == "licences.example:8443" ? 407U : 400U, "text/plain", "", {}};
    }
    void handle(const Head&, std::string, Respond) override {}

   private:
    int& count_;
  } proxy(answered);
  auto server = Server::listen({"127.0.0.1", 0}, std::nullopt, proxy);
  REQUIRE(server);
  std::thread thread([&] { server->run(); });
  Client client({true, {"licences.example", 8443}, {}}, *TlsContext::client_of_key(nullptr), take_any);
  client.go_through({"127.0.0.1", server->port()});
  const auto refused = client.ask("POST", "/", "secret");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::unreachable);
  CHECK(refused.error().context.find("answers 407") != std::string::npos);
  server->stop();
  thread.join();
  CHECK(answered == 1);
}

TEST_CASE("addresses and URLs have one reading") {
  // Goal: what can't be meant is refused instead of guessed.
  CHECK(parse_url("https://desk.example")->endpoint.port == 443);
  CHECK(parse_url("http://127.0.0.1:8080/base/")->base == "/base");
  CHECK(parse_url("https://[::1]:7443")->endpoint.host == "::1");
  for (const char* bad : {"", "desk.example", "ftp://x", "https://", "https://x:0", "https://x:70000", "https://x:7y", "https://a b",
                          "https://[::1", "https://x/?q", "https://u@x"})
    CHECK_FALSE(parse_url(bad));
  CHECK(parse_endpoint("0.0.0.0:7443")->port == 7443);
  for (const char* bad : {"", ":1", "x", "x:", "x:-1", "x:99999", "[::1]"}) CHECK_FALSE(parse_endpoint(bad));
  CHECK(is_loopback("127.0.0.1"));
  CHECK(is_loopback("::1"));
  CHECK_FALSE(is_loopback("127.example.org"));
  CHECK_FALSE(is_loopback("10.0.0.1"));
}

}  // namespace oak::http::test
