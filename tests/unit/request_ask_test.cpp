// Goal: a site admin on a terminal is asked for what is missing, once where the answer is good, again where it is not, and
// for nothing that the machine knows.
#include <catch2/catch.hpp>

#include <deque>
#include <filesystem>
#include <fstream>

#include "request/ask.h"
#include "tests/unit/temporary_folder.h"

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
struct Folder : test::TemporaryFolder {
  explicit Folder(const std::vector<std::string>& names) {
    for (const std::string& name : names) std::ofstream(*this / name);
  }
};

}  // namespace

TEST_CASE("the one product whose trust is in place is taken without asking", "[request][ask]") {
  PosixDisk disk;
  Typist nobody({});
  CHECK(*ask_product(nobody, disk, Folder({"planner.oak", "notes.txt", "not a name.oak", ".oak"}).path()) == "planner");
  CHECK(nobody.prompts.empty());
}

namespace {

/// What is typed for "K7QX2M4A", part by part.
std::vector<std::string> key_parts() {
  Secret<licence_secret_chars> secret;
  std::fill_n(secret.data(), licence_secret_chars, std::uint8_t{'Q'});
  const std::string printed = format_licence_key({"K7QX2M4A", std::move(secret)});
  std::vector<std::string> parts = {printed.substr(0, 11)};
  for (std::size_t i = 0; i < licence_key_groups; ++i) parts.push_back(printed.substr(12 + 7 * i, 6));
  return parts;
}

}  // namespace

TEST_CASE("a licence key is asked for part by part, each until it is right", "[request][ask]") {
  const std::vector<std::string> parts = key_parts();
  std::deque<std::string> typed;
  for (const std::string& part : parts) {
    std::string wrong = part;
    wrong[2] = wrong[2] == 'A' ? 'B' : 'A';
    typed.push_back(wrong);
    typed.push_back(" " + part + " ");
  }
  Typist typist(typed);
  const auto key = ask_licence_key(typist);
  REQUIRE(key);
  CHECK(key->licence_id == "K7QX2M4A");
  CHECK(as_text(key->secret.view()) == std::string(licence_secret_chars, 'Q'));
  CHECK(typist.prompts.size() == 12);
  CHECK(typist.prompts.back() == "Licence key, group 5 of 5: ");
  CHECK(typist.said.find("the part before group 1 ('K7AX2M4A-") != std::string::npos);
  CHECK(typist.said.find("group 3 of 5 has a wrong character") != std::string::npos);
}

TEST_CASE("a licence key in small letters is taken, in parts and whole", "[request][ask]") {
  std::deque<std::string> typed;
  std::string whole;
  for (std::string part : key_parts()) {
    for (char& c : part)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    typed.push_back(part);
    whole += (whole.empty() ? "" : "-") + part;
  }
  Typist typist(typed);
  CHECK(ask_licence_key(typist)->licence_id == "K7QX2M4A");
  Typist paster({whole});
  CHECK(ask_licence_key(paster)->licence_id == "K7QX2M4A");
  CHECK(paster.prompts.size() == 1);
}

TEST_CASE("where the input ends in the middle of a licence key, that is said", "[request][ask]") {
  const std::vector<std::string> parts = key_parts();
  for (std::size_t given = 0; given < parts.size(); ++given) {
    Typist typist({parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(given)});
    CHECK(ask_licence_key(typist).error().message.find("not answered") != std::string::npos);
  }
}

TEST_CASE("several products, or none, are asked for by name", "[request][ask]") {
  PosixDisk disk;
  Typist typist({"", "no name", "painter"});
  const Folder two({"planner.oak", "painter.oak"});
  CHECK(*ask_product(typist, disk, two.path()) == "painter");
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
