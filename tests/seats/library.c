/* liboakseat as a program in C99 uses it: library.c TEST STATE-DIR [OTHER-STATE-DIR]. Exits 0 where it behaved, 1 with the line where not. */
#define _POSIX_C_SOURCE 200112L
#include <oak_seat.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MUST(condition)                                                                \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      printf("line %d: %s\n", __LINE__, #condition);                                   \
      exit(1);                                                                         \
    }                                                                                  \
  } while (0)

static void rest(unsigned ms) {
  struct timespec moment;
  moment.tv_sec = ms / 1000;
  moment.tv_nsec = (long)(ms % 1000) * 1000000;
  nanosleep(&moment, NULL);
}

static oak_seat *opened(const char *state_dir) {
  oak_seat_config config = {0};
  oak_seat *seat = NULL;
  config.size = sizeof config;
  config.product = "planner";
  config.state_dir = state_dir;
  MUST(oak_seat_open(&config, &seat) == OAK_SEAT_OK && seat != NULL);
  return seat;
}

static oak_seat_state looked(const oak_seat *seat) {
  oak_seat_state state = {0};
  state.size = sizeof state;
  MUST(oak_seat_look(seat, &state) == OAK_SEAT_OK);
  return state;
}

/* Every wrong use is a status. */
static void arguments(const char *state_dir) {
  oak_seat_config config = {0};
  oak_seat_state state = {0};
  oak_seat *seat = (oak_seat *)&config;
  struct {
    oak_seat_config known;
    uint64_t unknown;
  } newer = {{0}, 0};
  char text[8];
  size_t length = 0;
  MUST(oak_seat_open(NULL, &seat) == OAK_SEAT_BAD_ARGUMENT && seat == NULL);
  MUST(oak_seat_open(&config, NULL) == OAK_SEAT_BAD_ARGUMENT);
  MUST(oak_seat_open(&config, &seat) == OAK_SEAT_BAD_ARGUMENT); /* no size */
  config.size = sizeof config;
  MUST(oak_seat_open(&config, &seat) == OAK_SEAT_BAD_ARGUMENT); /* no product */
  config.product = "../planner";
  MUST(oak_seat_open(&config, &seat) == OAK_SEAT_BAD_ARGUMENT);
  config.product = "planner";
  config.state_dir = "nowhere";
  MUST(oak_seat_open(&config, &seat) == OAK_SEAT_NOT_ENROLLED && seat == NULL);
  config.state_dir = state_dir;
  config.reserved = 1;
  MUST(oak_seat_open(&config, &seat) == OAK_SEAT_BAD_ARGUMENT);
  config.reserved = 0;
  newer.known = config;
  newer.known.size = sizeof newer;
  newer.unknown = 1;
  MUST(oak_seat_open(&newer.known, &seat) == OAK_SEAT_BAD_ARGUMENT);
  newer.unknown = 0;
  MUST(oak_seat_open(&newer.known, &seat) == OAK_SEAT_OK);
  MUST(oak_seat_acquire(NULL, &state) == OAK_SEAT_BAD_ARGUMENT && oak_seat_turn(NULL, NULL) == OAK_SEAT_BAD_ARGUMENT);
  MUST(oak_seat_acquire(seat, &state) == OAK_SEAT_BAD_ARGUMENT); /* no size */
  MUST(oak_seat_look(seat, NULL) == OAK_SEAT_BAD_ARGUMENT && oak_seat_look(seat, &state) == OAK_SEAT_BAD_ARGUMENT);
  state.size = sizeof state;
  MUST(oak_seat_look(seat, &state) == OAK_SEAT_OK && state.held == 0 && state.turn_ms == UINT64_MAX);
  MUST(oak_seat_borrow(seat, 0, &state) == OAK_SEAT_BAD_ARGUMENT && oak_seat_borrow(seat, 366, &state) == OAK_SEAT_BAD_ARGUMENT);
  MUST(oak_seat_turn(seat, &state) == OAK_SEAT_OK && state.held == 0); /* nothing was asked for */
  MUST(oak_seat_release(NULL) == OAK_SEAT_BAD_ARGUMENT && oak_seat_release(seat) == OAK_SEAT_OK && oak_seat_release(seat) == OAK_SEAT_OK);
  MUST(oak_seat_keep(NULL) == OAK_SEAT_BAD_ARGUMENT);
  MUST(oak_seat_borrow(seat, 1, &state) == OAK_SEAT_REFUSED && state.held == 0); /* nothing to borrow */
  MUST(oak_seat_error_text(seat, NULL, &length) == OAK_SEAT_TOO_SMALL && length > 8);
  length = sizeof text;
  MUST(oak_seat_error_text(seat, text, &length) == OAK_SEAT_TOO_SMALL);
  MUST(oak_seat_error_text(seat, NULL, NULL) == OAK_SEAT_BAD_ARGUMENT);
  MUST(strcmp(oak_seat_status_name(OAK_SEAT_REFUSED), "refused") == 0 && strcmp(oak_seat_status_name(-1), "unknown") == 0);
  MUST(strcmp(oak_seat_status_name(OAK_SEAT_INTERNAL), "internal") == 0 && strcmp(oak_seat_status_name(OAK_SEAT_INTERNAL + 1), "unknown") == 0);
  oak_seat_close(seat);
  oak_seat_close(NULL);
}

