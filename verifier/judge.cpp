#include "verifier/judge.h"

#include <algorithm>

namespace oak {

Result<Question> make_question(std::string_view version_text, std::uint64_t seats_in_use) {
  OAK_ASSIGN(Version version, parse_version(version_text));
  return Question{std::move(version), std::string(version_text), seats_in_use};
}

std::optional<Verdict> judge_standing(const OpenedActivation& opened, const Marks& marks, const Revocations& revocations) {
  if (marks.is_returned(opened.id)) return Verdict::returned;
  const LicenceMarks* licence = marks.find_licence(opened.activation->licence);
  if (licence != nullptr && opened.activation->generation < licence->generation) return Verdict::superseded;
  if (revocations.revokes(opened.issuer->serial, opened.id)) return Verdict::revoked;
  return std::nullopt;
}

std::optional<Verdict> judge_window(const Window& window, std::uint64_t time_mark_unix_s, std::uint64_t now_unix_s) {
  if (now_unix_s < window.start_unix_s && window.start_unix_s - now_unix_s > early_tolerance_s) return Verdict::not_yet_valid;
  if (std::max(now_unix_s, time_mark_unix_s) > window.end_unix_s) return Verdict::expired;
  if (now_unix_s < time_mark_unix_s && time_mark_unix_s - now_unix_s > set_back_tolerance_s) return Verdict::clock_set_back;
  return std::nullopt;
}

std::optional<Verdict> judge_window(const Activation& certificate, std::uint64_t time_mark_unix_s, std::uint64_t now_unix_s) {
  if (!certificate.not_after_unix_s) return std::nullopt;
  return judge_window({certificate.issued_at_unix_s, *certificate.not_after_unix_s}, time_mark_unix_s, now_unix_s);
}

RebindReasons judge_fit(const Activation& activation, const Judgement& hardware, const Question& question) {
  RebindReasons reasons;
  reasons.hardware = !hardware.accept;
  reasons.licence = question.seats_in_use > activation.seats;
  reasons.version = question.version && !activation.versions.contains(*question.version);
  return reasons;
}

}  // namespace oak
