#pragma once
// Whether the desk's own rules (issuer/policy.h) allowed each issue, with the approvals that its leaf has, as of the entries before it.

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "issuer/audit_documents.h"
#include "issuer/policy.h"
#include "issuer/reckoning.h"

namespace oak {

/// Which activations have a machine key, or a member that tells machines apart, by the beginning of its hash: 12 bytes for each, and
/// now and then one that has not.
class LikeIndex {
 public:
  void add(std::uint32_t hash, std::uint32_t number);
  void find(std::uint32_t hash, std::vector<std::uint32_t>& into) const;

 private:
  struct Slot {
    std::uint32_t hash = 0, number = 0;  ///< number + 1; 0: free
  };
  void put(std::uint32_t hash, std::uint32_t number_plus_one);
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

class RuleAudit {
 public:
  using Fault = std::function<void(std::uint64_t entry, std::string message)>;
  /// Both must outlive it.
  RuleAudit(LedgerReader& reader, const Reckoning& reckoning, Fault fault)
      : reader_(reader), reckoning_(reckoning), fault_(std::move(fault)) {}

  /// Of a licence, by its key number. A proof whose key is not known is taken for good.
  void know_proof_key(const std::string& licence, std::uint64_t number, SymmetricKey key);
  /// Before the reckoning takes the same entry in. Fails where the ledger can't be read.
  Status take_in(std::uint64_t index, const ReadEntry& entry);

 private:
  struct Words {
    std::optional<std::uint64_t> days;
    bool permanent = false;
  };
  Result<PolicyInput> gather(std::uint64_t index, const ReadEntry& entry);
  Result<Predecessor> find_predecessor(const Request& request);
  Result<std::optional<ActivationRecord>> record_of(std::uint32_t number);
  Status find_like(const Request& request, PolicyInput& in);
  Proof proof_of(const Request& request, const Licence& licence) const;
  std::vector<std::string> judge(PolicyInput in, const IssuedLeaf& leaf, const Activation& given, const Words& words) const;

  LedgerReader& reader_;
  const Reckoning& reckoning_;
  Fault fault_;
  LikeIndex like_;
  std::map<std::pair<std::string, std::uint64_t>, SymmetricKey> proof_keys_;
};

}  // namespace oak
