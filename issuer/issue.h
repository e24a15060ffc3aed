#pragma once
// Where a request becomes an activation: open, look up, decide, sign, record, and only then hand out.

#include <optional>
#include <string>
#include <vector>

#include "issuer/desk.h"
#include "issuer/policy.h"

namespace oak {

/// Keys are unlocked once for any number of requests.
struct IssuingKeys {
  std::optional<SymmetricKey> ledger_key;  ///< nullopt: proofs can't be checked (inspect without a passphrase)
  std::optional<KeyPair> issuer;
  Bytes certificate;
  std::optional<Seed> sealing_seed;  ///< nullopt: sealed requests can't be opened
};

struct IssueTerms {
  std::optional<std::uint64_t> days;  ///< a certificate; neither this nor `permanent`: what the policy makes of the request
  bool permanent = false;
  bool reset_clock = false;
  std::vector<std::string> approvals;  ///< refusal codes
  std::string reason;
  std::string approve_command;  ///< what a remedy's command begins with
};

/// A request that is what it says, from whoever holds its machine key.
struct ReceivedRequest {
  OpenedRequest opened;
  bool keys_are_valid = false;
};
/// Needs no desk, and is safe on any thread.
Outcome<ReceivedRequest> receive_request(ByteView document);

struct Inspected {
  OpenedRequest request;
  Decision decision;
  std::optional<ActivationRecord> earlier_answer;  ///< the same request was answered before, and that answer is live
  bool proof_checked = true;
  std::vector<Factor> indispensable;  ///< each alone, lost, would lock this machine out under the product's policy
};
/// Of a ledger that is older than a checkpoint of its desk: nothing is issued from it.
Refusal rolled_back_refusal(const std::string& why);
/// What is asked, and what the policy would say. Failures: the document's, the ledger's.
Outcome<Inspected> inspect_request(Desk& desk, const IssuingKeys& keys, std::uint64_t now_unix_s, const IssueTerms& terms,
                                   ByteView document);

struct Issued {
  ActivationRecord record;
  bool repeat = false;
  std::vector<Refusal> refusals;  ///< not empty: nothing was issued, and `record` means nothing
};
/// Decides and records in one transaction: what is returned is on disk. The same request gets the same bytes while
/// its answer is live.
Outcome<Issued> issue(Desk& desk, const DeskWorld& world, const IssuingKeys& keys, const IssueTerms& terms, ByteView document);

/// One of several requests.
struct Asking {
  ByteView document;
  IssueTerms terms;
  Outcome<ReceivedRequest> request;  ///< receive_request(document)
};
enum class Recording { keep, rehearse };
/// The same for several, one after another in one transaction, each decided on its own as if those before it were on disk: they
/// are once it returns. An outer failure recorded nothing. `rehearse` gives the same answers and records nothing: nothing that was
/// signed may leave.
Outcome<std::vector<Outcome<Issued>>> issue_each(Desk& desk, const DeskWorld& world, const IssuingKeys& keys,
                                                 const std::vector<Asking>& all, Recording recording);

}  // namespace oak
