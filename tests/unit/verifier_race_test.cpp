// Goal: whatever two processes do to one state at once, no mark falls: what the one has written, the other doesn't take back; and a
// lock that can't be had stops no verdict.
// What it doesn't prove: that a file system over a network keeps its promise about locks.

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/temporary_folder.h"
#include "tests/unit/verifier_world.h"

using namespace oak;
using namespace oak::test;

namespace {

const ActivationId somebody_elses{9, 9};

/// As another process would: what is stored, and this.
void another_process_marks(FakeDisk& disk, const std::function<void(Marks&)>& change) {
  Store store(disk, state_dir, 0);
  const auto marks = store.marks(product);
  REQUIRE((marks && *marks));
  Marks changed = **marks;
  change(changed);
  REQUIRE(store.put_marks(changed));
}

}  // namespace

TEST_CASE("what another process marks while a check waits to write stays") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  world.disk.while_waiting = [](FakeDisk& disk) {
    another_process_marks(disk, [](Marks& marks) {
      marks.add_returned(somebody_elses);
      marks.advance_bulletin(3, 8);
    });
  };
  CHECK(world.verdict() == Verdict::active);
  CHECK(world.disk.locked == std::vector<std::string>(3, folder + "/marks.lock"));  // the install, the check, the other
  CHECK(world.marks()->is_returned(somebody_elses));
  CHECK(world.marks()->bulletin_number(3) == 8);
  CHECK(world.marks()->find_licence("L1")->active_once == world.id_of(activation));
}

TEST_CASE("a check that was judged before a newer activation was active does not make it forgotten") {
  World world;
  const Activation first = world.grant(1), second = world.grant(2);
  REQUIRE(world.install_one(first));
  world.disk.while_waiting = [&](FakeDisk& disk) {
    another_process_marks(disk, [&](Marks& marks) { marks.advance_generation("L1", 2, world.id_of(second)); });
  };
  CHECK(world.verdict() == Verdict::active);
  CHECK(world.marks()->find_licence("L1")->generation == 2);
  CHECK(world.marks()->find_licence("L1")->active_once == world.id_of(second));
  CHECK(world.verdict() == Verdict::superseded);
}

TEST_CASE("what another process marks while an activation comes in stays") {
  World world;
  REQUIRE(world.install_one(world.grant(1)));
  world.disk.while_waiting = [](FakeDisk& disk) { another_process_marks(disk, [](Marks& marks) { marks.add_returned(somebody_elses); }); };
  REQUIRE(world.install_one(world.grant(2)));
  CHECK(world.marks()->is_returned(somebody_elses));
}

TEST_CASE("a lock that can't be had stops no verdict, and a file system without locks no mark") {
  World world;
  const Activation activation = world.grant();
  REQUIRE(world.install_one(activation));
  world.disk.lock_problem = Code::locked;
  const auto answer = world.check();
  REQUIRE(answer);
  CHECK(answer->verdict == Verdict::active);
  REQUIRE(answer->warnings.size() == 1);
  CHECK(answer->warnings.front().starts_with("the marks were not advanced: another process is using it"));
  CHECK(world.marks()->find_licence("L1") == nullptr);
  CHECK(!world.install_one(world.grant(2)));
  world.disk.lock_problem = Code::io_error;
  CHECK(world.check()->warnings.empty());
  CHECK(world.marks()->find_licence("L1")->active_once == world.id_of(activation));
}

TEST_CASE("of processes that all write at once, each mark is there in the end") {
  constexpr std::uint8_t processes = 6, rounds = 40;
  const TemporaryFolder folder_of_state;
  const std::string& state = folder_of_state.path();
  const auto write_marks = [&](std::uint8_t process) {
    PosixDisk disk;
    Store store(disk, state, ::geteuid());
    for (std::uint8_t round = 0; round < rounds; ++round) {
      const auto stored = store.marks(product);
      if (!stored) return false;
      Marks marks = stored->value_or(Marks{product});
      marks.add_returned(ActivationId{process, round});
      marks.advance_bulletin(process, round + 1U);
      if (!store.put_marks(marks)) return false;
    }
    return true;
  };
  std::vector<pid_t> children;
  for (std::uint8_t process = 0; process < processes; ++process) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(write_marks(process) ? 0 : 1);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  PosixDisk disk;
  const auto marks = Store(disk, state, ::geteuid()).marks(product);
  REQUIRE((marks && *marks));
  CHECK((*marks)->returned.size() == processes * rounds);
  for (std::uint8_t process = 0; process < processes; ++process) CHECK((*marks)->bulletin_number(process) == rounds);
}
