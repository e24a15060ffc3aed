#include "request/sheet.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "core/activation.h"
#include "core/bulletin.h"
#include "core/receipt.h"
#include "core/sealed_request.h"
#include "core/text.h"
#include "request/qr_render.h"

namespace oak {
namespace {

constexpr unsigned quiet_zone_modules = 4;
constexpr std::size_t long_value_bytes = 60;  // set smaller, so that whatever the options take leaves the page one page

// Two symbols stand side by side on both papers: A4 is 210 mm wide, Letter 216 mm, less twice the margin of 10 mm.
constexpr std::string_view style = R"(
@page { margin: 10mm; }
body { font: 10.5pt/1.35 "Liberation Sans", Arial, Helvetica, sans-serif; color: #000; background: #fff; max-width: 184mm; margin: 0 auto; }
h1 { font-size: 15pt; margin: 0 0 2mm; }
table { border-collapse: collapse; }
th { text-align: left; font-weight: normal; color: #333; padding: 0 5mm 0 0; vertical-align: top; white-space: nowrap; }
td { padding: 0; font-weight: bold; overflow-wrap: anywhere; }
.long { font-size: 7pt; line-height: 1.15; }
.hash { font: 7.5pt "Liberation Mono", "Courier New", monospace; }
.phone { font: bold 15pt "Liberation Mono", "Courier New", monospace; letter-spacing: 0.08em; }
.symbols { display: flex; flex-wrap: wrap; justify-content: space-around; margin: 1mm 0; }
figure { margin: 0; text-align: center; break-inside: avoid; }
figcaption { font-size: 9pt; margin-top: -3mm; }
svg { display: block; width: 100%; height: 100%; }
ol { margin: 1mm 0; padding-left: 6mm; font-size: 9.5pt; line-height: 1.25; }
p { margin: 1mm 0; }
.note { font-size: 8.5pt; }
code { font-family: "Liberation Mono", "Courier New", monospace; font-size: 9.5pt; }
)";

struct Row {
  std::string name, value;
};

/// What differs between the pages of different documents.
struct Words {
  std::string title, said;         ///< `said` heads the rows
  std::vector<Row> rows;           ///< in words, untrusted
  std::vector<std::string> steps;  ///< HTML
  bool signed_inside = false;      ///< the symbols carry something around the signed document
};

std::string seats_words(std::uint64_t seats) { return fmt::format("{} seat{}", seats, seats == 1 ? "" : "s"); }

void add_unless_empty(std::vector<Row>& rows, std::string_view name, const std::string& value) {
  if (!value.empty()) rows.push_back({std::string(name), value});
}

Words words_of(const Request& request, const std::string& contact) {
  Words out;
  out.title = fmt::format("Request for {} {}", request.product, request.version);
  out.said = "What is asked";
  out.rows = {{"Activation of", fmt::format("{}, version {}", request.product, request.version)},
              {"For", fmt::format("{} of licence {}", seats_words(request.seats), request.licence)}};
  add_unless_empty(out.rows, "Site", request.site);
  add_unless_empty(out.rows, "Reason", request.reason);
  if (request.supersedes) out.rows.push_back({"In the place of", "activation " + activation_id_text(request.supersedes->activation)});
  out.rows.push_back({"Fingerprint", is_strong(request.fingerprint)
                                         ? "normal (keyed digests; no serial number is in it)"
                                         : "weak: an operator must approve it (keyed digests; no serial number)"});
  out.rows.push_back({"Made", utc_text(request.created_at_unix_s) + ", by the site's clock"});
  out.rows.push_back({"Send it to", contact});
  out.steps = {"Send this sheet, or a photograph of each symbol: close, flat, in good light.",
               "At the desk: <code>oak-issuer inspect PICTURE...</code>, then <code>oak-issuer issue PICTURE...</code>",
               "To be sure that nothing was swapped on the way, compare the groups above over the phone.",
               "When the answer is here: <code>oak-request import ANSWER</code>, a file or pictures."};
  return out;
}

Words words_of(const UnverifiedActivation& read, const std::string& contact) {
  const Activation& activation = read.activation;
  Words out;
  out.title = fmt::format("Activation of {} {}", activation.product, activation.versions.text());
  out.said = "What is granted";
  out.rows = {{"Activation", fmt::format("{}, generation {}", activation_id_text(read.id), activation.generation)},
              {"For", fmt::format("{} of {} {}", seats_words(activation.seats), activation.product, activation.versions.text())},
              {"Licence", activation.licence}};
  add_unless_empty(out.rows, "Customer", activation.customer);
  add_unless_empty(out.rows, "Site", activation.site);
  out.rows.push_back({"Lasts", activation.not_after_unix_s ? "until " + utc_text(*activation.not_after_unix_s) : "for good (permanent)"});
  if (activation.supersedes) out.rows.push_back({"In the place of", "activation " + activation_id_text(*activation.supersedes)});
  out.rows.push_back({"Issued", utc_text(activation.issued_at_unix_s)});
  out.rows.push_back({"Questions to", contact});
  out.steps = {
      "On the machine that asked, photograph or scan each symbol: close, flat, in good light.",
      "<code>oak-request import PICTURE...</code> checks the signature and stores the activation.",
      "<code>oak-verifier check --product " + html_escaped(activation.product) + " --version VERSION</code> then says <b>active</b>.",
      "It works on that machine alone."};
  return out;
}

Words words_of(const Receipt& receipt, const std::string& contact) {
  Words out;
  out.title = "Receipt for an activation of " + receipt.product;
  out.said = "What was given back";
  out.rows = {{"Activation", fmt::format("{}, generation {}", activation_id_text(receipt.activation), receipt.generation)},
              {"Licence", receipt.licence}};
  if (receipt.successor) out.rows.push_back({"In its place", "activation " + activation_id_text(*receipt.successor)});
  out.rows.push_back({"Given back", utc_text(receipt.returned_at_unix_s) + ", by the site's clock"});
  out.rows.push_back({"Send it to", contact});
  out.steps = {"Send this sheet, or a photograph of each symbol: close, flat, in good light.",
               "At the desk: <code>oak-request scan PICTURE... --out RECEIPT</code>, then <code>oak-issuer accept RECEIPT</code>",
               "The seats are free when it is accepted. If it is lost, the machine writes the same receipt again."};
  return out;
}

Words words_of(const Bulletin& bulletin, const std::string& contact) {
  constexpr std::size_t most_named = 8;
  Words out;
  out.title = fmt::format("Bulletin {} for {}", bulletin.number, bulletin.product);
  out.said = "What no longer counts";
  std::string named;
  for (std::size_t i = 0; i < std::min(bulletin.revoked.size(), most_named); ++i)
    named += (i == 0 ? "" : ", ") + activation_id_text(bulletin.revoked[i]);
  if (bulletin.revoked.size() > most_named) named += fmt::format(" and {} more", bulletin.revoked.size() - most_named);
  out.rows = {{"Product", bulletin.product}, {"Revoked", named.empty() ? "nothing" : named}};
  out.rows.push_back({"Signed", utc_text(bulletin.issued_at_unix_s)});
  out.rows.push_back({"Questions to", contact});
  out.steps = {"On each machine with the product, photograph or scan each symbol: close, flat, in good light.",
               "<code>oak-request import PICTURE...</code> checks the signature and keeps the bulletin.",
               "A machine whose activation is not named goes on as before.", "It takes the place of every bulletin with a lower number."};
  return out;
}

/// Read by whoever carries it: nothing that the seal hides.
Words words_of(const SealedRequest& sealed, const std::string& contact) {
  Words out;
  out.title = "Sealed request";
  out.signed_inside = true;
  out.said = "What is asked, only the vendor's desk can read";
  out.rows = {{"Sealed for key", to_hex(sealed.sealing_key)}};
  out.rows.push_back({"Send it to", contact});
  out.steps = {"Send this sheet, or a photograph of each symbol: close, flat, in good light.",
               "At the desk: <code>oak-issuer inspect PICTURE...</code>, then <code>oak-issuer issue PICTURE...</code>",
               "To be sure that nothing was swapped on the way, compare over the phone the groups that both tools show.",
               "When the answer is here, which is not sealed: <code>oak-request import ANSWER</code>, a file or pictures."};
  return out;
}

std::string symbols_html(const std::vector<QrSymbol>& symbols) {
  std::string out = "<div class=\"symbols\">\n";
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const auto side = static_cast<double>(symbols[i].side);
    const double with_quiet_zone_mm = sheet_symbol_mm * (side + 2.0 * quiet_zone_modules) / side;
    out += fmt::format("<figure><div style=\"width: {:.2f}mm; height: {:.2f}mm\">{}</div><figcaption>part {} of {}</figcaption></figure>\n",
                       with_quiet_zone_mm, with_quiet_zone_mm, qr_svg(symbols[i]), i + 1, symbols.size());
  }
  return out + "</div>\n";
}

std::string page_html(const Words& words, const std::string& symbols, const Digest& document) {
  std::string rows, steps;
  for (const Row& row : words.rows) {
    const std::string_view size = row.value.size() > long_value_bytes ? " class=\"long\"" : "";
    rows += fmt::format("<tr><th>{}</th><td{}>{}</td></tr>\n", html_escaped(row.name), size, html_escaped(row.value));
  }
  // The groups that people compare are those of what is signed.
  const std::string phone = words.signed_inside
                                ? std::string()
                                : fmt::format("<tr><th>Over the phone</th><td class=\"phone\">{}</td></tr>\n", phone_groups(document));
  for (const std::string& step : words.steps) steps += "<li>" + step + "</li>\n";
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p>{2}:</p>\n<table>\n{3}"
      "{4}"
      "<tr><th>SHA-256</th><td class=\"hash\">{5}</td></tr>\n</table>\n{6}<ol>\n{7}</ol>\n"
      "<p class=\"note\">The symbols carry the signed document. The words on this sheet are not signed: what counts is what the tools "
      "show.</p>\n"
      "</body>\n</html>\n",
      html_escaped(words.title), style, html_escaped(words.said), rows, phone, to_hex(document), symbols, steps);
}

}  // namespace

