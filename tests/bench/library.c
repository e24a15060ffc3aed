/* One warm library call against a bare loop that does the same verifications and reads the same files, in one process.
   Usage: library PRODUCT VERSION STATE-DIR TRUST-FILE VERIFICATIONS FILE... Prints two medians in microseconds. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "verifier/oak_verifier.h"

enum { rounds = 400 };

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}
static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}
static double median(double *values) {
  qsort(values, rounds, sizeof *values, ascending);
  return values[rounds / 2];
}
static void read_all(const char *path) {
  static char buffer[65536];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  while (read(fd, buffer, sizeof buffer) > 0) {
  }
  close(fd);
}

int main(int argc, char **argv) {
  static double library[rounds], bare[rounds];
  static uint8_t trust[65536];
  unsigned char key[32], secret[64], seed[32] = {1}, signature[64], message[512] = {0};
  int i, j, verdict = 0;
  FILE *file = argc > 6 ? fopen(argv[4], "rb") : 0;
  if (!file || sodium_init() < 0) return 2;
  oak_config config = {sizeof config, 0, argv[1], argv[2], trust, fread(trust, 1, sizeof trust, file), argv[3]};
  fclose(file);
  crypto_sign_seed_keypair(key, secret, seed);
  crypto_sign_detached(signature, 0, message, sizeof message, secret);
  for (i = 0; i < rounds; i++) {
    oak_verifier *verifier = 0;
    double start = now_us();
    if (oak_open(&config, &verifier) != 0 || oak_check(verifier, &verdict) != 0 || verdict != OAK_ACTIVE) return 3;
    oak_close(verifier);
    library[i] = now_us() - start;
    start = now_us();
    for (j = 0; j < atoi(argv[5]); j++)
      if (crypto_sign_verify_detached(signature, message, sizeof message, key) != 0) return 4;
    for (j = 6; j < argc; j++) read_all(argv[j]);
    bare[i] = now_us() - start;
  }
  printf("%.1f %.1f\n", median(library), median(bare));
  return 0;
}
