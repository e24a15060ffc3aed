#pragma once
// TLS 1.3 (RFC 8446), and who is at the other end. Two ways to know that: by an Ed25519 key that was learned before, which
// self-signed certificates carry and no authority vouches for; or by a name that an authority has certified.

#include <memory>
#include <string>

#include "core/crypto.h"

namespace oak::http {

struct TlsState;  ///< OpenSSL's, in core/http/tls_state.h

/// Shared by all connections of one server or client; copies are the same context.
class TlsContext {
 public:
  /// A server known by its key. It asks each client for a certificate and takes every Ed25519 one: whoever handles a request
  /// judges the key.
  static Result<TlsContext> server_with_key(const KeyPair& key);
  /// A server known by its name: certificate chain and private key as PEM texts.
  static Result<TlsContext> server_with_chain(const std::string& chain_pem, const std::string& key_pem);
  /// A client that looks at the server's key itself (Client, `expects`), and shows its own where `identity` is not null.
  static Result<TlsContext> client_of_key(const KeyPair* identity);
  /// A client that trusts the authorities in the PEM text, or the system's where it is empty, and checks the server's name. The text
  /// may hold the server's own certificate.
  static Result<TlsContext> client_of_authority(const std::string& authorities_pem);

  const std::shared_ptr<TlsState>& state() const { return state_; }

 private:
  explicit TlsContext(std::shared_ptr<TlsState> state) : state_(std::move(state)) {}
  std::shared_ptr<TlsState> state_;
};

}  // namespace oak::http
