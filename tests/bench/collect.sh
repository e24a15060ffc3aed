#!/usr/bin/env bash
# Goal: collecting a machine's components costs at most 1.5 times a bare loop in C that reads the same files, and it starts no
# program and opens no socket. Exit 1 where it does not. Usage: collect.sh BUILD
set -euo pipefail
tests=$(readlink -f "$(dirname "$0")/..")
build=$(readlink -f "$1")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"
stop() {
  printf 'bench: %s\n' "$*" >&2
  exit 1
}
cc -O2 -c "$tests/bench/collect_floor.c" -o floor.o
g++ -std=c++20 -O2 -I "$tests/.." "$tests/bench/collect.cpp" floor.o -o collect \
  "$build/machine-id/liboak_machine.a" "$build/core/liboak_core.a" -lsodium

strace -f -qq -e trace=open,openat,readlink,read,clone,clone3,fork,vfork,execve,socket -o trace.txt ./collect ||
  stop "strace can't follow a collection"
# What the loader opens has no O_NOCTTY; the collector's own start is the one execve.
starts=$(grep -cE ' (clone3?|v?fork|execve|socket)\(' trace.txt || true)
[ "$starts" -eq 1 ] || stop "a collection starts something, or opens a socket: $(cat trace.txt)"
mapfile -t places < <(sed -nE -e 's/.* openat\(AT_FDCWD, "([^"]*)", [^)]*O_NOCTTY.*/f\1/p' \
  -e 's/.* openat\(AT_FDCWD, "([^"]*)", [^)]*O_DIRECTORY.*/d\1/p' -e 's/.* readlink\("([^"]*)".*/l\1/p' trace.txt)
mapfile -t files < <(sed -nE 's/.* openat\(AT_FDCWD, "([^"]*)", [^)]*O_NOCTTY[^)]*\) = [0-9].*/f\1/p' trace.txt)
[ "${#files[@]}" -ge 5 ] || stop "only ${#files[@]} files were read"

read -r collection loop < <(./collect "${places[@]}")
read -r _ files_only < <(./collect "${files[@]}")
ratio() { awk "BEGIN { printf \"%.2f\", $1 / $loop }"; }
printf '%s places, of which %s are files that are there; no program started, no socket opened\n\n' "${#places[@]}" "${#files[@]}"
printf '%-50s%10s%8s\n' '' median ratio
printf '%-50s%7s µs%8s\n' 'a loop in C over the same places' "$loop" 1.00 \
  'of these, over the files that are there' "$files_only" "$(ratio "$files_only")" 'a collection' "$collection" "$(ratio "$collection")"
awk "BEGIN { exit $collection > 1.5 * $loop }" || stop "a collection costs more than 1.5 times the loop"
