#include "core/document_page.h"

#include <algorithm>

#include "core/activation.h"
#include "core/armour.h"
#include "core/bulletin.h"
#include "core/receipt.h"
#include "core/sealed_request.h"
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

/// What was found out about a document that only a trust can vouch for.
struct Standing {
  bool judged = false;
  Status verified = fail(Code::untrusted);
  bool draft = false;
};

/// Judges by `open`, an open_* function of core, where there is a trust to judge by.
template <typename Open>
Standing standing_under(const Trust* judge, Open open) {
  if (!judge) return {};
  const auto opened = open(*judge);
  return {true, opened ? Status{} : Status{tl::unexpected(opened.error())}, false};
}

std::string cause_of(const Error& error) {
  return (error.context.empty() ? "" : printable(error.context) + ": ") + std::string(code_cause(error.code));
}

std::string title_end(const Standing& standing) {
  if (standing.draft) return ", for root keys to sign\n";
  return standing.judged ? "\n" : " (as it claims: nothing is verified here)\n";
}

std::string standing_line(const Standing& standing) {
  if (!standing.judged) return {};
  return line("verified", standing.verified ? "yes, under this desk's trust"
                                            : "NO, not under this desk's trust: " + cause_of(standing.verified.error()));
}

void write_standing(JsonWriter& json, const Standing& standing) {
  json.key("verified").boolean(standing.judged && standing.verified);
  json.key("why");
  standing.judged && !standing.verified ? json.text(cause_of(standing.verified.error())) : json.null();
}

/// Of a draft the hash is its payload's, which stays the same while roots sign.
std::string hash_lines(const Digest& document, const Standing& standing = {}) {
  if (standing.draft) return line("payload", to_hex(document)) + line("over the phone", phone_groups(document));
  return line("document", to_hex(document)) + line("over the phone", phone_groups(document));
}

