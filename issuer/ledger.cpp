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

}  // namespace oak
