#include "core/tolerance.h"

#include <algorithm>
#include <optional>

#include "core/cbor.h"
#include "core/fields.h"

namespace oak {
namespace {

constexpr std::uint8_t max_weight = 15;
constexpr std::size_t platform = static_cast<std::size_t>(Factor::platform);
constexpr std::size_t tpm = static_cast<std::size_t>(Factor::tpm);

std::size_t index_of(Component component) { return static_cast<std::size_t>(factor_of(component)); }

bool is_set_factor(std::size_t factor) {
  return factor == static_cast<std::size_t>(Factor::network) || factor == static_cast<std::size_t>(Factor::disks);
}

/// What is there now of one component, apart from the members that match.
struct Presence {
  bool unmatched = false, unreadable = false, placeholder = false;
};

bool is_enrolled(const Fingerprint& baseline, Component component, const MemberDigest& digest) {
  return std::any_of(baseline.members.begin(), baseline.members.end(),
                     [&](const Member& member) { return member.component == component && member.digest == digest; });
}

bool is_seen(const std::vector<Observation>& now, const Member& member) {
  return std::any_of(now.begin(), now.end(),
                     [&](const Observation& seen) { return seen.component == member.component && seen.digest == member.digest; });
}

Presence presence_of(Component component, const Fingerprint& baseline, const std::vector<Observation>& now) {
  Presence presence;
  for (const Observation& seen : now) {
    if (seen.component != component) continue;
    if (seen.digest && is_enrolled(baseline, component, *seen.digest)) continue;
    presence.unmatched |= seen.state == State::usable;
    presence.unreadable |= seen.state == State::unreadable;
    presence.placeholder |= seen.state == State::placeholder;
  }
  return presence;
}

State state_of_lost(const Presence& presence) {
  if (presence.unmatched) return State::mismatch;
  if (presence.placeholder) return State::placeholder;
  if (presence.unreadable) return State::unreadable;
  return State::absent;
}

void list_component(Component component, const Fingerprint& baseline, const std::vector<Observation>& now, Judgement& out) {
  const Presence presence = presence_of(component, baseline, now);
  FactorTally& tally = out.factors[index_of(component)];
  bool listed = false, was_enrolled = false;
  for (const Member& member : baseline.members) {
    if (member.component != component) continue;
    const bool matched = is_seen(now, member);
    ++tally.enrolled;
    tally.matched += matched ? 1 : 0;
    out.components.push_back({component, member.label, matched ? State::match : state_of_lost(presence)});
    listed = was_enrolled = true;
  }
  for (const Observation& seen : now) {
    if (seen.component != component || (seen.digest && is_enrolled(baseline, component, *seen.digest))) continue;
    // A single component that was enrolled has its one state already.
    if (was_enrolled && (!is_set(component) || seen.state != State::usable)) continue;
    out.components.push_back({component, seen.label, seen.state == State::usable ? State::new_member : seen.state});
    listed = true;
  }
  if (!listed) out.components.push_back({component, {}, State::absent});
}

/// Decides each factor. A set needs one member where the platform or the TPM holds too, else more than half.
void decide(std::array<FactorTally, factor_count>& factors) {
  for (std::size_t i = 0; i < factor_count; ++i) factors[i].holds = !is_set_factor(i) && factors[i].matched > 0;
  const bool anchored = factors[platform].holds || factors[tpm].holds;
  for (std::size_t i = 0; i < factor_count; ++i)
    if (is_set_factor(i)) factors[i].holds = anchored ? factors[i].matched > 0 : 2 * factors[i].matched > factors[i].enrolled;
}

unsigned score_of(const std::array<FactorTally, factor_count>& factors, const Policy& policy) {
  unsigned score = 0;
  for (std::size_t i = 0; i < factor_count; ++i) score += factors[i].holds ? policy.weights[i] : 0U;
  return score;
}

/// How many factors `lost` (a bit each) names, or nothing where one of them does not hold anyway.
std::optional<unsigned> lose(std::array<FactorTally, factor_count>& factors, unsigned lost) {
  unsigned count = 0;
  for (std::size_t i = 0; i < factor_count; ++i) {
    if ((lost >> i & 1) == 0) continue;
    if (!factors[i].holds) return std::nullopt;
    factors[i].matched = 0;
    ++count;
  }
  decide(factors);
  return count;
}

/// One less than the smallest number of factors whose loss ends acceptance; every choice of factors is tried.
unsigned margin_of(const Judgement& judgement, const Policy& policy) {
  unsigned fewest = factor_count;
  for (unsigned lost = 1; lost < (1U << factor_count); ++lost) {
    auto factors = judgement.factors;
    const auto count = lose(factors, lost);
    if (count && score_of(factors, policy) < judgement.needed) fewest = std::min(fewest, *count);
  }
  return fewest - 1;
}

unsigned needed_of(unsigned enrolled, const Policy& policy) { return (policy.threshold_percent * enrolled + 99) / 100; }

/// Each factor of `movable` (a bit each) goes to one of two boxes; both have `in_both`.
bool can_be_split(unsigned movable, unsigned in_both, const Policy& policy) {
  const auto weigh = [&](unsigned chosen) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < factor_count; ++i) sum += (chosen >> i & 1) != 0 ? policy.weights[i] : 0U;
    return sum;
  };
  const unsigned needed = needed_of(weigh(movable | in_both), policy);
  for (unsigned half = 0; half <= movable; ++half)
    if ((half & ~movable) == 0 && weigh(half | in_both) >= needed && weigh((movable & ~half) | in_both) >= needed) return true;
  return false;
}