Outcome<std::string> make_sheet(ByteView document, std::string_view contact) {
  constexpr std::string_view what = "the sheet";
  const auto names = names_of(document);
  if (!names) return tl::unexpected(explain(names.error(), what));
  const std::string whom(contact.empty() ? "your vendor" : contact);
  const auto symbols = make_qr_symbols(document, QrMedium::sheet);
  if (!symbols) return tl::unexpected(explain(symbols.error(), what));
  if (is_sealed_request(document)) {
    const auto sealed = decode_sealed_request(document);
    if (!sealed) return tl::unexpected(explain(sealed.error(), what));
    return page_html(words_of(*sealed, whom), symbols_html(*symbols), sha256(document));
  }
  if (claimed_type(document) == DocumentType::activation) {
    const auto read = read_activation_unverified(document);
    if (!read) return tl::unexpected(explain(read.error(), what));
    return page_html(words_of(*read, whom), symbols_html(*symbols), sha256(document));
  }
  if (claimed_type(document) == DocumentType::bulletin) {
    const auto envelope = split(document, DocumentType::bulletin);
    const auto bulletin = envelope ? decode_bulletin(envelope->payload) : tl::unexpected(envelope.error());
    if (!bulletin) return tl::unexpected(explain(bulletin.error(), what));
    return page_html(words_of(*bulletin, whom), symbols_html(*symbols), sha256(document));
  }
  if (claimed_type(document) == DocumentType::receipt) {
    const auto opened = open_receipt(document);
    if (!opened) return tl::unexpected(explain(opened.error(), what));
    return page_html(words_of(*opened->receipt, whom), symbols_html(*symbols), opened->document);
  }
  const auto opened = open_request(document);
  if (!opened) return tl::unexpected(explain(opened.error(), what));
  return page_html(words_of(*opened->request, whom), symbols_html(*symbols), opened->document);
}

}  // namespace oak
