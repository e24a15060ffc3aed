#pragma once
// Which boot of the machine this is: durations by CLOCK_BOOTTIME mean nothing in another one.

#include "core/crypto.h"
#include "machine-id/collect.h"

namespace oak::seats {

/// The kernel's random id of this boot (random(4), boot_id). internal where the system has none.
Result<ByteArray<16>> read_boot_id(const Host& host);

}  // namespace oak::seats
