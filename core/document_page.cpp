#include "core/document_page.h"

#include <algorithm>

#include "core/activation.h"
#include "core/armour.h"
#include "core/receipt.h"
#include "core/text.h"

namespace oak {
namespace {

std::string line(std::string_view name, std::string_view value) {
  std::string out = "  " + std::string(name);
  out.resize(std::max<std::size_t>(out.size() + 1, 19), ' ');
  return out + std::string(value) + "\n";
}

std::string line_unless_empty(std::string_view name, std::string_view value) {
  return value.empty() ? std::string() : line(name, printable(value));
}

std::string environment_words(const Environment& environment) {
  if (environment.empty()) return "none seen";
  std::string out;
  if (!environment.virtual_machine.empty()) out = "virtual machine (" + environment.virtual_machine + ")";
  if (!environment.container.empty()) out += (out.empty() ? "" : ", ") + ("container (" + environment.container + ")");
  return out;
}

void write_component(JsonWriter& json, Component component, std::string_view label, State state) {
  json.begin_object();
  json.key("component").text(component_name(component));
  json.key("label").text_or_null(label);
  json.key("factor").text(factor_name(factor_of(component)));
  json.key("state").text(state_name(state));
  json.end_object();
}

void write_hash_members(JsonWriter& json, const Digest& document) {
  json.key("document").text(to_hex(document));
  json.key("phone").text(phone_groups(document));
}

std::string strength_word(const Fingerprint& fingerprint) { return is_strong(fingerprint) ? "normal" : "weak"; }

std::string fingerprint_lines(const Request& request) {
  std::string out = "  fingerprint, " + strength_word(request.fingerprint) + ": keyed digests, no serial number\n";
  for (const Member& member : request.fingerprint.members)
    out += "    " + std::string(component_name(member.component)) + (member.label.empty() ? "" : " " + in_quotes(member.label)) + "  " +
           to_hex(member.digest) + "\n";
  for (const Unusable& entry : request.unusable)
    out += "    " + std::string(component_name(entry.component)) + "  not used: " + std::string(state_name(entry.state)) + "\n";
  return out;
}

Page activation_page(const UnverifiedActivation& read, const Digest& document) {
  const Activation& activation = read.activation;
  std::string text = "Activation " + activation_id_text(read.id) + " (as it claims: nothing is verified here)\n";
  text += line("product", activation.product) + line("licence", activation.licence) + line("seats", std::to_string(activation.seats)) +
          line("versions", activation.versions.text()) + line("kind", kind_name(activation.kind));
  if (activation.not_after_unix_s) text += line("ends", utc_text(*activation.not_after_unix_s));
  text += line("generation", std::to_string(activation.generation)) + line("issued", utc_text(activation.issued_at_unix_s)) +
          line_unless_empty("site", activation.site) + line_unless_empty("customer", activation.customer) +
          line("document", to_hex(document)) + line("over the phone", phone_groups(document));
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
  json.key("verified").boolean(false);
  write_hash_members(json, document);
  json.end_object();
  return {text, json.str() + "\n"};
}

Page receipt_page(const OpenedReceipt& opened) {
  const Receipt& receipt = *opened.receipt;
  std::string text = "Receipt\n" + line("product", receipt.product) + line("licence", receipt.licence) +
                     line("given back", activation_id_text(receipt.activation)) + line("generation", std::to_string(receipt.generation)) +
                     line("by the site's clock", utc_text(receipt.returned_at_unix_s)) + line("document", to_hex(opened.document)) +
                     line("over the phone", phone_groups(opened.document));
  JsonWriter json;
  json.begin_object();
  json.key("type").text("receipt");
  json.key("product").text(receipt.product);
  json.key("licence").text(receipt.licence);
  json.key("activation").text(activation_id_text(receipt.activation));
  json.key("generation").number(receipt.generation);
  write_hash_members(json, opened.document);
  json.end_object();
  return {text, json.str() + "\n"};
}

}  // namespace

void write_request_members(JsonWriter& json, const OpenedRequest& opened) {
  const Request& request = *opened.request;
  json.key("type").text("request");
  json.key("product").text(request.product);
  json.key("version").text(request.version);
  json.key("licence").text(request.licence);
  json.key("seats").number(request.seats);
  json.key("site").text_or_null(request.site);
  json.key("reason").text_or_null(request.reason);
  json.key("supersedes");
  request.supersedes ? json.text(activation_id_text(request.supersedes->activation)) : json.null();
  json.key("proved").boolean(request.proof.has_value());
  json.key("created_at").number(request.created_at_unix_s);
  json.key("strength").text(strength_word(request.fingerprint));
  json.key("environment").begin_object();
  json.key("virtual_machine").text_or_null(request.environment.virtual_machine);
  json.key("container").text_or_null(request.environment.container);
  json.end_object();
  json.key("hardware").begin_object().key("components").begin_array();
  for (const Member& member : request.fingerprint.members) write_component(json, member.component, member.label, State::new_member);
  for (const Unusable& entry : request.unusable) write_component(json, entry.component, {}, entry.state);
  json.end_array().end_object();
  json.key("machine_key").text(to_hex(request.machine_key));
  write_hash_members(json, opened.document);
}

std::string request_page(const OpenedRequest& opened) {
  const Request& request = *opened.request;
  std::string out = "Request, signed by the machine's own key. All that is in it:\n";
  out += line("product", request.product) + line("version", printable(request.version)) + line("licence", request.licence) +
         line("seats", std::to_string(request.seats)) + line_unless_empty("site", request.site) +
         line_unless_empty("reason", request.reason);
  if (request.supersedes)
    out += line("supersedes", activation_id_text(request.supersedes->activation) + ", generation " +
                                  std::to_string(request.supersedes->generation) + ", ledger index " +
                                  std::to_string(request.supersedes->index));
  out += line("made", utc_text(request.created_at_unix_s) + ", by the site's clock") +
         line("licence key proof", request.proof ? to_hex(*request.proof) : "none: the machine key speaks") +
         line("machine key", to_hex(request.machine_key)) + line("seat server key", to_hex(request.seat_server_key)) +
         line("nonce", to_hex(request.nonce)) + line("digest key's id", to_hex(request.fingerprint_key)) +
         line("runs in", environment_words(request.environment)) + fingerprint_lines(request);
  if (!request.ignorable.empty()) out += line("extensions", to_hex(request.ignorable));
  return out + line("document", to_hex(opened.document)) + line("over the phone", phone_groups(opened.document));
}

Outcome<Page> document_page(std::string_view file_name, ByteView file) {
  const std::string what = "cannot show " + in_quotes(file_name);
  const auto armoured = document_from_file_bytes(file);
  if (!armoured) return tl::unexpected(explain(armoured.error(), what));
  const ByteView document = armoured->document;
  const auto type = claimed_type(document);
  if (!type) return tl::unexpected(explain(type.error(), what));
  if (*type == DocumentType::activation) {
    const auto read = read_activation_unverified(document);
    if (!read) return tl::unexpected(explain(read.error(), what));
    return activation_page(*read, sha256(document));
  }
  if (*type == DocumentType::receipt) {
    const auto opened = open_receipt(document);
    if (!opened) return tl::unexpected(explain(opened.error(), what));
    return receipt_page(*opened);
  }
  const auto opened = open_request(document);
  if (!opened) return tl::unexpected(explain(opened.error(), what));
  JsonWriter json;
  json.begin_object();
  write_request_members(json, *opened);
  json.end_object();
  return Page{request_page(*opened), json.str() + "\n"};
}

}  // namespace oak
