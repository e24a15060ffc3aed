#pragma once
// The audit: the ledger read from its first entry to its last, and everything that follows from it reckoned again from leaves and
// signatures alone. Needs no key and writes nothing.

#include <optional>
#include <string>
#include <vector>

#include "core/disk.h"
#include "core/failure.h"
#include "issuer/reckoning.h"
#include "issuer/report.h"

namespace oak {

struct AuditFault {
  std::optional<std::uint64_t> entry;  ///< the first that is known to be at fault; nullopt where it can't be told
  std::string message;
};

struct AuditedCheckpoint {
  std::string path;
  std::uint64_t size = 0;
  bool is_signed = false;  ///< false: by whom was not checked, its key is not known here
  std::vector<std::string> cosigners;
};

struct AuditResult {
  std::uint64_t entries = 0;
  std::vector<AuditFault> faults;  ///< the first first; at most max_faults
  std::uint64_t faults_left_out = 0;
  std::vector<Reckoning::LicenceSum> licences;
  std::vector<AuditedCheckpoint> checkpoints;
  std::vector<std::string> warnings;  ///< what could not be looked at
};
inline constexpr std::size_t max_faults = 1000;

struct AuditInput {
  std::string desk;
  std::vector<std::string> against;  ///< files of checkpoints
  std::vector<std::string> keys;     ///< verifier keys of witnesses
  std::vector<std::string> trusts;   ///< trust files, in place of the desk's
  std::uint64_t now_unix_s = 0;
  const SymmetricKey* ledger_key = nullptr;  ///< licence secrets are opened where it is there
};
/// A failure means that there is no answer: the ledger or a file can't be read.
Outcome<AuditResult> audit(Disk& disk, const AuditInput& input);

Report audit_report(const AuditResult& result);

}  // namespace oak
