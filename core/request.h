#pragma once
// A request: what leaves the site, signed by the machine's own key. Encoded and decoded here and nowhere else.

#include <optional>
#include <string>
#include <vector>

#include "core/activation_id.h"
#include "core/envelope.h"
#include "core/environment.h"
#include "core/fingerprint.h"
#include "core/kind.h"

namespace oak {

struct Supersedes {
  ActivationId activation;
  std::uint64_t generation = 0;
  std::uint64_t index = 0;  ///< the old activation's place in the ledger
};

struct Request {
  std::string product;
  std::string licence;
  std::uint64_t seats = 1;
  std::string version;
  PublicKey machine_key{};
  PublicKey seat_server_key{};
  ByteArray<16> nonce{};
  std::uint64_t created_at_unix_s = 0;  ///< by the site's clock: for people, no rule reads it
  Fingerprint fingerprint;
  FingerprintKeyId fingerprint_key{};
  std::vector<Unusable> unusable;
  Environment environment;
  std::optional<Kind> kind;  ///< what is asked for; absent: whatever the desk grants
  std::optional<Supersedes> supersedes;
  std::string site;
  std::string reason;
  std::vector<std::uint64_t> accepts;  ///< DocumentType numbers that this site can read
  std::optional<Digest> proof;         ///< absent where only the machine key speaks
  Bytes ignorable;                     ///< encoded extension map, kept as it came
};

inline constexpr std::size_t max_site_bytes = 120;
inline constexpr std::size_t max_reason_bytes = 240;

Bytes encode_request(const Request& request);
Result<Request> decode_request(ByteView payload);

/// Sets machine_key and, where there is a proof key, proof; signs.
Bytes seal_request(Request request, const KeyPair& machine, const SymmetricKey* proof_key);

struct OpenedRequest {
  Verified<Request> request;
  Digest document;  ///< SHA-256 of the whole document: what QR parts and phone groups name
  Digest payload;   ///< SHA-256 of the payload: the request's identity
};
/// Verifies with the machine key that the request carries: integrity and possession, not permission.
Result<OpenedRequest> open_request(ByteView document);
/// True where the request was made by a holder of the licence key.
bool is_proved(const Request& request, const SymmetricKey& proof_key);

}  // namespace oak
