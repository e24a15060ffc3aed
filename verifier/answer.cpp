#include "verifier/answer.h"

#include "core/hardware_json.h"
#include "core/text.h"

namespace oak {
namespace {

constexpr std::uint64_t day_s = 86400;

void write_texts(JsonWriter& json, const std::vector<std::string>& texts) {
  json.begin_array();
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

void write_reasons(JsonWriter& json, const RebindReasons& reasons) {
  json.begin_array();
  if (reasons.hardware) json.text("hardware");
  if (reasons.licence) json.text("licence");
  if (reasons.version) json.text("version");
  json.end_array();
}

/// The keys of an answer, without the braces.
void write_answer(JsonWriter& json, const Answer& answer) {
  json.key("verdict").text(verdict_name(answer.verdict));
  json.key("reasons");
  write_reasons(json, answer.reasons);
  json.key("trust").text_or_null(answer.trust ? trust_origin_name(*answer.trust) : std::string_view{});
  json.key("activation");
  answer.activation ? write_activation(json, *answer.activation, answer.id) : static_cast<void>(json.null());
  json.key("hardware");
  answer.hardware ? write_judgement(json, *answer.hardware, true) : static_cast<void>(json.null());
  json.key("details");
  write_texts(json, answer.details);
  json.key("warnings");
  write_texts(json, answer.warnings);
  json.key("grace_until");
  answer.grace_until_unix_s ? json.number(*answer.grace_until_unix_s) : json.null();
  json.key("next").text_or_null(answer.next);
}

void write_optional(JsonWriter& json, std::string_view key, const std::optional<std::uint64_t>& value) {
  json.key(key);
  value ? json.number(*value) : json.null();
}

void write_end(JsonWriter& json, const Answer& answer) {
  write_optional(json, "days_left", days_left(answer));
  write_optional(json, "renew_from", renews_from(answer));
  json.key("renewal_due").boolean(is_renewal_due(answer));
}

std::string days_text(std::uint64_t days) { return std::to_string(days) + (days == 1 ? " day" : " days"); }

/// The rest of what `status` and the published file have.
void write_terms(JsonWriter& json, const Answer& answer) {
  const auto& activation = answer.activation;
  write_optional(json, "seats", activation ? std::optional(activation->seats) : std::nullopt);
  write_optional(json, "not_after", activation ? activation->not_after_unix_s : std::nullopt);
  write_end(json, answer);
  write_optional(json, "margin", answer.hardware ? std::optional<std::uint64_t>(answer.hardware->margin) : std::nullopt);
}

std::string hardware_line(const Judgement& hardware) {
  return std::string(hardware.strong ? "normal" : "weak") + ", score " + std::to_string(hardware.score) + " of " +
         std::to_string(hardware.enrolled) + ", " + std::to_string(hardware.needed) + " needed, " + std::to_string(hardware.margin) +
         " further loss(es) tolerated";
}

}  // namespace

void write_activation(JsonWriter& json, const Activation& activation, const ActivationId& id) {
  json.begin_object();
  json.key("id").text(activation_id_text(id));
  json.key("licence").text(activation.licence);
  json.key("product").text(activation.product);
  json.key("seats").number(activation.seats);
  json.key("versions").text(activation.versions.text());
  json.key("features");
  write_texts(json, activation.features);
  json.key("kind").text(kind_name(activation.kind));
  json.key("not_after");
  activation.not_after_unix_s ? json.number(*activation.not_after_unix_s) : json.null();
  json.key("generation").number(activation.generation);
  json.key("binding").text(binding_name(activation.binding));
  json.end_object();
}

std::string describe_grant(const Activation& activation) {
  std::string out =
      std::to_string(activation.seats) + (activation.seats == 1 ? " seat of " : " seats of ") + activation.versions.text() + ", ";
  if (!activation.not_after_unix_s) return out + std::string(kind_name(activation.kind));
  return out + "until " + utc_text(*activation.not_after_unix_s);
}

std::string answer_json(const Answer& answer) {
  JsonWriter json;
  json.begin_object();
  write_answer(json, answer);
  write_end(json, answer);
  json.end_object();
  return json.str() + "\n";
}

std::optional<std::uint64_t> days_left(const Answer& answer) {
  if (!answer.activation || !answer.activation->not_after_unix_s || !answer.judged_at_unix_s) return std::nullopt;
  const std::uint64_t end = *answer.activation->not_after_unix_s, now = *answer.judged_at_unix_s;
  return end > now ? (end - now) / day_s : 0;
}

std::optional<std::uint64_t> renews_from(const Answer& answer) {
  if (!answer.activation || !answer.activation->not_after_unix_s) return std::nullopt;
  const std::uint64_t end = *answer.activation->not_after_unix_s;
  return end > renewal_window_s ? end - renewal_window_s : 0;
}

bool is_renewal_due(const Answer& answer) {
  const auto from = renews_from(answer);
  return answer.verdict == Verdict::active && from && answer.judged_at_unix_s && *answer.judged_at_unix_s >= *from;
}

std::string renewal_warning(const Answer& answer) {
  return "the certificate ends at " + utc_text(*answer.activation->not_after_unix_s) + ", in " + days_text(*days_left(answer)) +
         ": renew it with oak-request refresh, or bring a request to your vendor";
}

void write_summary(JsonWriter& json, const Answer& answer) {
  json.key("product").text(answer.product);
  json.key("verdict").text(verdict_name(answer.verdict));
  json.key("reasons");
  write_reasons(json, answer.reasons);
  write_terms(json, answer);
  write_optional(json, "grace_until", answer.grace_until_unix_s);
}

void write_status(JsonWriter& json, const Answer& answer) {
  json.begin_object();
  json.key("product").text(answer.product);
  write_answer(json, answer);
  write_terms(json, answer);
  json.key("customer").text_or_null(answer.activation ? answer.activation->customer : std::string_view{});
  json.key("site").text_or_null(answer.activation ? answer.activation->site : std::string_view{});
  json.key("strength").text_or_null(!answer.hardware ? "" : answer.hardware->strong ? "normal" : "weak");
  json.end_object();
}

void write_failure(JsonWriter& json, const Failure& failure) {
  json.begin_object();
  json.key("code").text(code_name(failure.code));
  json.key("message").text(failure.message);
  json.key("hint").text(failure.hint);
  json.end_object();
}

std::string answer_text(const Answer& answer) {
  std::string out(verdict_name(answer.verdict));
  out += '\n';
  for (const std::string& detail : answer.details) out += detail + '\n';
  if (const auto days = days_left(answer); days && answer.verdict == Verdict::active)
    out += "certificate: " + days_text(*days) + " left, until " + utc_text(*answer.activation->not_after_unix_s) + '\n';
  if (answer.grace_until_unix_s) out += "grace: active until " + utc_text(*answer.grace_until_unix_s) + '\n';
  if (!answer.next.empty()) out += answer.next + '\n';
  return out;
}

std::string status_text(const Answer& answer) {
  std::string out = answer.product + ": " + std::string(verdict_name(answer.verdict)) + '\n';
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += "  " + std::string(name) + ": " + value + '\n';
  };
  if (answer.activation) {
    const Activation& activation = *answer.activation;
    line("licence", activation.licence);
    line("customer", activation.customer);
    line("site", activation.site);
    line("granted", describe_grant(activation));
    if (const auto days = days_left(answer))
      line("days left", std::to_string(*days) + "; it renews from " + utc_text(*renews_from(answer)));
    std::string features;
    for (const std::string& feature : activation.features) features += (features.empty() ? "" : ", ") + feature;
    line("features", features);
    line("activation", activation_id_text(answer.id) + ", generation " + std::to_string(activation.generation));
    line("binding", std::string(binding_name(activation.binding)));
  }
  if (answer.hardware) line("hardware", hardware_line(*answer.hardware));
  for (const std::string& detail : answer.details) line("why", detail);
  if (answer.grace_until_unix_s) line("grace", "active until " + utc_text(*answer.grace_until_unix_s));
  line("next", answer.next);
  return out;
}

}  // namespace oak
