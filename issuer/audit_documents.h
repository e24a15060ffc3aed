#pragma once
// What the documents in a ledger's leaves prove: who signed them, with which certificate, and that they are about what the leaf says.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/activation.h"
#include "core/bulletin.h"
#include "core/receipt.h"
#include "core/request.h"
#include "issuer/leaf.h"
#include "issuer/ledger_audit.h"

namespace oak {

/// An entry taken apart, and what is wrong with it whatever came before it.
struct ReadEntry {
  std::uint64_t index = 0;  ///< its number in the file
  std::optional<Leaf> leaf;
  Digest leaf_hash{};
  std::optional<UnverifiedActivation> activation;  ///< of an issued leaf; signed by the key in its own certificate
  Bytes certificate;                               ///< that certificate's document, of which nothing is verified
  std::uint64_t issuer_serial = 0;                 ///< as it says
  std::optional<OpenedRequest> request;            ///< of an issued leaf, signed by its machine key
  std::optional<Receipt> receipt;                  ///< of a returned leaf; signed by the machine key that it carries
  std::vector<std::string> faults;                 ///< each to be read behind "entry N "
};
/// Pure, and the costly part: may run for many entries at one time.
ReadEntry read_entry(const RawEntry& entry);

/// Who was allowed to sign what.
class SignerAudit {
 public:
  using Fault = std::function<void(std::uint64_t entry, std::string message)>;
  SignerAudit(std::vector<Trust> trusts, Fault fault) : trusts_(std::move(trusts)), fault_(std::move(fault)) {}
  /// In the order of entries.
  void take_in(std::uint64_t index, const ReadEntry& entry);
  /// After the last entry: certificates and bulletins under every trust that is known by then.
  void finish();

 private:
  struct Certificate {
    Bytes document;
    Digest payload{};
    std::optional<IssuerCertificate> claimed;
    std::uint64_t first_entry = 0;
  };
  void take_in_certified(std::uint64_t index, const Bytes& document);
  void take_in_activation(std::uint64_t index, const ReadEntry& entry);
  void take_in_published(std::uint64_t index, const Bytes& document);
  const Certificate& certificate_of(std::uint64_t index, const Bytes& document);
  void take_in_trust(std::uint64_t index, const Bytes& document);
  bool is_trusted(const Certificate& certificate, Error& why) const;
  void check_published(std::uint64_t index, const Bytes& document);

  std::vector<Trust> trusts_;
  Fault fault_;
  std::map<Digest, Certificate> certificates_;         ///< by the document's hash
  const Certificate* last_ = nullptr;                  ///< most activations carry the one before's
  std::map<Digest, std::uint64_t> certified_;          ///< by the payload's hash: which entry certified it
  std::map<std::uint64_t, std::uint64_t> taken_back_;  ///< by the issuer's serial: the entry of the key bulletin
  std::vector<std::pair<std::uint64_t, Bytes>> published_;
};

}  // namespace oak
