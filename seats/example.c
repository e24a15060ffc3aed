/* A product that holds one of the seats on the network while it runs, and goes read-only while it has none.
 *
 *   cc example.c -loakseat -o example && ./example PRODUCT SECONDS [STATE-DIR]
 *
 * It prints a line whenever its seat comes or goes, and works for so many seconds.
 */
#define _POSIX_C_SOURCE 199309L /* nanosleep */
#include <oak_seat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What the library has to say about a failure, for the log or for the person at the screen. */
static void complain(const oak_seat *seat, int status) {
  char text[2048];
  size_t length = sizeof text;
  if (seat == NULL || oak_seat_error_text(seat, text, &length) != OAK_SEAT_OK || text[0] == 0) strcpy(text, oak_seat_status_name(status));
  fprintf(stderr, "seat: %s\n", text);
}

int main(int argc, char **argv) {
  oak_seat_config config = {0}; /* everything that is not set means "default" */
  oak_seat_state state = {0};
  oak_seat *seat = NULL;
  unsigned changes = 0;
  long looks;
  int status;

  if (argc < 3) {
    fprintf(stderr, "usage: %s PRODUCT SECONDS [STATE-DIR]\n", argv[0]);
    return 2;
  }

  /* 1. Open: reads what `oak-seat enrol` has left on this computer. */
  config.size = sizeof config;
  config.product = argv[1];
  if (argc > 3) config.state_dir = argv[3];
  status = oak_seat_open(&config, &seat);
  if (status != OAK_SEAT_OK) {
    complain(NULL, status);
    return 2;
  }

  /* 2. Ask. Whatever the answer is, the product starts: with all functions or read-only. */
  state.size = sizeof state;
  status = oak_seat_acquire(seat, &state);
  if (status != OAK_SEAT_OK) complain(seat, status);
  if (state.held)
    printf("with all functions, %s\n", state.borrowed ? "borrowed" : "from the network");
  else
    printf("read-only: number %u in the line\n", (unsigned)state.position);
  changes = state.changes;

  /* 3. Let a thread of the library keep it. Without this line, call oak_seat_turn yourself, within each state.turn_ms. */
  status = oak_seat_keep(seat);
  if (status != OAK_SEAT_OK) complain(seat, status);

  /* 4. Work, and look wherever it matters whether there is a seat: it costs nothing. */
  for (looks = 20 * strtol(argv[2], NULL, 10); looks > 0; --looks) {
    const struct timespec moment = {0, 50000000};
    oak_seat_look(seat, &state);
    if (state.changes != changes) {
      puts(state.held ? "with all functions again" : "read-only: the seat is lost");
      changes = state.changes;
    }
    fflush(stdout);
    nanosleep(&moment, NULL);
  }

  /* 5. Give it back, so that the next one in the line need not wait. */
  status = oak_seat_release(seat);
  if (status != OAK_SEAT_OK) complain(seat, status);
  oak_seat_close(seat);
  return 0;
}
