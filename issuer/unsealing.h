#pragma once
// Sealed requests at the desk: every way in that takes a request takes a sealed one, and from here on it is the request inside.

#include <string>

#include "issuer/issue.h"

namespace oak {

/// The request inside a sealed one, not yet looked at; any other document as it is. `what` names it for messages. Failures:
/// unknown_key (another desk's), bad_seal, malformed, permission_denied (the desk's key is not unlocked).
Outcome<Bytes> unsealed(ByteView document, const IssuingKeys& keys, const std::string& what);

}  // namespace oak
