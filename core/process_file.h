#pragma once
// What the kernel says of this process, where nobody could have put another file over it.

#include <string>

#include "core/bytes.h"
#include "core/error.h"

namespace oak {

/// A file of /proc/self as the kernel has it: unsafe_file where /proc is something else, or where something is mounted
/// over the file, which anybody may do in a user namespace of his own.
Result<Bytes> read_process_file(const std::string& name);

}  // namespace oak
