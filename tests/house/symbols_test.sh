#!/usr/bin/env bash
# Goal: the shared verifier exports oak_ names only, makes no socket call, and needs only libsodium and the runtime; the
# static one makes no socket call either. Each check is first shown a library that breaks it.
# Usage: symbols_test.sh PROJECT BUILD
set -euo pipefail
build=$2
shared=$(find "$build" -name 'liboakverifier.so' | head -1)
static=$(find "$build" -name 'liboakverifier.a' | head -1)
[ -n "$shared" ] && [ -n "$static" ] || { echo "liboakverifier was not built"; exit 1; }

sockets='\b(socket|connect|bind|listen|accept4?|send(to|msg)?|recv(from|msg)?|getaddrinfo|gethostbyname[a-z_0-9]*)(@|$)'
# Sanitizer builds bring their runtime along.
runtime='^(libsodium\.so|libstdc\+\+\.so|libgcc_s\.so|libm\.so|libc\.so|ld-linux|libasan\.so|libubsan\.so)'

foreign_exports() { nm -D --defined-only "$1" | awk '{print $3}' | grep -vE '^oak_|^OAK_' || true; }
socket_calls() { nm -A --undefined-only "$@" 2>/dev/null | awk '{print $NF}' | grep -E "$sockets" || true; }
dynamic_socket_calls() { nm -D --undefined-only "$1" | awk '{print $NF}' | grep -E "$sockets" || true; }
foreign_needs() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE "$runtime" || true; }
foreign_loads() { ldd "$1" | awk '{print $1}' | sed 's#.*/##' | grep -vE "$runtime|^linux-vdso" || true; }

planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
cat >"$planted/bad.c" <<'C'
#include <sys/socket.h>
#include <zlib.h>
int helper(void) { return socket(1, 2, 0) + (int)crc32(0, 0, 0); }
C
sed -i '/zlib/d; s/ + (int)crc32(0, 0, 0)//' "$planted/bad.c"
cc -shared -fPIC "$planted/bad.c" -o "$planted/libbad.so" -Wl,--no-as-needed -lsqlite3
cc -c -fPIC "$planted/bad.c" -o "$planted/bad.o"
for check in foreign_exports dynamic_socket_calls foreign_needs foreign_loads; do
  [ -n "$($check "$planted/libbad.so")" ] || { echo "$check finds nothing in a library that breaks it"; exit 1; }
done
[ -n "$(socket_calls "$planted/bad.o")" ] || { echo "socket_calls finds nothing in an object that calls socket"; exit 1; }

fail=0
report() { [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; fail=1; }; }
report "exports that are not oak_" "$(foreign_exports "$shared")"
report "socket calls of the shared library" "$(dynamic_socket_calls "$shared")"
report "socket calls of the static library" "$(socket_calls "$static")"
report "libraries needed beside libsodium and the runtime" "$(foreign_needs "$shared")"
report "libraries loaded beside libsodium and the runtime" "$(foreign_loads "$shared")"
[ "$(nm -D --defined-only "$shared" | grep -cE ' oak_')" -ge 6 ] || { echo "the C API is not exported"; fail=1; }
exit $fail