Page activation_page(const UnverifiedActivation& read, const Digest& document, const Standing& standing) {
  const Activation& activation = read.activation;
  std::string text = "Activation " + activation_id_text(read.id) + title_end(standing) + standing_line(standing);
  text += line("product", activation.product) + line("licence", activation.licence) + line("seats", std::to_string(activation.seats)) +
          line("versions", activation.versions.text()) + line("kind", kind_name(activation.kind));
  if (activation.not_after_unix_s) text += line("ends", utc_text(*activation.not_after_unix_s));
  text += line("generation", std::to_string(activation.generation)) + line("issued", utc_text(activation.issued_at_unix_s)) +
          line_unless_empty("site", activation.site) + line_unless_empty("customer", activation.customer) + hash_lines(document);
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

std::string root_lines(const Trust& trust) {
  std::string text;
  for (const PublicKey& root : trust.roots) text += line("root key", to_hex(root));
  for (const EarlierRoots& earlier : trust.earlier)
    for (const PublicKey& root : earlier.roots)
      text += line("earlier root",
                   to_hex(root) + " (" + std::to_string(earlier.threshold) + " of " + std::to_string(earlier.roots.size()) + ")");
  return text;
}

/// A trust says itself who signs it: a judge adds whether its roots are the ones that he knows.
Page trust_page(const Trust& trust, const Digest& document, const Standing& standing) {
  std::string text = std::string("Trust, ") + (standing.draft ? "for root keys to sign: " : "signed by ") +
                     std::to_string(trust.threshold) + " of the " + std::to_string(trust.roots.size()) + " root keys that it lists\n" +
                     standing_line(standing);
  text += line("product", trust.product.empty() ? "every product of the desk" : trust.product) +
          line_unless_empty("contact", trust.contact) + line("number", std::to_string(trust.number)) +
          line("made", utc_text(trust.issued_at_unix_s)) + line("lowest bulletin", std::to_string(trust.lowest_bulletin));
  text += root_lines(trust) + line("sealing key", to_hex(trust.sealing_key)) + hash_lines(document, standing);
  JsonWriter json;
  json.begin_object();
  json.key("type").text("trust");
  json.key("product").text_or_null(trust.product);
  json.key("contact").text_or_null(trust.contact);
  json.key("number").number(trust.number);
  json.key("threshold").number(trust.threshold);
  json.key("roots").begin_array();
  for (const PublicKey& root : trust.roots) json.text(to_hex(root));
  json.end_array();
  json.key("sealing_key").text(to_hex(trust.sealing_key));
  json.key("lowest_bulletin").number(trust.lowest_bulletin);
  write_standing(json, standing);
  write_hash_members(json, document);
  json.end_object();
  return {text, json.str() + "\n"};
}

std::string capped(const std::optional<std::uint64_t>& cap) { return cap ? "at most " + std::to_string(*cap) : std::string("uncapped"); }

Page certificate_page(const IssuerCertificate& certificate, const Digest& document, const Standing& standing) {
  std::string products, kinds;
  for (const std::string& product : certificate.products) products += (products.empty() ? "" : ", ") + product;
  for (const std::uint64_t kind : certificate.kinds) kinds += (kinds.empty() ? "" : ", ") + std::string(kind_name(static_cast<Kind>(kind)));
  std::string text = "Issuer certificate" + title_end(standing) + standing_line(standing);
  text += line("serial", std::to_string(certificate.serial)) + line("issuer key", to_hex(certificate.issuer_key)) +
          line("products", products.empty() ? "all" : products) + line("may issue", kinds) + line("days", capped(certificate.max_days)) +
          line("seats", capped(certificate.max_seats)) +
          line("versions", certificate.versions ? certificate.versions->text() : std::string("uncapped")) +
          line("from", utc_text(certificate.not_before_unix_s)) + line("to", utc_text(certificate.not_after_unix_s)) +
          hash_lines(document, standing);
  JsonWriter json;
  json.begin_object();
  json.key("type").text("issuer-certificate");
  json.key("serial").number(certificate.serial);
  json.key("issuer_key").text(to_hex(certificate.issuer_key));
  json.key("not_before").number(certificate.not_before_unix_s);
  json.key("not_after").number(certificate.not_after_unix_s);
  write_standing(json, standing);
  write_hash_members(json, document);
  json.end_object();
  return {text, json.str() + "\n"};
}

Page bulletin_page(const Bulletin& bulletin, const Digest& document, const Standing& standing) {
  std::string text = "Bulletin" + title_end(standing) + standing_line(standing);
  text += line("product", bulletin.product) + line("number", std::to_string(bulletin.number)) +
          line("made", utc_text(bulletin.issued_at_unix_s)) + line("revoked", std::to_string(bulletin.revoked.size()) + " activations");
  JsonWriter json;
  json.begin_object();
  json.key("type").text("bulletin");
  json.key("product").text(bulletin.product);
  json.key("number").number(bulletin.number);
  json.key("revoked").begin_array();
  for (const ActivationId& id : bulletin.revoked) {
    text += line("", activation_id_text(id));
    json.text(activation_id_text(id));
  }
  json.end_array();
  write_standing(json, standing);
  write_hash_members(json, document);
  json.end_object();
  return {text + hash_lines(document), json.str() + "\n"};
}

Page key_bulletin_page(const KeyBulletin& bulletin, const Digest& document, const Standing& standing) {
  std::string text = "Bulletin of the root keys" + title_end(standing) + standing_line(standing);
  text += line("number", std::to_string(bulletin.number)) + line("made", utc_text(bulletin.issued_at_unix_s));
  JsonWriter json;
  json.begin_object();
  json.key("type").text("key-bulletin");
  json.key("number").number(bulletin.number);
  json.key("revoked_issuers").begin_array();
  for (const RevokedIssuer& issuer : bulletin.revoked_issuers) {
    text += line("revoked issuer", "serial " + std::to_string(issuer.serial) + "; " + std::to_string(issuer.survivors.size()) +
                                       " activations of it still count");
    json.number(issuer.serial);
  }
  json.end_array();
  json.key("new_trust").boolean(!bulletin.new_trust.empty());
  write_standing(json, standing);
  write_hash_members(json, document);
  json.end_object();
  text += line("new trust", bulletin.new_trust.empty() ? "none" : "carried in it");
  const auto carried =
      split(bulletin.new_trust, DocumentType::trust).and_then([](const Envelope& envelope) { return decode_trust(envelope.payload); });
  if (carried) text += line("its number", std::to_string(carried->number)) + root_lines(*carried);
  return {text + hash_lines(document, standing), json.str() + "\n"};
}

Page receipt_page(const OpenedReceipt& opened) {
  const Receipt& receipt = *opened.receipt;
  std::string text = "Receipt, signed by the machine key that it carries\n" + line("product", receipt.product) +
                     line("licence", receipt.licence) + line("given back", activation_id_text(receipt.activation)) +
                     line("generation", std::to_string(receipt.generation)) +
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

namespace {

/// Of the documents that a trust vouches for; wrong_type where it is another.
Result<Page> vouched_page(DocumentType type, ByteView document, const Trust* judge) {
  const Digest digest = sha256(document);
  if (type == DocumentType::activation) {
    OAK_ASSIGN(const UnverifiedActivation read, read_activation_unverified(document));
    return activation_page(read, digest, standing_under(judge, [&](const Trust& trust) { return open_activation(document, trust, {}); }));
  }
  OAK_ASSIGN(const Envelope envelope, split(document, type));
  if (type == DocumentType::trust) {
    OAK_ASSIGN(const Verified<Trust> trust, open_trust(document, {}));
    return trust_page(*trust, digest,
                      standing_under(judge, [&](const Trust& known) { return verify_threshold(envelope, known.roots, known.threshold); }));
  }
  if (type == DocumentType::issuer_certificate) {
    OAK_ASSIGN(const IssuerCertificate certificate, decode_issuer_certificate(envelope.payload));
    return certificate_page(certificate, digest,
                            standing_under(judge, [&](const Trust& trust) { return open_issuer_certificate(document, trust); }));
  }
  if (type == DocumentType::bulletin) {
    OAK_ASSIGN(const Bulletin bulletin, decode_bulletin(envelope.payload));
    return bulletin_page(bulletin, digest,
                         standing_under(judge, [&](const Trust& trust) { return open_bulletin(document, trust, bulletin.product); }));
  }
  if (type != DocumentType::key_bulletin) return fail(Code::wrong_type, "found: " + std::string(labels_of(type).word));
  OAK_ASSIGN(const KeyBulletin bulletin, decode_key_bulletin(envelope.payload));
  return key_bulletin_page(bulletin, digest, standing_under(judge, [&](const Trust& trust) { return open_key_bulletin(document, trust); }));
}

/// What its courier can see, and no more. No groups for the phone: those that people compare are the request's own.
Page sealed_page(const SealedRequest& sealed, ByteView document) {
  std::string text = "Sealed request: only the desk that has the key can open it\n";
  text += line("sealed for key", to_hex(sealed.sealing_key)) + line("length", std::to_string(document.size()) + " bytes") +
          line("document", to_hex(sha256(document)));
  JsonWriter json;
  json.begin_object();
  json.key("type").text("sealed-request");
  json.key("sealing_key").text(to_hex(sealed.sealing_key));
  json.key("bytes").number(document.size());
  json.key("document").text(to_hex(sha256(document)));
  json.end_object();
  return {text, json.str() + "\n"};
}

}  // namespace

Result<std::string> root_document_page(DocumentType type, ByteView payload) {
  Standing draft;
  draft.draft = true;
  const Digest digest = sha256(payload);
  if (type == DocumentType::trust)
    return decode_trust(payload).map([&](const Trust& trust) { return trust_page(trust, digest, draft).text; });
  if (type == DocumentType::issuer_certificate)
    return decode_issuer_certificate(payload).map(
        [&](const IssuerCertificate& certificate) { return certificate_page(certificate, digest, draft).text; });
  return decode_key_bulletin(payload).map([&](const KeyBulletin& bulletin) { return key_bulletin_page(bulletin, digest, draft).text; });
}

Outcome<Page> document_page(std::string_view file_name, ByteView file, const Trust* judge) {
  const std::string what = "cannot show " + in_quotes(file_name);
  const auto armoured = document_from_file_bytes(file);
  if (!armoured) return tl::unexpected(explain(armoured.error(), what));
  const ByteView document = armoured->document;
  if (is_sealed_request(document)) {
    const auto sealed = decode_sealed_request(document);
    if (!sealed) return tl::unexpected(explain(sealed.error(), what));
    return sealed_page(*sealed, document);
  }
  const auto type = claimed_type(document);
  if (!type) return tl::unexpected(explain(type.error(), what));
  if (*type == DocumentType::receipt) {
    const auto opened = open_receipt(document);
    if (!opened) return tl::unexpected(explain(opened.error(), what));
    return receipt_page(*opened);
  }
  if (*type == DocumentType::request) {
    const auto opened = open_request(document);
    if (!opened) return tl::unexpected(explain(opened.error(), what));
    JsonWriter json;
    json.begin_object();
    write_request_members(json, *opened);
    json.end_object();
    return Page{request_page(*opened), json.str() + "\n"};
  }
  auto page = vouched_page(*type, document, judge);
  if (!page) return tl::unexpected(explain(page.error(), what));
  return std::move(*page);
}

}  // namespace oak
