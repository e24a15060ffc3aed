/* Preloaded by tests: the clock shows the second that TEST_CLOCK says, or whoever reads it dies (TEST_CLOCK=never). With TEST_CLOCK_FILE it
 * shows what stands in that file at each look, for programs that go on running while time passes: so does their boot clock then. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static time_t shown(void) {
  char text[32] = {0};
  const char *word = getenv("TEST_CLOCK"), *path = getenv("TEST_CLOCK_FILE");
  const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file >= 0) {
    if (read(file, text, sizeof text - 1) > 0) word = text;
    close(file);
  }
  if (!word) return syscall(SYS_time, 0);
  if (strcmp(word, "never") == 0) abort();
  return (time_t)strtoll(word, 0, 10);
}

time_t time(time_t *out) {
  const time_t now = shown();
  if (out) *out = now;
  return now;
}

int clock_gettime(clockid_t id, struct timespec *out) {
  const int passes = id == CLOCK_BOOTTIME && getenv("TEST_CLOCK_FILE");
  if (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE && !passes) return (int)syscall(SYS_clock_gettime, id, out);
  out->tv_sec = shown();
  out->tv_nsec = 0;
  return 0;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  (void)zone;
  out->tv_sec = shown();
  out->tv_usec = 0;
  return 0;
}
