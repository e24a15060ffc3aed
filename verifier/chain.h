#pragma once
// Everything stored for a product, read and verified: the part of a check that does not change while it is stored.

#include <optional>
#include <string>
#include <vector>

#include "verifier/bulletins.h"
#include "verifier/trust_source.h"
#include "verifier/verdict.h"

namespace oak {

/// One stored activation: opened, or why not.
struct Candidate {
  std::string name, path;  ///< of its file
  std::optional<OpenedActivation> opened;
  Verdict verdict = Verdict::malformed;  ///< malformed or untrusted where it could not be opened
  std::string why;                       ///< then a sentence fragment, printable
};

struct Chain {
  std::string product;
  std::optional<TrustOrigin> trust_origin;
  std::string site_trust_file;
  std::optional<HeldBulletins> bulletins;  ///< where there is usable trust
  std::vector<Candidate> candidates;
  bool too_many = false;
};

/// Stages 1 to 5. Fails where the state or the trust can't be read, or trust was given where it may not be.
Outcome<Chain> load_chain(Disk& disk, const Store& store, const TrustSource& source, std::string_view product);
/// What an error of the store means to who runs the tool: in reading it, and in writing it.
Failure state_failure(const Error& error);
Failure state_write_failure(const Error& error);

}  // namespace oak
