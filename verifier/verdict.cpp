#include "verifier/verdict.h"

namespace oak {

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::active: return "active";
    case Verdict::rebind: return "rebind";
    case Verdict::clock_set_back: return "clock-set-back";
    case Verdict::expired: return "expired";
    case Verdict::not_yet_valid: return "not-yet-valid";
    case Verdict::revoked: return "revoked";
    case Verdict::superseded: return "superseded";
    case Verdict::returned: return "returned";
    case Verdict::untrusted: return "untrusted";
    case Verdict::malformed: return "malformed";
    case Verdict::not_activated: return "not-activated";
    case Verdict::not_verified: break;
  }
  return "not-verified";
}

}  // namespace oak
