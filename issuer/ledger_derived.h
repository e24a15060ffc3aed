#pragma once
// What follows from the ledger's leaves, in tables: who is live, what each stands for in the sum, which hardware it is on, the moves
// of the year, and where it says which keys count. Made from leaves alone, in the same transaction; can be thrown away and made again.

#include "issuer/leaf.h"

namespace oak {

class StatementCache;

class DerivedTables {
 public:
  /// `statements` must outlive it.
  explicit DerivedTables(StatementCache& statements) : statements_(statements) {}

  /// Throws what SQLite throws, as the next ones do: ledger_sqlite.cpp turns it into errors.
  void create();
  void forget();
  /// False where a table is missing, or an earlier version of the kit made them.
  bool are_current() const;
  bool are_of_this_version() const;
  /// ledger_damaged where the leaf can't follow those before it.
  Status take_in(const Leaf& leaf);

 private:
  Status take_in_licence(const Leaf& leaf);
  Status take_in_key_document(const Leaf& leaf);
  Status take_in_issued(const Leaf& leaf);
  Status take_in_end(std::uint64_t index, const ActivationId& activation, int state, ByteView successor);
  Status take_in_return(const Leaf& leaf);
  ActivationId end_of_chain(const ActivationId& first);
  struct Counted;
  Counted count(const ActivationId& id, std::uint64_t at_unix_s);
  void set(const ActivationId& id, const Counted& counted);
  /// Adds so many times what an activation stands for to its licence's sum, where it is live and time does not change it.
  void shift(const ActivationId& id, int times);
  void add_move(const Leaf& leaf, const ActivationId& activation);

  StatementCache& statements_;
};

/// Of certificates, new trusts and bulletins those that the table of key documents names.
bool says_which_keys_count(const Leaf& leaf);
/// A licence's id as the tables compare it.
std::string folded_case(std::string_view text);
/// A member of a fingerprint as the tables know it: the digest key's id, then the digest.
Bytes member_key(const FingerprintKeyId& key, const Member& member);
/// Whether sharing this component says anything of a single machine: a model does not.
bool tells_machines_apart(Component component);

}  // namespace oak
