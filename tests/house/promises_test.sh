#!/usr/bin/env bash
# Goal: what verifier/oak_verifier.h says of the process that it is called in. No environment variable is read, no signal handler,
# socket, process, locale or folder is touched; memory and descriptors stay on their side; a lack of memory is a status wherever it
# strikes, and no exception; what is handed in may be overwritten when a call is over. The header is C99 and C11, strictly, with
# sizes, offsets and numbers of ABI 1. What the library keeps between calls is a list of names. Each check is first shown what breaks it.
# What it doesn't prove: that a system call without a function of the C library is harmless; strace_test.sh sees those.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"
library=$(dirname "$(find "$2" -name liboakverifier.so | head -1)")
if grep -q '^OAK_SANITIZE:[A-Z]*=..*' "$2/CMakeCache.txt"; then cannot "sanitizers have an environment and memory of their own"; fi
header=(-I "$PROJECT/verifier")
strict=(-Wall -Wextra -Wpedantic -pedantic-errors -Wstrict-prototypes -Wconversion -Werror)

# The header in strict C, and what a program that was built against it relies on.
cat >abi.c <<'C'
#include <oak_verifier.h>
#define SAME(name, condition) extern char name[(condition) ? 1 : -1]
#define AT(member) offsetof(oak_config, member)
SAME(size, sizeof(void *) != 8 || sizeof(oak_config) == 48);
SAME(offsets, sizeof(void *) != 8 || (AT(size) == 0 && AT(seats_in_use) == 4 && AT(product) == 8 && AT(version) == 16 &&
              AT(trust) == 24 && AT(trust_len) == 32 && AT(state_dir) == 40));
SAME(verdicts, OAK_NOT_VERIFIED == 0 && OAK_ACTIVE == 1 && OAK_REBIND == 2 && OAK_CLOCK_SET_BACK == 3 && OAK_EXPIRED == 4 &&
               OAK_NOT_YET_VALID == 5 && OAK_REVOKED == 6 && OAK_SUPERSEDED == 7 && OAK_RETURNED == 8 && OAK_UNTRUSTED == 9 &&
               OAK_MALFORMED == 10 && OAK_NOT_ACTIVATED == 11);
SAME(statuses, OAK_STATUS_OK == 0 && OAK_STATUS_BAD_ARGUMENT == 1 && OAK_STATUS_TOO_SMALL == 2 && OAK_STATUS_NOT_CHECKED == 3 &&
               OAK_STATUS_NO_MEMORY == 4 && OAK_STATUS_PERMISSION == 5 && OAK_STATUS_IO == 6 && OAK_STATUS_KEY_MISSING == 7 &&
               OAK_STATUS_UNSAFE_FILE == 8 && OAK_STATUS_DAMAGED_KEY == 9 && OAK_STATUS_INTERNAL == 10);
int (*open_)(const oak_config *, oak_verifier **) = oak_open;
int (*check_)(oak_verifier *, int *) = oak_check;
int (*json_)(oak_verifier *, char *, size_t *) = oak_answer_json;
int (*text_)(oak_verifier *, char *, size_t *) = oak_answer_text;
const char *(*verdict_)(int) = oak_verdict_name;
const char *(*status_)(int) = oak_status_name;
void (*close_)(oak_verifier *) = oak_close;
C
cat >names.c <<'C'
#include <oak_verifier.h>
#include <stdio.h>
int main(void) {
  int i;
  for (i = -1; i < 14; i++) printf("%d %s %s\n", i, oak_verdict_name(i), oak_status_name(i));
  return 0;
}
C
for standard in c99 c11 c17; do
  gives 0 cc -std=$standard "${strict[@]}" "${header[@]}" -c abi.c
  gives 0 cc -std=$standard "${strict[@]}" "${header[@]}" names.c -L "$library" -loakverifier -o names
done
sed 's/AT(trust_len) == 32/AT(trust_len) == 40/' abi.c >other.c
if cc -std=c99 "${header[@]}" -c other.c 2>/dev/null; then die "another layout is not noticed"; fi
export LD_LIBRARY_PATH=$library
gives 0 ./names
cat >expected <<'TEXT'
-1 not-verified unknown
0 not-verified ok
1 active bad-argument
2 rebind too-small
3 clock-set-back not-checked
4 expired no-memory
5 not-yet-valid permission
6 revoked io
7 superseded key-missing
8 returned unsafe-file
9 untrusted damaged-key
10 malformed internal
11 not-activated unknown
12 not-verified unknown
13 not-verified unknown
TEXT
diff expected out.txt >&2 || die "a name is another than it was"

# Inside a process.
new_desk desk
activated
gives 0 check --version 3.5
cc -std=c11 -O1 -g "${header[@]}" "$PROJECT/tests/house/promises.c" -rdynamic -L "$library" -loakverifier -ldl -o promises
gives 0 ./promises machine desk.trust
says 'allocations, each refused once'
# A library that breaks one promise at a time is found out.
for broken in 'getenv("OAK_STATE_DIR")' 'signal(SIGUSR1, SIG_IGN)' 'malloc(10)' 'fopen("/dev/null", "r")' 'environ[0]' 'socket(1, 1, 0)' \
  'setlocale(LC_ALL, "C.UTF-8")' 'fork() == 0 ? (_exit(0), 0) : 0'; do
  cat >break.c <<C
#define _GNU_SOURCE
#include <dlfcn.h>
#include <locale.h>
#include <oak_verifier.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
static volatile const void *volatile sink;
void oak_close(oak_verifier *verifier) {
  ((void (*)(oak_verifier *))dlsym(RTLD_NEXT, "oak_close"))(verifier);
  sink = (const void *)(size_t)($broken);
}
C
  cc -w -shared -fPIC "${header[@]}" break.c -o break.so -ldl
  checks=$((checks + 1))
  if LD_PRELOAD=./break.so ./promises machine desk.trust >out.txt 2>err.txt; then die "not noticed: $broken"; fi
done

# What the library keeps between calls: a number that makes the names of unfinished files differ.
kept() { nm -C -f sysv "$1" | awk -F'|' '$7 ~ /\.(data|bss|tdata|tbss)$/ {sub(/ +$/, "", $1); print $1}' | grep -vE '^(__dso_handle|__TMC_END__|completed\.0|__bss_start|_edata|_end|DW\.ref\..*)$' | sort; }
kept "$library/liboakverifier.so" >kept.txt
cat >expected <<'TEXT'
oak::(anonymous namespace)::temporary_name(std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> > const&)::counter
TEXT
diff expected kept.txt >&2 || die "the library keeps something else between calls"
passed
