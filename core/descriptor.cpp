#include "core/descriptor.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace oak {
namespace {

/// Opens component by component, none of them a link: for kernels before 5.6 and sandboxes that know no openat2.
Descriptor open_by_components(int folder, const std::string& name, int flags, unsigned mode) {
  Descriptor held;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = name.find('/', begin);
    const std::string part = name.substr(begin, end == std::string::npos ? end : end - begin);
    if (part.empty() || part == "..") {
      errno = ELOOP;
      return Descriptor();
    }
    const int from = held ? held.get() : folder;
    if (end == std::string::npos) return open_retrying(from, part.c_str(), flags | O_NOFOLLOW, mode);
    Descriptor next = open_retrying(from, part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!next) return next;
    held = std::move(next);
    begin = end + 1;
  }
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ > STDERR_FILENO) ::close(fd_);
}

tl::unexpected<Error> fail_errno(int number, const std::string& path) {
  switch (number) {
    case ENOENT:
    case ENOTDIR: return fail(Code::not_found, path);
    case EACCES:
    case EPERM:
    case EROFS: return fail(Code::permission_denied, path);
    case EISDIR: return fail(Code::is_a_folder, path);
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return fail(Code::disk_full, path);
    case ELOOP:
    case EXDEV: return fail(Code::unsafe_file, path);
    case EEXIST: return fail(Code::already_exists, path);
    case ENAMETOOLONG: return fail(Code::usage, path.substr(0, 80) + "…: the name is too long");
    case ENOMEM: return fail(Code::out_of_memory, path);
    default: return fail(Code::io_error, path + " (error " + std::to_string(number) + ")");
  }
}

Descriptor open_retrying(int folder, const char* name, int flags, unsigned mode) {
  for (;;) {
    const int fd = ::openat(folder, name, flags | O_CLOEXEC, mode);
    if (fd >= 0 || errno != EINTR) return Descriptor(fd);
  }
}

Descriptor open_beneath(int folder, const std::string& name, int flags, unsigned mode) {
  struct open_how how = {};
  how.flags = static_cast<std::uint64_t>(static_cast<unsigned>(flags | O_CLOEXEC));
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  for (;;) {
    const long fd = ::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how);
    if (fd >= 0) return Descriptor(static_cast<int>(fd));
    if (errno == EINTR || errno == EAGAIN) continue;
    if (errno != ENOSYS && errno != EPERM) return Descriptor();
    return open_by_components(folder, name, flags, mode);
  }
}

Descriptor open_folder(const std::string& folder) { return open_retrying(AT_FDCWD, folder.c_str(), O_RDONLY | O_DIRECTORY); }

Result<Bytes> read_to_end(int fd, const std::string& path, std::size_t max_bytes, std::size_t expected) {
  constexpr std::size_t page = 4096;
  Bytes out;
  out.resize(std::min(max_bytes, expected != 0 ? expected : page) + 1);
  std::size_t filled = 0;
  for (;;) {
    if (filled == out.size()) out.resize(std::min(max_bytes + 1, out.size() * 2 + 4096));
    const ssize_t n = ::read(fd, out.data() + filled, out.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(errno, path);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
    if (filled > max_bytes) return fail(Code::too_large, path);
    if (expected != 0 && filled == expected && filled < out.size()) break;  // there was room for more
  }
  out.resize(filled);
  return out;
}

Result<FileBytes> read_regular(const Descriptor& file, const std::string& path, std::size_t max_bytes, bool must_be_regular) {
  if (!file) return fail_errno(errno, path);
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return fail_errno(errno, path);
  if (S_ISDIR(status.st_mode)) return fail(Code::is_a_folder, path);
  if (must_be_regular && !S_ISREG(status.st_mode)) return fail(Code::unsafe_file, path);
  const auto expected = static_cast<std::size_t>(S_ISREG(status.st_mode) ? status.st_size : 0);
  OAK_ASSIGN(Bytes bytes, read_to_end(file.get(), path, max_bytes, expected));
  return FileBytes{std::move(bytes), status.st_uid, status.st_mode & 07777U};
}

Status write_all(int fd, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return fail_errno(n == 0 ? ENOSPC : errno, path);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Status sync(int fd, const std::string& path) {
  while (::fsync(fd) != 0) {
    if (errno == EINTR) continue;
    if (errno == EINVAL) return {};  // a file system that cannot sync this, such as a pipe behind /proc
    return fail_errno(errno, path);
  }
  return {};
}

}  // namespace oak
