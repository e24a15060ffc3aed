#include "issuer/keys.h"

#include <algorithm>

#include "core/text.h"
#include "issuer/desk_files.h"

namespace oak {
namespace {

constexpr std::string_view key_end = ".key", certificate_end = ".cert.oak", draft_end = ".oak", issuer_start = "issuer-",
                           bulletin_start = "key-bulletin-";

/// The number of a name such as issuer-12; nullopt for any other.
std::optional<std::uint64_t> number_of(std::string_view name, std::string_view start) {
  if (!name.starts_with(start)) return std::nullopt;
  name.remove_prefix(start.size());
  if (name.empty() || name.size() > 10 || name.front() == '0' || name.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return std::stoull(std::string(name));
}

Outcome<std::vector<std::string>> names_in(Disk& disk, const std::string& folder) {
  auto names = disk.list(folder);
  if (!names && names.error().code == Code::not_found) return std::vector<std::string>{};
  if (!names) return tl::unexpected(explain({names.error().code, {}}, "cannot read the folder " + in_quotes(folder)));
  return std::move(*names);
}

/// The numbers of the files in `folder` that are named START N END.
Outcome<std::vector<std::uint64_t>> numbers_in(Disk& disk, const std::string& folder, std::string_view start, std::string_view end) {
  OAK_ASSIGN(const std::vector<std::string> names, names_in(disk, folder));
  std::vector<std::uint64_t> out;
  for (const std::string& name : names)
    if (name.ends_with(end))
      if (const auto number = number_of(std::string_view(name).substr(0, name.size() - end.size()), start)) out.push_back(*number);
  std::sort(out.begin(), out.end());
  return out;
}

Outcome<void> read_certificate(Disk& disk, const Desk& desk, IssuerKey& key) {
  OAK_ASSIGN(key.certificate, read_document(disk, desk.folder(), issuer_certificate_path(key.name)));
  const auto opened = open_issuer_certificate(key.certificate, desk.trust());
  if (opened)
    key.terms = **opened;
  else
    key.problem = explain(opened.error(), in_quotes(desk.folder() + "/" + issuer_certificate_path(key.name))).message;
  return {};
}

Outcome<void> read_draft_terms(Disk& disk, const Desk& desk, IssuerKey& key) {
  OAK_ASSIGN(const Bytes draft, read_document(disk, desk.folder(), issuer_draft_path(key.name)));
  const auto terms = split_draft(draft).and_then([](const Envelope& envelope) { return decode_issuer_certificate(envelope.payload); });
  if (terms) key.draft = *terms;
  return {};
}

bool is_revoked(const std::vector<KeyBulletin>& bulletins, std::uint64_t serial) {
  return std::any_of(bulletins.begin(), bulletins.end(), [&](const KeyBulletin& bulletin) {
    return std::any_of(bulletin.revoked_issuers.begin(), bulletin.revoked_issuers.end(),
                       [&](const RevokedIssuer& issuer) { return issuer.serial == serial; });
  });
}

Failure cannot_sign(const Desk& desk, const IssuerKey& key) {
  const std::string what = "issuer key " + in_quotes(key.name);
  if (key.revoked)
    return {Code::issuer_not_allowed, what + " was revoked", "name another with --issuer: see oak-issuer key list" + desk.option()};
  if (!key.problem.empty())
    return {Code::issuer_not_allowed, what + ": " + key.problem, "let the roots certify it: oak-issuer key certify" + desk.option()};
  if (key.certificate.empty())
    return {Code::issuer_not_allowed, what + " has no certificate yet",
            "let the roots sign its draft in turn (oak-issuer key sign), then: oak-issuer key import FILE" + desk.option()};
  return {Code::not_found, "the key file of " + what + " is not in " + in_quotes(desk.folder() + "/keys"),
          "name another with --issuer: see oak-issuer key list" + desk.option()};
}

bool may_sign(const IssuerKey& key) { return key.state() == "active" && key.has_key; }

}  // namespace

std::string_view IssuerKey::state() const {
  if (revoked) return "revoked";
  if (certificate.empty()) return "drafted";
  return terms ? "active" : "unusable";
}

std::uint64_t IssuerKey::serial() const { return std::max(terms ? terms->serial : 0, draft ? draft->serial : 0); }

std::string issuer_key_path(std::string_view name) { return "keys/" + std::string(name) + std::string(key_end); }
std::string issuer_certificate_path(std::string_view name) { return "keys/" + std::string(name) + std::string(certificate_end); }
std::string issuer_draft_path(std::string_view name) { return "drafts/" + std::string(name) + std::string(draft_end); }
std::string key_bulletin_path(std::uint64_t number) { return "keys/" + std::string(bulletin_start) + std::to_string(number) + ".oak"; }
std::string new_trust_path(std::uint64_t number) { return "keys/trust-" + std::to_string(number) + ".oak"; }

Outcome<PublicKey> shown_key(Disk& disk, const std::string& folder, std::string_view name) {
  OAK_ASSIGN(const Bytes document, read_document(disk, folder, name));
  const auto head = read_key_file_head(document);
  if (!head) return tl::unexpected(explain(head.error(), "the key file " + in_quotes(folder + "/" + std::string(name))));
  return head->public_key;
}

Outcome<std::vector<KeyBulletin>> key_bulletins(Disk& disk, const Desk& desk) {
  // Those of the ledger count though their files are lost, or are those of an old backup of the keys.
  auto documents = desk.ledger().key_documents(LeafKind::bulletin_signed);
  if (!documents) return tl::unexpected(ledger_failure(documents.error(), desk.folder()));
  OAK_ASSIGN(const std::vector<std::uint64_t> numbers, numbers_in(disk, desk.folder() + "/keys", bulletin_start, draft_end));
  for (const std::uint64_t number : numbers) {
    OAK_ASSIGN(Bytes document, read_document(disk, desk.folder(), key_bulletin_path(number)));
    if (std::find(documents->begin(), documents->end(), document) == documents->end()) documents->push_back(std::move(document));
  }
  std::vector<KeyBulletin> out;
  for (const Bytes& document : *documents) {
    const auto opened = open_key_bulletin(document, desk.trust());
    // One by roots that were stolen (trust without earlier ones) says nothing any more; nor does any below the lowest.
    if (opened) out.push_back(**opened);
  }
  std::stable_sort(out.begin(), out.end(), [](const KeyBulletin& a, const KeyBulletin& b) { return a.number < b.number; });
  return out;
}

Outcome<std::vector<IssuerKey>> issuer_keys(Disk& disk, const Desk& desk) {
  const std::string keys = desk.folder() + "/keys";
  OAK_ASSIGN(const std::vector<std::uint64_t> files, numbers_in(disk, keys, issuer_start, key_end));
  OAK_ASSIGN(const std::vector<std::uint64_t> certificates, numbers_in(disk, keys, issuer_start, certificate_end));
  OAK_ASSIGN(const std::vector<std::uint64_t> drafts, numbers_in(disk, desk.folder() + "/drafts", issuer_start, draft_end));
  OAK_ASSIGN(const std::vector<KeyBulletin> bulletins, key_bulletins(disk, desk));
  const auto has = [](const std::vector<std::uint64_t>& list, std::uint64_t number) {
    return std::binary_search(list.begin(), list.end(), number);
  };
  std::vector<std::uint64_t> all = files;
  all.insert(all.end(), certificates.begin(), certificates.end());
  all.insert(all.end(), drafts.begin(), drafts.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<IssuerKey> out;
  for (const std::uint64_t number : all) {
    IssuerKey key;
    key.name = std::string(issuer_start) + std::to_string(number);
    key.has_key = has(files, number);
    if (has(certificates, number)) OAK_TRY(read_certificate(disk, desk, key));
    if (has(drafts, number)) OAK_TRY(read_draft_terms(disk, desk, key));
    key.revoked = key.terms && is_revoked(bulletins, key.terms->serial);
    out.push_back(std::move(key));
  }
  return out;
}

Outcome<std::vector<std::string>> issuers_not_under(Disk& disk, const Desk& desk, const Trust& trust) {
  OAK_ASSIGN(const std::vector<IssuerKey> keys, issuer_keys(disk, desk));
  std::vector<std::string> out;
  for (const IssuerKey& key : keys)
    if (key.state() == "active" && !open_issuer_certificate(key.certificate, trust)) out.push_back(key.name);
  return out;
}

bool signs_certificates_only(const IssuerKey& key) {
  return key.terms && key.terms->kinds == std::vector<std::uint64_t>{static_cast<std::uint64_t>(Kind::certificate)};
}

Outcome<IssuerKey> chosen_issuer(Disk& disk, const Desk& desk, const std::string& name) {
  if (desk.is_waiting())
    return tl::unexpected(Failure{Code::issuer_not_allowed,
                                  "the desk " + in_quotes(desk.folder()) + " waits for its roots to sign its trust",
                                  "let them sign " + in_quotes(desk.folder() + "/drafts/trust.oak") +
                                      " in turn (oak-issuer key sign), then: oak-issuer key import FILE" + desk.option()});
  OAK_ASSIGN(const std::vector<IssuerKey> keys, issuer_keys(disk, desk));
  if (!name.empty()) {
    const auto named = std::find_if(keys.begin(), keys.end(), [&](const IssuerKey& key) { return key.name == name; });
    if (named == keys.end())
      return tl::unexpected(
          Failure{Code::not_found, "the desk has no issuer key " + in_quotes(name), "see: oak-issuer key list" + desk.option()});
    if (!may_sign(*named)) return tl::unexpected(cannot_sign(desk, *named));
    return *named;
  }
  const IssuerKey* chosen = nullptr;
  for (const IssuerKey& key : keys)
    if (may_sign(key) && (!chosen || signs_certificates_only(*chosen) || !signs_certificates_only(key))) chosen = &key;
  if (chosen) return *chosen;
  if (!keys.empty()) return tl::unexpected(cannot_sign(desk, keys.back()));
  return tl::unexpected(
      Failure{Code::not_found, "the desk has no issuer key", "let the roots certify one: oak-issuer key certify" + desk.option()});
}

Outcome<IssuerKey> certificate_issuer(Disk& disk, const Desk& desk, const std::string& name) {
  const std::string remedy =
      "oak-issuer key certify --kinds certificate --max-days 30 --out serve-draft.oak, and let the roots sign it (docs/keys.md, \"Another "
      "issuer key\")";
  if (!name.empty()) {
    OAK_ASSIGN(IssuerKey key, chosen_issuer(disk, desk, name));
    if (signs_certificates_only(key)) return key;
    return tl::unexpected(Failure{
        Code::issuer_not_allowed,
        "issuer key " + in_quotes(name) + " may sign permanent activations: a server that nobody watches must not hold it", remedy});
  }
  OAK_ASSIGN(const std::vector<IssuerKey> keys, issuer_keys(disk, desk));
  for (auto key = keys.rbegin(); key != keys.rend(); ++key)
    if (may_sign(*key) && signs_certificates_only(*key)) return *key;
  return tl::unexpected(Failure{Code::issuer_not_allowed,
                                "the desk " + in_quotes(desk.folder()) + " has no issuer key that may sign certificates only", remedy});
}

}  // namespace oak
