#!/usr/bin/env bash
# Goal: valgrind finds nothing in a consumer of the C API, in `oak-verifier check`, `status`, `doctor` and `install`, with good states
# and damaged ones: no byte read that was not written, none outside of its block, none lost. Helgrind finds no
# race between handles in several threads, nor on one that goes from thread to thread. Each is first shown a fault that it must find.
# What it doesn't prove: anything about paths that these states don't take; the fuzzers and ./kit sanitize go further.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"
command -v valgrind >/dev/null || cannot "there is no valgrind"
if grep -q '^OAK_SANITIZE:[A-Z]*=..*' "$2/CMakeCache.txt"; then cannot "a sanitizer does that already"; fi
export LD_LIBRARY_PATH=$2/verifier
# Faults begin with ==; what begins with -- tells of calls that valgrind does not know, such as openat2.
under_valgrind() {
  local code=0
  valgrind -q --error-exitcode=99 --log-file=log.txt "$@" || code=$?
  grep '^==' log.txt >valgrind.txt || true
  return $code
}
memcheck() { under_valgrind --leak-check=full --show-leak-kinds=definite,indirect,possible "$@"; }
helgrind() { under_valgrind --tool=helgrind "$@"; }

cat >faults.c <<'C'
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
static int number;
static void *add(void *unused) { return number++, unused; }
int main(int argc, char **argv) {
  char *volatile block = malloc(8);
  pthread_t thread;
  if (argv[1][0] == 'u') return block[3] ? 1 : 0;
  if (argv[1][0] == 'o') return block[0] = 1, block[8] == 77;
  if (argv[1][0] == 'r') return pthread_create(&thread, NULL, add, NULL), number++, pthread_join(thread, NULL), free(block), 0;
  block = NULL;
  return argc == 9;
}
C
cc -g -O0 -w faults.c -o faults -lpthread
for fault in unwritten outside lost; do
  gives 99 memcheck ./faults $fault
done
gives 99 helgrind ./faults race

new_desk desk
activated
cc -std=c11 -O1 -g -I "$PROJECT/verifier" "$PROJECT/tests/house/threads.c" -L "$2/verifier" -loakverifier -lpthread -o threads
gives 0 helgrind ./threads machine desk.trust
[ ! -s valgrind.txt ] || { cp valgrind.txt err.txt && die "helgrind finds a race"; }

# clean CODE COMMAND...: no fault, and the exit code that belongs to the answer.
clean() {
  local code=$1
  shift
  gives "$code" "$@"
  [ ! -s valgrind.txt ] || { cp valgrind.txt err.txt && die "valgrind: $*"; }
}
# The tool is static, and valgrind would see the C library's own start in it. Its objects are linked anew.
gives 0 c++ "$2"/verifier/CMakeFiles/oak-verifier.dir/main.cpp.o "$2"/verifier/liboak_verifier_core.a "$2"/machine-id/liboak_{facts,machine}.a \
  "$2"/core/liboak_core.a -lsodium -o verifier
tool() { memcheck ./verifier "$@" --state-dir "${state:-machine}" --trust desk.trust; }
clean 0 memcheck oak-verifier-example planner 3.5 1 machine desk.trust
clean 1 memcheck oak-verifier-example planner 4.0 5 machine desk.trust
clean 1 memcheck oak-verifier-example planner 3.5 1 nowhere
clean 2 memcheck oak-verifier-example planner 3.5 1 machine activation.oak/
clean 0 tool check --product planner --version 3.5
clean 1 tool check --product planner --version 4.0 --json
clean 0 tool status --json
clean 0 tool doctor --product planner
clean 1 tool install request.oak
clean 0 tool install activation.oak
clean 0 tool rehearse --product planner
for file in machine/planner/*; do
  rm -rf damaged && cp -a machine damaged
  truncate -s 40 "damaged/planner/$(basename "$file")"
  code=0
  state=damaged tool check --product planner --version 3.5 >out.txt 2>err.txt </dev/null || code=$?
  checks=$((checks + 1))
  if [ $code -gt 2 ] || [ -s valgrind.txt ]; then cp valgrind.txt err.txt && die "exit $code with a damaged $(basename "$file")"; fi
done
passed
