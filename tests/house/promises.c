/* What verifier/oak_verifier.h promises about the process that it is called in, seen from inside of that process: the functions
   below stand before the C library's of the same name, and the environment lies on a page that nobody may read.
   Usage: promises STATE-DIR TRUST-FILE, of a planner 3.5 that is active there. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <locale.h>
#include <oak_verifier.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FAIL(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(1))

/* Set while the library is called. */
static volatile int inside;
static const char *volatile broken; /* the first function that was called and must not be */

#define BROKEN(name) \
  do \
    if (inside && !broken) broken = name; \
  while (0)
#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))

char *getenv(const char *name) {
  static char *(*real)(const char *);
  BROKEN("getenv");
  if (!real) real = REAL(char *(*)(const char *), "getenv");
  return real(name);
}
char *secure_getenv(const char *name) {
  BROKEN("secure_getenv");
  return REAL(char *(*)(const char *), "secure_getenv")(name);
}
int sigaction(int number, const struct sigaction *action, struct sigaction *old) {
  if (action) BROKEN("sigaction");
  return REAL(int (*)(int, const struct sigaction *, struct sigaction *), "sigaction")(number, action, old);
}
sighandler_t signal(int number, sighandler_t handler) {
  BROKEN("signal");
  return REAL(sighandler_t(*)(int, sighandler_t), "signal")(number, handler);
}
int socket(int domain, int type, int protocol) {
  BROKEN("socket");
  return REAL(int (*)(int, int, int), "socket")(domain, type, protocol);
}
pid_t fork(void) {
  BROKEN("fork");
  return REAL(pid_t(*)(void), "fork")();
}
int posix_spawn(pid_t *pid, const char *path, const void *actions, const void *attributes, char *const argv[], char *const envp[]) {
  BROKEN("posix_spawn");
  return REAL(int (*)(pid_t *, const char *, const void *, const void *, char *const[], char *const[]), "posix_spawn")(pid, path, actions, attributes,
                                                                                                            argv, envp);
}
char *setlocale(int category, const char *locale) {
  if (locale) BROKEN("setlocale");
  return REAL(char *(*)(int, const char *), "setlocale")(category, locale);
}
int chdir(const char *path) {
  BROKEN("chdir");
  return REAL(int (*)(const char *), "chdir")(path);
}
void exit(int code) {
  if (inside) write(2, "the library called exit\n", 24);
  _exit(inside ? 1 : (fflush(NULL), code));
}

/* Memory: which of it the library holds, and which allocation fails. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);
enum { most_held = 65536 };
static void *held[most_held];
static size_t held_count, allocations, failing; /* failing: which allocation is refused, counted from 1; 0: none */
static size_t foreign_frees;

static void *note(void *memory) {
  if (!inside || !memory) return memory;
  if (held_count == most_held) abort();
  held[held_count++] = memory;
  return memory;
}
static void forget(void *memory) {
  size_t i;
  if (!inside || !memory) return;
  for (i = held_count; i > 0; i--)
    if (held[i - 1] == memory) {
      held[i - 1] = held[--held_count];
      return;
    }
  foreign_frees++;
}
static int is_refused(void) { return inside && ++allocations == failing; }
void *malloc(size_t size) { return is_refused() ? NULL : note(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return is_refused() ? NULL : note(__libc_calloc(count, size)); }
void *realloc(void *memory, size_t size) {
  if (is_refused()) return NULL;
  forget(memory);
  return note(__libc_realloc(memory, size));
}
void free(void *memory) {
  forget(memory);
  __libc_free(memory);
}

static unsigned char trust[65536];
static size_t trust_length;
static const char *state_dir;

static void read_trust(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) FAIL("no trust: %s", path);
  trust_length = fread(trust, 1, sizeof trust, file);
  fclose(file);
}

struct result {
  int open, check, json, text, verdict;
};

