#include "verifier/rehearse.h"

#include <algorithm>

#include "core/hardware_json.h"
#include "core/text.h"
#include "machine-id/snapshot.h"
#include "verifier/advice.h"
#include "verifier/answer.h"
#include "verifier/chain.h"
#include "verifier/check.h"
#include "verifier/grace.h"

namespace oak {
namespace {

using Observations = std::vector<Observation>;

bool is_one_of(const std::vector<Component>& components, Component component) {
  return std::find(components.begin(), components.end(), component) != components.end();
}

void erase_member(Observations& seen, const Member& member) {
  std::erase_if(seen, [&](const Observation& each) { return each.component == member.component && each.digest == member.digest; });
}

std::string labels_of_set(const Removal& removal, const Fingerprint& baseline, const Observations& seen) {
  std::vector<std::string> labels;
  for (const Member& member : baseline.members)
    if (is_one_of(removal.components, member.component)) labels.push_back(member.label);
  for (const Observation& each : seen)
    if (is_one_of(removal.components, each.component)) labels.push_back(each.label);
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  std::string out;
  for (const std::string& label : labels)
    if (!label.empty()) out += (out.empty() ? "" : ", ") + in_quotes(label);
  return out.empty() ? "none has a label" : "there is " + out;
}

/// A label means the member that was enrolled under it, as answers show it; only where none was, one that is seen under it.
Status remove(const Removal& removal, const Fingerprint& baseline, Observations& seen) {
  const auto is_meant = [&](const auto& each) {
    return is_one_of(removal.components, each.component) && (removal.label.empty() || each.label == removal.label);
  };
  bool is_enrolled = false;
  for (const Member& member : baseline.members)
    if (!removal.label.empty() && is_meant(member)) {
      erase_member(seen, member);
      is_enrolled = true;
    }
  if (is_enrolled || std::erase_if(seen, is_meant) > 0 || removal.label.empty()) return {};
  return fail(Code::usage, in_quotes(removal.label) + " names nothing here: " + labels_of_set(removal, baseline, seen));
}

std::vector<Member> next_losses_of(const Activation& activation, const Observations& seen) {
  std::vector<Member> out;
  for (const Member& member : activation.fingerprint.members) {
    Observations left = seen;
    erase_member(left, member);
    if (left.size() < seen.size() && !judge(activation.fingerprint, left, activation.policy).accept) out.push_back(member);
  }
  return out;
}

struct Stage {
  const Machine& machine;
  const Store& store;
  const Chain& chain;
  const RehearsalInput& input;
  const Marks& marks;
  std::optional<Facts> here;  ///< this machine's, once they were read
};

/// Given, earned by an earlier `active`, and not begun.
bool grace_is_left(const OpenedActivation& opened, const Marks& marks) {
  const LicenceMarks* licence = marks.find_licence(opened.activation->licence);
  return opened.activation->grace_days > 0 && licence != nullptr && licence->active_once == opened.id && !licence->grace_start_unix_s;
}

Outcome<Rehearsal> rehearse_on(Stage& stage, const OpenedActivation& opened) {
  Rehearsal out{*opened.activation, opened.id, {}, {}, {}, false, {}};
  const auto stored = stage.store.fingerprint_key(stage.chain.product, out.activation.fingerprint_key);
  if (!stored) return tl::unexpected(key_failure(stored.error(), out.activation));
  Observations seen;
  if (stage.input.facts) {
    seen = observe(*stage.input.facts, stored->key);
  } else {
    if (!stage.here) stage.here = collect_components(stage.machine.host);
    Sighting sighting = observe_with_snapshot(stage.machine.disk, stage.machine.host, *stage.here, stage.chain.product, stored->key);
    seen = std::move(sighting.observations);
    if (!sighting.refusal.empty()) out.warnings.push_back(std::move(sighting.refusal));
  }
  for (const Removal& removal : stage.input.without)
    if (const auto removed = remove(removal, out.activation.fingerprint, seen); !removed)
      return tl::unexpected(Failure{Code::usage, removed.error().context, "oak-verifier check --json shows each component and its label"});
  out.hardware = judge(out.activation.fingerprint, seen, out.activation.policy);
  if (out.hardware.accept) out.next_losses = next_losses_of(out.activation, seen);
  out.next_factors = indispensable_factors(out.hardware, out.activation.policy);
  out.has_grace = !out.hardware.accept && grace_is_left(opened, stage.marks) && is_near(out.hardware, out.activation.policy);
  for (std::string& warning : hardware_warnings(out.activation, out.hardware)) out.warnings.push_back(std::move(warning));
  return out;
}

bool is_better(const Rehearsal& a, const Rehearsal& b) {
  if (a.hardware.accept != b.hardware.accept) return a.hardware.accept;
  return a.activation.generation > b.activation.generation;
}

Failure nothing_counts(const Chain& chain, std::string_view why) {
  return {Code::not_activated, "no activation of " + in_quotes(chain.product) + " counts on this machine" + std::string(why),
          "oak-verifier check --product " + chain.product + " --version VERSION says what helps"};
}

std::string removal_word(const Member& member) {
  return std::string(component_name(member.component)) + (member.label.empty() ? "" : ":" + printable(member.label));
}

/// As --without takes them; a factor whose one component is there already is not said twice.
std::string next_words(const Rehearsal& rehearsal) {
  std::string out;
  for (const Member& member : rehearsal.next_losses) out += (out.empty() ? "" : ", ") + removal_word(member);
  for (const Factor factor : rehearsal.next_factors) {
    const bool is_said = std::any_of(rehearsal.next_losses.begin(), rehearsal.next_losses.end(),
                                     [&](const Member& member) { return factor_of(member.component) == factor; });
    if (!is_said) out += (out.empty() ? "" : ", ") + std::string(factor_name(factor));
  }
  return out;
}

void write_next(JsonWriter& json, const Rehearsal& rehearsal) {
  json.key("next_losses").begin_array();
  for (const Member& member : rehearsal.next_losses) {
    json.begin_object();
    json.key("component").text(component_name(member.component));
    json.key("label").text_or_null(member.label);
    json.key("factor").text(factor_name(factor_of(member.component)));
    json.end_object();
  }
  json.end_array();
  json.key("next_factors").begin_array();
  for (const Factor factor : rehearsal.next_factors) json.text(factor_name(factor));
  json.end_array();
}

}  // namespace

Outcome<Removal> parse_removal(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  Removal out;
  std::string known;
  for (std::size_t i = 1; i <= component_count; ++i) {
    const auto component = static_cast<Component>(i);
    if (component_name(component) == name || factor_name(factor_of(component)) == name) out.components.push_back(component);
    known += (known.empty() ? "" : ", ") + std::string(component_name(component));
  }
  if (colon != std::string_view::npos) out.label = text.substr(colon + 1);
  const bool has_empty_label = colon != std::string_view::npos && out.label.empty();
  if (out.components.empty() || has_empty_label)
    return tl::unexpected(
        Failure{Code::usage, "--without " + in_quotes(text) + " is no component",
                "one of " + known + ", for one of several with its label, as in mac:eth0; or a whole factor, as in platform"});
  return out;
}

Outcome<Rehearsal> rehearse(const Machine& machine, const TrustSource& source, std::string_view product, const RehearsalInput& input) {
  OAK_TRY(check_product_name(product));
  const Store store(machine.disk, machine.state_dir, machine.own_uid);
  OAK_ASSIGN(const Chain chain, load_chain(machine.disk, store, source, product));
  const auto marks = store.marks(product);
  if (!marks) return tl::unexpected(state_failure(marks.error()));
  const Marks known = marks->value_or(Marks{});
  Stage stage{machine, store, chain, input, known, {}};
  std::optional<Rehearsal> best;
  std::string why = ": none is stored";
  for (const Candidate& candidate : chain.candidates) {
    why = ": " + candidate.why;
    if (!candidate.opened) continue;
    if (!*marks) return tl::unexpected(nothing_counts(chain, ": its marks are missing"));
    if (const auto verdict = judge_standing(*candidate.opened, **marks, chain.bulletins->revocations)) {
      why = ": " + standing_detail(*verdict, *candidate.opened->activation, candidate.opened->id);
      continue;
    }
    OAK_ASSIGN(Rehearsal rehearsal, rehearse_on(stage, *candidate.opened));
    if (!best || is_better(rehearsal, *best)) best = std::move(rehearsal);
  }
  if (!best) return tl::unexpected(nothing_counts(chain, why));
  return std::move(*best);
}

std::string rehearsal_json(const Rehearsal& rehearsal) {
  JsonWriter json;
  json.begin_object();
  write_judgement_keys(json, rehearsal.hardware, true);
  write_next(json, rehearsal);
  json.key("grace_days").number(rehearsal.has_grace ? rehearsal.activation.grace_days : 0);
  json.key("activation");
  write_activation(json, rehearsal.activation, rehearsal.id);
  json.key("warnings").begin_array();
  for (const std::string& warning : rehearsal.warnings) json.text(warning);
  json.end_array().end_object();
  return json.str() + "\n";
}

std::string rehearsal_text(const Rehearsal& rehearsal) {
  const Judgement& hardware = rehearsal.hardware;
  std::string out = hardware.accept ? "accept\n" : "rebind\n";
  out += "score " + std::to_string(hardware.score) + " of " + std::to_string(hardware.enrolled) + ", " + std::to_string(hardware.needed) +
         " needed\n";
  for (const std::string& line : lost_components(rehearsal.activation.fingerprint, hardware)) out += line + "\n";
  if (rehearsal.has_grace) out += "grace: active for " + std::to_string(rehearsal.activation.grace_days) + " days all the same\n";
  if (!hardware.accept) return out;
  const std::string next = next_words(rehearsal);
  out += next.empty() ? "next: no single loss ends it, " + std::to_string(hardware.margin) + " further loss(es) tolerated\n"
                      : "next: each of these alone would end it: " + next + "\n";
  return out;
}

}  // namespace oak
