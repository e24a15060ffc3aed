#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "machine-id/collect.h"

namespace oak {
namespace {

constexpr std::size_t max_file_bytes = 65536, max_entries = 4096;

/// Opens below a captured root so that no link, absolute or not, leads out of it. A kernel without openat2 (before
/// 5.6) refuses captured trees rather than reading the wrong machine.
int open_in_root(const std::string& root, const std::string& path, int flags) {
  if (root.empty()) return ::open(path.c_str(), flags);
  const int folder = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return folder;
  struct open_how how = {};
  how.flags = static_cast<std::uint64_t>(static_cast<unsigned>(flags));
  how.resolve = RESOLVE_IN_ROOT;
  const auto fd = static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how));
  const int problem = errno;
  ::close(folder);
  errno = problem;
  return fd;
}

Code code_of_errno(int number) {
  if (number == ENOENT || number == ENOTDIR) return Code::not_found;
  return number == EACCES || number == EPERM ? Code::permission_denied : Code::io_error;
}

/// "a/b/../c" without the dots, purely as text: sysfs links are relative to where they stand.
std::string without_dots(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    at = end + 1;
  }
  std::string out;
  for (const std::string& part : parts) out += "/" + part;
  return out;
}

}  // namespace

LinuxHost::LinuxHost(std::string root) : root_(std::move(root)) {}

Result<std::string> LinuxHost::read(const std::string& path) const {
  const int fd = open_in_root(root_, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return fail(code_of_errno(errno), path);
  struct stat status = {};
  // On the running system these are sysfs and procfs files; in a captured tree anything may stand in their place.
  if (!root_.empty() && (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
    ::close(fd);
    return fail(Code::io_error, path);
  }
  std::string out;
  std::array<char, 4096> buffer;
  ssize_t n = 0;
  while (out.size() < max_file_bytes && (n = ::read(fd, buffer.data(), buffer.size())) != 0) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(n));
    // A short read ends most sysfs files; procfs hands out a page at a time, so it is asked again.
    if (static_cast<std::size_t>(n) < buffer.size() && path.starts_with("/sys/")) break;
  }
  const int problem = errno;
  ::close(fd);
  if (n < 0) return fail(code_of_errno(problem), path);
  return out;
}

std::vector<std::string> LinuxHost::list(const std::string& path) const {
  std::vector<std::string> names;
  const int fd = open_in_root(root_, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return names;
  DIR* const folder = ::fdopendir(fd);
  if (!folder) {
    ::close(fd);
    return names;
  }
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] != '.' && names.size() < max_entries) names.emplace_back(entry->d_name);
  }
  ::closedir(folder);
  std::sort(names.begin(), names.end());
  return names;
}

std::string LinuxHost::resolve(const std::string& path) const {
  std::array<char, 1024> target;
  const ssize_t n = ::readlink((root_ + path).c_str(), target.data(), target.size());
  if (n <= 0 || static_cast<std::size_t>(n) == target.size()) return {};
  const std::string link(target.data(), static_cast<std::size_t>(n));
  return without_dots(link.front() == '/' ? link : path.substr(0, path.rfind('/')) + "/" + link);
}

}  // namespace oak
