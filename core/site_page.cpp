#include "core/site_page.h"

#include "core/activation_id.h"
#include "core/hardware_json.h"
#include "core/text.h"

namespace oak {
namespace {

std::string environment_words(const Environment& environment) {
  if (environment.empty()) return "none seen";
  std::string out;
  if (!environment.virtual_machine.empty()) out = "virtual machine (" + environment.virtual_machine + ")";
  if (!environment.container.empty()) out += (out.empty() ? "" : ", ") + ("container (" + environment.container + ")");
  return out;
}

std::string fingerprint_lines(const Request& request) {
  std::string out = "  fingerprint, " + strength_word(request.fingerprint) + ": keyed digests, no serial number\n";
  for (const Member& member : request.fingerprint.members)
    out += "    " + std::string(component_name(member.component)) + (member.label.empty() ? "" : " " + in_quotes(member.label)) + "  " +
           to_hex(member.digest) + "\n";
  for (const Unusable& entry : request.unusable)
    out += "    " + std::string(component_name(entry.component)) + "  not used: " + std::string(state_name(entry.state)) + "\n";
  return out;
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
  out += page_line("product", request.product) + page_line("version", printable(request.version)) + page_line("licence", request.licence) +
         page_line("seats", std::to_string(request.seats)) + page_line_unless_empty("site", request.site) +
         page_line_unless_empty("reason", request.reason);
  if (request.supersedes)
    out += page_line("supersedes", activation_id_text(request.supersedes->activation) + ", generation " +
                                       std::to_string(request.supersedes->generation) + ", ledger index " +
                                       std::to_string(request.supersedes->index));
  out += page_line("made", utc_text(request.created_at_unix_s) + ", by the site's clock") +
         page_line("licence key proof", request.proof ? to_hex(*request.proof) : "none: the machine key speaks") +
         page_line("machine key", to_hex(request.machine_key)) + page_line("seat server key", to_hex(request.seat_server_key)) +
         page_line("nonce", to_hex(request.nonce)) + page_line("digest key's id", to_hex(request.fingerprint_key)) +
         page_line("runs in", environment_words(request.environment)) + fingerprint_lines(request);
  if (!request.ignorable.empty()) out += page_line("extensions", to_hex(request.ignorable));
  return out + hash_lines(opened.document);
}

Page sealed_page(const SealedRequest& sealed, ByteView document) {
  std::string text = "Sealed request: only the desk that has the key can open it\n";
  text += page_line("sealed for key", to_hex(sealed.sealing_key)) + page_line("length", std::to_string(document.size()) + " bytes") +
          page_line("document", to_hex(sha256(document)));
  JsonWriter json;
  json.begin_object();
  json.key("type").text("sealed-request");
  json.key("sealing_key").text(to_hex(sealed.sealing_key));
  json.key("bytes").number(document.size());
  json.key("document").text(to_hex(sha256(document)));
  json.end_object();
  return {text, json.str() + "\n"};
}

Page receipt_page(const OpenedReceipt& opened) {
  const Receipt& receipt = *opened.receipt;
  std::string text = "Receipt, signed by the machine key that it carries\n" + page_line("product", receipt.product) +
                     page_line("licence", receipt.licence) + page_line("given back", activation_id_text(receipt.activation)) +
                     page_line("generation", std::to_string(receipt.generation)) +
                     page_line("by the site's clock", utc_text(receipt.returned_at_unix_s)) + hash_lines(opened.document);
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

}  // namespace oak
