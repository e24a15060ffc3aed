# shellcheck shell=bash
# A desk that answers over the network, and machines that ask it, in a time that the test sets. Sourced behind shell.sh:
#   at SECOND                    sets the clock of everything that is preloaded with it, the running server too
#   site N COMMAND...            runs a command on machine N, whose state is in sN
#   serve [OPTIONS...]           starts the server, or another one in its place; its log is server.log
#   refresh N [OPTIONS...]       site N asks it
# shellcheck disable=SC2154  # here, of shell.sh
# shellcheck source=SCRIPTDIR/made_up_machine.sh
. "$PROJECT/tests/cli/made_up_machine.sh"
cc -O1 -shared -fPIC "$PROJECT/tests/cli/fake_clock.c" -o fake_clock.so
# shellcheck disable=SC2034  # for the tests
day=86400 start=1800000000
at() { echo "$1" >clock.txt.new && mv clock.txt.new clock.txt; }
timed() { TEST_CLOCK_FILE=$here/clock.txt LD_PRELOAD=$here/fake_clock.so "$@"; }
desk() { timed oak-issuer --desk desk --passphrase-file passphrase "$@"; }
site() {
  local n=$1
  shift
  on uuid=9d3f1c52-7c4e-4f0a-b1d6-0a8e5b7c2d3"$n" serial=PF3XK7Q"$n" board=W1KS22U0B4"$n" mac=00:1b:21:3c:4d:5"$n" disk=S4EWNX0M51273"$n" \
    machine_id=5c1b6f0a9d2e47f38b7a604d1e9f3c2"$n" env TEST_CLOCK_FILE="$here/clock.txt" LD_PRELOAD="$here/fake_clock.so" "$@"
}

# The key of an unattended server, certified by two of the desk's roots.
server_key() {
  rm -f serve-[012].oak
  gives 0 desk key certify --kinds certificate --max-days 30 --out serve-0.oak
  gives 0 desk key sign serve-0.oak --root-dir desk/roots/1 --out serve-1.oak
  gives 0 desk key sign serve-1.oak --root-dir desk/roots/2 --out serve-2.oak
  gives 0 desk key import serve-2.oak
}

free_port() {
  local port
  for port in $(seq "$1" $(($1 + 40))); do
    if ! (exec 3<>/dev/tcp/127.0.0.1/"$port") 2>/dev/null; then echo "$port" && return; fi
  done
}
port=$(free_port "${first_port:-18443}")
server=
stop() {
  [ -n "$server" ] || return 0
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
trap '{ [ -z "$server" ] || kill -9 "$server"; wait; } 2>/dev/null || true; chmod -R u+w "$here" 2>/dev/null || true; rm -rf "$here"' EXIT
serve() {
  stop
  : >server.log
  # shellcheck disable=SC2154  # here
  TEST_CLOCK_FILE=$here/clock.txt LD_PRELOAD="$here/fake_clock.so ${preloaded:-}" oak-issuer --desk desk --passphrase-file passphrase serve \
    --listen 127.0.0.1:"$port" "$@" 2>server.log >server.out </dev/null &
  server=$!
  for _ in $(seq 200); do
    ! grep -q 'answering on' server.log || break
    kill -0 "$server" 2>/dev/null || die "the server did not start: $(cat server.log)"
    sleep 0.05
  done
  pin=$(sed -n 's/.*--server-key \([0-9a-f]*\)$/\1/p' server.log)
}
refresh() {
  local n=$1
  shift
  site "$n" oak-request refresh --product planner --server "${url:-https://127.0.0.1:$port}" ${pin:+--server-key "$pin"} --state-dir "s$n" \
    --trust desk.trust "$@"
}
# The verdict through the C API: the tool is static, and no clock can be put before it.
export LD_LIBRARY_PATH=$2/verifier
verdict() { # verdict N EXPECTED
  local code=1
  [ "$2" != active ] || code=0
  gives $code site "$1" oak-verifier-example planner 3.5 1 "s$1" desk.trust
  head -1 out.txt >first.txt && mv first.txt out.txt && is verdict "$2"
}
