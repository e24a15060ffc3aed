#include "machine-id/show.h"

#include <algorithm>
#include <array>

#include "core/json_writer.h"
#include "core/text.h"
#include "core/tolerance.h"

namespace oak {
namespace {

/// One factor's share of the facts: what counts, then what was left out.
struct Share {
  bool is_usable = false;
  std::vector<const Fact*> members, left_out;
};

struct Overview {
  std::array<Share, factor_count> factors;
  bool is_strong = false;
  unsigned enrolled = 0;  ///< sum of the weights of usable factors
};

Overview overview_of(const Facts& facts) {
  Overview out;
  for (const Fact& fact : facts.facts) {
    Share& share = out.factors[static_cast<std::size_t>(factor_of(fact.component))];
    share.members.push_back(&fact);
    share.is_usable |= fact.state == State::usable;
  }
  for (const Fact& fact : facts.left_out) out.factors[static_cast<std::size_t>(factor_of(fact.component))].left_out.push_back(&fact);
  for (std::size_t i = 0; i < factor_count; ++i) out.enrolled += out.factors[i].is_usable ? Policy{}.weights[i] : 0U;
  // Enrolment as it would be; which key digests the values makes no difference to what is there.
  out.is_strong = is_strong(enrol(observe(facts, SymmetricKey())));
  return out;
}

void write_member(JsonWriter& json, const Fact& fact) {
  json.begin_object();
  json.key("component").text(component_name(fact.component));
  json.key("label").text_or_null(fact.label);
  json.key("source").text_or_null(fact.source);
  json.key("state").text(state_name(fact.state));
  json.key("reason").text_or_null(fact.reason);
  json.end_object();
}

std::string member_line(const Fact& fact) {
  std::string out = "    " + std::string(component_name(fact.component));
  if (!fact.label.empty()) out += " " + printable(fact.label);
  const std::string state(state_name(fact.state)), reason = printable(fact.reason);
  // A placeholder's reason says so itself.
  if (reason.starts_with(state + ": "))
    out += ": " + reason;
  else
    out += ": " + state + (reason.empty() ? "" : " (" + reason + ")");
  if (!fact.source.empty()) out += "  [" + printable(fact.source) + "]";
  return out + "\n";
}

/// The source without the member's own name and what is below it.
std::string folder_of(const Fact& fact) { return fact.source.substr(0, fact.source.find("/" + fact.label)); }

/// One line a reason: a machine has many loop devices and few reasons.
std::string left_out_lines(const std::vector<const Fact*>& left_out) {
  struct Line {
    std::string reason, folder, labels;
  };
  std::vector<Line> lines;
  for (const Fact* fact : left_out) {
    const std::string folder = folder_of(*fact);
    const auto same = [&](const Line& line) { return line.reason == fact->reason && line.folder == folder; };
    auto at = std::find_if(lines.begin(), lines.end(), same);
    if (at == lines.end()) at = lines.insert(at, {fact->reason, folder, {}});
    at->labels += " " + printable(fact->label);
  }
  std::string out;
  for (const Line& line : lines)
    out += "    left out, " + printable(line.reason) + ":" + line.labels + "  [" + printable(line.folder) + "]\n";
  return out;
}

}  // namespace

std::string show_text(const Facts& facts) {
  const Overview overview = overview_of(facts);
  std::string out =
      std::string("strength: ") + (overview.is_strong ? "normal" : "weak") + ", total weight " + std::to_string(overview.enrolled) + "\n";
  if (!overview.is_strong)
    out += "  Fewer than two of platform, network, disks and tpm are usable: the vendor has to approve this machine by hand.\n";
  if (!facts.environment.virtual_machine.empty()) out += "virtual machine: " + facts.environment.virtual_machine + "\n";
  if (!facts.environment.container.empty()) out += "container: " + facts.environment.container + "\n";
  for (std::size_t i = 0; i < factor_count; ++i) {
    const Share& share = overview.factors[i];
    out += "  " + std::string(factor_name(static_cast<Factor>(i))) + ", weight " + std::to_string(Policy{}.weights[i]) +
           (share.is_usable ? ": usable\n" : ": not usable\n");
    for (const Fact* fact : share.members) out += member_line(*fact);
    out += left_out_lines(share.left_out);
  }
  return out;
}

std::string show_json(const Facts& facts) {
  const Overview overview = overview_of(facts);
  JsonWriter json;
  json.begin_object();
  json.key("strength").text(overview.is_strong ? "normal" : "weak");
  json.key("enrolled").number(overview.enrolled);
  json.key("environment").begin_object();
  json.key("virtual_machine").text_or_null(facts.environment.virtual_machine);
  json.key("container").text_or_null(facts.environment.container);
  json.end_object();
  json.key("factors").begin_array();
  for (std::size_t i = 0; i < factor_count; ++i) {
    const Share& share = overview.factors[i];
    json.begin_object();
    json.key("factor").text(factor_name(static_cast<Factor>(i)));
    json.key("weight").number(Policy{}.weights[i]);
    json.key("usable").boolean(share.is_usable);
    json.key("members").begin_array();
    for (const Fact* fact : share.members) write_member(json, *fact);
    for (const Fact* fact : share.left_out) write_member(json, *fact);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json.str() + "\n";
}

}  // namespace oak
