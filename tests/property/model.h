#pragma once
// What was issued and what became of it, kept apart from the code under test: it is told what the desk handed out and what people did,
// and reckons by security.md alone which seats are accounted for.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace oak::property {

using Id = std::string;
using Ids = std::set<Id>;

enum class Fate { live, superseded, returned, revoked };

struct Granted {
  std::uint64_t seats = 1;
  std::optional<std::uint64_t> ends_at;
  Id supersedes, successor;  ///< empty: none
  Fate fate = Fate::live;
  bool operator_freed = false;  ///< an operator said that what came before it is gone
};

/// What one state folder knows of the past. An image of it, put back, has forgotten what came after.
struct Memory {
  Ids imported;
  Ids given_back;   ///< and not forgotten
  Ids handed_late;  ///< imported from what the desk handed out after their end
};

class Model {
 public:
  void issue(const Id& id, Granted granted);
  void end(const Id& id, Fate fate) { granted_.at(id).fate = fate; }
  /// Given back by a state folder, with all that came before it.
  void give_back(const Ids& ids, Memory& memory);

  bool is_live(const Id& id, std::uint64_t now) const;
  const std::map<Id, Granted>& granted() const { return granted_; }
  /// Rule 3: the largest number that may still be out there, of each live activation and of those before it whose receipt is
  /// not in, back to where an operator freed them.
  std::uint64_t counted(std::uint64_t now) const;
  /// Whether nobody could have kept it from running: an operator freed its seats, against the quota, or it was given back, which an
  /// image of the state has forgotten. What the desk hands out after the end is no such thing.
  bool is_excused(const Id& id, const Memory& memory) const;

 private:
  std::map<Id, Granted> granted_;
  Ids given_back_anywhere_;
};

}  // namespace oak::property
