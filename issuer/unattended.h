#pragma once
// What a desk answers over the network while nobody is at it (docs/format-serve.md, "What is answered"): the policy, the ledger and the
// transaction of `issue`, no approval of its own, certificates only. Nothing here knows HTTP.

#include "issuer/held_keys.h"
#include "issuer/rate_limit.h"

namespace oak {

struct UnattendedRules {
  std::uint64_t days = 30;  ///< of a certificate
  RateLimit::Rate machine{10, 60'000};
  std::uint64_t least_answers_a_day = 20;  ///< of one licence; else twice its certificates
};

struct UnattendedAnswer {
  enum class What { issued, repeated, refused, no_request, too_many, busy, not_available };
  What what = What::not_available;
  std::optional<ActivationRecord> record;  ///< issued, repeated: what is handed out
  std::vector<Refusal> refusals;           ///< refused: as the policy has it, for the desk's own log
  std::vector<Refusal> told;               ///< refused: what the site is told
  std::optional<Failure> failure;          ///< no_request, busy, not_available
  std::uint64_t retry_after_s = 0;         ///< too_many, busy, not_available
  // What was asked, where it could be read.
  std::string product, licence;
  std::optional<Digest> request;  ///< of the whole document
};

class UnattendedDesk {
 public:
  /// Everything outlives it. `world.issuer` is a key that signs certificates only, and unlocked in `keys`; `world.lock_wait_ms` is how long
  /// an operator's command is waited for.
  UnattendedDesk(const DeskWorld& world, std::string folder, HeldKeys& keys, const UnattendedRules& rules)
      : world_(world), folder_(std::move(folder)), keys_(keys), rules_(rules), machines_(rules.machine), licences_({1, 1}) {}

  /// One request, sealed or not. What is handed out is in the ledger. `now_ms` counts for the limits alone, and never goes back.
  UnattendedAnswer answer(ByteView carried, std::uint64_t now_ms);

 private:
  UnattendedAnswer answer_request(const ReceivedRequest& received, ByteView document, std::uint64_t now_ms);
  /// The key may have been revoked, or its certificate renewed, since the last request.
  Outcome<void> look_after_issuer(const Desk& desk);
  Outcome<IssueTerms> terms_for(Desk& desk, const Request& request) const;
  std::optional<std::uint64_t> limit_licence(Desk& desk, const std::string& licence, std::uint64_t now_ms);

  const DeskWorld& world_;
  std::string folder_;
  HeldKeys& keys_;
  UnattendedRules rules_;
  RateLimit machines_, licences_;
};

}  // namespace oak
