/* A computer's program in the hour of tests/seats/hour.py: computer STATE-DIR. Each line of standard input is a question (acquire, turn,
 * release, borrow DAYS), each line of standard output its answer: status, held, position, turn_ms. */
#include <oak_seat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  oak_seat_config config = {0};
  oak_seat_state state = {0};
  oak_seat *seat = NULL;
  char line[64];
  int status;
  config.size = sizeof config;
  config.product = "planner";
  config.state_dir = argc > 1 ? argv[1] : "";
  status = oak_seat_open(&config, &seat);
  if (status != OAK_SEAT_OK) {
    fprintf(stderr, "%s\n", oak_seat_status_name(status));
    return 2;
  }
  state.size = sizeof state;
  while (fgets(line, sizeof line, stdin)) {
    if (strncmp(line, "acquire", 7) == 0)
      status = oak_seat_acquire(seat, &state);
    else if (strncmp(line, "borrow ", 7) == 0)
      status = oak_seat_borrow(seat, (uint32_t)atoi(line + 7), &state);
    else if (strncmp(line, "release", 7) == 0)
      status = oak_seat_release(seat);
    else
      status = oak_seat_turn(seat, &state);
    oak_seat_look(seat, &state);
    printf("%s %u %u %u\n", oak_seat_status_name(status), (unsigned)state.held, (unsigned)state.position,
           (unsigned)(state.turn_ms > 1000000 ? 1000000 : state.turn_ms));
    fflush(stdout);
  }
  oak_seat_close(seat);
  return 0;
}
