#pragma once
// A backup: the ledger in one file, as of one moment, read again before it is called one.

#include <string>

#include "core/crypto.h"
#include "core/disk.h"
#include "core/failure.h"

namespace oak {

struct BackedUp {
  std::uint64_t entries = 0;
  Digest root{};
};
/// Whole or not at all, 0600. Nobody has to stop working at the desk. ledger_damaged where the copy is not sound, or holds
/// other entries than the desk does.
Outcome<BackedUp> back_up(const std::string& desk, const std::string& out, Existing existing);

}  // namespace oak
