#include "core/root_page.h"

#include "core/kind.h"
#include "core/text.h"

namespace oak {
namespace {

std::string root_lines(const Trust& trust) {
  std::string text;
  for (const PublicKey& root : trust.roots) text += page_line("root key", to_hex(root));
  for (const EarlierRoots& earlier : trust.earlier)
    for (const PublicKey& root : earlier.roots)
      text += page_line("earlier root",
                        to_hex(root) + " (" + std::to_string(earlier.threshold) + " of " + std::to_string(earlier.roots.size()) + ")");
  return text;
}

std::string capped(const std::optional<std::uint64_t>& cap) { return cap ? "at most " + std::to_string(*cap) : std::string("uncapped"); }

}  // namespace

Page trust_page(const Trust& trust, const Digest& document, const Standing& standing) {
  std::string text = std::string("Trust, ") + (standing.draft ? "for root keys to sign: " : "signed by ") +
                     std::to_string(trust.threshold) + " of the " + std::to_string(trust.roots.size()) + " root keys that it lists\n" +
                     standing_line(standing);
  text += page_line("product", trust.product.empty() ? "every product of the desk" : trust.product) +
          page_line_unless_empty("contact", trust.contact) + page_line("number", std::to_string(trust.number)) +
          page_line("made", utc_text(trust.issued_at_unix_s)) + page_line("lowest bulletin", std::to_string(trust.lowest_bulletin));
  text += root_lines(trust) + page_line("sealing key", to_hex(trust.sealing_key)) + hash_lines(document, standing);
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

Page certificate_page(const IssuerCertificate& certificate, const Digest& document, const Standing& standing) {
  std::string products, kinds;
  for (const std::string& product : certificate.products) products += (products.empty() ? "" : ", ") + product;
  for (const std::uint64_t kind : certificate.kinds) kinds += (kinds.empty() ? "" : ", ") + std::string(kind_name(static_cast<Kind>(kind)));
  std::string text = "Issuer certificate" + title_end(standing) + standing_line(standing);
  text += page_line("serial", std::to_string(certificate.serial)) + page_line("issuer key", to_hex(certificate.issuer_key)) +
          page_line("products", products.empty() ? "all" : products) + page_line("may issue", kinds) +
          page_line("days", capped(certificate.max_days)) + page_line("seats", capped(certificate.max_seats)) +
          page_line("versions", certificate.versions ? certificate.versions->text() : std::string("uncapped")) +
          page_line("from", utc_text(certificate.not_before_unix_s)) + page_line("to", utc_text(certificate.not_after_unix_s)) +
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

Page key_bulletin_page(const KeyBulletin& bulletin, const Digest& document, const Standing& standing) {
  std::string text = "Bulletin of the root keys" + title_end(standing) + standing_line(standing);
  text += page_line("number", std::to_string(bulletin.number)) + page_line("made", utc_text(bulletin.issued_at_unix_s));
  JsonWriter json;
  json.begin_object();
  json.key("type").text("key-bulletin");
  json.key("number").number(bulletin.number);
  json.key("revoked_issuers").begin_array();
  for (const RevokedIssuer& issuer : bulletin.revoked_issuers) {
    text += page_line("revoked issuer", "serial " + std::to_string(issuer.serial) + "; " + std::to_string(issuer.survivors.size()) +
                                            " activations of it still count");
    json.number(issuer.serial);
  }
  json.end_array();
  json.key("new_trust").boolean(!bulletin.new_trust.empty());
  write_standing(json, standing);
  write_hash_members(json, document);
  json.end_object();
  text += page_line("new trust", bulletin.new_trust.empty() ? "none" : "carried in it");
  const auto carried =
      split(bulletin.new_trust, DocumentType::trust).and_then([](const Envelope& envelope) { return decode_trust(envelope.payload); });
  if (carried) text += page_line("its number", std::to_string(carried->number)) + root_lines(*carried);
  return {text + hash_lines(document, standing), json.str() + "\n"};
}

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

}  // namespace oak
