#include "issuer/desk_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "core/text.h"
#include "issuer/desk_files.h"

namespace oak {
namespace {

constexpr std::uint64_t try_again_ms = 20;

/// An init that failed takes its lock file away: a lock on a file without a name keeps nobody out.
bool has_a_name(int fd) {
  struct stat status = {};
  return ::fstat(fd, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

Outcome<DeskLock> DeskLock::take(const std::string& desk, std::uint64_t wait_ms) {
  const std::string path = desk + "/" + std::string(lock_file);
  DeskLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock.fd_ < 0) {
    const Code code = errno == EACCES || errno == EROFS ? Code::permission_denied : errno == ENOSPC ? Code::disk_full : Code::io_error;
    return tl::unexpected(explain({code, {}}, "cannot write at the desk " + in_quotes(desk)));
  }
  for (std::uint64_t waited = 0;; waited += try_again_ms) {
    if (::flock(lock.fd_, LOCK_EX | LOCK_NB) == 0 && has_a_name(lock.fd_)) return lock;
    if (waited >= wait_ms) return tl::unexpected(explain({Code::locked, {}}, "cannot write at the desk " + in_quotes(desk)));
    std::this_thread::sleep_for(std::chrono::milliseconds(try_again_ms));
  }
}

DeskLock::~DeskLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace oak
