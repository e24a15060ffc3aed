// Preloaded into a tool: counts the calls that change what is on disk below some folders, writes each down, and kills the
// process at one of them, as a power cut would. What the kernel has taken stays: a lost fsync can't be seen by dying, so
// order.py reads the written-down calls too.
//
//   OAK_KILL_BELOW  absolute folders, separated by colons
//   OAK_KILL_LOG    a file that gets a line a call: what, path, and where a name is given to a file the new path; tabs between
//   OAK_KILL_AT     which call, from 1; without it none
//   OAK_KILL_HOW    before, after, or half: half of the bytes are written first
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum { path_size = 2 * PATH_MAX };
static atomic_uint calls;

static int is_below(const char* path) {
  const char* folder = getenv("OAK_KILL_BELOW");
  while (folder && *folder) {
    const size_t length = strcspn(folder, ":");
    if (strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0')) return 1;
    folder += length + (folder[length] == ':');
  }
  return 0;
}

static void path_of_fd(int fd, char* out) {
  char link[64];
  snprintf(link, sizeof link, fd == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, out, PATH_MAX);
  out[length < 0 ? 0 : length] = '\0';
}

static void path_at(int folder, const char* name, char* out) {
  out[0] = '\0';
  if (name[0] != '/') {
    path_of_fd(folder, out);
    strcat(out, "/");
  }
  strncat(out, name, PATH_MAX - 1);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// Whether the process dies at this call, after as much of it as OAK_KILL_HOW says.
static int dies_here(const char* what, const char* path, const char* to) {
  if (!is_below(path) && !(to && is_below(to))) return 0;
  const unsigned number = atomic_fetch_add(&calls, 1) + 1;
  const char* log = getenv("OAK_KILL_LOG");
  const int fd = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (fd >= 0) {
    char line[2 * path_size + 64];
    const int length = snprintf(line, sizeof line, "%s\t%s%s%s\n", what, path, to ? "\t" : "", to ? to : "");
    syscall(SYS_write, fd, line, (size_t)length);
    close(fd);
  }
  const char* at = getenv("OAK_KILL_AT");
  if (!at || (unsigned)atoi(at) != number) return 0;
  if (strcmp(getenv("OAK_KILL_HOW"), "before") == 0) die();
  return 1;
}

static int is_half(void) { return strcmp(getenv("OAK_KILL_HOW"), "half") == 0; }

#define FINISH(dying, call)             \
  do {                                  \
    const int dies_after = (dying);     \
    const __typeof__(call) done = call; \
    if (dies_after) die();              \
    return done;                        \
  } while (0)

static int dies_on_fd(const char* what, int fd) {
  char path[path_size];
  const int before = errno;
  path_of_fd(fd, path);
  errno = before;
  return dies_here(what, path, NULL);
}

static int dies_on_name(const char* what, int folder, const char* name) {
  char path[path_size];
  path_at(folder, name, path);
  return dies_here(what, path, NULL);
}

static int dies_on_names(const char* what, int folder, const char* name, int new_folder, const char* new_name) {
  char path[path_size], to[path_size];
  path_at(folder, name, path);
  path_at(new_folder, new_name, to);
  return dies_here(what, path, to);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  const int dies = dies_on_fd("write", fd);
  FINISH(dies, REAL(write)(fd, bytes, dies && is_half() ? size / 2 : size));
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  const int dies = dies_on_fd("write", fd);
  FINISH(dies, REAL(pwrite)(fd, bytes, dies && is_half() ? size / 2 : size, at));
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  const int dies = dies_on_fd("write", fd);
  FINISH(dies, REAL(pwrite64)(fd, bytes, dies && is_half() ? size / 2 : size, at));
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  const int dies = dies_on_fd("write", fd);
  FINISH(dies, REAL(writev)(fd, parts, dies && is_half() ? count / 2 : count));
}

int fsync(int fd) { FINISH(dies_on_fd("sync", fd), REAL(fsync)(fd)); }
int fdatasync(int fd) { FINISH(dies_on_fd("sync", fd), REAL(fdatasync)(fd)); }
int ftruncate(int fd, off_t size) { FINISH(dies_on_fd("write", fd), REAL(ftruncate)(fd, size)); }
int ftruncate64(int fd, off64_t size) { FINISH(dies_on_fd("write", fd), REAL(ftruncate64)(fd, size)); }

int rename(const char* name, const char* to) { FINISH(dies_on_names("rename", AT_FDCWD, name, AT_FDCWD, to), REAL(rename)(name, to)); }
int renameat(int folder, const char* name, int new_folder, const char* to) {
  FINISH(dies_on_names("rename", folder, name, new_folder, to), REAL(renameat)(folder, name, new_folder, to));
}
int renameat2(int folder, const char* name, int new_folder, const char* to, unsigned flags) {
  FINISH(dies_on_names("rename", folder, name, new_folder, to), REAL(renameat2)(folder, name, new_folder, to, flags));
}
int link(const char* name, const char* to) { FINISH(dies_on_names("link", AT_FDCWD, name, AT_FDCWD, to), REAL(link)(name, to)); }
int linkat(int folder, const char* name, int new_folder, const char* to, int flags) {
  FINISH(dies_on_names("link", folder, name, new_folder, to), REAL(linkat)(folder, name, new_folder, to, flags));
}
int unlink(const char* name) { FINISH(dies_on_name("unlink", AT_FDCWD, name), REAL(unlink)(name)); }
int unlinkat(int folder, const char* name, int flags) { FINISH(dies_on_name("unlink", folder, name), REAL(unlinkat)(folder, name, flags)); }
int mkdir(const char* name, mode_t mode) { FINISH(dies_on_name("mkdir", AT_FDCWD, name), REAL(mkdir)(name, mode)); }
int mkdirat(int folder, const char* name, mode_t mode) { FINISH(dies_on_name("mkdir", folder, name), REAL(mkdirat)(folder, name, mode)); }
