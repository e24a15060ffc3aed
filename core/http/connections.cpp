#include "core/http/connections.h"

#include <algorithm>

namespace oak::http {

std::optional<Connections::Place> Connections::enter(std::function<void()> close) {
  if (entries_.size() >= most_) {
    const auto unfinished = std::find_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return !entry.peer; });
    if (unfinished == entries_.end()) return std::nullopt;
    const auto close_it = unfinished->close;
    entries_.erase(unfinished);
    close_it();
  }
  entries_.push_back({std::move(close), std::nullopt});
  return std::prev(entries_.end());
}

bool Connections::finish(Place place, std::string peer) {
  std::size_t& count = per_peer_[peer];
  place->peer = std::move(peer);
  return ++count <= most_per_peer_;
}

void Connections::leave(Place place) {
  if (place->peer) {
    const auto found = per_peer_.find(*place->peer);
    if (--found->second == 0) per_peer_.erase(found);
  }
  entries_.erase(place);
}

}  // namespace oak::http
