#pragma once
// What travels over HTTP (RFC 9112), whoever serves or asks. No library is named here.

#include <cstdint>
#include <optional>
#include <string>

#include "core/crypto.h"

namespace oak::http {

/// What is known of a request before its body is read.
struct Head {
  std::string method;  ///< "GET", "POST"
  std::string path;    ///< begins with a slash; a query is cut off
  std::optional<PublicKey>
      peer_key;  ///< the Ed25519 key that the client's certificate proved; without TLS the one that it claims; nullopt without one
  std::string peer_address;  ///< for logs
  std::string peer_network;  ///< for limits: an IPv4 address, or the first 64 bits of an IPv6 one, which are one holder's
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::optional<std::uint64_t> retry_after_s;
  std::string allow = {};  ///< with status 405 (RFC 9110 §15.5.6), the methods; else empty
};

/// Where a server listens, or what a client asks.
struct Endpoint {
  std::string host;  ///< a name or an address; IPv6 without brackets
  std::uint16_t port = 0;
};
/// "ADDR:PORT", "[::1]:7443". Usage errors: bad_field.
Result<Endpoint> parse_endpoint(const std::string& text);
/// True for addresses of this machine alone: 127.0.0.0/8 and ::1. Names are not looked up.
bool is_loopback(const std::string& host);

struct Url {
  bool tls = true;
  Endpoint endpoint;
  std::string base;  ///< path before the one that is asked; empty, or begins with a slash and does not end with one
};
/// "https://host[:port][/base]", "http://…". Default ports are 443 and 80.
Result<Url> parse_url(const std::string& text);

}  // namespace oak::http
