#pragma once
// What happened to one activation, and what it counts for now, read from the ledger's entries.

#include <optional>
#include <string>
#include <vector>

#include "issuer/ledger.h"

namespace oak {

/// One entry that concerns an activation.
struct Event {
  std::uint64_t entry = 0, at_unix_s = 0;
  LeafKind kind = LeafKind::issued;
  std::string operator_name, reason;
  std::vector<std::string> approvals;  ///< refusal codes
  bool uses_quota = false;             ///< it counts as a move
};

/// An activation that another one took the place of, and whose seats may still be in use.
struct Owed {
  ActivationId id{};
  std::string site;
  std::uint64_t seats = 0;
  std::optional<std::uint64_t> until_unix_s;  ///< a certificate's end
};

struct ActivationView {
  ActivationRecord record;
  std::vector<Event> history;                ///< in the order of entries
  std::vector<Owed> owed;                    ///< while it is live: those that make it count for more than its own seats
  std::optional<ActivationRecord> in_place;  ///< of one that was superseded: the last of those which took its place
  bool is_owed = false;                      ///< that one counts for more because this one's receipt is not in
};
/// ledger_damaged where an entry is not what the tables say, as with every call of the ledger.
Result<ActivationView> view_activation(Ledger& ledger, ActivationRecord record, std::uint64_t now_unix_s);
/// Those that make a live one count for more than its own seats, the nearest first.
Result<std::vector<Owed>> owed_before(Ledger& ledger, const ActivationRecord& record, std::uint64_t now_unix_s);

}  // namespace oak
