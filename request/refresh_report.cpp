#include "request/refresh_report.h"

#include <fmt/core.h>

#include <algorithm>

#include "core/json_writer.h"
#include "core/text.h"

namespace oak {
namespace {

using What = Refreshed::What;

std::string_view word_of(What what) {
  switch (what) {
    case What::not_due: return "not-due";
    case What::permanent: return "permanent";
    case What::covered: return "covered";
    case What::stored: return "stored";
    case What::no_answer: return "no-answer";
    case What::too_early: return "too-early";
    case What::refused: return "refused";
    case What::failed: break;
  }
  return "failed";
}

std::optional<std::uint64_t> renew_from(const Refreshed& one) {
  if (!one.activation || !one.activation->not_after_unix_s) return std::nullopt;
  return *one.activation->not_after_unix_s - std::min(*one.activation->not_after_unix_s, renewal_window_s);
}

std::string why_nothing(const Refreshed& one) {
  const std::string licence = "licence " + one.licence + ": ";
  if (one.what == What::permanent) return licence + "its activation is permanent; there is nothing to renew";
  if (one.what == What::covered)
    return licence + "a permanent activation of another licence stands for its certificate, which is not renewed";
  if (one.what == What::too_early) return licence + printable(one.refusals.front().message) + "; is this machine's clock right?";
  if (one.what == What::no_answer) return one.failure->message;
  return licence + "the certificate ends " + utc_text(*one.activation->not_after_unix_s) + "; it is renewed from " +
         utc_text(*renew_from(one));
}

}  // namespace

std::string refreshed_text(const std::vector<Refreshed>& all) {
  std::string out;
  for (const Refreshed& one : all)
    if (one.what == What::stored)
      out += fmt::format("stored: activation {} of licence {} for {}, {}\n", activation_id_text(one.id), one.licence,
                         one.activation->product, describe_grant(*one.activation));
  return out;
}

std::string refreshed_messages(std::string_view tool, const std::vector<Refreshed>& all, const std::string& product, bool verbose) {
  std::string out;
  if (verbose && all.empty()) out += fmt::format("{}: no activation of {} is here that could be renewed\n", tool, in_quotes(product));
  for (const Refreshed& one : all) {
    for (const std::string& warning : one.warnings) out += fmt::format("{}: warning: {}\n", tool, warning);
    if (one.what == What::refused)
      for (const ServedRefusal& refusal : one.refusals)
        out += fmt::format("{}: refused: {}: {}\nhint: {}\n", tool, printable(refusal.code), printable(refusal.message),
                           printable(refusal.remedy));
    else if (one.what == What::failed)
      out += failure_text(tool, *one.failure);
    else if (verbose && one.what != What::stored)
      out += fmt::format("{}: {}\n", tool, why_nothing(one));
  }
  return out;
}

std::string refreshed_json(const std::vector<Refreshed>& all, const std::string& product) {
  JsonWriter json;
  json.begin_object().key("product").text(product).key("results").begin_array();
  for (const Refreshed& one : all) {
    json.begin_object().key("licence").text(one.licence).key("result").text(word_of(one.what));
    json.key("activation");
    one.activation ? write_activation(json, *one.activation, one.id) : static_cast<void>(json.null());
    json.key("renew_from");
    const auto from = renew_from(one);
    from ? json.number(*from) : json.null();
    json.key("refused").begin_array();
    for (const ServedRefusal& refusal : one.refusals)
      json.begin_object()
          .key("code")
          .text(refusal.code)
          .key("message")
          .text(refusal.message)
          .key("remedy")
          .text(refusal.remedy)
          .end_object();
    json.end_array();
    json.key("message").text_or_null(one.failure ? one.failure->message : std::string_view{});
    json.key("hint").text_or_null(one.failure ? one.failure->hint : std::string_view{});
    json.end_object();
  }
  json.end_array().end_object();
  return json.str() + "\n";
}

int refreshed_exit_code(const std::vector<Refreshed>& all) {
  int code = 0;
  for (const Refreshed& one : all) {
    if (one.what == What::refused) code = std::max(code, 1);
    if (one.what == What::failed) code = std::max(code, exit_code_of(one.failure->code));
  }
  return code;
}

}  // namespace oak
