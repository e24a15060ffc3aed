#pragma once
// The tolerance rule: does this machine still count as the one that was enrolled? Pure; source: binding design.

#include <array>
#include <vector>

#include "core/fingerprint.h"

namespace oak {

/// Signed into each activation. Weights of platform, network, disks, tpm, os, model, in that order.
struct Policy {
  std::uint8_t threshold_percent = 60;
  std::array<std::uint8_t, factor_count> weights = {4, 3, 2, 4, 1, 1};
  bool operator==(const Policy&) const = default;
};

Bytes encode_policy(const Policy& policy);
Result<Policy> decode_policy(ByteView item);  ///< threshold 1 to 100, weights 0 to 15, not all 0

/// Whether a machine, with two or all of platform, network and disks, with a TPM or not, could be accepted twice when its factors
/// are shared out between two boxes that have its model or its image: also where the image alone would do. No desk signs such a
/// policy. Members of one set are not shared out here (docs/binding.md, "As measured", has that limit).
bool accepts_both_halves(const Policy& policy);

struct ComponentVerdict {
  Component component;
  std::string label;
  State state;  ///< never usable
};

struct FactorTally {
  std::size_t enrolled = 0;  ///< enrolled members
  std::size_t matched = 0;   ///< of them, found again
  bool holds = false;
};

struct Judgement {
  bool accept = false;
  bool strong = false;    ///< of the baseline
  unsigned score = 0;     ///< weights of factors that hold
  unsigned needed = 0;    ///< least whole number with needed · 100 ≥ threshold · enrolled
  unsigned enrolled = 0;  ///< weights of factors with an enrolled member
  unsigned margin = 0;    ///< how many further factors may be lost, whichever they are, before accept ends
  std::array<FactorTally, factor_count> factors;
  std::vector<ComponentVerdict> components;  ///< by component, enrolled members first; each component at least once
};

/// Never accepts where nothing is enrolled.
Judgement judge(const Fingerprint& baseline, const std::vector<Observation>& now, const Policy& policy);

/// Whether it might be accepted if everything enrolled that can't be read here matched: a matter of permissions, then.
bool may_hold_unread(const Judgement& judgement, const Policy& policy);
/// The factors that each alone, lost as a whole, would end acceptance; none where it has ended already.
std::vector<Factor> indispensable_factors(const Judgement& judgement, const Policy& policy);

}  // namespace oak
