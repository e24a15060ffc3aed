#!/usr/bin/env bash
# Goal: the shared verifier exports oak_ names only, calls no socket function and needs only libsodium and the runtime;
# the static one calls none either, nor does the tool's own code. Each check is first shown a library that breaks it.
# What it doesn't prove: a raw system call by number would go unseen; the disk's files make the only ones, openat2 and renameat2.
# Usage: symbols_test.sh PROJECT BUILD
set -euo pipefail
project=$1
build=$2
shared=$(find "$build" -name liboakverifier.so | head -1)
static=$(find "$build" -name liboakverifier.a | head -1)
[ -e "$shared" ] || { echo "liboakverifier.so was not built"; exit 1; }
[ -e "$static" ] || { echo "liboakverifier.a was not built"; exit 1; }

sockets='^(socket|socketpair|connect|bind|listen|accept4?|send(to|m?msg)?|recv(from|m?msg)?|[gs]etsockopt|getaddrinfo|gethostby.*|res_n?(init|query|search))(@.*)?$'
# What comes with every C++ program, and what a sanitizer build brings along.
runtime='^(libsodium\.so|libstdc\+\+\.so|libgcc_s\.so|libm\.so|libc\.so|ld-linux|linux-vdso|libasan\.so|libubsan\.so)'

foreign_exports() { nm -D --defined-only "$1" | awk '{print $3}' | grep -vE '^(oak_|OAK_)' || true; }
imported_sockets() { nm -D --undefined-only "$1" | awk '{print $NF}' | grep -E "$sockets" || true; }
called_sockets() { nm --undefined-only "$1" | awk 'NF {print $NF}' | grep -E "$sockets" || true; }
foreign_needs() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE "$runtime" || true; }
foreign_loads() { ldd "$1" | awk '{print $1}' | sed 's#.*/##' | grep -vE "$runtime" || true; }
raw_calls() { (cd "$1" && grep -rnE '\bsyscall\(' core machine-id verifier --include='*.cpp' --include='*.h') | grep -vE '^core/(disk|descriptor|process_file)\.cpp:.*SYS_(openat2|renameat2)' || true; }

planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
cat >"$planted/bad.c" <<'C'
#include <sys/socket.h>
int dial(void) { return socket(1, 2, 0); }
C
cc -c -fPIC "$planted/bad.c" -o "$planted/bad.o"
ar rc "$planted/bad.a" "$planted/bad.o"
cc -shared "$planted/bad.o" -o "$planted/bad.so" -Wl,--no-as-needed -lsqlite3
mkdir -p "$planted/core" "$planted/machine-id" "$planted/verifier"
echo 'long f() { return syscall(41); }' >"$planted/core/raw.cpp"
must_find() { [ -n "$("$@")" ] || { echo "$1 finds nothing in what breaks it"; exit 1; }; }
must_find foreign_exports "$planted/bad.so"
must_find imported_sockets "$planted/bad.so"
must_find foreign_needs "$planted/bad.so"
must_find foreign_loads "$planted/bad.so"
must_find called_sockets "$planted/bad.a"
must_find raw_calls "$planted"

faults=0
report() { [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; faults=1; }; }
report "exports that are not oak_" "$(foreign_exports "$shared")"
report "socket functions that the shared library calls" "$(imported_sockets "$shared")"
report "socket functions that the static library calls" "$(called_sockets "$static")"
report "libraries needed beside libsodium and the runtime" "$(foreign_needs "$shared")"
report "libraries loaded beside libsodium and the runtime" "$(foreign_loads "$shared")"
report "system calls by number" "$(raw_calls "$project")"

# Every function of the public header is there, and nothing else.
declared=$(sed -n 's/^OAK_API .*[ *]\(oak_[a-z_]*\)(.*/\1/p' "$project/verifier/oak_verifier.h" | sort)
exported=$(nm -D --defined-only "$shared" | awk '$2 != "A" {print $3}' | sed 's/@.*//' | sort)
[ -n "$declared" ] || { echo "the public header declares nothing"; faults=1; }
report "declared and not exported, or the other way round" "$(comm -3 <(echo "$declared") <(echo "$exported"))"
# So it is with the library that holds a seat, which speaks to a network and needs OpenSSL for that.
seats=$(find "$build" -name liboakseat.so | head -1)
[ -e "$seats" ] || { echo "liboakseat.so was not built"; exit 1; }
declared=$(sed -n 's/^OAK_SEAT_API .*[ *]\(oak_seat_[a-z_]*\)(.*/\1/p' "$project/seats/oak_seat.h" | sort)
exported=$(nm -D --defined-only "$seats" | awk '$2 != "A" {print $3}' | sed 's/@.*//' | sort)
[ -n "$declared" ] || { echo "the header of seats declares nothing"; faults=1; }
report "declared by seats/oak_seat.h and not exported, or the other way round" "$(comm -3 <(echo "$declared") <(echo "$exported"))"
report "libraries needed by liboakseat beside OpenSSL, libsodium and the runtime" "$(foreign_needs "$seats" | grep -vE '^lib(ssl|crypto)\.so')"
exit $faults
