#pragma once
// What an init has made so far. It is written down in the desk's folder before anything is made, so that what is left of an
// init that was cut off can be told from a desk (docs/format-desk.md, "Folder").

#include <string>
#include <utility>
#include <vector>

#include "core/crypto.h"
#include "core/disk.h"
#include "core/failure.h"

namespace oak {

/// Takes everything away again unless the init finished.
class UnfinishedInit {
 public:
  UnfinishedInit(Disk& disk, std::string desk) : disk_(disk), desk_(std::move(desk)) {}
  ~UnfinishedInit();
  UnfinishedInit(const UnfinishedInit&) = delete;
  UnfinishedInit& operator=(const UnfinishedInit&) = delete;

  /// Writes the note; already_exists where another init is at work.
  Outcome<void> begin();
  /// Before the key's file is written.
  Outcome<void> will_make_key(const std::string& folder, std::string_view name, const PublicKey& key);
  /// Before a file of the desk's folder is written.
  void will_make(std::string_view name) { made_.emplace_back(desk_, name); }
  /// The last file turned out to be somebody else's.
  void did_not_make() { made_.pop_back(); }
  Outcome<void> finish();

 private:
  Disk& disk_;
  std::string desk_, note_;
  bool noted_ = false;
  std::vector<std::pair<std::string, std::string>> made_;
};

/// Takes away what an init that was cut off has left, and its note: true where there was one. The caller holds the desk's
/// lock. A key goes only where the note has its public key; already_exists where the desk's own keys are others.
Outcome<bool> clear_unfinished_init(Disk& disk, const std::string& desk);

}  // namespace oak
