#pragma once
// What the desk answers to a request: pure rules over what the ledger knows. Nothing is read or written here.

#include <optional>
#include <string>
#include <vector>

#include "core/request.h"
#include "issuer/ledger.h"

namespace oak {

struct Refusal {
  std::string code;  ///< the contract's refusal codes
  std::string message;
  std::string remedy;  ///< a whole command that would approve it, or what to do or buy
};

/// Whether the request was shown to come from who may ask.
enum class Proof { good, wrong, absent, not_checked };

/// What the request's supersedes names, as the ledger has it.
struct Predecessor {
  enum class Finding { none, found, unknown } finding = Finding::none;
  std::optional<ActivationRecord> named;    ///< what the request names
  std::optional<ActivationRecord> current;  ///< the end of its chain of successors: itself, where nothing superseded it
};

struct PolicyInput {
  const OpenedRequest* request = nullptr;
  std::optional<Licence> licence;  ///< nullopt: the desk has none of that id
  Proof proof = Proof::absent;
  Predecessor predecessor;
  std::vector<ActivationRecord> like;     ///< live ones of the licence that could be on the same machine
  std::vector<ActivationRecord> revoked;  ///< all of the licence
  LicenceTotals totals;                   ///< of the licence
  std::uint64_t ledger_size = 0;
  std::uint64_t highest_generation = 0;
  std::uint64_t quota_used = 0;  ///< in the year before now
  std::uint64_t now_unix_s = 0;
  std::optional<std::uint64_t> days;   ///< the operator's word: a certificate of so many days
  bool permanent = false;              ///< the operator's word: permanent, even where a certificate is rebound
  std::vector<std::string> approvals;  ///< refusal codes, normalised
  std::string approve_command;         ///< "oak-issuer issue 'req.oak' --out FILE": remedies continue it
  std::string desk_option;             ///< of the other commands that remedies name: " --desk DIR", or nothing
};

struct Grant {
  std::uint64_t generation = 0;
  std::optional<ActivationId> supersedes;
  Kind kind = Kind::permanent;
  std::optional<std::uint64_t> not_after_unix_s;
  std::uint64_t counted_seats = 0;
  bool uses_quota = false;
  std::vector<std::string> approvals;  ///< those that were needed, ascending
};

struct Decision {
  std::vector<Refusal> refusals;  ///< all that apply; empty: granted
  Grant grant;
};

Decision decide(const PolicyInput& input);

/// Whether an operator may answer for what this code refuses.
bool is_approvable(std::string_view code);
/// The contract's words for --approve: "weak" → "weak-fingerprint" and so on; nullopt for a word that is none.
std::optional<std::string> refusal_code_of_approval(std::string_view word);

}  // namespace oak
