#include "core/document_page.h"

#include "core/armour.h"
#include "core/root_page.h"
#include "core/site_page.h"
#include "core/text.h"
#include "core/vendor_page.h"

namespace oak {
namespace {

/// Judges by `open`, an open_* function of core, where there is a trust to judge by.
template <typename Open>
Standing standing_under(const Trust* judge, Open open) {
  if (!judge) return {};
  const auto opened = open(*judge);
  return {true, opened ? Status{} : Status{tl::unexpected(opened.error())}, false};
}

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

}  // namespace

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
