// A product with a read-only mode: a log book that anybody may read at any time, and that takes new lines while the licence
// covers it.
//
//   c++ -std=c++17 sample.cpp -loakverifier -o sample
//   ./sample BOOK [--add TEXT] [--state-dir DIR] [--trust FILE]

#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <oak_verifier.hpp>
#include <string>
#include <vector>

namespace {

// The build puts them in, never a file that the site could edit.
constexpr const char* product = "planner";
constexpr const char* version = "3.5.1";

int show(const std::string& book) {
  std::ifstream file(book);
  for (std::string line; std::getline(file, line);) std::cout << line << '\n';
  return 0;
}

int add(const std::string& book, const std::string& text) {
  std::ofstream file(book, std::ios::app);
  file << text << '\n' << std::flush;
  if (file) return 0;
  std::cerr << "sample: cannot write to '" << book << "'\n";
  return 2;
}

// A vendor compiles these bytes in (`oak-issuer trust --format c`), or leaves them to the site's trust file.
std::vector<std::uint8_t> read_trust(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  std::string text, state_dir, trust_file;
  bool usable = argc >= 2 && argc % 2 == 0;
  for (int i = 2; usable && i < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--add")
      text = argv[i + 1];
    else if (option == "--state-dir")
      state_dir = argv[i + 1];
    else if (option == "--trust")
      trust_file = argv[i + 1];
    else
      usable = false;
  }
  if (!usable) {
    std::cerr << "usage: sample BOOK [--add TEXT] [--state-dir DIR] [--trust FILE]\n";
    return 2;
  }
  const std::string book = argv[1];
  const std::vector<std::uint8_t> trust = trust_file.empty() ? std::vector<std::uint8_t>{} : read_trust(trust_file);
  if (!trust_file.empty() && trust.empty()) {
    std::cerr << "sample: cannot read '" << trust_file << "'\n";
    return 2;
  }
  constexpr std::uint32_t seats_in_use = 1;

  const oakverifier::Answer answer =
      oakverifier::check({product, version, seats_in_use, trust.empty() ? nullptr : trust.data(), trust.size(), state_dir});
  const bool read_only = !answer.active();
  if (read_only) std::cerr << "sample: the book is read-only, because there is no active licence\n" << answer.text;

  if (text.empty()) return show(book);
  if (!read_only) return add(book, text);
  std::cerr << "sample: the new line was not added\n";
  return 1;
}
