#include "machine-id/live_look.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "core/process_file.h"
#include "machine-id/host_paths.h"

namespace oak {
namespace {

/// Few files and folders are longer; a larger one would be more pages of stack.
constexpr std::size_t buffer_bytes = 1024;

bool is_missing(int problem) { return problem == ENOENT || problem == ENOTDIR; }

/// Folders that hold one file to be read are not worth it.
bool is_worth_holding(std::string_view folder) { return folder.starts_with("/sys/") || folder == "/proc/device-tree"; }

std::string_view folder_part(std::string_view path) { return path.substr(0, path.rfind('/')); }

}  // namespace

LiveLook::~LiveLook() {
  for (const Folder& folder : folders_)
    if (folder.fd >= 0) ::close(folder.fd);
}

const LiveLook::Folder* LiveLook::find(std::string_view path) const {
  const auto found = std::find_if(folders_.begin(), folders_.end(), [&](const Folder& folder) { return folder.path == path; });
  return found == folders_.end() ? nullptr : &*found;
}

void LiveLook::hold(std::string path, int fd, int problem) const {
  Folder& slot = folders_[next_++ % folders_.size()];
  if (slot.fd >= 0) ::close(slot.fd);
  slot = {std::move(path), fd, problem};
}

/// From the folder above, where that one is held already.
LiveLook::Place LiveLook::place_below(const std::string& path) const {
  const std::string_view above = folder_part(path);
  const Folder* held = above.empty() ? nullptr : find(above);
  if (held == nullptr) return {AT_FDCWD, path.c_str(), 0};
  return {held->fd, path.c_str() + above.size() + 1, held->problem};
}

/// From its own folder, which is held from now on.
LiveLook::Place LiveLook::place_of(const std::string& path) const {
  if (is_worth_holding(folder_part(path)) && find(folder_part(path)) == nullptr) {
    const std::string folder(folder_part(path));
    const Place place = place_below(folder);
    const int fd = place.problem != 0 ? -1 : ::openat(place.folder, place.name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const int problem = place.problem != 0 ? place.problem : errno;
    if (fd >= 0)
      hold(folder, fd, 0);
    else if (is_missing(problem))
      hold(folder, -1, problem);
  }
  return place_below(path);
}

Result<std::string> LiveLook::read_at_most(const std::string& path, std::size_t bytes, bool in_one_go) const {
  const Place place = place_of(path);
  if (place.problem != 0) return fail(code_of_errno(place.problem), path);
  const int fd = ::openat(place.folder, place.name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return fail(code_of_errno(errno), path);
  std::string out;
  std::array<char, buffer_bytes> buffer;
  ssize_t n = 0;
  while (out.size() < bytes) {
    const std::size_t asked = std::min(buffer.size(), bytes - out.size());
    n = ::read(fd, buffer.data(), asked);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(n));
    if (in_one_go && static_cast<std::size_t>(n) < asked) break;
  }
  const int problem = errno;
  ::close(fd);
  if (n < 0) return fail(code_of_errno(problem), path);
  return out;
}

/// A sysfs file is one page at most and a short read ends it; procfs hands out a page at a time.
Result<std::string> LiveLook::read(const std::string& path) const { return read_at_most(path, max_file_bytes, path.starts_with("/sys/")); }

Result<std::string> LiveLook::read_start(const std::string& path, std::size_t bytes) const { return read_at_most(path, bytes, true); }

std::vector<std::string> LiveLook::list(const std::string& path) const {
  std::vector<std::string> names;
  const Place place = place_below(path);
  const int fd = place.problem != 0 ? -1 : ::openat(place.folder, place.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return names;
  // glibc's readdir takes a heap block of eight times this, and three calls more.
  alignas(dirent64) std::array<char, buffer_bytes> buffer;
  for (ssize_t n = 0; (n = ::getdents64(fd, buffer.data(), buffer.size())) > 0;)
    for (ssize_t at = 0; at < n;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      if (entry->d_name[0] != '.' && names.size() < max_entries) names.emplace_back(entry->d_name);
      at += entry->d_reclen;
    }
  if (find(path) == nullptr)
    hold(path, fd, 0);
  else
    ::close(fd);
  std::sort(names.begin(), names.end());
  return names;
}

std::string LiveLook::resolve(const std::string& path) const {
  const Place place = place_of(path);
  if (place.problem != 0) return {};
  // sysfs links are relative to where they stand, and no folder above them is a link.
  const std::string link = link_target(place.folder, place.name);
  if (link.empty()) return {};
  return without_dots(link.front() == '/' ? link : std::string(folder_part(path)) + "/" + link);
}

Result<std::string> LiveLook::read_own_process(const std::string& name) const {
  OAK_ASSIGN(const Bytes bytes, read_process_file(name));
  return std::string(as_text(bytes));
}

}  // namespace oak
