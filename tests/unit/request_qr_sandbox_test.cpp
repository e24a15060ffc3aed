// Goal: the child that decodes pictures can do nothing else: each system call that reaches beyond it ends it, and so do
// a crash, a hang and too much memory, while we go on and say so. Not proven: that the decoders are free of faults.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "request/sandbox.h"
#include "tests/unit/request_qr_world.h"

namespace oak::test {
namespace {

const Bytes input = {'h', 'e', 'l', 'l', 'o'};

Error error_of(const SandboxBody& body, const SandboxLimits& limits = {}) {
  const auto result = run_in_sandbox(input, limits, body);
  REQUIRE_FALSE(result);
  return result.error();
}

/// True where the child was killed for a call that it may not make.
bool is_killed(const std::function<void()>& attempt) {
  const Error error = error_of([&](ByteView) {
    attempt();
    return Bytes{'a', 'l', 'i', 'v', 'e'};
  });
  UNSCOPED_INFO(error.context);
  return error.code == Code::bad_picture && error.context.find("tried what it may not") != std::string::npos;
}

TEST_CASE("The child gets the input and its output is returned") {
  const auto result = run_in_sandbox(input, {}, [](ByteView bytes) {
    Bytes out(bytes.rbegin(), bytes.rend());
    Bytes memory(8 << 20, 1);  // more than brk gives at once
    out.push_back(memory.back());
    return out;
  });
  REQUIRE(result);
  CHECK(result->output == Bytes{'o', 'l', 'l', 'e', 'h', 1});
}

TEST_CASE("open, socket and execve kill the child, and so does what else leads out") {
  static char path[] = "/bin/true";
  char* const arguments[] = {path, nullptr};
  CHECK(is_killed([] { (void)::open("/etc/passwd", O_RDONLY); }));
  CHECK(is_killed([] { (void)::syscall(SYS_open, "/etc/passwd", O_RDONLY); }));
  CHECK(is_killed([] { (void)::open("/tmp/oak-sandbox", O_WRONLY | O_CREAT, 0600); }));
  CHECK(is_killed([] { (void)::socket(AF_INET, SOCK_STREAM, 0); }));
  CHECK(is_killed([] { (void)::socket(AF_UNIX, SOCK_STREAM, 0); }));
  CHECK(is_killed([&] { (void)::execve(path, arguments, nullptr); }));
  CHECK(is_killed([] { (void)::fork(); }));
  CHECK(is_killed([] { (void)::kill(::getppid(), SIGTERM); }));
  CHECK(is_killed([] { (void)::unlink("/tmp/oak-sandbox"); }));
}

TEST_CASE("Descriptors that the parent has open stay out of reach") {
  const int mine = ::open("/proc/self/exe", O_RDONLY);
  REQUIRE(mine >= 0);
  char byte = 0;
  CHECK(is_killed([&] { (void)::read(mine, &byte, 1); }));
  CHECK(is_killed([&] { (void)::write(2, "x", 1); }));
  CHECK(is_killed([&] { (void)::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, mine, 0); }));
  CHECK(is_killed([&] { (void)::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }));
  ::close(mine);
}

TEST_CASE("A crash, a hang, an exception and a flood are errors of ours") {
  CHECK(error_of([](ByteView) -> Bytes { __builtin_trap(); }).code == Code::bad_picture);
  SandboxLimits brief;
  brief.time = std::chrono::milliseconds(300);
  const Error hang = error_of(
      [](ByteView) -> Bytes {
        volatile bool on = true;
        while (on) {}
        return {};
      },
      brief);
  CHECK(hang.context.find("too long") != std::string::npos);
  CHECK(error_of([](ByteView) -> Bytes { throw 1; }).code == Code::bad_picture);
  CHECK(error_of([](ByteView) { return Bytes(2 << 20); }).code == Code::bad_picture);
}

TEST_CASE("Too much memory is an error of ours") {
  if (OAK_SLOW) {
    WARN("skipped: AddressSanitizer's own memory leaves no room for a limit");
    return;
  }
  CHECK(error_of([](ByteView) { return Bytes(400U << 20); }).code == Code::out_of_memory);
}

TEST_CASE("Landlock stands beside seccomp where the kernel has it") {
  const bool kernel_has_it = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U) > 0;
  const auto result = run_in_sandbox(input, {}, [](ByteView) { return Bytes{1}; });
  REQUIRE(result);
  CHECK(result->has_landlock == kernel_has_it);
}

}  // namespace
}  // namespace oak::test
