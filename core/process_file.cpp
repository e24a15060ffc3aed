#include "core/process_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "core/descriptor.h"

namespace oak {
namespace {

bool is_on_procfs(int fd) {
  struct statfs system = {};
  return ::fstatfs(fd, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

/// Opens below the root of procfs, and refuses to leave that one mount.
Descriptor open_without_crossing(int procfs, const std::string& name) {
  struct open_how how = {};
  how.flags = O_RDONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
  const long fd = ::syscall(SYS_openat2, procfs, name.c_str(), &how, sizeof how);
  if (fd >= 0) return Descriptor(static_cast<int>(fd));
  if (errno != ENOSYS && errno != EPERM) return Descriptor();
  // Kernels before 5.6 can't be told to stay on a mount; what isn't procfs is seen all the same.
  return open_retrying(procfs, name.c_str(), O_RDONLY | O_NOFOLLOW);
}

}  // namespace

Result<Bytes> read_process_file(const std::string& name) {
  constexpr ino_t root_of_procfs = 1;
  constexpr std::size_t max_bytes = 65536;
  const std::string path = "/proc/self/" + name;
  const Descriptor procfs = open_folder("/proc");
  struct stat status = {};
  if (!procfs || ::fstat(procfs.get(), &status) != 0) return fail_errno(errno, path);
  if (!is_on_procfs(procfs.get()) || status.st_ino != root_of_procfs) return fail(Code::unsafe_file, path);
  const Descriptor file = open_without_crossing(procfs.get(), "self/" + name);
  if (!file) return fail_errno(errno, path);
  if (!is_on_procfs(file.get())) return fail(Code::unsafe_file, path);
  return read_to_end(file.get(), path, max_bytes, 0);
}

}  // namespace oak
