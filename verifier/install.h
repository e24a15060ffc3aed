#pragma once
// Installs a document that came from the vendor: an activation, or a bulletin. `oak-verifier install` and
// `oak-request import` are both this function.

#include <optional>
#include <string>
#include <vector>

#include "core/activation.h"
#include "core/failure.h"
#include "core/licence_key.h"
#include "verifier/machine.h"
#include "verifier/trust_source.h"

namespace oak {

struct InstallInput {
  std::string name;  ///< of the file, for messages
  ByteView file;     ///< armour, or the document's own bytes
  /// Only needed where the machine has lost its fingerprint key.
  const LicenceKey* licence_key = nullptr;
  Bytes site_secret;  ///< what the site's secret file holds; empty: none
};

struct Installed {
  DocumentType type = DocumentType::activation;
  std::vector<std::string> products;     ///< more than one only for a bulletin about keys
  std::optional<Activation> activation;  ///< of an activation
  ActivationId id{};
  std::uint64_t number = 0;        ///< of a bulletin
  std::vector<std::string> lines;  ///< what was done, one sentence each
  std::vector<std::string> warnings;
  std::string next;  ///< the command to try now
  /// Larger ones of its licence that it replaces, one sentence each: what frees their seats. `oak-request import` does that.
  std::vector<std::string> receipts_due;
};

/// Checks everything first, then writes. On a failure nothing was stored: the document is malformed, can't be
/// traced to the vendor, was returned, superseded or revoked, is for another machine (the components are named), or
/// the machine lacks its fingerprint key (fingerprint_key_missing; the hint names --licence-key-file).
Outcome<Installed> install(const Machine& machine, const TrustSource& source, const InstallInput& input);
/// {"installed", "product", "activation": as `check` has it or null, "warnings", "next"} and a newline.
std::string installed_json(const Installed& installed);

}  // namespace oak
