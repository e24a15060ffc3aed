#pragma once
// The whole answer of a check, and how it is written: as JSON (the contract's keys) and as text.

#include <optional>
#include <string>
#include <vector>

#include "core/activation.h"
#include "core/json_writer.h"
#include "verifier/judge.h"
#include "verifier/trust_source.h"

namespace oak {

struct Answer {
  std::string product;
  Verdict verdict = Verdict::not_verified;
  RebindReasons reasons;                 ///< also of what grace covers
  std::optional<TrustOrigin> trust;      ///< nullopt: there is none
  std::optional<Activation> activation;  ///< the one the verdict is about, where it could be verified
  ActivationId id{};                     ///< of that activation
  std::optional<Judgement> hardware;     ///< where the verdict went as far as looking
  std::vector<std::string> details;      ///< one sentence a reason, printable
  std::vector<std::string> warnings;
  std::optional<std::uint64_t> grace_until_unix_s;  ///< active though the hardware is another, until then
  std::string next;                                 ///< the command that helps; empty where none is needed
  std::optional<std::uint64_t> judged_at_unix_s;    ///< the later of clock and mark, where the clock was read
};

/// Of a certificate that was judged by the clock: whole days until its end, none after it.
std::optional<std::uint64_t> days_left(const Answer& answer);
/// From when on the desk renews a certificate without an approval.
std::optional<std::uint64_t> renews_from(const Answer& answer);
/// Active, by a certificate that may be renewed and was not: false too where nothing ends.
bool is_renewal_due(const Answer& answer);
/// "the certificate ends at …, in 9 days: …"
std::string renewal_warning(const Answer& answer);

/// The object of `check --json`.
std::string answer_json(const Answer& answer);
/// In short, the keys without the braces: "product", "verdict", "reasons", "seats", "not_after", "days_left", "renew_from",
/// "renewal_due", "margin", "grace_until".
void write_summary(JsonWriter& json, const Answer& answer);
/// Both, with who bought it, for `status`.
void write_status(JsonWriter& json, const Answer& answer);
/// {"code", "message", "hint"}
void write_failure(JsonWriter& json, const Failure& failure);
/// The verdict, a line a reason, the command that helps. Warnings are not in it: they belong on stderr.
std::string answer_text(const Answer& answer);
/// The lines that `status` prints of one product.
std::string status_text(const Answer& answer);

/// {"id", "licence", "product", "seats", "versions", "features", "kind", "not_after", "generation", "binding"}
void write_activation(JsonWriter& json, const Activation& activation, const ActivationId& id);
/// "3 seats of 3.*, permanent"
std::string describe_grant(const Activation& activation);

}  // namespace oak
