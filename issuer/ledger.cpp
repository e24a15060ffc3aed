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

std::string_view state_word(const ActivationRecord& record, std::uint64_t now_unix_s) {
  const bool has_ended = record.state == ActivationState::live && !record.is_live(now_unix_s);
  return has_ended ? "expired" : activation_state_name(record.state);
}

}  // namespace oak
