#include "issuer/certify.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "core/fields.h"
#include "core/text.h"
#include "issuer/desk_files.h"
#include "issuer/keys.h"

namespace oak {
namespace {

constexpr std::uint64_t day_s = 86400, issuer_years_s = 10ULL * 366 * day_s, before_s = 2 * day_s;

tl::unexpected<Failure> usage(std::string message, std::string hint) {
  return tl::unexpected(Failure{Code::usage, std::move(message), std::move(hint)});
}

/// The first second of a day.
Outcome<std::uint64_t> date_from(const std::string& text, const std::string& option) {
  int year = 0;
  unsigned month = 0, day = 0;
  const auto read_digits = [&](std::size_t from, std::size_t to, auto& into) {
    const char* end = text.data() + to;
    return text[from] != '-' && std::from_chars(text.data() + from, end, into).ptr == end;
  };
  const bool read = text.size() == 10 && text[4] == '-' && text[7] == '-' && read_digits(0, 4, year) && read_digits(5, 7, month) &&
                    read_digits(8, 10, day);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!read || !date.ok() || year < 1970)
    return usage(option + " " + in_quotes(text) + " is not a date", "year, month and day: " + option + " 2027-01-31");
  return static_cast<std::uint64_t>(std::chrono::sys_days(date).time_since_epoch().count()) * day_s;
}

Outcome<void> set_kinds(const std::vector<std::string>& words, IssuerCertificate& certificate) {
  std::vector<std::uint64_t> kinds;
  for (const std::string& word : words) {
    if (word != "permanent" && word != "certificate")
      return usage("--kinds " + in_quotes(word) + " is neither permanent nor certificate", "for example --kinds certificate");
    kinds.push_back(word == "permanent" ? 1 : 2);
  }
  if (kinds.empty()) kinds = {1, 2};
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  certificate.kinds = std::move(kinds);
  return {};
}

Outcome<void> set_products(std::vector<std::string> products, IssuerCertificate& certificate) {
  for (const std::string& product : products)
    if (!is_name(product, 40))
      return usage("--products " + in_quotes(product) + " is not a product's name",
                   "letters, digits, dot, dash and underscore, at most 40");
  std::sort(products.begin(), products.end());
  products.erase(std::unique(products.begin(), products.end()), products.end());
  if (products.size() > 64) return usage("--products names more than 64", "leave it out for every product");
  certificate.products = std::move(products);
  return {};
}

Outcome<void> set_window(const CertifyInput& input, IssuerCertificate& certificate) {
  if (!input.from.empty()) {
    OAK_ASSIGN(certificate.not_before_unix_s, date_from(input.from, "--from"));
  }
  if (!input.until.empty()) {
    OAK_ASSIGN(certificate.not_after_unix_s, date_from(input.until, "--until"));
    certificate.not_after_unix_s += day_s - 1;
  }
  if (certificate.not_before_unix_s > certificate.not_after_unix_s)
    return usage("--until is before --from", "both days are in the window: --from 2027-01-01 --until 2027-12-31");
  return {};
}

Outcome<void> set_caps(const CertifyInput& input, IssuerCertificate& certificate) {
  OAK_TRY(set_products(input.products, certificate));
  OAK_TRY(set_kinds(input.kinds, certificate));
  certificate.max_days = input.max_days;
  certificate.max_seats = input.max_seats;
  if (input.versions.empty()) return {};
  auto range = VersionRange::parse(input.versions);
  if (!range) return usage("--versions " + in_quotes(input.versions) + " is not a range", "for example 3.*, 3.5.1, or \">=3.0 <5\"");
  certificate.versions = std::move(*range);
  return {};
}

/// Of `issuer`, or where that is empty of the newest key that is certified, an unattended server's only where there is no other.
Outcome<void> set_caps_as_before(const std::vector<IssuerKey>& keys, const std::string& issuer, IssuerCertificate& certificate) {
  const auto find = [&](bool servers_too) {
    return std::find_if(keys.rbegin(), keys.rend(), [&](const IssuerKey& key) {
      return key.terms && (issuer.empty() ? servers_too || !signs_certificates_only(key) : key.name == issuer);
    });
  };
  auto before = find(false);
  if (before == keys.rend()) before = find(true);
  if (before == keys.rend())
    return usage(issuer.empty() ? "no issuer key of this desk is certified" : "issuer key " + in_quotes(issuer) + " was never certified",
                 "say what it may sign: oak-issuer key certify --help");
  certificate.products = before->terms->products;
  certificate.kinds = before->terms->kinds;
  certificate.max_days = before->terms->max_days;
  certificate.max_seats = before->terms->max_seats;
  certificate.versions = before->terms->versions;
  return {};
}

std::string next_name(const std::vector<IssuerKey>& keys) {
  const std::uint64_t last = keys.empty() ? 0 : std::stoull(keys.back().name.substr(keys.back().name.find('-') + 1));
  return "issuer-" + std::to_string(last + 1);
}

/// One that no certificate of this desk ever had, though its file be lost: the roots may have taken it back.
Outcome<std::uint64_t> next_serial(const Desk& desk, const std::vector<IssuerKey>& keys) {
  std::uint64_t last = 0;
  for (const IssuerKey& key : keys) last = std::max(last, key.serial());
  const auto certificates = desk.ledger().key_documents(LeafKind::key_certified);
  if (!certificates) return tl::unexpected(ledger_failure(certificates.error(), desk.folder()));
  for (const Bytes& document : *certificates) {
    const auto terms = split(document, DocumentType::issuer_certificate).and_then([](const Envelope& envelope) {
      return decode_issuer_certificate(envelope.payload);
    });
    if (terms) last = std::max(last, terms->serial);
  }
  if (last == max_count) return usage("no serial is left for another certificate", "make a new desk");
  return last + 1;
}

Outcome<PublicKey> make_issuer_key(const Desk& desk, const DeskWorld& world, const std::string& name) {
  KeyPair issuer;
  lock_memory(issuer.seed.data(), Seed::size());
  issuer = make_key_pair(world.random);
  OAK_TRY(write_key(world, desk.folder(), issuer_key_path(name), {name, KeyPurpose::issuer, issuer.public_key}, issuer.seed.view()));
  return issuer.public_key;
}

Outcome<PublicKey> key_to_certify(const Desk& desk, const DeskWorld& world, const CertifyInput& input, const std::vector<IssuerKey>& keys,
                                  const std::string& name) {
  if (input.holder) return *input.holder;
  if (input.issuer.empty()) return make_issuer_key(desk, world, name);
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const IssuerKey& key) { return key.name == name && key.has_key; });
  if (found == keys.end())
    return tl::unexpected(
        Failure{Code::not_found, "the desk has no issuer key " + in_quotes(name), "see: oak-issuer key list" + desk.option()});
  if (found->revoked)
    return tl::unexpected(Failure{Code::issuer_not_allowed, "issuer key " + in_quotes(name) + " was revoked: somebody else may have it",
                                  "certify a new key: oak-issuer key certify without --issuer"});
  return shown_key(world.disk, desk.folder(), issuer_key_path(name));
}

}  // namespace