/* The caller's own turns: one seat is held for longer than a lease lasts; the other computer waits and then has it. */
static void turns(const char *state_dir, const char *other_dir) {
  oak_seat *seat = opened(state_dir), *other = opened(other_dir);
  oak_seat_state state = {0}, waiting = {0};
  unsigned spent = 0;
  state.size = waiting.size = sizeof state;
  MUST(oak_seat_acquire(seat, &state) == OAK_SEAT_OK && state.held == 1 && state.changes == 1 && state.left_ms > 0 && state.left_ms <= 3000);
  MUST(oak_seat_acquire(other, &waiting) == OAK_SEAT_OK && waiting.held == 0 && waiting.position == 1 && waiting.turn_ms <= 1000);
  while (spent < 4500) {
    const unsigned pause = (unsigned)(state.turn_ms < waiting.turn_ms ? state.turn_ms : waiting.turn_ms) + 1;
    rest(pause);
    spent += pause;
    MUST(oak_seat_turn(seat, &state) == OAK_SEAT_OK && state.held == 1 && state.changes == 1);
    MUST(oak_seat_turn(other, &waiting) == OAK_SEAT_OK && waiting.held == 0 && waiting.position == 1);
  }
  MUST(oak_seat_release(seat) == OAK_SEAT_OK && looked(seat).held == 0 && looked(seat).changes == 2 && looked(seat).turn_ms == UINT64_MAX);
  while (waiting.held == 0) {
    rest((unsigned)waiting.turn_ms + 1);
    MUST(oak_seat_turn(other, &waiting) == OAK_SEAT_OK);
  }
  MUST(waiting.position == 0 && waiting.changes == 1 && waiting.until_unix_s > 0);
  MUST(oak_seat_release(other) == OAK_SEAT_OK);
  oak_seat_close(seat);
  oak_seat_close(other);
}

static void *looks(void *seat) {
  unsigned i;
  for (i = 0; i < 400; ++i) {
    MUST(looked(seat).held == 1);
    rest(10);
  }
  return NULL;
}

/* The library's thread: nobody turns, anybody looks, no signal is lost to it. */
static volatile sig_atomic_t signals = 0;
static pthread_t main_thread;
static void count(int number) {
  (void)number;
  if (pthread_equal(pthread_self(), main_thread)) ++signals;
}
static void keeps(const char *state_dir) {
  oak_seat *seat = opened(state_dir);
  struct sigaction action;
  pthread_t thread;
  memset(&action, 0, sizeof action);
  action.sa_handler = count;
  main_thread = pthread_self();
  MUST(oak_seat_acquire(seat, NULL) == OAK_SEAT_OK && oak_seat_keep(seat) == OAK_SEAT_OK && oak_seat_keep(seat) == OAK_SEAT_OK);
  MUST(sigaction(SIGUSR1, &action, NULL) == 0 && kill(getpid(), SIGUSR1) == 0);
  rest(50);
  MUST(signals == 1);
  MUST(pthread_create(&thread, NULL, looks, seat) == 0);
  looks(seat);
  MUST(pthread_join(thread, NULL) == 0 && looked(seat).changes == 1);
  MUST(oak_seat_release(seat) == OAK_SEAT_OK && looked(seat).held == 0);
  MUST(oak_seat_acquire(seat, NULL) == OAK_SEAT_OK && looked(seat).held == 1 && oak_seat_keep(seat) == OAK_SEAT_OK);
  MUST(oak_seat_release(seat) == OAK_SEAT_OK);
  oak_seat_close(seat);
}

