#include "core/file_lock.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "core/descriptor.h"

namespace oak {
namespace {

constexpr std::uint64_t try_again_ms = 20;

bool lock(int fd, int how) {
  for (;;) {
    if (::flock(fd, how) == 0) return true;
    if (errno != EINTR) return false;
  }
}

/// Whoever had the lock may have taken the file away: a lock on a file without a name keeps nobody out.
bool has_a_name(int fd) {
  struct stat status = {};
  return ::fstat(fd, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

Result<FileLock> wait_for_lock(const std::function<Descriptor()>& open, const std::string& path, const LockTerms& terms) {
  const int how = (terms.kind == LockKind::alone ? LOCK_EX : LOCK_SH) | (terms.wait_ms ? LOCK_NB : 0);
  for (std::uint64_t waited_ms = 0;; waited_ms += try_again_ms) {
    Descriptor file = open();
    if (!file) return fail_errno(errno, path);
    const bool is_locked = lock(file.get(), how);
    if (is_locked && has_a_name(file.get())) return FileLock(file.release());
    if (!is_locked && errno != EWOULDBLOCK) return fail_errno(errno, path);
    if (terms.wait_ms && waited_ms >= *terms.wait_ms) return fail(Code::locked, path);
    if (terms.wait_ms) std::this_thread::sleep_for(std::chrono::milliseconds(try_again_ms));
  }
}

bool FileLock::become_alone() { return fd_ < 0 || lock(fd_, LOCK_EX | LOCK_NB); }

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace oak
