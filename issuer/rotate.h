#pragma once
// What a desk asks its roots to sign when keys change: a trust of other roots, and bulletins that tell the field.

#include <optional>
#include <string>
#include <vector>

#include "issuer/draft.h"

namespace oak {

struct RotateInput {
  std::vector<std::string> remove;  ///< key ids as `key list` shows them, or how they begin
  std::vector<PublicKey> add;
  std::optional<std::uint64_t> threshold;
};
/// The next trust. It needs the thresholds of the roots that are and of those that will be.
Outcome<Draft> draft_new_trust(const Desk& desk, const DeskWorld& world, const RotateInput& input);

/// All that the roots have revoked so far, without those survivors that count no more, and the newest trust, where roots have
/// changed: for machines that know the roots before these. Usage, where there is nothing to tell.
Outcome<Draft> draft_key_bulletin(Desk& desk, const DeskWorld& world);

struct Revocation {
  Draft draft;
  std::vector<std::uint64_t> serials;
  std::size_t survivors = 0;
};
/// Takes an issuer key back, by its name or serial, under every certificate that it has had. What it has signed still counts where the
/// ledger knows it and it is live, or what took its place is; but for `except`, activation ids.
Outcome<Revocation> draft_revocation(Desk& desk, const DeskWorld& world, const std::string& issuer, const std::vector<std::string>& except);

}  // namespace oak
