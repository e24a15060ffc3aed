#pragma once
// Which connections a server has, and which one makes room for another. Pure: closing is handed in.

#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>

namespace oak::http {

class Connections {
 public:
  struct Entry {
    std::function<void()> close;
    std::optional<std::string> peer;  ///< who it is; nullopt until the handshake is finished
  };
  using Place = std::list<Entry>::iterator;

  Connections(std::size_t most, std::size_t most_per_peer) : most_(most), most_per_peer_(most_per_peer) {}

  /// A newcomer, for whom the oldest without a finished handshake is closed where there is no room; nullopt where there is
  /// no such one.
  std::optional<Place> enter(std::function<void()> close);
  /// The handshake is finished. False where this peer has too many: the caller closes it.
  bool finish(Place place, std::string peer);
  void leave(Place place);
  std::size_t size() const { return entries_.size(); }

 private:
  std::size_t most_, most_per_peer_;
  std::list<Entry> entries_;  ///< oldest first
  std::map<std::string, std::size_t> per_peer_;
};

}  // namespace oak::http
