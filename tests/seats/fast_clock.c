/* Preloaded by tests of seats: every clock runs faster, and every wait is as much shorter. What it reads is a file that is mapped, so that
 * the test sets a machine's calendar, or starts it anew, while programs run. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* One machine's clocks; the test writes it. */
struct machine_clock {
  int64_t speed;             /* times as fast */
  int64_t began_ns;          /* CLOCK_MONOTONIC of the real world when the hour began */
  int64_t boot_ahead_ns;     /* CLOCK_BOOTTIME and CLOCK_MONOTONIC show so much more than what has gone by since */
  int64_t calendar_at_began; /* CLOCK_REALTIME then, in seconds */
  int64_t calendar_ahead_s;  /* what somebody set it ahead by */
};
static const struct machine_clock *the_clock;
static const int64_t second = 1000000000;

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("TEST_FAST_CLOCK");
  const int fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) abort();
  the_clock = mmap(0, sizeof *the_clock, PROT_READ, MAP_SHARED, fd, 0);
  if (the_clock == MAP_FAILED) abort();
  close(fd);
}

static int64_t gone_by_ns(void) {
  struct timespec now;
  if (!the_clock) begin(); /* another library's constructor came first */
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return (now.tv_sec * second + now.tv_nsec - the_clock->began_ns) * the_clock->speed;
}

int clock_gettime(clockid_t id, struct timespec *out) {
  int64_t ns = gone_by_ns();
  switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE: ns += (the_clock->calendar_at_began + the_clock->calendar_ahead_s) * second; break;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME: ns += the_clock->boot_ahead_ns; break;
    default: return (int)syscall(SYS_clock_gettime, id, out);
  }
  out->tv_sec = ns / second;
  out->tv_nsec = ns % second;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

static struct timespec shortened(const struct timespec *wait) {
  const int64_t ns = (wait->tv_sec * second + wait->tv_nsec) / the_clock->speed;
  return (struct timespec){ns / second, ns % second};
}

int poll(struct pollfd *fds, nfds_t count, int ms) {
  const struct timespec wait = {ms / 1000, (long)(ms % 1000) * 1000000};
  struct timespec real;
  if (ms <= 0) return (int)syscall(SYS_poll, fds, count, ms);
  real = shortened(&wait);
  return ppoll(fds, count, &real, 0);
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int ms) {
  const int64_t real = ms <= 0 ? ms : (ms + the_clock->speed - 1) / the_clock->speed;
  return epoll_pwait(epoll, events, most, (int)real, 0);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *wanted, struct itimerspec *old) {
  struct itimerspec real = *wanted;
  if (flags == 0) {
    const int is_set = wanted->it_value.tv_sec != 0 || wanted->it_value.tv_nsec != 0;
    real.it_value = shortened(&wanted->it_value);
    real.it_interval = shortened(&wanted->it_interval);
    if (is_set && real.it_value.tv_sec == 0 && real.it_value.tv_nsec == 0) real.it_value.tv_nsec = 1;
  }
  return (int)syscall(SYS_timerfd_settime, fd, flags, &real, old);
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *wait, struct timespec *left) {
  struct timespec real;
  if (flags != 0) return (int)syscall(SYS_clock_nanosleep, id, flags, wait, left) == 0 ? 0 : 4;
  real = shortened(wait);
  return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &real, left) == 0 ? 0 : 4;
}
/* What std::condition_variable waits with, until a moment of the fast clock. */
int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t id, const struct timespec *until) {
  static int (*real)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
  const int64_t ns = the_clock->began_ns + (until->tv_sec * second + until->tv_nsec - the_clock->boot_ahead_ns) / the_clock->speed;
  const struct timespec moment = {ns / second, ns % second};
  if (id != CLOCK_MONOTONIC) abort();
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
  return real(condition, mutex, id, &moment);
}

int nanosleep(const struct timespec *wait, struct timespec *left) { return clock_nanosleep(CLOCK_MONOTONIC, 0, wait, left) == 0 ? 0 : -1; }
