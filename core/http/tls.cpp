#include "core/http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/http/tls_state.h"

namespace oak::http {
namespace {

template <auto Free>
struct Freeing {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using CertificateHandle = std::unique_ptr<X509, Freeing<X509_free>>;
using BioHandle = std::unique_ptr<BIO, Freeing<BIO_free>>;

using Context = boost::asio::ssl::context;

constexpr std::string_view no_end = "99991231235959Z";  // RFC 5280 §4.1.2.5

tl::unexpected<Error> tls_failure(Code code, std::string_view what) {
  std::array<char, 160> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  return fail(code, std::string(what) + ": " + reason.data());
}

/// Both ends: nothing below 1.3, and no resumption, whose tickets would outlive what is known of a peer.
std::shared_ptr<TlsState> new_state(Context::method method) {
  auto state = std::make_shared<TlsState>(method);
  SSL_CTX* ctx = state->context.native_handle();
  SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  return state;
}

/// A certificate that says nothing but the key (RFC 8410). It never ends: the key is what counts, and clocks are not trusted here.
CertificateHandle certificate_of(EVP_PKEY* key) {
  CertificateHandle certificate(X509_new());
  if (!certificate) return nullptr;
  X509* x = certificate.get();
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_set_version(x, 2);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("oak"), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(x));
  const bool dated = ASN1_TIME_set_string(X509_getm_notBefore(x), "19700101000000Z") == 1 &&
                     ASN1_TIME_set_string(X509_getm_notAfter(x), no_end.data()) == 1;
  if (!dated || X509_set_pubkey(x, key) != 1 || X509_sign(x, key, nullptr) == 0) return nullptr;
  return certificate;
}

Status show_key(SSL_CTX* ctx, const KeyPair& pair) {
  const KeyHandle key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, pair.seed.data(), Seed::size()));
  if (!key) return tls_failure(Code::internal, "TLS key");
  const CertificateHandle certificate = certificate_of(key.get());
  if (!certificate || SSL_CTX_use_certificate(ctx, certificate.get()) != 1 || SSL_CTX_use_PrivateKey(ctx, key.get()) != 1)
    return tls_failure(Code::internal, "TLS certificate");
  return {};
}

/// In place of the whole walk up a chain: the handshake proves the key, and whoever knows which one to expect judges it.
int take_keys(X509_STORE_CTX* verification, void*) {
  if (key_of_certificate(X509_STORE_CTX_get0_cert(verification))) return 1;
  X509_STORE_CTX_set_error(verification, X509_V_ERR_CERT_REJECTED);
  return 0;
}

void judge_by_key(SSL_CTX* ctx) {
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(ctx, take_keys, nullptr);
  SSL_CTX_set1_sigalgs_list(ctx, "ed25519");
}

Status add_authorities(SSL_CTX* ctx, const std::string& pem) {
  const BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  X509_STORE* store = SSL_CTX_get_cert_store(ctx);
  std::size_t count = 0;
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    const CertificateHandle certificate(one);
    if (X509_STORE_add_cert(store, certificate.get()) != 1) return tls_failure(Code::bad_key_file, "authority");
    ++count;
  }
  ERR_clear_error();
  if (count == 0) return fail(Code::bad_key_file, "there is no PEM certificate in it");
  return {};
}

Status use_chain(SSL_CTX* ctx, const std::string& chain_pem, const std::string& key_pem) {
  const BioHandle chain(BIO_new_mem_buf(chain_pem.data(), static_cast<int>(chain_pem.size())));
  const CertificateHandle own(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  if (!own || SSL_CTX_use_certificate(ctx, own.get()) != 1) return tls_failure(Code::bad_key_file, "the certificate");
  while (X509* one = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
    CertificateHandle link(one);
    if (SSL_CTX_add0_chain_cert(ctx, link.get()) != 1) return tls_failure(Code::bad_key_file, "the certificate's chain");
    static_cast<void>(link.release());  // the context's from here on
  }
  ERR_clear_error();
  const BioHandle key_text(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const KeyHandle key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(ctx, key.get()) != 1 || SSL_CTX_check_private_key(ctx) != 1)
    return tls_failure(Code::bad_key_file, "the private key");
  return {};
}

}  // namespace

std::optional<PublicKey> key_of_certificate(const X509* certificate) {
  const ASN1_TIME* end = certificate ? X509_get0_notAfter(certificate) : nullptr;
  const EVP_PKEY* key = certificate ? X509_get0_pubkey(certificate) : nullptr;
  if (!key || !end || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) return ERR_clear_error(), std::nullopt;
  const std::string_view end_text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(end)),
                                  static_cast<std::size_t>(ASN1_STRING_length(end)));
  PublicKey out;
  std::size_t size = out.size();
  const bool is_read = EVP_PKEY_get_raw_public_key(key, out.data(), &size) == 1 && size == out.size();
  ERR_clear_error();
  // OpenSSL 3.0 takes keys of small order, for which anybody can sign.
  return is_read && end_text == no_end && is_valid_public_key(out) ? std::optional(out) : std::nullopt;
}

std::optional<PublicKey> peer_key_of(SSL* tls) {
  const CertificateHandle certificate(SSL_get1_peer_certificate(tls));
  return key_of_certificate(certificate.get());
}

Result<TlsContext> TlsContext::server_with_key(const KeyPair& key) {
  auto state = new_state(Context::tls_server);
  OAK_TRY(show_key(state->context.native_handle(), key));
  judge_by_key(state->context.native_handle());
  return TlsContext(std::move(state));
}

Result<TlsContext> TlsContext::server_with_chain(const std::string& chain_pem, const std::string& key_pem) {
  auto state = new_state(Context::tls_server);
  OAK_TRY(use_chain(state->context.native_handle(), chain_pem, key_pem));
  return TlsContext(std::move(state));
}

Result<TlsContext> TlsContext::client_of_key(const KeyPair* identity) {
  auto state = new_state(Context::tls_client);
  if (identity) OAK_TRY(show_key(state->context.native_handle(), *identity));
  judge_by_key(state->context.native_handle());
  return TlsContext(std::move(state));
}

Result<TlsContext> TlsContext::client_of_authority(const std::string& authorities_pem) {
  auto state = new_state(Context::tls_client);
  state->checks_name = true;
  SSL_CTX* ctx = state->context.native_handle();
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, nullptr);
  // Whoever is named is trusted himself: a server's own certificate, or an authority below another one.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
  if (authorities_pem.empty()) {
    if (SSL_CTX_set_default_verify_paths(ctx) != 1) return tls_failure(Code::internal, "the system's authorities");
  } else {
    OAK_TRY(add_authorities(ctx, authorities_pem));
  }
  return TlsContext(std::move(state));
}

}  // namespace oak::http
