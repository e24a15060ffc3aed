// Goal: of all who take a lock alone, one has it at a time; those who share it know when they are the last; and nothing keeps it
// but a process that lives and a file that has its name.
// What it doesn't prove: that a file system without locks, or one over a network, does the same.
#include "core/file_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <thread>

#include "core/descriptor.h"
#include "tests/unit/temporary_folder.h"

namespace oak::test {
namespace {

namespace fs = std::filesystem;

struct Turnstile {
  TemporaryFolder own;
  std::string folder = own.path();

  Turnstile() { own.open_to_all(); }
  Result<FileLock> take(const LockTerms& terms) { return PosixDisk().lock_beneath(folder, "lock", terms); }
  Code refusal(const LockTerms& terms) {
    const auto taken = take(terms);
    return taken ? Code{} : taken.error().code;
  }
};

constexpr LockTerms alone{LockKind::alone, 0, 0600}, shared{LockKind::shared, 0, 0600}, patient{LockKind::alone, std::nullopt, 0600};

}  // namespace

TEST_CASE("a lock is one process's at a time, and its file stays") {
  Turnstile turnstile;
  {
    const auto first = turnstile.take(alone);
    REQUIRE(first);
    CHECK(turnstile.refusal(alone) == Code::locked);
    CHECK(turnstile.refusal(shared) == Code::locked);
  }
  CHECK(turnstile.refusal(alone) == Code{});
  CHECK(PosixDisk().read(turnstile.folder + "/lock", 1)->mode == 0600);
}

TEST_CASE("whoever waits for a lock gets it when it is given back") {
  for (const LockTerms& terms : {patient, LockTerms{LockKind::alone, 600'000, 0600}}) {
    Turnstile turnstile;
    auto first = std::make_unique<Result<FileLock>>(turnstile.take(alone));
    REQUIRE(*first);
    Code told = Code::internal;
    std::thread waiter([&] { told = turnstile.refusal(terms); });
    first.reset();
    waiter.join();
    CHECK(told == Code{});
  }
}

TEST_CASE("of those who share a lock the last one knows it, and then nobody joins") {
  Turnstile turnstile;
  auto one = std::make_unique<Result<FileLock>>(turnstile.take(shared));
  auto other = turnstile.take(shared);
  REQUIRE((*one && other));
  CHECK_FALSE(other->become_alone());
  CHECK(turnstile.refusal(alone) == Code::locked);
  one.reset();
  CHECK(turnstile.refusal(shared) == Code{});
  CHECK(other->become_alone());
  CHECK(turnstile.refusal(shared) == Code::locked);
}

TEST_CASE("a lock ends with its process, however that ends") {
  Turnstile turnstile;
  int ready[2] = {};
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto taken = turnstile.take(alone);
    const char word = taken ? 'y' : 'n';
    if (::write(ready[1], &word, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char word = 0;
  REQUIRE(::read(ready[0], &word, 1) == 1);
  CHECK(word == 'y');
  CHECK(turnstile.refusal(alone) == Code::locked);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(turnstile.refusal(alone) == Code{});
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("a file that was taken away while somebody waited is opened anew") {
  Turnstile turnstile;
  const std::string path = turnstile.folder + "/lock";
  int opened = 0;
  const auto open_late = [&] {
    Descriptor file = open_retrying(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT, 0600);
    if (++opened == 1) fs::remove(path);  // by whoever had the lock
    return file;
  };
  const auto taken = wait_for_lock(open_late, path, patient);
  REQUIRE(taken);
  CHECK(opened == 2);
  CHECK(turnstile.refusal(alone) == Code::locked);
}

TEST_CASE("what can't be locked is told apart") {
  Turnstile turnstile;
  fs::create_symlink(turnstile.folder + "/elsewhere", turnstile.folder + "/lock");
  CHECK(turnstile.refusal(alone) == Code::unsafe_file);
  CHECK_FALSE(fs::exists(turnstile.folder + "/elsewhere"));
  fs::remove(turnstile.folder + "/lock");
  turnstile.folder += "/nowhere";
  CHECK(turnstile.refusal(alone) == Code::not_found);
}

TEST_CASE("whoever may only read the file takes turns all the same, and needs a file") {
  Turnstile turnstile;
  const auto as_a_reader = [&](const LockTerms& terms) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(255);
      ::_exit(static_cast<int>(turnstile.refusal(terms)));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return static_cast<Code>(WEXITSTATUS(status));
  };
  ::chmod(turnstile.folder.c_str(), 0555);
  CHECK(as_a_reader(alone) == Code::permission_denied);
  ::chmod(turnstile.folder.c_str(), 0755);
  REQUIRE(turnstile.take({LockKind::alone, 0, 0444}));
  ::chmod((turnstile.folder + "/lock").c_str(), 0444);
  ::chmod(turnstile.folder.c_str(), 0555);
  CHECK(as_a_reader(alone) == Code{});
  {
    const auto taken = turnstile.take(alone);
    REQUIRE(taken);
    CHECK(as_a_reader(alone) == Code::locked);
  }
  ::chmod(turnstile.folder.c_str(), 0755);
}

}  // namespace oak::test
