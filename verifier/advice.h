#pragma once
// The words of an answer: one sentence a reason, and the whole command that helps.

#include <string>
#include <string_view>
#include <vector>

#include "verifier/judge.h"
#include "verifier/trust_source.h"

namespace oak {

/// What the commands in an answer are made from.
struct Advice {
  std::string_view product;
  std::string_view version;  ///< as asked; empty: not asked
  std::string_view state_dir;
  std::string_view site_trust_file;
  bool trust_missing = false;
};

/// "oak-request create --product P --version V --seats N", with --state-dir where it is not the default.
std::string create_command(const Advice& advice, std::uint64_t seats);
/// `seats`: what a new activation must grant. Empty for active.
std::string next_command(Verdict verdict, const Advice& advice, std::uint64_t seats);
std::string import_bulletin_command(const Advice& advice);

/// The reasons of a rebind: a line for the score and each component that was lost, the seats, the version.
std::vector<std::string> rebind_details(const Activation& activation, const RebindReasons& reasons, const Judgement& hardware,
                                        const Question& question);
/// "hardware: …" for each enrolled component that is not there as it was.
std::vector<std::string> lost_components(const Fingerprint& baseline, const Judgement& hardware);
/// Why an activation that could be opened does not count, from stages 6 and 7.
std::string standing_detail(Verdict verdict, const Activation& activation, const ActivationId& id);
std::string window_detail(Verdict verdict, const Activation& activation, std::uint64_t time_mark_unix_s, std::uint64_t now_unix_s);
/// Of whatever is judged where the marks know a bulletin that is not there: nobody knows what it revoked.
inline constexpr std::string_view lacking_bulletin =
    "a bulletin that was stored here is gone or damaged: import the vendor's newest bulletin";
/// What to watch though the verdict is active.
std::vector<std::string> hardware_warnings(const Activation& activation, const Judgement& hardware);

/// A word for a shell: quoted where it must be.
std::string shell_word(std::string_view text);

}  // namespace oak
