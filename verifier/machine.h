#pragma once
// The world as the verifier sees it, handed in whole so that tests can fake any of it.

#include <cstdint>
#include <string>

#include "core/clock.h"
#include "core/disk.h"
#include "machine-id/collect.h"

namespace oak {

struct Machine {
  Disk& disk;
  const Host& host;
  Clock& clock;
  std::uint32_t own_uid = 0;  ///< effective user id of this process
  std::string state_dir;      ///< default_state_dir (core/key_file.h) where nobody said otherwise
  BootClock* boot = nullptr;  ///< for leases of seats alone; without it none holds
};

}  // namespace oak
