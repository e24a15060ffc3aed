// Goal: each key gets the passphrase that was meant for it, from a file or a person, and a script without either is
// told the option's name.
#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "issuer/passphrases.h"
#include "tests/unit/issuer_world.h"

namespace oak::desk_test {
namespace {

/// A file that is gone at the end of the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    std::string name = "/tmp/oak-passphrases-XXXXXX";
    const int fd = ::mkstemp(name.data());
    path_ = name;
    REQUIRE(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
    ::close(fd);
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Bytes key_named(const std::string& name, std::string_view passphrase) {
  SeededRandom random(3);
  return *seal_key_file({name, KeyPurpose::root, {}}, Bytes(32, 1), as_bytes(passphrase), cheap, random);
}

}  // namespace

TEST_CASE("one line serves every key, named lines the keys they name", "[issuer][passphrases]") {
  PosixDisk disk;
  ScriptedTerminal nobody({}, false);
  const TemporaryFile one("correct horse\n");
  Passphrases single(disk, nobody, one.path());
  CHECK(single.unlock(key_named("root-1", "correct horse"), "key"));
  CHECK(single.unlock(key_named("desk", "correct horse"), "key"));
  CHECK(*single.choose("issuer-1") == "correct horse");

  const TemporaryFile several("root-1: first one\r\nroot-2: second\n\ndesk: third: with colon\n");
  Passphrases named(disk, nobody, several.path());
  CHECK(named.unlock(key_named("root-1", "first one"), "key"));
  CHECK(named.unlock(key_named("root-2", "second"), "key"));
  CHECK(named.unlock(key_named("desk", "third: with colon"), "key"));
  CHECK(named.unlock(key_named("root-1", "second"), "key").error().code == Code::wrong_passphrase);
  const auto missing = named.choose("issuer-1");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Code::usage);
  CHECK(missing.error().message.find("issuer-1") != std::string::npos);
}

TEST_CASE("a line for one key is that key's also where it stands alone", "[issuer][passphrases]") {
  PosixDisk disk;
  ScriptedTerminal nobody({}, false);
  for (const std::string key : {"root-1", "issuer-12", "desk"}) {
    const TemporaryFile one(key + ": only mine\n");
    Passphrases named(disk, nobody, one.path());
    CHECK(*named.choose(key) == "only mine");
    const auto other = named.choose("root-7");
    REQUIRE_FALSE(other);
    CHECK(other.error().code == Code::usage);
    CHECK(other.error().message.find("root-7") != std::string::npos);
  }
  // What no key is called is part of the passphrase.
  const TemporaryFile sentence("correct: horse\n");
  CHECK(*Passphrases(disk, nobody, sentence.path()).choose("desk") == "correct: horse");
}

TEST_CASE("an empty passphrase is refused by its file and line", "[issuer][passphrases]") {
  PosixDisk disk;
  ScriptedTerminal nobody({}, false);
  for (const auto& [content, line] :
       std::vector<std::pair<std::string, std::string>>{{"desk:\n", "line 1"}, {"\nroot-1: a\n\ndesk: \t\r\n", "line 4"}}) {
    const TemporaryFile file(content);
    const auto chosen = Passphrases(disk, nobody, file.path()).choose("desk");
    REQUIRE_FALSE(chosen);
    CHECK(chosen.error().code == Code::usage);
    CHECK(chosen.error().message.find(file.path()) != std::string::npos);
    CHECK(chosen.error().message.find(line) != std::string::npos);
    CHECK(chosen.error().message.find("empty") != std::string::npos);
  }
  const TemporaryFile blanks("   \n");
  CHECK(Passphrases(disk, nobody, blanks.path()).choose("desk").error().code == Code::usage);
}

TEST_CASE("a passphrase file that is missing or empty is an answer of its own", "[issuer][passphrases]") {
  PosixDisk disk;
  ScriptedTerminal nobody({}, false);
  CHECK(Passphrases(disk, nobody, "/nonexistent/passphrases").choose("desk").error().code == Code::not_found);
  const TemporaryFile empty("\n\n");
  CHECK(Passphrases(disk, nobody, empty.path()).choose("desk").error().code == Code::usage);
}

TEST_CASE("a script without a file is told the option", "[issuer][passphrases]") {
  PosixDisk disk;
  ScriptedTerminal nobody({}, false);
  Passphrases passphrases(disk, nobody, {});
  CHECK_FALSE(passphrases.available());
  for (const Failure& failure : {passphrases.choose("root-1").error(), passphrases.unlock(key_named("root-1", "x"), "key").error()}) {
    CHECK(failure.code == Code::usage);
    CHECK(exit_code_of(failure.code) == 2);
    CHECK(failure.hint.find("--passphrase-file") != std::string::npos);
    CHECK(failure.message.find("root-1") != std::string::npos);
  }
  CHECK(nobody.prompts.empty());
}

TEST_CASE("a new passphrase is typed twice, and never empty", "[issuer][passphrases]") {
  PosixDisk disk;
  ScriptedTerminal person({"", "", "one", "two", "right", "right"});
  CHECK(*Passphrases(disk, person, {}).choose("root-2") == "right");
  CHECK(person.prompts.size() == 6);
  CHECK(person.prompts.front().find("root-2") != std::string::npos);
}

TEST_CASE("what was typed before is tried before asking again", "[issuer][passphrases]") {
  PosixDisk disk;
  ScriptedTerminal person({"shared"});
  Passphrases passphrases(disk, person, {});
  CHECK(passphrases.unlock(key_named("issuer-1", "shared"), "key"));
  CHECK(passphrases.unlock(key_named("desk", "shared"), "key"));
  CHECK(person.prompts.size() == 1);
}

TEST_CASE("three tries, then it is wrong-passphrase", "[issuer][passphrases]") {
  PosixDisk disk;
  ScriptedTerminal person({"a", "b", "c", "right"});
  Passphrases passphrases(disk, person, {});
  CHECK(passphrases.unlock(key_named("desk", "right"), "key").error().code == Code::wrong_passphrase);
  CHECK(person.prompts.size() == 3);
}

}  // namespace oak::desk_test