/* The whole life of a handle. What was handed in is overwritten as soon as the call is over. */
static struct result use_once(void) {
  static char text[16384];
  char product[] = "planner", version[] = "3.5", folder[4096];
  static unsigned char own_trust[sizeof trust];
  struct result out = {0};
  oak_config config = {0};
  oak_verifier *verifier = NULL;
  size_t length;
  snprintf(folder, sizeof folder, "%s", state_dir);
  memcpy(own_trust, trust, trust_length);
  config.size = sizeof config;
  config.product = product;
  config.version = version;
  config.trust = own_trust;
  config.trust_len = trust_length;
  config.state_dir = folder;
  inside = 1;
  out.open = oak_open(&config, &verifier);
  inside = 0;
  memset(product, 'x', sizeof product - 1);
  memset(version, 'x', sizeof version - 1);
  memset(folder, 'x', strlen(folder));
  memset(own_trust, 'x', trust_length);
  memset(&config, 0x78, sizeof config);
  if (out.open != OAK_STATUS_OK) {
    if (verifier) FAIL("a handle though oak_open failed");
    return out;
  }
  inside = 1;
  out.check = oak_check(verifier, &out.verdict);
  length = sizeof text;
  out.json = oak_answer_json(verifier, text, &length);
  length = sizeof text;
  out.text = oak_answer_text(verifier, text, &length);
  oak_close(verifier);
  inside = 0;
  return out;
}

static int open_descriptors(void) {
  DIR *folder = opendir("/proc/self/fd");
  int count = 0;
  while (readdir(folder)) count++;
  closedir(folder);
  return count;
}
static void signals(char *out, size_t room) {
  char line[256];
  FILE *file = fopen("/proc/self/status", "r");
  *out = 0;
  while (fgets(line, sizeof line, file))
    if (!strncmp(line, "Sig", 3) || !strncmp(line, "Shd", 3)) strncat(out, line, room - strlen(out) - 1);
  fclose(file);
}

static void insist(const char *when, struct result result) {
  if (broken) FAIL("%s: the library called %s", when, broken);
  if (result.open || result.check || result.json || result.text || result.verdict != OAK_ACTIVE)
    FAIL("%s: %d %d %d %d, verdict %d", when, result.open, result.check, result.json, result.text, result.verdict);
}

/* Every allocation refused in turn: a status says so, or the call did without it. No exception, no other verdict. */
static void lack_memory(void) {
  size_t refused = 0, nth;
  for (nth = 1;; nth++) {
    struct result result;
    allocations = 0;
    failing = nth;
    result = use_once();
    failing = 0;
    if (allocations < nth) break;
    if (held_count != 0) FAIL("allocation %zu refused: %zu are lost", nth, held_count);
    if (result.open == OAK_STATUS_NO_MEMORY || result.check == OAK_STATUS_NO_MEMORY || result.json == OAK_STATUS_NO_MEMORY ||
        result.text == OAK_STATUS_NO_MEMORY) {
      refused++;
      if (result.check != OAK_STATUS_OK && result.verdict != OAK_NOT_VERIFIED) FAIL("allocation %zu: a verdict without success", nth);
      continue;
    }
    insist("with too little memory", result);
  }
  if (nth < 50 || refused < nth / 2) FAIL("only %zu of %zu allocations were refused", refused, nth);
  printf("%zu allocations, each refused once\n", nth - 1);
}

static int keep_promises(void) {
  char before[1024], after[1024], folder[4096];
  char **environment = environ;
  void *unreadable = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int descriptors;
  const char *locale = setlocale(LC_ALL, NULL);
  if (!getcwd(folder, sizeof folder)) FAIL("no folder");
  insist("the first time", use_once());
  if (held_count) FAIL("%zu allocations stay after the first handle", held_count);
  descriptors = open_descriptors();
  signals(before, sizeof before);
  environ = unreadable;
  insist("with an environment that nobody may read", use_once());
  environ = environment;
  signals(after, sizeof after);
  if (strcmp(before, after)) FAIL("signals: %s now %s", before, after);
  if (open_descriptors() != descriptors) FAIL("a descriptor stays open");
  if (held_count || foreign_frees) FAIL("%zu allocations stay, %zu were freed that the library did not make", held_count, foreign_frees);
  if (strcmp(locale, setlocale(LC_ALL, NULL))) FAIL("the locale is another");
  lack_memory();
  insist("afterwards", use_once());
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  state_dir = argv[1];
  read_trust(argv[2]);
  return keep_promises();
}
