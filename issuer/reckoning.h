#pragma once
// What follows from the ledger's leaves, reckoned a second time and in another way than the derived tables do it: who is live, what
// each stands for, and whether each entry was allowed to follow those before it. Pure; about 300 bytes an activation.

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/receipt.h"
#include "issuer/ledger.h"
#include "issuer/ledger_audit.h"

namespace oak {

class Reckoning {
 public:
  using Fault = std::function<void(std::uint64_t entry, std::string message)>;
  explicit Reckoning(Fault fault) : fault_(std::move(fault)) {}

  /// What an issued leaf holds, and by which issuer key; what a returned one does. nullptr where it can't be read.
  struct Held {
    const UnverifiedActivation* activation = nullptr;
    std::uint64_t issuer_serial = 0;
    const Receipt* receipt = nullptr;
  };
  /// In the order of entries.
  void take_in(const Leaf& leaf, const Held& held);
  /// After the last leaf.
  void finish();

  struct LicenceSum {
    std::string id;
    std::uint64_t bought = 0, live = 0, unreturned = 0;
  };
  std::vector<LicenceSum> sums(std::uint64_t now_unix_s) const;

  /// That of the newest leaf, for each licence.
  std::vector<std::pair<std::string, std::uint64_t>> key_numbers() const;

  // What stands before the next leaf. Activations are numbered in the order of issue.
  struct Known {
    Licence terms;
    LicenceTotals totals;  ///< without first_ends
    std::uint64_t highest_generation = 0, quota_used = 0;
  };
  std::optional<Known> known_of(std::string_view licence, std::uint64_t at_unix_s) const;
  std::uint32_t next_number() const { return static_cast<std::uint32_t>(activations_.size()); }
  std::optional<std::uint32_t> number_of(const ActivationId& id) const;
  std::uint64_t entry_of(std::uint32_t number) const { return activations_[number].entry; }
  std::uint32_t end_of_chain(std::uint32_t number) const;
  bool is_live_or_revoked(std::uint32_t number, std::string_view licence) const;
  /// Those that nothing but their machine key tells apart.
  std::vector<std::uint32_t> revoked_without_members(std::string_view licence) const;
  /// Fills in its state, and what it stands for.
  void stand(std::uint32_t number, ActivationRecord& record) const;

  // The rows that the derived tables must hold, in the order of LedgerReader.
  std::vector<LicenceRow> licence_rows() const;
  std::vector<ProductRow> product_rows() const;
  std::size_t activation_count() const { return activations_.size(); }
  ActivationRow activation_row(std::size_t at) const;
  std::vector<MoveRow> move_rows() const;
  const std::vector<KeyDocumentRow>& key_document_rows() const { return key_documents_; }
  /// Of the live activations that the table of members must know.
  std::vector<std::uint64_t> entries_of_live() const;
  /// The entry of a live activation whose fingerprint has these members (as LedgerReader gives them); nullopt where there is none.
  std::optional<std::uint64_t> entry_of(ByteView id) const;
  std::optional<std::uint64_t> entry_of_live(ByteView id, const std::vector<Bytes>& members) const;

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  struct Standing {
    ActivationId id{};
    PublicKey machine{};
    Digest request{}, members{};
    std::uint64_t issued_at = 0, not_after = 0, owed_until = 0;
    std::uint32_t entry = 0, licence = 0, generation = 0, seats = 0, counted = 0, counted_after = 0, issuer = 0;
    std::uint32_t supersedes = none, successor = none, ended = none;
    ActivationId claimed{};  ///< what it says it supersedes
    ActivationState state = ActivationState::live;
    bool freed = false, is_certificate = false, is_owed = false, has_claimed = false, is_weak = false;
  };
  struct Sold {
    Licence terms;
    std::uint64_t added = 0, entry = 0, generation = 0;
    std::uint64_t steady = 0;  ///< the sum over live ones that time does not change
    std::uint64_t steady_unreturned = 0;
    std::vector<std::uint32_t> timed;  ///< live ones that it does
    std::vector<std::uint64_t> moves;  ///< their times
    std::vector<std::uint32_t> revoked_without_members;
    std::vector<std::uint64_t> entries;
  };
  struct Hash {
    std::size_t operator()(const ActivationId& id) const;
  };

  void take_in_licence(const Leaf& leaf);
  void take_in_product(const Leaf& leaf);
  void take_in_issued(const Leaf& leaf, const Held& held);
  void check_terms(const Leaf& leaf, const Activation& activation, const Sold& sold);
  void take_in_ended(const Leaf& leaf);
  void take_in_returned(const Leaf& leaf, const Receipt* receipt);
  void check_receipt(std::uint64_t entry, const Receipt& receipt, std::uint32_t at);
  // What the desk and its roots told the field, in reckoning_bulletins.cpp.
  void take_in_certificate(ByteView document);
  void take_in_published(const Leaf& leaf);
  void check_bulletin(std::uint64_t entry, ByteView document);
  void check_key_bulletin(std::uint64_t entry, ByteView document);
  void check_survivor(std::uint64_t entry, const ActivationId& id, std::uint64_t serial, std::uint64_t at_unix_s);
  /// Whether the sum falls by the receipt of this one, now or later: then it is a move.
  bool frees_seats(std::uint32_t at, std::uint64_t at_unix_s) const;
  Standing* find(const ActivationId& id);
  /// Its part in the sum of its licence is taken out, or put in.
  void leave(std::uint32_t at);
  void enter(std::uint32_t at);
  void count(std::uint32_t at, std::uint64_t at_unix_s);
  std::uint64_t live_seats(const Sold& sold, std::uint64_t at_unix_s) const;
  void check_sum(std::uint64_t entry, std::uint32_t licence, std::uint64_t at_unix_s);
  static std::uint64_t moves_used(const Sold& sold, std::uint64_t at_unix_s);
  void check_quota(const Leaf& leaf, const Sold& sold, const std::vector<std::string>& approvals);
  /// One hash of a fingerprint's members that tell machines apart, as the table of live members holds them.
  static Digest hash_of(std::vector<Bytes> members);
  void add_move(const Leaf& leaf, std::uint32_t licence);
  bool is_timed(const Standing& one) const { return one.is_certificate || one.is_owed; }
  bool is_live(const Standing& one, std::uint64_t at_unix_s) const {
    return one.state == ActivationState::live && (!one.is_certificate || at_unix_s <= one.not_after);
  }
  std::uint64_t counted_at(const Standing& one, std::uint64_t at_unix_s) const {
    return one.is_owed && one.owed_until < at_unix_s ? one.counted_after : one.counted;
  }

  Fault fault_;
  std::vector<Standing> activations_;
  std::unordered_map<ActivationId, std::uint32_t, Hash> by_id_;
  std::unordered_set<ActivationId, Hash> requests_;  ///< beginnings of their hashes
  std::vector<Sold> licences_;
  std::map<std::string, std::uint32_t, std::less<>> licence_by_id_;
  std::unordered_set<std::string> folded_ids_;
  struct Product {
    ProductTerms terms;
    std::uint64_t entry = 0;
  };
  std::map<std::string, Product, std::less<>> products_;
  struct Move {
    std::uint32_t entry, licence;
    std::uint64_t at;
  };
  std::vector<Move> moves_;
  struct Revoked {
    std::uint32_t number = 0;
    std::uint64_t at = 0;
  };
  std::vector<Revoked> revoked_;
  std::vector<KeyDocumentRow> key_documents_;
  std::set<std::uint64_t> serials_;        ///< of the certificates that its entries certify
  std::uint32_t to_be_superseded_ = none;  ///< by the newest activation, in the next entry
};

}  // namespace oak
