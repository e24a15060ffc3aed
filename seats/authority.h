#pragma once
// What entitles a host to lend seats: its own activation, as the verifier judges it.

#include <string>

#include "core/activation.h"
#include "verifier/check.h"

namespace oak::seats {

struct Authority {
  Answer answer;   ///< the verifier's, of this host
  Bytes document;  ///< the activation; empty where there is none that can be shown
  KeyPair key;     ///< the seat server's, which the activation carries

  bool is_active() const { return answer.verdict == Verdict::active && !document.empty(); }
};

/// The whole check of this machine, hardware and all. Failures: where there is no answer, or the seat server's key can't be read or is
/// not the activation's.
/// `server_key` is a copy of the seat server's key that this user may read; empty: the one in the state, which is root's.
Outcome<Authority> find_authority(const Machine& machine, const TrustSource& trust, const std::string& product,
                                  const std::string& server_key);

}  // namespace oak::seats
