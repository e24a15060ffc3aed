/* The header's rules for threads: handles of one's own in several threads at once, from the library's very first call on, and one
   handle that goes from thread to thread. Usage: threads STATE-DIR TRUST-FILE, of a planner 3.5 that is active there. */
#include <oak_verifier.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { thread_count = 4, rounds = 3 };

static unsigned char trust[65536];
static oak_config config; /* read by all, written by none once they run */
static oak_verifier *shared;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static void *use_own_handles(void *unused) {
  int i;
  for (i = 0; i < rounds; i++) {
    oak_verifier *verifier = NULL;
    char text[8192];
    size_t length = sizeof text;
    int verdict = 0;
    if (oak_open(&config, &verifier) || oak_check(verifier, &verdict) || oak_answer_json(verifier, text, &length)) fail("no answer");
    if (verdict != OAK_ACTIVE || strcmp(oak_verdict_name(verdict), "active") || strcmp(oak_status_name(0), "ok")) fail(text);
    oak_close(verifier);
  }
  return unused;
}

static void *take_turns(void *unused) {
  int i, verdict;
  for (i = 0; i < rounds; i++) {
    pthread_mutex_lock(&turn);
    if (oak_check(shared, &verdict) || verdict != OAK_ACTIVE) fail("another thread gets another verdict");
    pthread_mutex_unlock(&turn);
  }
  return unused;
}

static void run(void *(*what)(void *)) {
  pthread_t threads[thread_count];
  int i;
  for (i = 0; i < thread_count; i++)
    if (pthread_create(&threads[i], NULL, what, NULL)) fail("no thread");
  for (i = 0; i < thread_count; i++) pthread_join(threads[i], NULL);
}

int main(int argc, char **argv) {
  FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
  if (!file) return 2;
  config.size = sizeof config;
  config.product = "planner";
  config.version = "3.5";
  config.trust = trust;
  config.trust_len = fread(trust, 1, sizeof trust, file);
  config.state_dir = argv[1];
  fclose(file);
  run(use_own_handles);
  if (oak_open(&config, &shared)) fail("no handle");
  run(take_turns);
  oak_close(shared);
  return 0;
}
