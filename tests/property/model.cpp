#include "tests/property/model.h"

#include <algorithm>

namespace oak::property {

void Model::issue(const Id& id, Granted granted) {
  if (!granted.supersedes.empty()) {
    Granted& old = granted_.at(granted.supersedes);
    old.fate = Fate::superseded;
    old.successor = id;
  }
  granted_.emplace(id, std::move(granted));
}

void Model::give_back(const Ids& ids, Memory& memory) {
  for (Id id : ids)
    for (; !id.empty(); id = granted_.at(id).supersedes) memory.given_back.insert(id);
  given_back_anywhere_.insert(memory.given_back.begin(), memory.given_back.end());
}

bool Model::is_live(const Id& id, std::uint64_t now) const {
  const Granted& granted = granted_.at(id);
  return granted.fate == Fate::live && (!granted.ends_at || now <= *granted.ends_at);
}

std::uint64_t Model::counted(std::uint64_t now) const {
  std::uint64_t sum = 0;
  for (const auto& [id, head] : granted_) {
    if (!is_live(id, now)) continue;
    std::uint64_t largest = head.seats;
    const Granted* at = &head;
    while (!at->operator_freed && !at->supersedes.empty()) {
      at = &granted_.at(at->supersedes);
      const bool has_ended = at->ends_at && *at->ends_at < now;
      if (at->fate != Fate::returned && !has_ended) largest = std::max(largest, at->seats);
    }
    sum += largest;
  }
  return sum;
}

bool Model::is_excused(const Id& id, const Memory& memory) const {
  if (memory.handed_late.count(id)) return false;
  const Granted& granted = granted_.at(id);
  if (granted.fate == Fate::revoked) return true;
  if (given_back_anywhere_.count(id) && !memory.given_back.count(id)) return true;
  for (Id next = granted.successor; !next.empty(); next = granted_.at(next).successor)
    if (granted_.at(next).operator_freed || granted_.at(next).fate == Fate::revoked) return true;
  return false;
}

}  // namespace oak::property
