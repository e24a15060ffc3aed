#include "request/sandbox.h"

#include <linux/landlock.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define OAK_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OAK_HAS_ASAN 1
#endif
#endif

namespace oak {
namespace {

enum : int { exit_done = 0, exit_not_confined = 81, exit_threw = 82, exit_out_of_memory = 83 };
constexpr std::uint8_t landlock_there = 'L', landlock_missing = '-';

#ifdef OAK_HAS_ASAN
constexpr bool has_asan = true;
#else
constexpr bool has_asan = false;
#endif

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

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
  bool ok = true;
  const auto allow = [&](int call, std::initializer_list<scmp_arg_cmp> conditions) {
    ok &= seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, call, static_cast<unsigned>(conditions.size()), conditions.begin()) == 0;
  };
  const auto is = [](unsigned argument, int value) { return scmp_arg_cmp{argument, SCMP_CMP_EQ, static_cast<scmp_datum_t>(value), 0}; };
  const auto masked = [](unsigned argument, int mask, int value) {
    return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, static_cast<scmp_datum_t>(mask), static_cast<scmp_datum_t>(value)};
  };
  allow(SCMP_SYS(read), {is(0, input)});
  allow(SCMP_SYS(write), {is(0, output)});
  // Memory of its own: no file can be mapped, of those that the parent had open, and nothing made executable.
  allow(SCMP_SYS(mmap), {masked(2, PROT_EXEC, 0), masked(3, MAP_ANONYMOUS, MAP_ANONYMOUS)});
  allow(SCMP_SYS(mprotect), {masked(2, PROT_EXEC, 0)});
  for (const int call : {SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(exit),
                         SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn)})
    allow(call, {});
  if (has_asan) allow(SCMP_SYS(sigaltstack), {});  // its runtime asks before a stack is left
  return ok && seccomp_load(filter.get()) == 0;
}

void limit(__rlimit_resource resource, rlim_t value) {
  const struct rlimit both = {value, value};
  ::setrlimit(resource, &both);
}

void write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) ::_exit(exit_threw);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

Bytes read_all(int fd, std::size_t size) {
  Bytes out(size);
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t n = ::read(fd, out.data() + filled, size - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) ::_exit(exit_threw);
    filled += static_cast<std::size_t>(n);
  }
  return out;
}

[[noreturn]] void be_the_child(int input, std::size_t input_size, int output, const SandboxLimits& limits, const SandboxBody& body) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (!has_asan) limit(RLIMIT_DATA, limits.memory_bytes);
  limit(RLIMIT_CORE, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) ::_exit(exit_not_confined);
  const std::uint8_t landlock = take_paths_away() ? landlock_there : landlock_missing;
  if (!allow_only_this(input, output)) ::_exit(exit_not_confined);
  write_all(output, {&landlock, 1});
  try {
    write_all(output, body(read_all(input, input_size)));
  } catch (const std::bad_alloc&) {
    ::_exit(exit_out_of_memory);
  } catch (...) {
    ::_exit(exit_threw);
  }
  ::_exit(exit_done);
}

/// Reads until the child closes its end; false where time or the limit ran out first.
bool collect_output(int fd, const SandboxLimits& limits, Bytes& out) {
  const TimeBudget time(limits.time);
  for (;;) {
    const auto left = time.left().count();
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
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
    return fail(Code::bad_picture, "the decoder was stopped: it tried what it may not");
  if (!WIFEXITED(status)) return fail(Code::bad_picture, "the decoder crashed");
  switch (WEXITSTATUS(status)) {
    case exit_done: return {};
    case exit_not_confined: return fail(Code::internal, "the decoder could not be confined (seccomp)");
    case exit_out_of_memory: return fail(Code::out_of_memory, "the decoder");
    default: return fail(Code::bad_picture, "the decoder gave up");
  }
}

/// The input as a descriptor that can be read once and holds nothing else.
Result<int> descriptor_of(ByteView input) {
  const int fd = ::memfd_create("oak-picture", MFD_CLOEXEC);
  if (fd < 0) return fail(Code::internal, "no memory file");
  for (ByteView rest = input; !rest.empty();) {
    const ssize_t n = ::write(fd, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      ::close(fd);
      return fail(Code::out_of_memory);
    }
    rest = rest.subspan(static_cast<std::size_t>(n));
  }
  ::lseek(fd, 0, SEEK_SET);
  return fd;
}

}  // namespace

std::chrono::milliseconds TimeBudget::left() const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

Result<SandboxResult> run_in_sandbox(ByteView input, const SandboxLimits& limits, const SandboxBody& body) {
  OAK_ASSIGN(const int input_fd, descriptor_of(input));
  const Descriptor input_end(input_fd);
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Code::internal, "no pipe");
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return fail(Code::internal, "no child process");
  if (child == 0) be_the_child(input_end.get(), input.size(), write_end.get(), limits, body);
  write_end.close();
  SandboxResult result;
  const bool ended = collect_output(read_end.get(), limits, result.output);
  if (!ended) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (!ended) return fail(Code::bad_picture, "the decoder took too long or gave too much");
  OAK_TRY(explain_end(status));
  if (result.output.empty()) return fail(Code::internal, "the decoder said nothing");
  result.has_landlock = result.output.front() == landlock_there;
  result.output.erase(result.output.begin());
  return result;
}

}  // namespace oak
