#!/usr/bin/env bash
# What a seat server does a second: acquire and heartbeat by 64 clients beside the same server refusing an empty question, all of it through TLS
# and onto the disk; then 10,000 computers and 1,000 seats. Clients and server share the machine. Usage: seats.sh BUILD [SECONDS [FOLDER]]
set -euo pipefail
tests=$(readlink -f "$(dirname "$0")/..")
build=$(readlink -f "$1") seconds=${2:-5}
here=$(mktemp -d ${3:+-p "$3"})
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$here"' EXIT
read -ra flags < <(pkg-config --cflags --libs libsodium openssl fmt sqlite3)
g++ -std=c++20 -O2 -I "$tests/.." "$tests/bench/seats.cpp" -o "$here/seats" \
  -Wl,--start-group "$build"/seats/liboak_seat_*.a "$build/core/http/liboak_http.a" "$build/verifier/liboak_verifier_core.a" \
  "$build"/machine-id/liboak_machine.a "$build/core/liboak_core.a" -Wl,--end-group -lSQLiteCpp "${flags[@]}" -pthread
export PATH=$build/bin:$PATH
cd "$here"
echo 'the passphrase of the bench' >passphrase
issuer() { oak-issuer --desk desk --passphrase-file passphrase "$@"; }
{
  issuer init --roots 1 --threshold 1
  issuer trust --out trust.oak
  issuer licence add --customer Bench --product planner --seats 1000 --versions '3.*' --json
} >licence.json 2>/dev/null
sed -n 's/.*"licence_key": *"\([^"]*\)".*/\1/p' licence.json >licence.key
oak-request create --product planner --version 3.5 --seats 1000 --licence-key-file licence.key --site Bench --state-dir machine --out request.oak >/dev/null
issuer issue request.oak --out activation.oak --approve weak,not-allowed-here --reason bench >/dev/null
oak-request import activation.oak --state-dir machine --trust trust.oak >/dev/null

mkdir -m 700 machine/planner/seats
./seats enrol machine/planner/seats/seats.sqlite 20000
for port in $(shuf -i 20000-29999 -n 20); do
  if ! (exec 3<>/dev/tcp/127.0.0.1/"$port") 2>/dev/null; then break; fi
done
oak-seatd serve --product planner --listen "127.0.0.1:$port" --state-dir machine --trust trust.oak 2>server.log &
server=$!
until grep -q lending server.log; do
  kill -0 "$server" 2>/dev/null || { cat server.log >&2; exit 1; }
  sleep 0.1
done
echo "state on $(stat -f -c %T "$here"), $(nproc) processors"
# The computers that wait come after those that are measured.
./seats ask "https://127.0.0.1:$port" 64 "$seconds" 10000 10000
