#pragma once
// What the commands about keys say. Nothing is printed here.

#include "issuer/certify.h"
#include "issuer/key_import.h"
#include "issuer/keys.h"
#include "issuer/report.h"

namespace oak {

struct KeyList {
  Report report;
  std::vector<std::string> warnings;
};
/// Roots, with the folders in which their keys were found; issuer keys; the sealing key. `root_dirs`: where else to look.
Outcome<KeyList> list_keys(const DeskWorld& world, const Desk& desk, const std::vector<std::string>& root_dirs);

/// What was drafted or signed, where it was written, and who must sign next.
Report draft_report(const std::string& what, const Draft& draft, const std::vector<Quorum>& quorums, const std::string& out,
                    const std::string& name = {}, std::uint64_t serial = 0);
Report root_report(const std::string& name, const PublicKey& key, const std::string& folder);
Report imported_keys_report(const ImportedKeys& imported);

}  // namespace oak
