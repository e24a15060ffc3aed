#pragma once
// Before the screwdriver: would the activation hold on other hardware, and what would end it next? Nothing is written, and
// the clock is not read.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/activation.h"
#include "core/failure.h"
#include "verifier/machine.h"
#include "verifier/trust_source.h"

namespace oak {

/// What is taken out: a component, all of a factor, or one member of a set by its label.
struct Removal {
  std::vector<Component> components;
  std::string label;  ///< empty: every member
};
/// "mac:eth0", "product_uuid", "disks".
Outcome<Removal> parse_removal(std::string_view text);

struct RehearsalInput {
  std::optional<Facts> facts;  ///< in place of this machine's
  std::vector<Removal> without;
};

struct Rehearsal {
  Activation activation;
  ActivationId id{};
  Judgement hardware;
  std::vector<Member> next_losses;   ///< the components that each alone, lost next, end acceptance
  std::vector<Factor> next_factors;  ///< the same for factors as a whole
  bool has_grace = false;            ///< not accepted, but near enough for the grace that the activation gives
  std::vector<std::string> warnings;
};
/// Of several activations that count here, the one that holds. Fails where none counts, the fingerprint key can't be read,
/// or a label names nothing.
Outcome<Rehearsal> rehearse(const Machine& machine, const TrustSource& source, std::string_view product, const RehearsalInput& input);

/// The keys of a comparison, "margin", "next_losses", "next_factors", "grace_days", "activation", "warnings".
std::string rehearsal_json(const Rehearsal& rehearsal);
/// "accept" or "rebind", the score, what is not as activated, and what would end it next, in the words of --without.
std::string rehearsal_text(const Rehearsal& rehearsal);

}  // namespace oak
