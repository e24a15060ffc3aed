#pragma once
// Open files, as the disk uses them (core/disk.h). Nothing else needs to know them.

#include <functional>
#include <string>
#include <utility>

#include "core/disk.h"

namespace oak {

/// Closed with the object, but for the standard streams. Negative: not open, and errno says why.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// The error for a value of errno.
tl::unexpected<Error> fail_errno(int number, const std::string& path);

// `flags` and `mode` as open takes them; O_CLOEXEC is added.
Descriptor open_retrying(int folder, const char* name, int flags, unsigned mode = 0);
/// Opens below `folder` without following any link.
Descriptor open_beneath(int folder, const std::string& name, int flags, unsigned mode = 0);
Descriptor open_folder(const std::string& folder);

/// `expected`: the size of a regular file; 0 where nobody knows it.
Result<Bytes> read_to_end(int fd, const std::string& path, std::size_t max_bytes, std::size_t expected);
/// What `file` holds, which may not be open.
Result<FileBytes> read_regular(const Descriptor& file, const std::string& path, std::size_t max_bytes, bool must_be_regular);
Status write_all(int fd, ByteView bytes, const std::string& path);
Status sync(int fd, const std::string& path);

/// Locks what `open` opens; opens it anew while that has lost its name.
Result<FileLock> wait_for_lock(const std::function<Descriptor()>& open, const std::string& path, const LockTerms& terms);

}  // namespace oak
