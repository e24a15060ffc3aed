#pragma once
// A child process that may read one descriptor, write one pipe, allocate memory and exit, and nothing else.
//
// seccomp kills it at any other system call; landlock, where the kernel has it, also takes every path away. Limits on
// memory and time end a child that grows or hangs. What the child was doing is the caller's business: it gets the
// bytes that the child wrote, or how the child ended.

#include <functional>
#include <string>

#include "core/bytes.h"
#include "core/error.h"

namespace oak {

struct SandboxLimits {
  std::size_t memory_bytes = 768U << 20;  ///< of address space
  unsigned wall_seconds = 60;
  std::size_t output_bytes = 1U << 20;
};

struct SandboxResult {
  Bytes output;
  bool has_landlock = false;  ///< false: the kernel lacks it, and seccomp stands alone
};

/// What the child does: `input` is the inherited descriptor, `write` appends to the output.
using SandboxBody = std::function<void(int input, const std::function<void(ByteView)>& write)>;

/// Runs `body` in a forked child. Call from a process with one thread. Errors: internal where the child can't be
/// made or confined (it never runs unconfined); bad_picture where it was killed, crashed, or ran out of time or memory.
Result<SandboxResult> run_in_sandbox(int input, const SandboxLimits& limits, const SandboxBody& body);

}  // namespace oak
