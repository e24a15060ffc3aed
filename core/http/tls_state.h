#pragma once
// The part of TlsContext that names OpenSSL: for this folder's own files.

#include <boost/asio/ssl/context.hpp>
#include <optional>

#include "core/crypto.h"

namespace oak::http {

struct TlsState {
  explicit TlsState(boost::asio::ssl::context::method method) : context(method) {}
  boost::asio::ssl::context context;
  bool checks_name = false;  ///< the peer is known by a name, and not by a key
};

/// The Ed25519 key of a certificate as both ends show them, that has no end; nullopt where it is another one. A key of small order is none.
std::optional<PublicKey> key_of_certificate(const X509* certificate);
/// The Ed25519 key of the other end's certificate, once the handshake has proved it: a canonical point that is not of small order.
std::optional<PublicKey> peer_key_of(SSL* tls);

}  // namespace oak::http
