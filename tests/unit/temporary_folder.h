#pragma once
// A folder of its own for a test, gone afterwards.

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace oak::test {

class TemporaryFolder {
 public:
  /// Mode 0700, as mkdtemp makes it.
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "oak-test-XXXXXX").string()) {
    if (!::mkdtemp(path_.data())) throw std::runtime_error("no folder for a test: " + path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void open_to_all() const { std::filesystem::permissions(path_, std::filesystem::perms{0755}); }

 private:
  std::string path_;
};

}  // namespace oak::test
