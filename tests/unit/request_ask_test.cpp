// Goal: a site admin on a terminal is asked for what is missing, once where the answer is good, again where it is not, and
// for nothing that the machine knows.
#include <catch2/catch.hpp>

#include <deque>
#include <filesystem>
#include <fstream>

#include "request/ask.h"

namespace oak {
namespace {

/// Answers in the order given; the input ends after them.
class Typist final : public Terminal {
 public:
  explicit Typist(std::deque<std::string> typed) : answers(std::move(typed)) {}
  bool interactive() override { return true; }
  Result<std::string> ask(std::string_view prompt) override {
    prompts.emplace_back(prompt);
    if (answers.empty()) return fail(Code::usage, "the input ended");
    std::string next = answers.front();
    answers.pop_front();
    return next;
  }
  Result<std::string> ask_hidden(std::string_view prompt) override { return ask(prompt); }
  void say(std::string_view text) override { said += text; }

  std::deque<std::string> answers;
  std::vector<std::string> prompts;
  std::string said;
};

/// A folder with empty files of these names.
class Folder {
 public:
  explicit Folder(const std::vector<std::string>& names) {
    std::string pattern = (std::filesystem::temp_directory_path() / "oak-ask-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
    for (const std::string& name : names) std::ofstream(path + "/" + name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path;
};

}  // namespace

TEST_CASE("the one product whose trust is in place is taken without asking", "[request][ask]") {
  PosixDisk disk;
  Typist nobody({});
  CHECK(*ask_product(nobody, disk, Folder({"planner.oak", "notes.txt", "not a name.oak", ".oak"}).path) == "planner");
  CHECK(nobody.prompts.empty());
}

TEST_CASE("several products, or none, are asked for by name", "[request][ask]") {
  PosixDisk disk;
  Typist typist({"", "no name", "painter"});
  const Folder two({"planner.oak", "painter.oak"});
  CHECK(*ask_product(typist, disk, two.path) == "painter");
  CHECK(typist.prompts.size() == 3);
  CHECK(typist.prompts[0] == "Product (painter, planner): ");
  Typist another({"planner"});
  CHECK(*ask_product(another, disk, "/nonexistent") == "planner");
  Typist silent({});
  CHECK(ask_product(silent, disk, "/nonexistent").error().code == Code::usage);
}

TEST_CASE("a version that is none is asked for again", "[request][ask]") {
  Typist typist({"", "three", "3.5"});
  CHECK(*ask_version(typist, "planner") == "3.5");
  CHECK(typist.prompts.size() == 3);
  CHECK(typist.said.find("four numbers") != std::string::npos);
}

TEST_CASE("a site label that would not fit is asked for again, and may be empty", "[request][ask]") {
  Typist typist({std::string(121, 'x'), "a\tb", "  Dock 4 "});
  CHECK(*ask_site(typist) == "Dock 4");
  Typist nothing({""});
  CHECK(ask_site(nothing)->empty());
}

}  // namespace oak
