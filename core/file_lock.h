#pragma once
// A lock on a file, among processes that take turns. It ends with the object, or with the process, however that ends; the file
// stays. Disk::lock_beneath takes it (core/disk.h).

#include <cstdint>
#include <optional>
#include <utility>

namespace oak {

enum class LockKind { alone, shared };

struct LockTerms {
  LockKind kind = LockKind::alone;
  std::optional<std::uint64_t> wait_ms = 0;  ///< for others who have it; nullopt: as long as they do
  std::uint32_t mode = 0600;                 ///< of a file that is made
};

class FileLock {
 public:
  /// Locks nothing.
  FileLock() = default;
  /// Of a locked file, which it closes.
  explicit FileLock(int fd) : fd_(fd) {}
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  /// Makes a shared lock one of its own; false where others share it.
  bool become_alone();

 private:
  int fd_ = -1;
};

}  // namespace oak
