// make_vectors DIR          writes every vector and its sidecar below DIR; old ones are taken away
// make_vectors --check DIR  compares instead: 0 where making them again gives the same files, byte for byte

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "core/crypto.h"
#include "tests/vectors/makers.h"

namespace {

namespace fs = std::filesystem;

/// Vectors and their sidecars, by their endings: the code that makes and reads them lies beside them.
std::set<std::string> files_below(const fs::path& top) {
  std::set<std::string> out;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(top)) {
    static const std::set<std::string> endings = {".oak", ".cbor", ".txt", ".json"};
    const std::string name = fs::relative(entry.path(), top).generic_string();
    if (entry.is_regular_file() && name.find('/') != std::string::npos && endings.count(entry.path().extension().string()))
      out.insert(name);
  }
  return out;
}

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int check(const oak::vectors::VectorSet& set, const fs::path& top) {
  int faults = 0;
  const auto report = [&](const char* what, const std::string& name) {
    std::printf("%s: %s\n", what, name.c_str());
    ++faults;
  };
  std::set<std::string> there = files_below(top);
  for (const auto& [name, bytes] : set.files()) {
    if (there.erase(name) == 0)
      report("missing", name);
    else if (content_of(top / name) != oak::as_text(bytes))
      report("differs", name);
  }
  for (const std::string& name : there) report("not made here", name);
  std::printf("%zu files, %d differences\n", set.files().size(), faults);
  return faults == 0 ? 0 : 1;
}

int write(const oak::vectors::VectorSet& set, const fs::path& top) {
  for (const std::string& name : files_below(top))
    if (!set.files().count(name)) fs::remove(top / name);
  for (const auto& [name, bytes] : set.files()) {
    fs::create_directories((top / name).parent_path());
    std::ofstream out(top / name, std::ios::binary);
    out << oak::as_text(bytes);
    if (!out.flush()) {
      std::fprintf(stderr, "cannot write %s\n", name.c_str());
      return 2;
    }
  }
  std::printf("%zu files\n", set.files().size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool only_check = argc == 3 && std::string(argv[1]) == "--check";
  if (!only_check && argc != 2) {
    std::fprintf(stderr, "make_vectors [--check] DIR\n");
    return 2;
  }
  if (!oak::crypto_start() || !fs::is_directory(argv[argc - 1])) return 2;
  const oak::vectors::VectorSet set = oak::vectors::all_vectors();
  return only_check ? check(set, argv[argc - 1]) : write(set, argv[argc - 1]);
}
