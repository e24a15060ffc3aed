#pragma once
// Gives an activation back. First the mark that ends it here is on the disk, then its receipt is made and kept in the state,
// and only then does it leave: whoever has a receipt has no activation any more, and a lost receipt is written again.

#include <optional>
#include <string>
#include <vector>

#include "core/activation.h"
#include "core/receipt.h"
#include "verifier/machine.h"
#include "verifier/trust_source.h"

namespace oak {

struct ReturnInput {
  std::string product;
  std::string licence, activation;  ///< which one, where there are several; empty: not said
};

/// What would be given back, found before anything is changed.
struct ReturnPlan {
  Receipt receipt;  ///< all that it will say but its time and key
  PublicKey machine_key{};
  std::string grant;                     ///< "3 seats of 3.*, permanent"; empty where only the receipt is left
  std::vector<ActivationId> also_ended;  ///< older ones, which would count again otherwise
  std::optional<ActivationId> taken_over_by;
  std::uint64_t mark_generation = 0;  ///< lower ones of the licence can't come back
  bool ended = false;                 ///< it was given back before
  Bytes kept;                         ///< its receipt, where that was made before
  std::vector<std::string> warnings;
};

/// The activation in force: of the highest generation that counts. Where none does, the one given back last, whose receipt is
/// written again. Older ones beside it end with it: the desk counts no more of its chain once the receipt is in. Without the
/// vendor's trust, what is stored is taken as it claims.
/// Failures: not_activated, revoked, wrong_machine (another machine key), usage (several to choose from, or no such one), and
/// the store's.
Outcome<ReturnPlan> plan_return(const Machine& machine, const TrustSource& source, const ReturnInput& input);

/// What a smaller activation has freed: those of more seats that it took the place of.
struct ReplacedPlans {
  std::vector<ReturnPlan> plans;
  /// Not empty: there will be receipts, but the new activation has to be active once before; until then the old one counts.
  std::string not_yet;
};
/// An old activation may end where it can't be needed any more: the new one was active once, or it fits this machine now and
/// covers every version that the old one covered. Those given back before are among the plans. `input.licence` empty: all.
Outcome<ReplacedPlans> plan_replaced(const Machine& machine, const TrustSource& source, const ReturnInput& input);

/// The receipt. Each step is on the disk before the next; cut off anywhere, it can be done again.
Outcome<Bytes> give_back(const Machine& machine, const ReturnPlan& plan);

}  // namespace oak
