#pragma once
// A receipt comes in: the activation it gives back ends, or stops being owed behind the one that took its place.

#include <optional>
#include <string>
#include <vector>

#include "issuer/desk.h"
#include "issuer/policy.h"

namespace oak {

struct AcceptTerms {
  std::vector<std::string> approvals;  ///< refusal codes
  std::string reason;
  std::string approve_command;  ///< what a remedy's command begins with
};

struct Accepted {
  std::vector<Refusal> refusals;  ///< not empty: nothing was recorded, and the rest means nothing
  ActivationRecord record;        ///< as it is now
  std::optional<ActivationId> successor;
  std::uint64_t seats_freed = 0;  ///< by this call
  bool repeat = false;            ///< its receipt was in already
  bool uses_quota = false;
  std::uint64_t rehosts_left = 0, rehosts_a_year = 0;

  /// No software binding can prove that the activation is gone: whoever restores the machine's state has it again.
  bool attested() const { return record.activation.binding != Binding::software; }
};
/// Recorded once, in one transaction: what is returned is on disk. Failures: the document's, the ledger's.
Outcome<Accepted> accept_receipt(Desk& desk, const DeskWorld& world, const AcceptTerms& terms, ByteView document);

}  // namespace oak
