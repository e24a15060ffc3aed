/* A product that asks for its licence at start, from the first line to the last.
 *
 *   cc example.c -loakverifier -o example && ./example PRODUCT VERSION SEATS [STATE-DIR [TRUST-FILE]]
 */
#include <oak_verifier.h>
#include <stdio.h>
#include <stdlib.h>

/* The vendor's trust document comes with the product. Most builds fix it (CMake's OAK_TRUST_FILE) or compile it in as
 * bytes (`oak-issuer trust --format c`); reading it from a file keeps this example short. */
static unsigned char *read_trust(const char *path, size_t *length) {
  static unsigned char bytes[65536];
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(2);
  }
  *length = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  return bytes;
}

/* The whole answer is JSON: for the log, for support, for the person at the screen. Ask for its length first, or bring
 * a buffer that is surely large enough; the library never allocates anything that you would have to free. */
static void print_answer(oak_verifier *verifier) {
  size_t length = 0;
  char *json;
  if (oak_answer_json(verifier, NULL, &length) != OAK_STATUS_TOO_SMALL) return;
  json = malloc(length);
  if (json != NULL && oak_answer_json(verifier, json, &length) == OAK_STATUS_OK) puts(json);
  free(json);
}

int main(int argc, char **argv) {
  oak_config config = {0}; /* everything that is not set means "default" */
  oak_verifier *verifier = NULL;
  int status, verdict = OAK_NOT_VERIFIED;

  if (argc < 4) {
    fprintf(stderr, "usage: %s PRODUCT VERSION SEATS [STATE-DIR [TRUST-FILE]]\n", argv[0]);
    return 2;
  }

  /* 1. Say who is asking: this product, this version, and how many seats it has in use just now. */
  config.size = sizeof config;
  config.product = argv[1];
  config.version = argv[2];
  config.seats_in_use = (uint32_t)strtoul(argv[3], NULL, 10);
  if (argc > 4) config.state_dir = argv[4];
  if (argc > 5) config.trust = read_trust(argv[5], &config.trust_len);

  /* 2. Open: reads what is stored and verifies its signatures. A failure here says that there is no answer, such as
   *    "this user may not read the state". It does not say that the product isn't licensed. */
  status = oak_open(&config, &verifier);
  if (status != OAK_STATUS_OK) {
    fprintf(stderr, "no answer: %s\n", oak_status_name(status));
    return 2;
  }

  /* 3. Check: reads the hardware and judges. */
  status = oak_check(verifier, &verdict);
  print_answer(verifier);
  oak_close(verifier);
  if (status != OAK_STATUS_OK) {
    fprintf(stderr, "no answer: %s\n", oak_status_name(status));
    return 2;
  }

  /* 4. Decide. A verdict is information: this example goes on read-only instead of refusing to start, and shows the
   *    reason. A plant that runs is never stopped. */
  switch (verdict) {
    case OAK_ACTIVE:
      puts("starting with all functions");
      return 0;
    case OAK_REBIND:
      puts("starting read-only: the hardware, the seats or the version have changed, a new activation is needed");
      return 1;
    default:
      printf("starting read-only: %s\n", oak_verdict_name(verdict));
      return 1;
  }
}
