#pragma once
// The lock of whoever writes at a desk. Readers take none.

#include <string>
#include <utility>

#include "core/failure.h"

namespace oak {

/// Ends with the process, however that ends.
class DeskLock {
 public:
  /// `locked` where another process has it and does not give it back within `wait_ms`.
  static Outcome<DeskLock> take(const std::string& desk, std::uint64_t wait_ms);
  DeskLock() = default;
  DeskLock(DeskLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  DeskLock& operator=(DeskLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  DeskLock(const DeskLock&) = delete;
  DeskLock& operator=(const DeskLock&) = delete;
  ~DeskLock();

 private:
  explicit DeskLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace oak
