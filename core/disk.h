#pragma once
// The disk, handed in so that tests can make it fail at any call. Whatever is kept is read and written here; hardware is what a
// Host reads (machine-id/collect.h).
//
// Names given with a folder are single path components or relative paths beneath it; they are opened without
// following links (openat2 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, or O_NOFOLLOW a component on older kernels).

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"
#include "core/file_lock.h"

namespace oak {

struct FileBytes {
  Bytes bytes;
  std::uint32_t owner = 0;  ///< uid
  std::uint32_t mode = 0;   ///< permission bits
};

/// A file is written whole or not at all: temporary file in the same folder, fsync, rename (or link, where it must
/// not exist yet), fsync of the folder.
enum class Existing { replace, refuse };

/// Errors everywhere: not_found, permission_denied, is_a_folder, disk_full, io_error, unsafe_file (a link, or not a
/// regular file), too_large, already_exists. The context is the path, not yet quoted.
/// Names of files that are being written begin and end so; after a crash one may be left.
inline constexpr std::string_view unfinished_prefix = ".oak-", unfinished_suffix = ".tmp";

struct NewFile {
  std::string name;
  ByteView bytes;
  Existing existing = Existing::refuse;
};

class Disk {
 public:
  virtual ~Disk() = default;

  /// A file that the user named: links are followed; "-" is standard input; at most `max_bytes`.
  virtual Result<FileBytes> read(const std::string& path, std::size_t max_bytes) = 0;
  /// A file that the user named, for output; "-" is standard output. A link is replaced, not followed.
  virtual Status write(const std::string& path, ByteView bytes, std::uint32_t mode, Existing existing) = 0;

  /// While the token lives, `read_beneath` may take the folder to be the one that it is now. Not to be kept for long: a
  /// folder may be moved away and another put in its place.
  virtual std::shared_ptr<void> hold_folder(const std::string& /*folder*/) { return nullptr; }
  virtual Result<FileBytes> read_beneath(const std::string& folder, const std::string& name, std::size_t max_bytes) = 0;
  virtual Status write_beneath(const std::string& folder, const std::string& name, ByteView bytes, std::uint32_t mode,
                               Existing existing) = 0;
  /// Many files of one folder: each whole or not at all, all on the disk once it returns, for the price of a sync or two. Where it
  /// fails, some may be there.
  virtual Status write_many_beneath(const std::string& folder, const std::vector<NewFile>& files, std::uint32_t mode);
  virtual Status remove_beneath(const std::string& folder, const std::string& name) = 0;
  /// Waits for the lock on a file beneath `folder`, which is made where it is not there: `locked` where somebody else keeps it. A disk
  /// that no other process uses need not lock anything.
  virtual Result<FileLock> lock_beneath(const std::string& folder, const std::string& name, const LockTerms& terms);
  /// Names in a folder, sorted, without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  /// The folder and its parents; existing ones are left as they are.
  virtual Status make_folder(const std::string& folder, std::uint32_t mode) = 0;
  virtual bool may_write(const std::string& folder) = 0;
  virtual bool exists(const std::string& path) = 0;
  /// Gives a file to the group `oak`, where there is one, and mode 0640; else leaves 0600.
  virtual Status share_with_oak_group(const std::string& folder, const std::string& name) = 0;
};

class PosixDisk final : public Disk {
 public:
  Result<FileBytes> read(const std::string& path, std::size_t max_bytes) override;
  Status write(const std::string& path, ByteView bytes, std::uint32_t mode, Existing existing) override;
  std::shared_ptr<void> hold_folder(const std::string& folder) override;
  Result<FileBytes> read_beneath(const std::string& folder, const std::string& name, std::size_t max_bytes) override;
  Status write_beneath(const std::string& folder, const std::string& name, ByteView bytes, std::uint32_t mode, Existing existing) override;
  Status write_many_beneath(const std::string& folder, const std::vector<NewFile>& files, std::uint32_t mode) override;
  Status remove_beneath(const std::string& folder, const std::string& name) override;
  Result<FileLock> lock_beneath(const std::string& folder, const std::string& name, const LockTerms& terms) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Status make_folder(const std::string& folder, std::uint32_t mode) override;
  bool may_write(const std::string& folder) override;
  bool exists(const std::string& path) override;
  Status share_with_oak_group(const std::string& folder, const std::string& name) override;

 private:
  struct HeldFolder;
  std::weak_ptr<HeldFolder> held_;
};

/// For a library that writes a file by itself (SQLite): `make` fills an empty file of mode 0600 beside `path`, which is then
/// synced and put in place as every other file is. Where `make` fails, nothing is left.
Status write_made_by(const std::string& path, Existing existing, const std::function<Status(const std::string& temporary)>& make);

}  // namespace oak
