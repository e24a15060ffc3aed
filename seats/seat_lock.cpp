#include "seats/seat_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "core/text.h"

namespace oak::seats {
namespace {

/// Opened for reading: a group that may read the folder may take turns in it.
Outcome<int> open_locked(const std::string& folder, const std::string& name, int how) {
  const std::string path = folder + "/" + name;
  int fd = ::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd < 0) {
    const Code code = errno == EACCES || errno == EROFS ? Code::permission_denied : errno == ENOENT ? Code::not_activated : Code::io_error;
    return tl::unexpected(explain({code, {}}, "cannot use the seat in " + in_quotes(folder)));
  }
  int locked = 0;
  do locked = ::flock(fd, how);
  while (locked != 0 && errno == EINTR);
  if (locked == 0) return fd;
  ::close(fd);
  return tl::unexpected(explain({Code::io_error, {}}, "cannot lock " + in_quotes(path)));
}

}  // namespace

Outcome<SeatLock> SeatLock::take(const std::string& folder) {
  OAK_ASSIGN(const int fd, open_locked(folder, "request.lock", LOCK_EX));
  return SeatLock(fd);
}

Outcome<SeatLock> SeatLock::use(const std::string& folder) {
  OAK_ASSIGN(const int fd, open_locked(folder, "users.lock", LOCK_SH));
  return SeatLock(fd);
}

bool SeatLock::is_last() { return ::flock(fd_, LOCK_EX | LOCK_NB) == 0; }

SeatLock::~SeatLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace oak::seats