/* Two handles of one computer are two programs: one seat, and the last one gives it back. */
static void shares(const char *state_dir, const char *other_dir) {
  oak_seat *first = opened(state_dir), *second = opened(state_dir), *other = opened(other_dir);
  MUST(oak_seat_acquire(first, NULL) == OAK_SEAT_OK && oak_seat_acquire(second, NULL) == OAK_SEAT_OK);
  MUST(looked(first).held == 1 && looked(second).held == 1);
  MUST(oak_seat_acquire(other, NULL) == OAK_SEAT_OK && looked(other).held == 0);
  MUST(oak_seat_release(first) == OAK_SEAT_OK && looked(first).held == 0 && looked(second).held == 1);
  MUST(oak_seat_acquire(other, NULL) == OAK_SEAT_OK && looked(other).held == 0);
  MUST(oak_seat_release(second) == OAK_SEAT_OK);
  MUST(oak_seat_acquire(other, NULL) == OAK_SEAT_OK && looked(other).held == 1);
  MUST(oak_seat_release(other) == OAK_SEAT_OK);
  oak_seat_close(first);
  oak_seat_close(second);
  oak_seat_close(other);
}

static void borrows(const char *state_dir) {
  oak_seat *seat = opened(state_dir);
  oak_seat_state state = {0};
  state.size = sizeof state;
  MUST(oak_seat_acquire(seat, &state) == OAK_SEAT_OK && state.held == 1 && state.borrowed == 0);
  MUST(oak_seat_borrow(seat, 2, &state) == OAK_SEAT_OK && state.held == 1 && state.borrowed == 1 && state.changes == 1);
  MUST(state.left_ms > 47 * 3600000U && state.left_ms <= 2 * 86400000U + 1);
  MUST(oak_seat_borrow(seat, 100, &state) == OAK_SEAT_REFUSED && state.held == 1 && state.borrowed == 1);
  MUST(oak_seat_release(seat) == OAK_SEAT_OK && looked(seat).held == 0 && looked(seat).borrowed == 0);
  oak_seat_close(seat);
}

/* The test takes the server away, and brings it back. */
static void loses(const char *state_dir) {
  oak_seat *seat = opened(state_dir);
  unsigned tries = 0;
  MUST(oak_seat_acquire(seat, NULL) == OAK_SEAT_OK && looked(seat).held == 1 && oak_seat_keep(seat) == OAK_SEAT_OK);
  puts("held");
  fflush(stdout);
  while (looked(seat).changes == 1 && ++tries < 1000) rest(20);
  MUST(looked(seat).held == 0 && looked(seat).left_ms == 0 && looked(seat).until_unix_s == 0);
  puts("lost");
  fflush(stdout);
  while (looked(seat).held == 0 && ++tries < 3000) rest(20);
  MUST(looked(seat).held == 1 && looked(seat).changes == 3);
  MUST(oak_seat_release(seat) == OAK_SEAT_OK);
  oak_seat_close(seat);
}

static void refused(const char *state_dir) {
  oak_seat *seat = opened(state_dir);
  char text[1024];
  size_t length = sizeof text;
  MUST(oak_seat_acquire(seat, NULL) == OAK_SEAT_REFUSED && oak_seat_error_text(seat, text, &length) == OAK_SEAT_OK);
  puts(text);
  oak_seat_close(seat);
  exit(3);
}

int main(int argc, char **argv) {
  const char *test = argc > 2 ? argv[1] : "";
  if (strcmp(test, "arguments") == 0)
    arguments(argv[2]);
  else if (strcmp(test, "turns") == 0 && argc > 3)
    turns(argv[2], argv[3]);
  else if (strcmp(test, "keeps") == 0)
    keeps(argv[2]);
  else if (strcmp(test, "shares") == 0 && argc > 3)
    shares(argv[2], argv[3]);
  else if (strcmp(test, "borrows") == 0)
    borrows(argv[2]);
  else if (strcmp(test, "loses") == 0)
    loses(argv[2]);
  else if (strcmp(test, "refused") == 0)
    refused(argv[2]);
  else
    return 2;
  return 0;
}
