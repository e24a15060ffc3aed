#include "issuer/ledger.h"

namespace oak {

std::string_view activation_state_name(ActivationState state) {
  switch (state) {
    case ActivationState::live: return "live";
    case ActivationState::superseded: return "superseded";
    case ActivationState::returned: return "returned";
    case ActivationState::revoked: return "revoked";
  }
  return "unknown";
}

std::uint64_t live_seats(const std::vector<ActivationRecord>& activations, std::uint64_t now_unix_s) {
  std::uint64_t sum = 0;
  for (const ActivationRecord& record : activations)
    if (record.is_live(now_unix_s)) sum += record.counted_seats;
  return sum;
}

}  // namespace oak
