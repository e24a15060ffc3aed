#include "core/disk.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <functional>

#include "tests/unit/core_corpus.h"
#include "tests/unit/temporary_folder.h"

namespace oak::test {
namespace {

namespace fs = std::filesystem;

/// Everybody may look into it.
class Folder : public TemporaryFolder {
 public:
  Folder() { open_to_all(); }
  /// Every name below, so that left-over temporary files show.
  std::vector<std::string> names() const { return PosixDisk().list(path()).value(); }
};

Bytes content_of(const std::string& path) { return PosixDisk().read(path, 1 << 20).value().bytes; }
std::uint32_t mode_of(const std::string& path) { return PosixDisk().read(path, 1 << 20).value().mode; }

Code code_of(const Status& status) { return status ? Code{} : status.error().code; }
template <typename T>
Code code_of(const Result<T>& result) {
  return result ? Code{} : result.error().code;
}

/// Runs in a process of its own, which may give away what this one needs; true where `work` says so there.
bool in_child(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool become_nobody() { return ::setgroups(0, nullptr) == 0 && ::setgid(65534) == 0 && ::setuid(65534) == 0; }

/// From now on openat2 answers ENOSYS, as kernels before 5.6 do.
bool forget_openat2() {
  sock_filter program[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
                           {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_openat2},
                           {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
                           {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  const sock_fprog filter{4, program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// What must hold below a folder with and without openat2.
bool is_kept_beneath(const Folder& folder) {
  PosixDisk disk;
  const auto refused = [](Code code) { return code == Code::unsafe_file || code == Code::not_found; };
  bool ok = disk.read_beneath(folder.path(), "file", 100).has_value() && disk.read_beneath(folder.path(), "inner/deep", 100).has_value();
  ok &= disk.write_beneath(folder.path(), "written", Bytes{1}, 0600, Existing::replace).has_value();
  ok &= disk.write_beneath(folder.path(), "inner/written", Bytes{1}, 0600, Existing::replace).has_value();
  ok &= disk.remove_beneath(folder.path(), "inner/written").has_value();
  for (const char* name : {"link", "folder-link/deep", "../outside", "inner/../../outside", "/etc/passwd", "loop"}) {
    ok &= refused(code_of(disk.read_beneath(folder.path(), name, 1 << 20)));
    if (std::string_view(name) != "link" && std::string_view(name) != "loop")
      ok &= refused(code_of(disk.write_beneath(folder.path(), name, Bytes{1}, 0600, Existing::replace)));
  }
  ok &= refused(code_of(disk.remove_beneath(folder.path(), "folder-link/deep")));
  return ok;
}

}  // namespace

TEST_CASE("a file is written whole, with its mode, and read back") {
  // Goal: content, mode and owner, whatever the umask; replacing leaves nothing else behind.
  Folder folder;
  PosixDisk disk;
  const mode_t before = ::umask(0077);
  for (const std::uint32_t mode : {0600U, 0444U, 0644U}) {
    REQUIRE(disk.write(folder / "file", bytes_of("mode"), mode, Existing::replace));
    CHECK(mode_of(folder / "file") == mode);
  }
  ::umask(before);
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 100000U}) {
    const Bytes content(size, 0x5a);
    REQUIRE(disk.write_beneath(folder.path(), "file", content, 0600, Existing::replace));
    const auto read = disk.read(folder / "file", size);
    REQUIRE(read);
    CHECK(read->bytes == content);
    CHECK(read->owner == ::getuid());
    if (size > 0) CHECK(disk.read(folder / "file", size - 1).error().code == Code::too_large);
  }
  CHECK(folder.names() == std::vector<std::string>{"file"});
}

TEST_CASE("an existing file is refused unless it may be replaced") {
  // Goal: nothing is overwritten by accident, and what was there stays as it was.
  Folder folder;
  PosixDisk disk;
  REQUIRE(disk.write(folder / "file", bytes_of("first"), 0600, Existing::refuse));
  CHECK(code_of(disk.write(folder / "file", bytes_of("second"), 0600, Existing::refuse)) == Code::already_exists);
  CHECK(code_of(disk.write_beneath(folder.path(), "file", bytes_of("second"), 0600, Existing::refuse)) == Code::already_exists);
  CHECK(content_of(folder / "file") == bytes_of("first"));
  fs::create_symlink("nowhere", folder / "dangling");
  CHECK(code_of(disk.write(folder / "dangling", bytes_of("x"), 0600, Existing::refuse)) == Code::already_exists);
  CHECK(folder.names() == std::vector<std::string>{"dangling", "file"});
}

TEST_CASE("a link named for output is replaced, not followed") {
  // Goal: whoever can plant a link can't make us write through it.
  Folder folder;
  PosixDisk disk;
  REQUIRE(disk.write(folder / "target", bytes_of("precious"), 0600, Existing::replace));
  fs::create_symlink("target", folder / "link");
  REQUIRE(disk.write(folder / "link", bytes_of("new"), 0600, Existing::replace));
  CHECK(content_of(folder / "target") == bytes_of("precious"));
  CHECK_FALSE(fs::is_symlink(folder / "link"));
  fs::remove(folder / "link");
  fs::create_symlink("target", folder / "link");
  REQUIRE(disk.write_beneath(folder.path(), "link", bytes_of("new"), 0600, Existing::replace));
  CHECK(content_of(folder / "target") == bytes_of("precious"));
  CHECK(content_of(folder / "link") == bytes_of("new"));
}

TEST_CASE("below a folder no link and no parent is ever followed, with openat2 and without") {
  // Goal: names in the state folder can't lead out of it, on old kernels neither.
  Folder folder;
  PosixDisk disk;
  fs::create_directory(folder / "inner");
  for (const char* name : {"file", "inner/deep"}) REQUIRE(disk.write(folder / name, bytes_of("x"), 0600, Existing::replace));
  fs::create_symlink("file", folder / "link");
  fs::create_symlink("loop", folder / "loop");
  fs::create_directory_symlink("inner", folder / "folder-link");
  CHECK(is_kept_beneath(folder));
  CHECK(in_child([&] { return forget_openat2() && is_kept_beneath(folder); }));
  CHECK(disk.read(folder / "link", 10));  // named by the user, a link is followed for reading
}

TEST_CASE("what is no regular file is refused in the state, without waiting for it") {
  // Goal: a FIFO or a device in place of a state file can't hang a check.
  Folder folder;
  PosixDisk disk;
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  fs::create_directory(folder / "folder");
  CHECK(code_of(disk.read_beneath(folder.path(), "fifo", 100)) == Code::unsafe_file);
  CHECK(code_of(disk.read_beneath(folder.path(), "folder", 100)) == Code::is_a_folder);
  CHECK(code_of(disk.read_beneath("/dev", "null", 100)) == Code::unsafe_file);
}

TEST_CASE("each fault of a path has its own code, and the path is its context") {
  // Goal: messages that name the file and the reason.
  Folder folder;
  PosixDisk disk;
  const std::string absent = folder / "absent";
  CHECK(code_of(disk.read(absent, 100)) == Code::not_found);
  CHECK(disk.read(absent, 100).error().context == absent);
  CHECK(code_of(disk.read(folder / "absent/file", 100)) == Code::not_found);
  CHECK(code_of(disk.read(folder.path(), 100)) == Code::is_a_folder);
  CHECK(code_of(disk.write(folder.path(), Bytes{1}, 0600, Existing::replace)) == Code::is_a_folder);
  CHECK(code_of(disk.write(folder / "absent/file", Bytes{1}, 0600, Existing::replace)) == Code::not_found);
  CHECK(code_of(disk.write_beneath(absent, "file", Bytes{1}, 0600, Existing::replace)) == Code::not_found);
  CHECK(code_of(disk.remove_beneath(folder.path(), "absent")) == Code::not_found);
  CHECK(code_of(disk.list(absent)) == Code::not_found);
  CHECK(code_of(disk.read(std::string(5000, 'a'), 100)) == Code::usage);
  REQUIRE(disk.write(folder / "file", Bytes{1}, 0600, Existing::replace));
  CHECK(code_of(disk.read(folder / "file/below", 100)) == Code::not_found);
  CHECK(code_of(disk.make_folder(folder / "file", 0755)) != Code{});
  CHECK(folder.names() == std::vector<std::string>{"file"});
}

TEST_CASE("a full disk loses nothing and leaves nothing half written") {
  // Goal: the old file stays, no temporary file is left, and the code says why. A limit on file size stands for the disk.
  PosixDisk disk;
  CHECK(code_of(disk.write("/dev/full", bytes_of("x"), 0600, Existing::replace)) == Code::disk_full);
  Folder folder;
  REQUIRE(disk.write(folder / "file", bytes_of("old"), 0600, Existing::replace));
  CHECK(in_child([&] {
    const rlimit small{4096, 4096};
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    return code_of(disk.write(folder / "file", Bytes(10000, 1), 0600, Existing::replace)) == Code::disk_full &&
           code_of(disk.write_beneath(folder.path(), "other", Bytes(10000, 1), 0600, Existing::refuse)) == Code::disk_full;
  }));
  CHECK(content_of(folder / "file") == bytes_of("old"));
  CHECK(folder.names() == std::vector<std::string>{"file"});
}

TEST_CASE("many files are written each whole, and the first that can't be leaves nothing half written") {
  // Goal: contents and modes; what exists is refused unless it may be replaced; names stay below the folder; no temporary file is
  // left by a failure, and those that were in place by then are whole.
  Folder folder;
  PosixDisk disk;
  const Bytes one = bytes_of("one"), two = bytes_of("two"), large(10000, 1);
  REQUIRE(disk.write_many_beneath(folder.path(), {{"a", one}, {"b", two}}, 0640));
  CHECK(content_of(folder / "a") == one);
  CHECK(content_of(folder / "b") == two);
  CHECK(disk.read(folder / "b", 100)->mode == 0640);
  CHECK(code_of(disk.write_many_beneath(folder.path(), {{"c", one}, {"a", two}, {"d", two}}, 0644)) == Code::already_exists);
  CHECK(content_of(folder / "a") == one);
  CHECK(folder.names() == std::vector<std::string>{"a", "b", "c"});
  REQUIRE(disk.write_many_beneath(folder.path(), {{"a", two, Existing::replace}}, 0644));
  CHECK(content_of(folder / "a") == two);
  for (const char* name : {"", ".", "..", "../e", "e/f"})
    CHECK(code_of(disk.write_many_beneath(folder.path(), {{name, one}}, 0644)) == Code::unsafe_file);
  CHECK(code_of(disk.write_many_beneath(folder / "none", {{"a", one}}, 0644)) == Code::not_found);
  CHECK(in_child([&] {
    const rlimit small{4096, 4096};
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    return code_of(disk.write_many_beneath(folder.path(), {{"g", one}, {"h", large}}, 0644)) == Code::disk_full;
  }));
  CHECK(folder.names() == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("without permission nothing is read or written, and that is what is said") {
  // Goal: as nobody, on root's files and folders.
  if (::getuid() != 0) {
    WARN("SKIPPED: only root can become nobody");
    return;
  }
  Folder folder;
  PosixDisk disk;
  REQUIRE(disk.write(folder / "secret", bytes_of("x"), 0600, Existing::replace));
  REQUIRE(disk.write(folder / "public", bytes_of("x"), 0644, Existing::replace));
  REQUIRE(disk.make_folder(folder / "locked", 0700));
  CHECK(disk.may_write(folder.path()));
  CHECK(in_child([&] {
    if (!become_nobody()) return false;
    const Code denied = Code::permission_denied;
    return code_of(disk.read(folder / "secret", 100)) == denied && disk.read(folder / "public", 100).has_value() &&
           code_of(disk.read_beneath(folder.path(), "secret", 100)) == denied &&
           code_of(disk.write(folder / "public", Bytes{1}, 0644, Existing::replace)) == denied &&
           code_of(disk.write(folder / "new", Bytes{1}, 0644, Existing::refuse)) == denied &&
           code_of(disk.remove_beneath(folder.path(), "public")) == denied && code_of(disk.list(folder / "locked")) == denied &&
           code_of(disk.make_folder(folder / "locked/inner", 0755)) == denied && !disk.may_write(folder.path());
  }));
  CHECK(folder.names() == std::vector<std::string>{"locked", "public", "secret"});
}

TEST_CASE("folders are made with their parents and their mode, and left alone where they are") {
  // Goal: the umask makes no folder that others can't enter, and no mode is changed behind anybody's back.
  Folder folder;
  PosixDisk disk;
  const mode_t before = ::umask(0077);
  REQUIRE(disk.make_folder(folder / "a/b/c", 0700));
  ::umask(before);
  CHECK(fs::status(folder / "a").permissions() == fs::perms{0755});
  CHECK(fs::status(folder / "a/b/c").permissions() == fs::perms{0700});
  REQUIRE(disk.make_folder(folder / "a/b/c", 0755));
  CHECK(fs::status(folder / "a/b/c").permissions() == fs::perms{0700});
  CHECK(disk.exists(folder / "a/b"));
  CHECK_FALSE(disk.exists(folder / "a/x"));
}

TEST_CASE("two writers at once leave one whole file") {
  // Goal: temporary names are not shared between processes; readers never see a half.
  Folder folder;
  PosixDisk disk;
  REQUIRE(disk.write(folder / "file", Bytes(5000, 0), 0600, Existing::replace));
  const auto write_often = [&](std::uint8_t value) {
    bool ok = true;
    for (int i = 0; i < 30; ++i) ok &= disk.write(folder / "file", Bytes(5000, value), 0600, Existing::replace).has_value();
    return ok;
  };
  const pid_t other = ::fork();
  if (other == 0) ::_exit(write_often(1) ? 0 : 1);
  bool whole = true;
  for (int i = 0; i < 200; ++i) {
    const Bytes content = content_of(folder / "file");
    whole &= content.size() == 5000 && std::count(content.begin(), content.end(), content[0]) == 5000;
  }
  CHECK(write_often(2));
  int status = 1;
  ::waitpid(other, &status, 0);
  CHECK(status == 0);
  CHECK(whole);
  CHECK(folder.names() == std::vector<std::string>{"file"});
}

TEST_CASE("standard input and output are named by a dash") {
  // Goal: '-' reads and writes the streams, and makes no file of that name.
  Folder folder;
  CHECK(in_child([&] {
    PosixDisk disk;
    int ends[2];
    if (::pipe(ends) != 0 || ::dup2(ends[0], STDIN_FILENO) < 0 || ::dup2(ends[1], STDOUT_FILENO) < 0 || ::chdir(folder.path().c_str()) != 0)
      return false;
    if (!disk.write("-", bytes_of("through"), 0600, Existing::refuse)) return false;
    ::close(ends[1]);
    ::close(STDOUT_FILENO);
    const auto read = disk.read("-", 100);
    return read && read->bytes == bytes_of("through") && disk.list(".").value().empty();
  }));
}

// Goal: a folder that is held is read as it was, links and all the rest are refused as without, and a write goes to the folder
// that has the name by then. Without the token the name counts again.
TEST_CASE("a held folder is the one that was there", "[disk]") {
  const Folder folder;
  PosixDisk disk;
  const std::string state = folder / "state";
  REQUIRE(disk.make_folder(state, 0755));
  REQUIRE(disk.write_beneath(state, "marks", as_bytes("old"), 0600, Existing::refuse));
  REQUIRE(::symlink("marks", (state + "/link").c_str()) == 0);
  {
    const auto held = disk.hold_folder(state);
    REQUIRE(held);
    CHECK(code_of(disk.read_beneath(state, "link", 100)) == Code::unsafe_file);
    CHECK(code_of(disk.read_beneath(state, "../x", 100)) == Code::unsafe_file);
    CHECK(code_of(disk.read_beneath(state, "none", 100)) == Code::not_found);
    CHECK(disk.list(state) == std::vector<std::string>{"link", "marks"});
    CHECK(disk.list(state) == std::vector<std::string>{"link", "marks"});
    fs::rename(state, folder / "moved");
    REQUIRE(disk.make_folder(state, 0755));
    REQUIRE(disk.write_beneath(state, "marks", as_bytes("new"), 0600, Existing::refuse));
    CHECK(as_text(disk.read_beneath(state, "marks", 100).value().bytes) == "old");
    CHECK(as_text(disk.read_beneath(folder / "moved", "marks", 100).value().bytes) == "old");
  }
  CHECK(as_text(disk.read_beneath(state, "marks", 100).value().bytes) == "new");
  CHECK(as_text(content_of(state + "/marks")) == "new");
  CHECK(!disk.hold_folder(folder / "nowhere"));
}

}  // namespace oak::test
