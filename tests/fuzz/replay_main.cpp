// Replays seeds and corpus: `replay_X FOLDER...` runs every file in the folders and the seeds that the target makes itself.
// `replay_X --write-seeds FOLDER` writes the latter, for libFuzzer to start from. A target without any input fails.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/fuzz.h"

namespace {

using oak::Bytes;

Bytes file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

int write_seeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::size_t number = 0;
  for (const Bytes& seed : oak::fuzz::seeds()) {
    std::ofstream file(folder / ("made-" + std::to_string(++number)), std::ios::binary);
    file.write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--write-seeds") return write_seeds(argv[2]);
  std::size_t inputs = 0;
  for (const Bytes& seed : oak::fuzz::seeds()) {
    oak::fuzz::run(seed);
    ++inputs;
  }
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) continue;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::fprintf(stderr, "%s\r", entry.path().filename().c_str());  // the last one named is the one that broke it
      oak::fuzz::run(file_bytes(entry.path()));
      ++inputs;
    }
  }
  std::printf("%zu inputs replayed\n", inputs);
  return inputs == 0;
}
