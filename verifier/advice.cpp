#include "verifier/advice.h"

#include <algorithm>

#include "core/hardware_json.h"
#include "core/text.h"
#include "verifier/store.h"

namespace oak {
namespace {

bool is_enrolled(const Fingerprint& baseline, Component component) {
  return std::any_of(baseline.members.begin(), baseline.members.end(), [&](const Member& member) { return member.component == component; });
}

std::string state_dir_option(const Advice& advice) {
  if (advice.state_dir == default_state_dir) return {};
  return " --state-dir " + shell_word(advice.state_dir);
}

std::string number(std::uint64_t value) { return std::to_string(value); }

}  // namespace

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/:+,@%=";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
  std::string out = "'";
  for (const char c : printable(text)) {
    if (c == '\'') out += "'\\'";
    out += c;
  }
  return out + "'";
}

std::string create_command(const Advice& advice, std::uint64_t seats) {
  std::string out = "oak-request create --product " + std::string(advice.product) + " --version ";
  out += advice.version.empty() ? std::string_view("VERSION") : advice.version;
  if (seats > 1) out += " --seats " + number(seats);
  return out + state_dir_option(advice);
}

std::string next_command(Verdict verdict, const Advice& advice, std::uint64_t seats) {
  switch (verdict) {
    case Verdict::active:
    case Verdict::not_verified: return {};
    case Verdict::untrusted:
      if (advice.trust_missing) return "sudo install -D -m 0644 trust.oak " + std::string(advice.site_trust_file);
      return create_command(advice, seats);
    case Verdict::malformed:
    case Verdict::superseded: return "oak-request import ACTIVATION-FILE" + state_dir_option(advice);
    case Verdict::not_yet_valid:
    case Verdict::clock_set_back: return "sudo timedatectl set-time 'YYYY-MM-DD HH:MM:SS'";
    default: return create_command(advice, seats);
  }
}

std::string import_bulletin_command(const Advice& advice) { return "oak-request import BULLETIN-FILE" + state_dir_option(advice); }

std::vector<std::string> lost_components(const Fingerprint& baseline, const Judgement& hardware) {
  std::vector<std::string> out;
  for (const ComponentVerdict& component : hardware.components)
    if (component.state != State::match && component.state != State::new_member && is_enrolled(baseline, component.component))
      out.push_back("hardware: " + describe_component(component));
  return out;
}

std::vector<std::string> rebind_details(const Activation& activation, const RebindReasons& reasons, const Judgement& hardware,
                                        const Question& question) {
  std::vector<std::string> out;
  if (reasons.hardware) {
    out.push_back("hardware: score " + number(hardware.score) + " of " + number(hardware.enrolled) + ", " + number(hardware.needed) +
                  " needed");
    for (std::string& line : lost_components(activation.fingerprint, hardware)) out.push_back(std::move(line));
  }
  if (reasons.licence)
    out.push_back("licence: " + number(question.seats_in_use) + " seats in use, " + number(activation.seats) + " activated");
  if (reasons.version) out.push_back("version: " + question.version_text + " is not in " + activation.versions.text());
  return out;
}

std::string standing_detail(Verdict verdict, const Activation& activation, const ActivationId& id) {
  const std::string name = "activation " + activation_id_text(id);
  if (verdict == Verdict::returned) return name + " was given back: it does not count on this machine any more";
  if (verdict == Verdict::revoked) return name + " was revoked by the vendor";
  return name + " is generation " + number(activation.generation) + " of licence " + activation.licence +
         ": a newer one has been active here, import that one again";
}

std::string window_detail(Verdict verdict, const Activation& activation, std::uint64_t time_mark_unix_s, std::uint64_t now_unix_s) {
  const std::string now = "the clock shows " + utc_text(now_unix_s);
  if (verdict == Verdict::not_yet_valid) return "the certificate starts at " + utc_text(activation.issued_at_unix_s) + ", and " + now;
  if (verdict == Verdict::clock_set_back)
    return now + ", but " + utc_text(time_mark_unix_s) +
           " has been seen already: set the clock, or where it was ahead by mistake, ask the vendor for an answer that resets it";
  return "the certificate ended at " + utc_text(*activation.not_after_unix_s) + ", and it is " +
         utc_text(std::max(now_unix_s, time_mark_unix_s));
}

std::vector<std::string> hardware_warnings(const Activation& activation, const Judgement& hardware) {
  std::vector<std::string> out;
  std::string unreadable;
  for (const ComponentVerdict& component : hardware.components)
    if (component.state == State::unreadable && is_enrolled(activation.fingerprint, component.component))
      unreadable += (unreadable.empty() ? "" : ", ") + std::string(component_name(component.component));
  if (!unreadable.empty())
    out.push_back("could not read " + unreadable + ": no permission: run as root or enable the boot unit (systemctl enable oak-snapshot@" +
                  activation.product + ")");
  std::string indispensable;
  for (const Factor factor : indispensable_factors(hardware, activation.policy))
    indispensable += (indispensable.empty() ? "" : ", ") + std::string(factor_name(factor));
  if (!indispensable.empty())
    out.push_back("the next change of hardware may make this a rebind: score " + number(hardware.score) + ", " + number(hardware.needed) +
                  " needed; each of these alone can't be lost any more: " + indispensable);
  return out;
}

}  // namespace oak
