#pragma once
// The rules of a verdict, pure: no file, no clock, no hardware is read here. Stages 6 to 8 of a check (stages 1 to 5,
// verifier/chain.h, make an OpenedActivation).

#include <cstdint>
#include <optional>
#include <string>

#include "core/tolerance.h"
#include "core/version.h"
#include "verifier/bulletins.h"
#include "verifier/verdict.h"

namespace oak {

/// What the product asks about itself. nullopt and 0: not asked.
struct Question {
  std::optional<Version> version;
  std::string version_text;  ///< as it was given
  std::uint64_t seats_in_use = 0;
};
/// bad_version where the text is none.
Result<Question> make_question(std::string_view version_text, std::uint64_t seats_in_use);

/// Why an activation that is good in itself does not cover this start of the product. They stand side by side.
struct RebindReasons {
  bool hardware = false, licence = false, version = false;
  bool any() const { return hardware || licence || version; }
};

inline constexpr std::uint64_t early_tolerance_s = 48 * 3600;     ///< a machine's clock may be behind the desk's
inline constexpr std::uint64_t set_back_tolerance_s = 26 * 3600;  ///< time zones mistaken for UTC, and a little

/// Stage 6: returned, superseded or revoked; nullopt where it still counts.
std::optional<Verdict> judge_standing(const OpenedActivation& opened, const Marks& marks, const Revocations& revocations);
struct Window {
  std::uint64_t start_unix_s = 0, end_unix_s = 0;
};
/// Stage 7, certificates and borrowed seats only: not_yet_valid, expired or clock_set_back; nullopt inside the window.
std::optional<Verdict> judge_window(const Window& window, std::uint64_t time_mark_unix_s, std::uint64_t now_unix_s);
/// nullopt too where the activation has no end.
std::optional<Verdict> judge_window(const Activation& certificate, std::uint64_t time_mark_unix_s, std::uint64_t now_unix_s);
/// Stage 8: each of the three on its own.
RebindReasons judge_fit(const Activation& activation, const Judgement& hardware, const Question& question);

}  // namespace oak
