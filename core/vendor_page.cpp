#include "core/vendor_page.h"

#include "core/text.h"

namespace oak {

Page activation_page(const UnverifiedActivation& read, const Digest& document, const Standing& standing) {
  const Activation& activation = read.activation;
  std::string text = "Activation " + activation_id_text(read.id) + title_end(standing) + standing_line(standing);
  text += page_line("product", activation.product) + page_line("licence", activation.licence) +
          page_line("seats", std::to_string(activation.seats)) + page_line("versions", activation.versions.text()) +
          page_line("kind", kind_name(activation.kind));
  if (activation.not_after_unix_s) text += page_line("ends", utc_text(*activation.not_after_unix_s));
  text += page_line("generation", std::to_string(activation.generation)) + page_line("issued", utc_text(activation.issued_at_unix_s)) +
          page_line_unless_empty("site", activation.site) + page_line_unless_empty("customer", activation.customer) + hash_lines(document);
  JsonWriter json;
  json.begin_object();
  json.key("type").text("activation");
  json.key("id").text(activation_id_text(read.id));
  json.key("product").text(activation.product);
  json.key("licence").text(activation.licence);
  json.key("seats").number(activation.seats);
  json.key("versions").text(activation.versions.text());
  json.key("kind").text(kind_name(activation.kind));
  json.key("not_after");
  activation.not_after_unix_s ? json.number(*activation.not_after_unix_s) : json.null();
  json.key("generation").number(activation.generation);
  json.key("site").text_or_null(activation.site);
  json.key("strength").text(strength_word(activation.fingerprint));
  write_standing(json, standing);
  write_hash_members(json, document);
  json.end_object();
  return {text, json.str() + "\n"};
}

Page bulletin_page(const Bulletin& bulletin, const Digest& document, const Standing& standing) {
  std::string text = "Bulletin" + title_end(standing) + standing_line(standing);
  text += page_line("product", bulletin.product) + page_line("number", std::to_string(bulletin.number)) +
          page_line("made", utc_text(bulletin.issued_at_unix_s)) +
          page_line("revoked", std::to_string(bulletin.revoked.size()) + " activations");
  JsonWriter json;
  json.begin_object();
  json.key("type").text("bulletin");
  json.key("product").text(bulletin.product);
  json.key("number").number(bulletin.number);
  json.key("revoked").begin_array();
  for (const ActivationId& id : bulletin.revoked) {
    text += page_line("", activation_id_text(id));
    json.text(activation_id_text(id));
  }
  json.end_array();
  write_standing(json, standing);
  write_hash_members(json, document);
  json.end_object();
  return {text + hash_lines(document), json.str() + "\n"};
}

}  // namespace oak
