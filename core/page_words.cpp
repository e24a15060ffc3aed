#include "core/page_words.h"

#include <algorithm>

#include "core/activation_id.h"
#include "core/text.h"

namespace oak {
namespace {

std::string cause_of(const Error& error) {
  return (error.context.empty() ? "" : printable(error.context) + ": ") + std::string(code_cause(error.code));
}

}  // namespace

std::string page_line(std::string_view name, std::string_view value) {
  std::string out = "  " + std::string(name);
  out.resize(std::max<std::size_t>(out.size() + 1, 19), ' ');
  return out + std::string(value) + "\n";
}

std::string page_line_unless_empty(std::string_view name, std::string_view value) {
  return value.empty() ? std::string() : page_line(name, printable(value));
}

std::string strength_word(const Fingerprint& fingerprint) { return is_strong(fingerprint) ? "normal" : "weak"; }

std::string title_end(const Standing& standing) {
  if (standing.draft) return ", for root keys to sign\n";
  return standing.judged ? "\n" : " (as it claims: nothing is verified here)\n";
}

std::string standing_line(const Standing& standing) {
  if (!standing.judged) return {};
  return page_line("verified", standing.verified ? "yes, under this desk's trust"
                                                 : "NO, not under this desk's trust: " + cause_of(standing.verified.error()));
}

void write_standing(JsonWriter& json, const Standing& standing) {
  json.key("verified").boolean(standing.judged && standing.verified);
  json.key("why");
  standing.judged && !standing.verified ? json.text(cause_of(standing.verified.error())) : json.null();
}

std::string hash_lines(const Digest& document, const Standing& standing) {
  if (standing.draft) return page_line("payload", to_hex(document)) + page_line("over the phone", phone_groups(document));
  return page_line("document", to_hex(document)) + page_line("over the phone", phone_groups(document));
}

void write_hash_members(JsonWriter& json, const Digest& document) {
  json.key("document").text(to_hex(document));
  json.key("phone").text(phone_groups(document));
}

}  // namespace oak
