#pragma once
// The desk's ledger: append-only entries, and what follows from them. An interface; SQLite is its default
// (issuer/ledger_sqlite.h).
//
// The leaves are the ledger. Everything else that can be asked here is derived from them, kept in the same
// transaction, and can be made anew from them alone. The one exception are licence secrets, which are encrypted.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/activation.h"
#include "issuer/leaf.h"

namespace oak {

enum class ActivationState : std::uint8_t { live = 1, superseded = 2, returned = 3, revoked = 4 };
/// "live" …; a live certificate after its end is "expired".
std::string_view activation_state_name(ActivationState state);

struct ActivationRecord {
  ActivationId id{};
  Activation activation;
  Bytes document;
  ActivationState state = ActivationState::live;
  std::uint64_t at_unix_s = 0;
  std::string operator_name, reason;
  std::vector<std::string> approvals;
  std::uint64_t counted_seats = 0;                 ///< in the sum, while what came before may still be out there
  std::optional<std::uint64_t> owed_until_unix_s;  ///< the end of the certificates before it, after which it stands for less
  std::uint64_t counted_after = 0;
  Digest request{};
  std::optional<ActivationId> successor;
  bool uses_quota = false;             ///< an operator freed what came before it
  std::optional<std::uint64_t> ended;  ///< the entry that made its state what it is; nullopt: live

  std::uint64_t counted_at(std::uint64_t now_unix_s) const {
    return owed_until_unix_s && *owed_until_unix_s < now_unix_s ? counted_after : counted_seats;
  }
  /// A certificate past its end holds no seat.
  bool is_live(std::uint64_t now_unix_s) const {
    return state == ActivationState::live && (!activation.not_after_unix_s || now_unix_s <= *activation.not_after_unix_s);
  }
};

/// As people are told: a certificate past its end is "expired".
std::string_view state_word(const ActivationRecord& record, std::uint64_t now_unix_s);

/// A licence's secret as it lies in the ledger: encrypted under the desk's ledger key.
struct SealedSecret {
  ByteArray<24> nonce{};
  Bytes ciphertext;
};

/// What stands for a licence at one moment; certificates past their end don't.
struct LicenceTotals {
  std::uint64_t live_seats = 0;    ///< live ones, and those for which a receipt is owed
  std::uint64_t unreturned = 0;    ///< live activations that stand for more than their own seats
  std::uint64_t certificates = 0;  ///< live ones
  struct End {
    ActivationId id{};
    std::uint64_t at_unix_s = 0;
  };
  std::vector<End> first_ends;  ///< of live certificates, the two that end first
};

/// Which activations; what is empty leaves none out.
struct ActivationFilter {
  std::string licence;
  std::optional<ActivationState> state;
};

/// Every call may fail with io_error, disk_full, locked, permission_denied or ledger_damaged.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// A writer's transaction: nobody else writes until commit, and without commit nothing has happened.
  virtual Status begin() = 0;
  virtual Status commit() = 0;
  virtual void roll_back() = 0;

  virtual Result<std::uint64_t> size() = 0;
  /// leaf.index must be size(). `request` is kept beside an issued leaf, whose request hash covers it.
  virtual Status append(const Leaf& leaf, ByteView request = {}) = 0;
  virtual Result<Leaf> leaf(std::uint64_t index) = 0;
  /// Forgets everything derived and makes it anew from the leaves.
  virtual Status derive_again() = 0;

  virtual Result<std::optional<Licence>> licence(std::string_view id) = 0;
  /// The id that is spelled the same but for case, if there is one.
  virtual Result<std::optional<std::string>> licence_id_like(std::string_view id) = 0;
  virtual Result<std::vector<Licence>> licences() = 0;
  /// Those that were added with this reason, in the order of their entries, as they are now.
  virtual Result<std::vector<Licence>> licences_added_for(std::string_view reason) = 0;
  virtual Result<std::optional<ProductTerms>> product(std::string_view name) = 0;
  /// Ascending.
  virtual Result<std::vector<std::string>> product_names() = 0;

  virtual Result<std::optional<ActivationRecord>> activation(const ActivationId& id) = 0;
  virtual Result<std::optional<ActivationRecord>> activation_by_text(std::string_view id_text) = 0;
  virtual Result<std::optional<ActivationRecord>> answer_to(const Digest& request_payload) = 0;
  /// Those whose state is live, in the order of issue; certificates past their end among them.
  virtual Result<std::vector<ActivationRecord>> live_activations(std::string_view licence) = 0;
  /// Of those, the ones with that machine key or a component in common that tells machines apart: whichever the tolerance
  /// rule could take for the same machine.
  virtual Result<std::vector<ActivationRecord>> live_like(std::string_view licence, const PublicKey& machine_key,
                                                          const FingerprintKeyId& key, const Fingerprint& fingerprint) = 0;
  virtual Result<LicenceTotals> totals(std::string_view licence, std::uint64_t now_unix_s) = 0;
  /// All, newest first.
  virtual Result<std::vector<ActivationRecord>> activations() = 0;
  /// Newest first, in short reads: no writer waits until all are taken, and what it writes meanwhile may be seen or not.
  virtual Status each_activation(const ActivationFilter& filter, const std::function<void(ActivationRecord)>& take) = 0;
  /// Live ones with a weak fingerprint.
  virtual Result<std::uint64_t> weak_live(std::string_view licence, std::uint64_t now_unix_s) = 0;
  /// The leaves that added and changed it, in their order.
  virtual Result<std::vector<Leaf>> licence_leaves(std::string_view licence) = 0;
  /// In the order of issue.
  virtual Result<std::vector<ActivationRecord>> activations_in(ActivationState state) = 0;
  virtual Result<std::vector<ActivationRecord>> revoked_of(std::string_view licence) = 0;
  virtual Result<std::uint64_t> highest_generation(std::string_view licence) = 0;
  virtual Result<std::uint64_t> quota_used_since(std::string_view licence, std::uint64_t unix_s) = 0;

  /// The documents of the entries of one kind that say which keys count, in their order: certificates, key bulletins
  /// (bulletin_signed, without those of issuers) or new trusts.
  virtual Result<std::vector<Bytes>> key_documents(LeafKind kind) = 0;

  virtual Status put_secret(std::string_view licence, std::uint64_t key_number, const SealedSecret& secret) = 0;
  virtual Result<std::optional<SealedSecret>> secret(std::string_view licence, std::uint64_t key_number) = 0;
};

/// Those that took the place of an activation, one after another; none of one that was never superseded. ledger_damaged where one
/// is missing.
Result<std::vector<ActivationRecord>> successors_of(Ledger& ledger, const ActivationRecord& record);
/// The last of them, or itself.
Result<ActivationRecord> end_of_chain(Ledger& ledger, ActivationRecord record);

}  // namespace oak
