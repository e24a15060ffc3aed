#pragma once
// A child process that may read one descriptor, write one pipe, allocate memory and exit, and nothing else.
//
// seccomp kills it at any other system call; landlock, where the kernel has it, also takes every path away. Limits on
// memory and time end a child that grows or hangs. The caller gets the bytes that the child gave, which are as hostile
// as its input, or how the child ended.

#include <chrono>
#include <functional>
#include <string>

#include "core/bytes.h"
#include "core/error.h"

namespace oak {

struct SandboxLimits {
  std::size_t memory_bytes = 288U << 20;  ///< of private memory; not kept under AddressSanitizer, whose own is larger
  std::chrono::milliseconds time{8'000};
  std::size_t output_bytes = 1U << 20;
};

/// A span of time that several children share.
class TimeBudget {
 public:
  explicit TimeBudget(std::chrono::milliseconds total) : end_(std::chrono::steady_clock::now() + total) {}
  std::chrono::milliseconds left() const;  ///< never negative

 private:
  std::chrono::steady_clock::time_point end_;
};

struct SandboxResult {
  Bytes output;
  bool has_landlock = false;  ///< false: the kernel lacks it, and seccomp stands alone
};

/// What the child does, from the input to its output.
using SandboxBody = std::function<Bytes(ByteView input)>;

/// Runs `body` on `input` in a forked child, which reads it from a descriptor once it is confined. Call from a process
/// with one thread. Errors: internal where the child can't be made or confined (it never runs unconfined); bad_picture
/// where it was killed, crashed, or ran out of time; out_of_memory.
Result<SandboxResult> run_in_sandbox(ByteView input, const SandboxLimits& limits, const SandboxBody& body);

}  // namespace oak