constexpr unsigned bit(Factor factor) { return 1U << static_cast<std::size_t>(factor); }

}  // namespace

bool accepts_both_halves(const Policy& policy) {
  constexpr unsigned platform_bit = bit(Factor::platform), network = bit(Factor::network), disks = bit(Factor::disks);
  constexpr unsigned os = bit(Factor::os), model = bit(Factor::model);
  for (const unsigned base : {platform_bit | network, platform_bit | disks, network | disks, platform_bit | network | disks})
    for (const unsigned movable : {base, base | bit(Factor::tpm)})
      for (const unsigned copied : {0U, os, model, os | model})
        if (can_be_split(movable, copied, policy)) return true;
  return false;
}

Bytes encode_policy(const Policy& policy) {
  cbor::Writer writer;
  writer.array(2);
  writer.uint(policy.threshold_percent);
  writer.array(factor_count);
  for (const std::uint8_t weight : policy.weights) writer.uint(weight);
  return writer.take();
}

Result<Policy> decode_policy(ByteView item) {
  cbor::Reader reader(item);
  const auto count = reader.array();
  if (!count || *count != 2) return bad_field(Field::policy, "has the wrong form");
  Policy policy;
  const auto threshold = reader.uint();
  if (!threshold || *threshold < 1 || *threshold > 100) return bad_field(Field::policy, "has a threshold out of range");
  policy.threshold_percent = static_cast<std::uint8_t>(*threshold);
  const auto weights = reader.array();
  if (!weights || *weights != factor_count) return bad_field(Field::policy, "has the wrong number of weights");
  unsigned sum = 0;
  for (std::uint8_t& weight : policy.weights) {
    const auto value = reader.uint();
    if (!value || *value > max_weight) return bad_field(Field::policy, "has a weight out of range");
    weight = static_cast<std::uint8_t>(*value);
    sum += weight;
  }
  if (sum == 0) return bad_field(Field::policy, "has no weight");
  return policy;
}

Judgement judge(const Fingerprint& baseline, const std::vector<Observation>& now, const Policy& policy) {
  Judgement out;
  for (std::size_t i = 1; i <= component_count; ++i) list_component(static_cast<Component>(i), baseline, now, out);
  decide(out.factors);
  for (std::size_t i = 0; i < factor_count; ++i) out.enrolled += out.factors[i].enrolled > 0 ? policy.weights[i] : 0U;
  out.score = score_of(out.factors, policy);
  out.needed = needed_of(out.enrolled, policy);
  out.accept = out.enrolled > 0 && out.score >= out.needed;
  out.strong = is_strong(baseline);
  out.margin = out.accept ? margin_of(out, policy) : 0;
  return out;
}

bool may_hold_unread(const Judgement& judgement, const Policy& policy) {
  auto factors = judgement.factors;
  for (const ComponentVerdict& component : judgement.components) {
    FactorTally& tally = factors[index_of(component.component)];
    if (component.state == State::unreadable) tally.matched = tally.enrolled;
  }
  decide(factors);
  return judgement.enrolled > 0 && score_of(factors, policy) >= judgement.needed;
}

std::vector<Factor> indispensable_factors(const Judgement& judgement, const Policy& policy) {
  std::vector<Factor> out;
  for (unsigned i = 0; i < factor_count && judgement.accept; ++i) {
    auto factors = judgement.factors;
    if (lose(factors, 1U << i) && score_of(factors, policy) < judgement.needed) out.push_back(static_cast<Factor>(i));
  }
  return out;
}

}  // namespace oak