Outcome<PublicKey> public_key_from(std::string_view hex, std::string_view option) {
  PublicKey key{};
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  bool fine = hex.size() == 2 * key.size();
  for (std::size_t i = 0; fine && i < hex.size(); ++i) {
    const int value = digit(hex[i]);
    fine = value >= 0;
    key[i / 2] = static_cast<std::uint8_t>(key[i / 2] << 4 | (value & 0xf));
  }
  if (fine && is_valid_public_key(key)) return key;
  return usage(std::string(option) + " " + in_quotes(hex) + " is not a public key",
               "64 digits of small hex, as the tool that made it has printed them");
}

IssuerCertificate first_certificate(const PublicKey& issuer, std::uint64_t serial, std::uint64_t now_unix_s) {
  IssuerCertificate certificate;
  certificate.issued_at_unix_s = now_unix_s;
  certificate.issuer_key = issuer;
  certificate.serial = serial;
  certificate.kinds = {1, 2};
  certificate.not_before_unix_s = now_unix_s > before_s ? now_unix_s - before_s : 0;
  certificate.not_after_unix_s = now_unix_s + issuer_years_s;
  return certificate;
}

Outcome<NewDraft> draft_certificate(Desk& desk, const DeskWorld& world, const CertifyInput& input) {
  OAK_ASSIGN(const std::vector<IssuerKey> keys, issuer_keys(world.disk, desk));
  OAK_ASSIGN(const std::uint64_t serial, next_serial(desk, keys));
  IssuerCertificate certificate = first_certificate({}, serial, world.clock.now_unix_s());
  if (input.like_before)
    OAK_TRY(set_caps_as_before(keys, input.issuer, certificate));
  else
    OAK_TRY(set_caps(input, certificate));
  OAK_TRY(set_window(input, certificate));
  const std::string name = input.issuer.empty() ? next_name(keys) : input.issuer;
  OAK_ASSIGN(certificate.issuer_key, key_to_certify(desk, world, input, keys, name));
  NewDraft made{name, serial, {DocumentType::issuer_certificate, encode_issuer_certificate(certificate), {}}};
  OAK_TRY(keep_draft(world.disk, desk.folder(), issuer_draft_path(name), made.draft));
  return made;
}

}  // namespace oak
