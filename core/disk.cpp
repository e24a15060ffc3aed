#include "core/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <utility>

#include "core/descriptor.h"
#include "core/folder_sharing.h"

namespace oak {
namespace {

/// The number of group `oak` from /etc/group. Read here because the C library's look-up needs its shared modules, which
/// a static program has not, and may ask a name service over a socket.
std::optional<gid_t> oak_group() {
  const Descriptor file = open_retrying(AT_FDCWD, "/etc/group", O_RDONLY);
  const auto content = read_regular(file, "/etc/group", 1 << 20, true);
  if (!content) return std::nullopt;
  const std::string text = "\n" + std::string(as_text(content->bytes));
  std::size_t at = text.find("\noak:");
  if (at == std::string::npos || (at = text.find(':', at + 5)) == std::string::npos) return std::nullopt;
  gid_t number = 0;
  std::size_t digits = 0;
  for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9' && digits < 9; ++at, ++digits)
    number = number * 10 + static_cast<gid_t>(text[at] - '0');
  if (digits == 0 || at >= text.size() || text[at] != ':') return std::nullopt;
  return number;
}

/// 0640 means: for the group `oak` to read; without that group, 0600. A file has it before it has its name, so that at no moment,
/// and after no power cut, its readers are locked out.
Status set_mode(int fd, std::uint32_t mode, const std::string& path) {
  constexpr std::uint32_t shared_mode = 0640, own_mode = 0600;
  if (mode == shared_mode) {
    const auto group = oak_group();
    if (!group || ::fchown(fd, static_cast<uid_t>(-1), *group) != 0) mode = own_mode;
  }
  if (::fchmod(fd, mode) != 0 && errno != EPERM) return fail_errno(errno, path);
  return {};
}

/// A name that no other run uses: two tools on one folder must not share a temporary file.
std::string temporary_name(const std::string& name) {
  static std::atomic<unsigned> counter = 0;
  return std::string(unfinished_prefix) + std::to_string(::getpid()) + "-" + std::to_string(counter++) + "-" + name.substr(0, 64) +
         std::string(unfinished_suffix);
}

Status put_in_place(int folder, const std::string& temporary, const std::string& name, Existing existing, const std::string& path) {
  if (existing == Existing::replace) {
    if (::renameat(folder, temporary.c_str(), folder, name.c_str()) != 0) return fail_errno(errno, path);
    return {};
  }
  if (::linkat(folder, temporary.c_str(), folder, name.c_str(), 0) == 0) {
    ::unlinkat(folder, temporary.c_str(), 0);
    return {};
  }
  if (errno == EEXIST) return fail(Code::already_exists, path);
  // A file system without hard links (FAT on a stick): look, then rename.
  if (::faccessat(folder, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return fail(Code::already_exists, path);
  if (::renameat(folder, temporary.c_str(), folder, name.c_str()) != 0) return fail_errno(errno, path);
  return {};
}

Status write_in(int folder, const std::string& name, ByteView bytes, std::uint32_t mode, Existing existing, const std::string& path) {
  const std::string temporary = temporary_name(name);
  Status done = [&]() -> Status {
    const Descriptor file = open_retrying(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (!file) return fail_errno(errno, path);
    OAK_TRY(write_all(file.get(), bytes, path));
    OAK_TRY(set_mode(file.get(), mode, path));
    OAK_TRY(sync(file.get(), path));
    return put_in_place(folder, temporary, name, existing, path);
  }();
  if (!done) {
    ::unlinkat(folder, temporary.c_str(), 0);
    return done;
  }
  return sync(folder, path);
}

/// A file that lies under its temporary name until all of its company are on the disk.
struct Pending {
  std::string temporary;
  const NewFile* file;
};

Status write_temporary(int folder, const Pending& pending, std::uint32_t mode, const std::string& path) {
  const Descriptor file = open_retrying(folder, pending.temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  if (!file) return fail_errno(errno, path);
  OAK_TRY(write_all(file.get(), pending.file->bytes, path));
  if (::fchmod(file.get(), mode) != 0 && errno != EPERM) return fail_errno(errno, path);
  return {};
}

/// In one call where the file system knows how.
Status put_in_place_at_once(int folder, const Pending& pending, const std::string& path) {
  const NewFile& file = *pending.file;
  if (file.existing == Existing::refuse &&
      ::syscall(SYS_renameat2, folder, pending.temporary.c_str(), folder, file.name.c_str(), RENAME_NOREPLACE) == 0)
    return {};
  if (file.existing == Existing::refuse && errno == EEXIST) return fail(Code::already_exists, path);
  return put_in_place(folder, pending.temporary, file.name, file.existing, path);
}

struct SplitPath {
  std::string folder, name;
};

SplitPath split_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

/// glibc's readdir takes a heap block of eight times this buffer, and more calls.
Result<std::vector<std::string>> names_in(int fd, const std::string& folder) {
  std::vector<std::string> names;
  alignas(dirent64) std::array<char, 1024> buffer;
  ::lseek(fd, 0, SEEK_SET);
  for (;;) {
    const ssize_t filled = ::getdents64(fd, buffer.data(), buffer.size());
    if (filled < 0) return fail_errno(errno, folder);
    if (filled == 0) break;
    for (ssize_t at = 0; at < filled;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      const std::string_view name(entry->d_name);
      if (name != "." && name != "..") names.emplace_back(name);
      at += entry->d_reclen;
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_folder(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

Status write_made_by(const std::string& path, Existing existing, const std::function<Status(const std::string& temporary)>& make) {
  if (is_folder(path)) return fail(Code::is_a_folder, path);
  const SplitPath parts = split_path(path);
  const Descriptor folder = open_folder(parts.folder);
  if (!folder) return fail_errno(errno, parts.folder);
  const std::string temporary = temporary_name(parts.name);
  const Status done = [&]() -> Status {
    const Descriptor file = open_retrying(folder.get(), temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (!file) return fail_errno(errno, path);
    OAK_TRY(make(parts.folder + "/" + temporary));
    OAK_TRY(sync(file.get(), path));
    return put_in_place(folder.get(), temporary, parts.name, existing, path);
  }();
  if (done) return sync(folder.get(), path);
  ::unlinkat(folder.get(), temporary.c_str(), 0);
  return done;
}

Result<FileBytes> PosixDisk::read(const std::string& path, std::size_t max_bytes) {
  if (path == "-") return read_regular(Descriptor(STDIN_FILENO), "standard input", max_bytes, false);
  const Descriptor file = open_retrying(AT_FDCWD, path.c_str(), O_RDONLY | O_NOCTTY);
  return read_regular(file, path, max_bytes, false);
}

Status PosixDisk::write(const std::string& path, ByteView bytes, std::uint32_t mode, Existing existing) {
  if (path == "-") return write_all(STDOUT_FILENO, bytes, "standard output");
  if (is_folder(path)) return fail(Code::is_a_folder, path);
  const SplitPath parts = split_path(path);
  const Descriptor folder = open_folder(parts.folder);
  if (!folder) return fail_errno(errno, parts.folder);
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    // A device or a pipe that the user named (/dev/full, /dev/stdout): written in place, never replaced.
    const Descriptor device = open_retrying(AT_FDCWD, path.c_str(), O_WRONLY | O_NOCTTY);
    if (!device) return fail_errno(errno, path);
    return write_all(device.get(), bytes, path);
  }
  return write_in(folder.get(), parts.name, bytes, mode, existing, path);
}

struct PosixDisk::HeldFolder {
  std::string path;
  Descriptor fd;
};

std::shared_ptr<void> PosixDisk::hold_folder(const std::string& folder) {
  Descriptor fd = open_folder(folder);
  if (!fd) return nullptr;
  auto held = std::make_shared<HeldFolder>(HeldFolder{folder, std::move(fd)});
  held_ = held;
  return held;
}

Result<FileBytes> PosixDisk::read_beneath(const std::string& folder, const std::string& name, std::size_t max_bytes) {
  const std::string path = folder + "/" + name;
  const auto held = held_.lock();
  const bool is_held = held && held->path == folder;
  const Descriptor opened = is_held ? Descriptor() : open_folder(folder);
  if (!is_held && !opened) return fail_errno(errno, path);
  const Descriptor file = open_beneath(is_held ? held->fd.get() : opened.get(), name, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  return read_regular(file, path, max_bytes, true);
}

Status PosixDisk::write_beneath(const std::string& folder, const std::string& name, ByteView bytes, std::uint32_t mode, Existing existing) {
  const std::string path = folder + "/" + name;
  const SplitPath parts = split_path(name);
  const Descriptor base = open_folder(folder);
  if (!base) return fail_errno(errno, folder);
  const Descriptor inner = open_beneath(base.get(), parts.folder, O_RDONLY | O_DIRECTORY);
  if (!inner) return fail_errno(errno, path);
  return write_in(inner.get(), parts.name, bytes, mode, existing, path);
}

Status Disk::write_many_beneath(const std::string& folder, const std::vector<NewFile>& files, std::uint32_t mode) {
  for (const NewFile& file : files) OAK_TRY(write_beneath(folder, file.name, file.bytes, mode, file.existing));
  return {};
}

Status PosixDisk::write_many_beneath(const std::string& folder, const std::vector<NewFile>& files, std::uint32_t mode) {
  const auto path_of = [&](const NewFile& file) { return folder + "/" + file.name; };
  for (const NewFile& file : files)
    if (file.name.empty() || file.name == "." || file.name == ".." || file.name.find('/') != std::string::npos)
      return fail(Code::unsafe_file, path_of(file));
  const Descriptor base = open_folder(folder);
  if (!base) return fail_errno(errno, folder);
  std::vector<Pending> pending;
  std::size_t placed = 0;
  const Status done = [&]() -> Status {
    for (const NewFile& file : files) {
      pending.push_back({temporary_name(file.name), &file});
      OAK_TRY(write_temporary(base.get(), pending.back(), mode, path_of(file)));
    }
    // One sync of the file system in place of one a file; Linux before 5.8 keeps it to itself where that fails.
    if (::syncfs(base.get()) != 0) return fail_errno(errno, folder);
    for (; placed < pending.size(); ++placed) OAK_TRY(put_in_place_at_once(base.get(), pending[placed], path_of(*pending[placed].file)));
    return {};
  }();
  for (std::size_t i = placed; i < pending.size(); ++i) ::unlinkat(base.get(), pending[i].temporary.c_str(), 0);
  const Status synced = sync(base.get(), folder);
  return done ? synced : done;
}

Status PosixDisk::remove_beneath(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/" + name;
  const SplitPath parts = split_path(name);
  const Descriptor base = open_folder(folder);
  if (!base) return fail_errno(errno, path);
  const Descriptor inner = open_beneath(base.get(), parts.folder, O_RDONLY | O_DIRECTORY);
  if (!inner) return fail_errno(errno, path);
  if (::unlinkat(inner.get(), parts.name.c_str(), 0) != 0) return fail_errno(errno, path);
  return sync(inner.get(), path);
}

Result<FileLock> Disk::lock_beneath(const std::string&, const std::string&, const LockTerms&) { return FileLock(); }

Result<FileLock> PosixDisk::lock_beneath(const std::string& folder, const std::string& name, const LockTerms& terms) {
  const std::string path = folder + "/" + name;
  const Descriptor base = open_folder(folder);
  if (!base) return fail_errno(errno, path);
  return wait_for_lock(
      [&] {
        Descriptor file = open_beneath(base.get(), name, O_RDWR | O_CREAT | O_NOCTTY, terms.mode);
        if (file || (errno != EACCES && errno != EROFS)) return file;
        // Whoever may only read the file may take turns all the same.
        const int why = errno;
        file = open_beneath(base.get(), name, O_RDONLY | O_NOCTTY);
        if (!file) errno = why;
        return file;
      },
      path, terms);
}

Result<std::vector<std::string>> PosixDisk::list(const std::string& folder) {
  const auto held = held_.lock();
  const bool is_held = held && held->path == folder;
  const Descriptor opened = is_held ? Descriptor() : open_folder(folder);
  if (!is_held && !opened) return fail_errno(errno, folder);
  return names_in(is_held ? held->fd.get() : opened.get(), folder);
}

Status PosixDisk::make_folder(const std::string& folder, std::uint32_t mode) {
  if (is_folder(folder)) return {};
  const SplitPath parts = split_path(folder);
  if (!parts.name.empty() && parts.folder != folder && !is_folder(parts.folder)) OAK_TRY(make_folder(parts.folder, 0755));
  if (::mkdir(folder.c_str(), mode) != 0 && !(errno == EEXIST && is_folder(folder))) return fail_errno(errno, folder);
  ::chmod(folder.c_str(), mode);  // the umask must not leave a folder that others can't enter
  const Descriptor parent = open_folder(parts.folder);
  return parent ? sync(parent.get(), parts.folder) : Status{};
}

bool PosixDisk::may_write(const std::string& folder) { return ::access(folder.c_str(), W_OK | X_OK) == 0; }

bool PosixDisk::exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Status PosixDisk::share_with_oak_group(const std::string& folder, const std::string& name) {
  const Descriptor base = open_folder(folder);
  if (!base) return fail_errno(errno, folder);
  const Descriptor file = open_beneath(base.get(), name, O_RDONLY);
  if (!file) return fail_errno(errno, folder + "/" + name);
  const auto group = oak_group();
  const bool shared = group && ::fchown(file.get(), static_cast<uid_t>(-1), *group) == 0;
  if (::fchmod(file.get(), shared ? 0640 : 0600) != 0) return fail_errno(errno, folder + "/" + name);
  return {};
}

Status share_folder_with_oak_group(const std::string& folder) {
  const Descriptor opened = open_retrying(AT_FDCWD, folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!opened) return fail_errno(errno, folder);
  const auto group = oak_group();
  const bool shared = group && ::fchown(opened.get(), static_cast<uid_t>(-1), *group) == 0;
  if (::fchmod(opened.get(), shared ? 02770 : 0700) != 0) return fail_errno(errno, folder);
  return {};
}

}  // namespace oak
