#pragma once
// A desk's issuer keys: which there are, what their certificates allow, and which one signs. The only reader of their files
// (docs/format-desk.md, "Folder").

#include <optional>
#include <string>
#include <vector>

#include "core/bulletin.h"
#include "issuer/desk.h"

namespace oak {

struct IssuerKey {
  std::string name;                        ///< "issuer-2"
  bool has_key = false;                    ///< its key file lies here; else somebody else holds it
  Bytes certificate;                       ///< signed by the roots; empty while it is drafted
  std::optional<IssuerCertificate> terms;  ///< of the certificate; nullopt: there is none that can be used
  std::optional<IssuerCertificate> draft;  ///< what the roots were asked to sign, and have not yet
  std::string problem;                     ///< why a certificate can't be used
  bool revoked = false;                    ///< by the roots, in a key bulletin that was imported
  /// The highest of its serials; 0 where it has none.
  std::uint64_t serial() const;
  /// "active", "drafted", "revoked", "unusable"
  std::string_view state() const;
};

std::string issuer_key_path(std::string_view name);
std::string issuer_certificate_path(std::string_view name);
/// The desk's copy of the draft that it has made for this key.
std::string issuer_draft_path(std::string_view name);

/// Ascending by the number in the name.
Outcome<std::vector<IssuerKey>> issuer_keys(Disk& disk, const Desk& desk);
/// True where a certificate lets it sign certificates and nothing permanent.
bool signs_certificates_only(const IssuerKey& key);
/// The key that signs: `name`, or where that is empty the newest one that is certified, not revoked, and lies here; one that
/// signs certificates only is an unattended server's, and stands back for any other.
Outcome<IssuerKey> chosen_issuer(Disk& disk, const Desk& desk, const std::string& name);
/// The key of an unattended server: `name`, or the newest; of those that may sign, one that signs certificates only.
/// issuer_not_allowed, with the command that makes one, where there is none or `name` is another.
Outcome<IssuerKey> certificate_issuer(Disk& disk, const Desk& desk, const std::string& name);
/// The keys of this desk that may sign, but whose certificates need roots that `trust` no longer counts.
Outcome<std::vector<std::string>> issuers_not_under(Disk& disk, const Desk& desk, const Trust& trust);
/// The public key that a key file shows, before anybody is asked for its passphrase.
Outcome<PublicKey> shown_key(Disk& disk, const std::string& folder, std::string_view name);

/// The key bulletins that were imported here, ascending by number.
Outcome<std::vector<KeyBulletin>> key_bulletins(Disk& disk, const Desk& desk);
std::string key_bulletin_path(std::uint64_t number);
/// The trust of that number, with the signatures of the roots before it.
std::string new_trust_path(std::uint64_t number);

}  // namespace oak
