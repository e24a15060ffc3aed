#pragma once
// An activation: the vendor's signed answer, which binds a licence to a machine. Encoded and decoded here only.

#include <optional>
#include <string>
#include <vector>

#include "core/activation_id.h"
#include "core/request.h"
#include "core/tolerance.h"
#include "core/trust.h"

namespace oak {

struct Activation {
  std::string product;
  std::string licence;
  std::uint64_t seats = 0;
  VersionRange versions;
  PublicKey machine_key{};
  PublicKey seat_server_key{};
  std::uint64_t issued_at_unix_s = 0;  ///< also a certificate's start
  Fingerprint fingerprint;             ///< the baseline
  FingerprintKeyId fingerprint_key{};
  Environment environment;
  Kind kind = Kind::permanent;
  std::optional<std::uint64_t> not_after_unix_s;  ///< certificates only, and always
  std::uint64_t generation = 0;
  std::optional<ActivationId> supersedes;
  std::string site;
  std::vector<std::string> features;  ///< ascending
  Policy policy;
  std::uint64_t grace_days = 0;
  std::uint64_t index = 0;  ///< place in the desk's ledger
  ByteArray<16> request{};  ///< first 16 bytes of the request payload's hash
  Binding binding = Binding::software;
  std::string customer;
  bool reset_clock = false;  ///< mends a time mark that a wrong clock had set ahead
  Bytes ignorable;
};

inline constexpr std::uint64_t max_grace_days = 90;
/// A certificate is renewed from so long before its end.
inline constexpr std::uint64_t renewal_window_s = 14 * 86400;
inline constexpr std::size_t max_customer_bytes = 120;
inline constexpr std::size_t max_features = 64;

Bytes encode_activation(const Activation& activation);
Result<Activation> decode_activation(ByteView payload);
/// `certificate_document` is the issuer's certificate; it travels in the envelope's header.
Bytes seal_activation(const Activation& activation, const KeyPair& issuer, ByteView certificate_document);

struct OpenedActivation {
  Verified<Activation> activation;
  Verified<IssuerCertificate> issuer;
  ActivationId id;
  Digest payload;
  Digest document;
};
/// The chain in numbered stages: envelope, issuer certificate under k of n roots, signature, payload, caps.
/// wrong_product unless it is for `product` (empty: any).
Result<OpenedActivation> open_activation(ByteView document, const Trust& trust, std::string_view product);
/// The same for whoever opens many of one issuer, whose certificate is open already: `issuer_document` is what it was opened
/// from. issuer_not_allowed where the activation carries another one.
Result<OpenedActivation> open_activation_of(const Verified<IssuerCertificate>& issuer, ByteView issuer_document, ByteView document,
                                            const Trust& trust, std::string_view product);
/// What the document claims, with nothing verified: for messages, and for what a request supersedes.
struct UnverifiedActivation {
  Activation activation;
  ActivationId id;
};
Result<UnverifiedActivation> read_activation_unverified(ByteView document);
/// issuer_not_allowed or issuer_outside_window, naming the cap.
Status check_caps(const IssuerCertificate& certificate, const Activation& activation);

}  // namespace oak
