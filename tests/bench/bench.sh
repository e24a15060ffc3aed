#!/usr/bin/env bash
# What a check at the product's start costs, in one run, as ratios against a floor that reads the same files and verifies as
# many signatures; beside it two common tools that verify one signature of the activation's file. Usage: bench.sh verify BUILD
set -euo pipefail
[ "$1" = verify ] || { echo "bench: there is: ./kit bench verify" >&2; exit 2; }
tests=$(readlink -f "$(dirname "$0")/..")
build=$(readlink -f "$2")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"
export PATH=$build/bin:$PATH OAK_DESK=$here/desk OAK_STATE_DIR=$here/state OAK_PASSPHRASE_FILE=$here/passphrase
check=(oak-verifier check --product bench --version 1 --trust trust.oak)

# An activation of this machine, by a desk with two roots of three.
echo bench >passphrase
{
  oak-issuer init
  oak-issuer trust --out trust.oak
  oak-issuer licence add --customer Bench --product bench --seats 1 --versions '*' --allow vm,container --json |
    sed -n 's/.*"licence_key": "\([^"]*\)".*/\1/p' >key
  oak-request create --product bench --version 1 --licence-key-file key --out request.oak
  oak-issuer issue request.oak --out activation.oak --approve weak --reason bench
  oak-request import activation.oak --trust trust.oak
  "${check[@]}"
} >log.txt 2>&1 || { cat log.txt >&2; exit 1; }

cc -O2 -I "$tests/.." "$tests/bench/floor.c" -o floor -static-pie -l:libsodium.a -lpthread
cc -O2 -I "$tests/.." "$tests/bench/library.c" -o library -L "$build/verifier" -loakverifier -lsodium -ldl -rdynamic \
  -Wl,-rpath,"$build/verifier"

# The files that a check reads, each once; folders, and files that are not there, are left out.
strace -qq -e trace=read -y -o trace.txt "${check[@]}" >/dev/null 2>&1 || { echo "bench: strace can't follow a check" >&2; exit 1; }
mapfile -t files < <(sed -n 's/^read([0-9]*<\(\/[^>]*\)>.* = [0-9].*/\1/p' trace.txt | sort -u)
[ "${#files[@]}" -ge 5 ] || { echo "bench: only ${#files[@]} files were read" >&2; exit 1; }

# System calls of a check by kind, with what strace itself costs taken off by a call that does next to nothing.
for _ in {1..40}; do strace -qq -c -w -o counts.txt "${check[@]}" >/dev/null 2>&1 && cat counts.txt; done >kinds.txt

# The activation's file under one signature of minisign's, and one of OpenSSL's.
{
  minisign -G -W -p minisign.pub -s minisign.key
  minisign -S -W -s minisign.key -m activation.oak -x activation.minisig
  minisign -V -q -p minisign.pub -m activation.oak -x activation.minisig
  openssl genpkey -algorithm ed25519 -out openssl.key
  openssl pkey -in openssl.key -pubout -out openssl.pub
  openssl pkeyutl -sign -inkey openssl.key -rawin -in activation.oak -out activation.sig
  openssl pkeyutl -verify -pubin -inkey openssl.pub -rawin -in activation.oak -sigfile activation.sig
} >log.txt 2>&1 || { cat log.txt >&2; exit 1; }

read -r verifications library least signatures kernel < <(./library bench 1 state trust.oak "${files[@]}")
/usr/bin/python3 - "$signatures" "$kernel" "$verifications" "$library" "$least" "${#files[@]}" ./floor "$verifications" "${files[@]}" -- "${check[@]}" <<'PY'
import os, statistics, sys, time

signatures, kernel = float(sys.argv[1]), float(sys.argv[2])
del sys.argv[1:3]
verifications, library, least, files = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
split = sys.argv.index("--")
floor, check = sys.argv[5:split], sys.argv[split + 1:]
quiet = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]

def run(words):
    start = time.perf_counter()
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=quiet)
    status = os.waitpid(pid, 0)[1]
    assert status == 0, (words, status)
    return (time.perf_counter() - start) * 1e6

# In turns, so that whatever else the machine does falls on both alike.
minisign = "minisign -V -q -p minisign.pub -m activation.oak -x activation.minisig".split()
openssl = "openssl pkeyutl -verify -pubin -inkey openssl.pub -rawin -in activation.oak -sigfile activation.sig".split()
times = [(run(floor), run(check), run(minisign), run(openssl)) for _ in range(1000)]
process_floor, process, process_minisign, process_openssl = (statistics.median(column) for column in zip(*times))
print(f"{files} files read, {verifications} Ed25519 signatures verified by each\n")
print(f"{'':40}{'median':>10}{'ratio':>8}")
for name, value, one in (("process: static floor in C", process_floor, process_floor),
                         ("process: oak-verifier check", process, process_floor),
                         ("process: minisign -V", process_minisign, process_floor),
                         ("process: openssl pkeyutl -verify", process_openssl, process_floor),
                         ("in a process: the same floor", least, least),
                         ("in a process: oak_open to oak_close", library, least)):
    print(f"{name:40}{value:7.0f} µs{value / one:8.2f}")

print("\nwhere the microseconds of oak_open to oak_close go")
for name, value in (("signatures", signatures), ("system calls", kernel), ("parsing, digests, rules; waiting for disks", library - signatures - kernel)):
    print(f"{name:44}{value:7.0f} µs{value / library:8.0%}")

# seconds and calls of each kind, the quickest of the runs: the others were interrupted
kinds = {}
for line in open("kinds.txt"):
    words = line.split()
    if len(words) < 5 or not words[0].replace(".", "").isdigit() or words[-1] == "total":
        continue
    kinds[words[-1]] = min(kinds.get(words[-1], (1e9, 0)), (float(words[1]), int(words[3])))
traced = kinds["geteuid"][0] / kinds["geteuid"][1]
print(f"\nsystem calls of oak-verifier check by kind{'calls':>18}{'about':>10}")
for name, (seconds, calls) in sorted(kinds.items(), key=lambda kind: kind[1][1] * traced - kind[1][0]):
    print(f"  {name:50}{calls:6}{max(seconds - calls * traced, 0) * 1e6:8.0f} µs")
PY
