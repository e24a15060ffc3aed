#pragma once
// Keeping a seat while a program runs: when to renew, and what the program is told (docs/seats.md, "For programs"). Time is handed in;
// nothing here waits.

#include <functional>
#include <optional>
#include <string>

#include "seats/client.h"

namespace oak::seats {

class Keeping {
 public:
  /// `seat` is held. `note_path` is the file that tells the program; empty: none.
  Keeping(Client& client, Disk& disk, BootClock& boot, Random& random, Seat seat, std::string note_path);

  /// Renews where it is time. What changed: lost, held again, or nothing.
  enum class Change { none, lost, held };
  Change turn();
  /// How long nothing needs to be done.
  std::uint64_t sleep_ms() const;
  bool is_held() const { return held_; }
  /// Why the last renewal failed; empty where it did not.
  const std::string& trouble() const { return trouble_; }
  void tell();

 private:
  void plan(std::uint64_t after_ms);
  Client& client_;
  Disk& disk_;
  BootClock& boot_;
  Random& random_;
  Seat seat_;
  std::string note_path_, trouble_;
  bool held_ = true;
  std::uint64_t next_ms_ = 0;
};

}  // namespace oak::seats
