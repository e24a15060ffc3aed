#pragma once
// The running system for the length of one collection. Each folder is looked up once, and what lies in it is opened from
// there: walking sysfs down to one device takes the kernel longer than reading a value there.

#include <array>

#include "machine-id/collect.h"

namespace oak {

/// Not to be kept: a folder that is held is the one that was there, and hardware comes and goes.
class LiveLook final : public Host {
 public:
  LiveLook() = default;
  LiveLook(const LiveLook&) = delete;
  LiveLook& operator=(const LiveLook&) = delete;
  ~LiveLook() override;

  Result<std::string> read(const std::string& path) const override;
  Result<std::string> read_start(const std::string& path, std::size_t bytes) const override;
  std::vector<std::string> list(const std::string& path) const override;
  std::string resolve(const std::string& path) const override;
  Result<std::string> read_own_process(const std::string& name) const override;

 private:
  struct Folder {
    std::string path;
    int fd = -1;
    int problem = 0;  ///< an errno, where there is no fd
  };
  /// A name to open, and the folder that it is relative to; none is needed for a whole path.
  struct Place {
    int folder;
    const char* name;
    int problem;  ///< an errno, where the folder is known to be missing
  };

  const Folder* find(std::string_view path) const;
  void hold(std::string path, int fd, int problem) const;
  Place place_below(const std::string& path) const;
  Place place_of(const std::string& path) const;
  Result<std::string> read_at_most(const std::string& path, std::size_t bytes, bool in_one_go) const;

  /// The latest few: a product may be near its limit of open files.
  mutable std::array<Folder, 16> folders_;
  mutable std::size_t next_ = 0;
};

}  // namespace oak
