#pragma once
// Issuer keys that a desk asks its roots to certify: a new key, or a new certificate for one that is there.

#include <optional>
#include <string>
#include <vector>

#include "issuer/draft.h"

namespace oak {

struct CertifyInput {
  std::string issuer;               ///< a key of this desk, for a new certificate; empty: a new key
  std::optional<PublicKey> holder;  ///< a new key that lies elsewhere: nothing is made here but the draft
  std::vector<std::string> products;
  std::vector<std::string> kinds;  ///< "permanent", "certificate"; empty: both
  std::optional<std::uint64_t> max_days, max_seats;
  std::string versions;      ///< a range; empty: uncapped
  std::string from, until;   ///< "2027-01-31"; empty: two days ago, ten years on
  bool like_before = false;  ///< caps as before: of `issuer`, else of the newest; in place of those above
};
struct NewDraft {
  std::string name;  ///< of the issuer key
  std::uint64_t serial = 0;
  Draft draft;
};
/// Makes the key where it is new, and the draft of its certificate with the next serial; the desk keeps a copy.
Outcome<NewDraft> draft_certificate(Desk& desk, const DeskWorld& world, const CertifyInput& input);
/// As a new desk certifies its first key: all products, both kinds, no caps.
IssuerCertificate first_certificate(const PublicKey& issuer, std::uint64_t serial, std::uint64_t now_unix_s);

/// 64 hex digits; usage, naming the option.
Outcome<PublicKey> public_key_from(std::string_view hex, std::string_view option);

}  // namespace oak
