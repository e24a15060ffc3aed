#!/usr/bin/env bash
# Measures a start of the product against what it costs at least, in one run, as ratios. Usage: bench.sh verify TOOLS
set -euo pipefail
[ "$1" = verify ] || { echo "there is: ./kit bench verify" >&2; exit 2; }
project=$(readlink -f "$(dirname "$0")/../..")
bin=$(readlink -f "$2")
build=$(dirname "$bin")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"
export PATH=$bin:$PATH OAK_DESK=$here/desk OAK_PASSPHRASE_FILE=$here/passphrase
echo bench >passphrase
{
  oak-issuer init
  oak-issuer trust --out trust.oak
  oak-issuer licence add --customer Bench --product bench --seats 1 --versions '*' --json | sed -n 's/.*"licence_key": "\([^"]*\)".*/\1/p' >key
  oak-request create --product bench --version 1 --state-dir state --licence-key-file key --out request.oak
  oak-issuer issue request.oak --out activation.oak --approve weak --reason bench
  oak-request import activation.oak --state-dir state --trust trust.oak
} >/dev/null 2>&1
cc -O2 "$project/tests/bench/floor.c" -o floor -static-pie -l:libsodium.a -lpthread
cc -O2 -I "$project" "$project/tests/bench/library.c" -o library -L "$build/verifier" -loakverifier -lsodium -Wl,-rpath,"$build/verifier"

# Trust by two roots, the issuer's certificate by two roots, the activation by the issuer.
verifications=5
mapfile -t files < <(ls state/bench/*.oak state/bench/fingerprint-*.key; echo trust.oak; ls -d \
  /sys/class/dmi/id/{product_uuid,product_serial,board_serial,sys_vendor,product_name,board_name} /etc/machine-id /proc/cpuinfo \
  /sys/class/net/*/address /sys/block/*/serial /sys/block/*/removable 2>/dev/null)

# Alternating runs, so that whatever else the machine does falls on both alike.
/usr/bin/python3 - "$verifications" "${files[@]}" <<'PY'
import os, statistics, sys, time
verifications, files = sys.argv[1], sys.argv[2:]
commands = {
    "floor": ["./floor", verifications, *files],
    "check": ["oak-verifier", "check", "--product", "bench", "--version", "1", "--state-dir", "state", "--trust", "trust.oak"],
}
null = os.open("/dev/null", os.O_RDWR)
def run(words):
    start = time.perf_counter()
    pid = os.posix_spawnp(words[0], words, os.environ,
                          file_actions=[(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
    status = os.waitpid(pid, 0)[1]
    assert status == 0, (words, status)
    return (time.perf_counter() - start) * 1e6
times = {name: [] for name in commands}
for _ in range(400):
    for name, words in commands.items():
        times[name].append(run(words))
median = {name: statistics.median(values) for name, values in times.items()}
print(f"{'':34}{'median, µs':>12}{'ratio':>8}")
print(f"{'process: static floor in C':34}{median['floor']:12.0f}{1:8.2f}")
print(f"{'process: oak-verifier check':34}{median['check']:12.0f}{median['check'] / median['floor']:8.2f}")
PY
read -r library bare < <(./library bench 1 state trust.oak "$verifications" "${files[@]}")
/usr/bin/python3 -c 'import sys
library, bare = map(float, sys.argv[1:])
print("%-34s%12.0f%8.2f\n%-34s%12.0f%8.2f" % ("in process: bare loop in C", bare, 1, "in process: oak_open … oak_close", library, library / bare))' "$library" "$bare"
