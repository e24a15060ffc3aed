#include "request/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <memory>

namespace oak {
namespace {

enum : int { exit_done = 0, exit_not_confined = 81, exit_threw = 82 };
constexpr std::uint8_t landlock_there = 'L', landlock_missing = '-';

/// A ruleset that handles every file access and grants none. ABI 1 is enough: newer rights concern what seccomp
/// forbids anyway.
bool take_paths_away() {
  struct landlock_ruleset_attr attributes = {};
  attributes.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
  const long ruleset = ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0);
  if (ruleset < 0) return false;
  const bool done = ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
  ::close(static_cast<int>(ruleset));
  return done;
}

bool allow_only_this(int input, int output) {
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_KILL_PROCESS), &seccomp_release);
  if (!filter) return false;
  bool ok = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(read), 1, SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(input))) == 0;
  ok &= seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(output))) == 0;
  // Memory, ending, and what the C library does on its own while it allocates or returns from a signal.
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(futex),
                         SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn)})
    ok &= seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0) == 0;
  return ok && seccomp_load(filter.get()) == 0;
}

void limit(int resource, rlim_t value) {
  const struct rlimit both = {value, value};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

void write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) ::_exit(exit_threw);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

[[noreturn]] void be_the_child(int input, int output, const SandboxLimits& limits, const SandboxBody& body) {
  limit(RLIMIT_AS, limits.memory_bytes);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, limits.wall_seconds);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) ::_exit(exit_not_confined);
  const std::uint8_t landlock = take_paths_away() ? landlock_there : landlock_missing;
  if (!allow_only_this(input, output)) ::_exit(exit_not_confined);
  write_all(output, {&landlock, 1});
  try {
    body(input, [&](ByteView bytes) { write_all(output, bytes); });
  } catch (...) {
    ::_exit(exit_threw);
  }
  ::_exit(exit_done);
}

/// Reads until the child closes its end; false where time or the limit ran out first.
bool collect_output(int fd, const SandboxLimits& limits, Bytes& out) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::seconds(limits.wall_seconds);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0 || out.size() > limits.output_bytes) return false;
    struct pollfd ready = {fd, POLLIN, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(left));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    std::array<std::uint8_t, 65536> buffer;
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0;
    out.insert(out.end(), buffer.begin(), buffer.begin() + n);
  }
}

Status explain_end(int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == exit_done) return {};
  if (WIFEXITED(status) && WEXITSTATUS(status) == exit_not_confined)
    return fail(Code::internal, "the decoder could not be confined (seccomp)");
  if (WIFEXITED(status)) return fail(Code::bad_picture, "the decoder gave up: it ran out of memory");
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
    return fail(Code::bad_picture, "the decoder was stopped: it tried what it may not");
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return fail(Code::bad_picture, "the decoder took too long");
  return fail(Code::bad_picture, "the decoder crashed");
}

}  // namespace

Result<SandboxResult> run_in_sandbox(int input, const SandboxLimits& limits, const SandboxBody& body) {
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Code::internal, "no pipe");
  const pid_t child = ::fork();
  if (child < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    return fail(Code::internal, "no child process");
  }
  if (child == 0) {
    ::close(ends[0]);
    be_the_child(input, ends[1], limits, body);
  }
  ::close(ends[1]);
  SandboxResult result;
  const bool ended = collect_output(ends[0], limits, result.output);
  ::close(ends[0]);
  if (!ended) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (!ended) return fail(Code::bad_picture, "the decoder took too long");
  OAK_TRY(explain_end(status));
  if (result.output.empty()) return fail(Code::internal, "the decoder said nothing");
  result.has_landlock = result.output.front() == landlock_there;
  result.output.erase(result.output.begin());
  return result;
}

}  // namespace oak
