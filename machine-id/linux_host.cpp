#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "machine-id/collect.h"
#include "machine-id/host_paths.h"
#include "machine-id/live_look.h"

namespace oak {
namespace {

constexpr int max_links = 40;  // as the kernel has it

std::string link_target(const std::string& path) { return oak::link_target(AT_FDCWD, path.c_str()); }

/// The path without links, dots and doubled slashes. Each link is followed as if `root` were "/", so that none leads
/// out of it; a part that is missing stays as it is. Nothing where links go round in circles.
std::optional<std::string> path_in_root(const std::string& root, std::string rest) {
  std::string done;  // no part of it is a link
  int links = 0;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string part = rest.substr(0, end);
    rest.erase(0, end + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      done.erase(done.empty() ? 0 : done.rfind('/'));
      continue;
    }
    const std::string target = link_target(root + done + "/" + part);
    if (target.empty()) {
      done += "/" + part;
      continue;
    }
    if (++links > max_links) return std::nullopt;
    if (target.front() == '/') done.clear();
    rest = target + "/" + rest;
  }
  return done;
}

/// Opens for reading. In a captured tree anything may stand where a file should be: what is no regular file is not
/// opened at all, since opening a device or a pipe may do something.
Result<int> open_file(const std::string& root, const std::string& path) {
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW;
  const auto place = path_in_root(root, path);
  if (!place) return fail(Code::io_error, path);
  struct stat status = {};
  const bool found = ::lstat((root + *place).c_str(), &status) == 0;
  if (found && S_ISDIR(status.st_mode) && ::access((root + *place).c_str(), R_OK) != 0) return fail(code_of_errno(errno), path);
  if (found && !S_ISREG(status.st_mode)) return fail(Code::io_error, path);
  const int fd = found ? ::open((root + *place).c_str(), flags) : -1;
  if (fd < 0) return fail(code_of_errno(errno), path);
  return fd;
}

}  // namespace

Code code_of_errno(int number) {
  if (number == ENOENT || number == ENOTDIR) return Code::not_found;
  return number == EACCES || number == EPERM ? Code::permission_denied : Code::io_error;
}

std::string link_target(int folder, const char* name) {
  std::array<char, 1024> target;
  const ssize_t n = ::readlinkat(folder, name, target.data(), target.size());
  return n > 0 && static_cast<std::size_t>(n) < target.size() ? std::string(target.data(), static_cast<std::size_t>(n)) : std::string();
}

std::string without_dots(const std::string& path) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (part == "..")
      out.erase(out.empty() ? 0 : out.rfind('/'));
    else if (!part.empty() && part != ".")
      out += "/" + part;
    at = end + 1;
  }
  return out;
}

LinuxHost::LinuxHost(std::string root) : root_(std::move(root)) {}

std::unique_ptr<Host> LinuxHost::for_one_collection() const { return root_.empty() ? std::make_unique<LiveLook>() : nullptr; }

Result<std::string> LinuxHost::read(const std::string& path) const {
  if (root_.empty()) return LiveLook().read(path);
  OAK_ASSIGN(const int fd, open_file(root_, path));
  std::string out;
  std::array<char, 4096> buffer;
  ssize_t n = 0;
  while (out.size() < max_file_bytes && (n = ::read(fd, buffer.data(), buffer.size())) != 0) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
  const int problem = errno;
  ::close(fd);
  if (n < 0) return fail(code_of_errno(problem), path);
  return out;
}

std::vector<std::string> LinuxHost::list(const std::string& path) const {
  if (root_.empty()) return LiveLook().list(path);
  std::vector<std::string> names;
  const auto place = path_in_root(root_, path);
  if (!place) return names;
  const int fd = ::open((root_ + *place).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return names;
  DIR* const folder = ::fdopendir(fd);
  if (!folder) {
    ::close(fd);
    return names;
  }
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] == '.') continue;
    if (names.size() == max_entries) break;
    names.emplace_back(entry->d_name);
  }
  ::closedir(folder);
  std::sort(names.begin(), names.end());
  return names;
}

std::string LinuxHost::resolve(const std::string& path) const {
  if (root_.empty()) return LiveLook().resolve(path);
  const std::string folder = path.substr(0, path.rfind('/'));
  const auto place = path_in_root(root_, folder);
  if (!place || link_target(root_ + *place + path.substr(folder.size())).empty()) return {};
  return path_in_root(root_, path).value_or(std::string());
}

Result<std::string> LinuxHost::read_own_process(const std::string& name) const {
  return root_.empty() ? LiveLook().read_own_process(name) : Host::read_own_process(name);
}

}  // namespace oak
