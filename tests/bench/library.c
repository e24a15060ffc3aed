/* One warm library call, oak_open to oak_close, in turns with the floor in the same process.
   Usage: library PRODUCT VERSION STATE-DIR TRUST-FILE FILE...
   Prints how many signatures one call verifies, the medians of the call and of the floor in microseconds, and what goes into
   the call: its signatures alone, and its time in the kernel. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "floor.h"
#include "verifier/oak_verifier.h"

enum { rounds = 1000 };

/* Stands before libsodium's function of that name, so that the count is of what the library really does. */
static int verified;
int crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message, unsigned long long length,
                                const unsigned char *key) {
  static int (*real)(const unsigned char *, const unsigned char *, unsigned long long, const unsigned char *);
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "crypto_sign_verify_detached");
  verified++;
  return real(signature, message, length, key);
}

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

static double kernel_us(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)used.ru_stime.tv_sec * 1e6 + (double)used.ru_stime.tv_usec;
}

/* True where the library says active. */
static int call(const oak_config *config) {
  oak_verifier *verifier = 0;
  int verdict = 0;
  if (oak_open(config, &verifier) != 0 || oak_check(verifier, &verdict) != 0) return 0;
  oak_close(verifier);
  return verdict == OAK_ACTIVE;
}

int main(int argc, char **argv) {
  static double library[rounds], least[rounds], signatures[rounds];
  static char *no_files[1];
  double kernel;
  static uint8_t trust[65536];
  int i, count;
  oak_config config = {0};
  FILE *file = argc > 5 ? fopen(argv[4], "rb") : 0;
  if (!file || sodium_init() < 0) return 2;
  config.size = sizeof config;
  config.product = argv[1];
  config.version = argv[2];
  config.state_dir = argv[3];
  config.trust = trust;
  config.trust_len = fread(trust, 1, sizeof trust, file);
  fclose(file);
  verified = 0;
  if (!call(&config)) return 3;
  count = verified;
  for (i = 0; i < rounds; i++) {
    double start = now_us();
    if (!call(&config)) return 3;
    library[i] = now_us() - start;
    start = now_us();
    if (floor_of_a_check(count, argv + 5) != 0) return 4;
    least[i] = now_us() - start;
    start = now_us();
    if (floor_of_a_check(count, no_files) != 0) return 4;
    signatures[i] = now_us() - start;
  }
  kernel = kernel_us(); /* the system counts in ticks: over all the calls at once */
  for (i = 0; i < rounds; i++)
    if (!call(&config)) return 3;
  kernel = kernel_us() - kernel;
  printf("%d %.1f %.1f %.1f %.1f\n", count, median(library), median(least), median(signatures), kernel / rounds);
  return 0;
}
