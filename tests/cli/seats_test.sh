#!/usr/bin/env bash
# Goal: seats from the command line: enrolled with a one-time code, lent first come first served, renewed, lost and told, borrowed, and
# never more than there are; a check answers for the lease; copies, strangers and wrong servers are refused with a reason.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

new_desk desk
gives 0 create --version 3.5 --seats 3 --licence-key-file desk.key --site Dock --out request.oak
gives 0 issuer issue request.oak --out activation.oak "${approved[@]}"
gives 0 import activation.oak

# Wrong words first: nothing is served.
refuses 2 oak-seatd serve --product planner --listen nonsense --state-dir machine --trust desk.trust
refuses 2 oak-seatd serve --product planner --listen 0.0.0.0:0 --plain --state-dir machine --trust desk.trust
refuses 1 oak-seatd serve --product other --listen 127.0.0.1:7000 --state-dir machine --trust desk.trust
refuses 2 oak-seatd code --state-dir nowhere

# shellcheck source=SCRIPTDIR/seat_server.sh
. "$PROJECT/tests/cli/seat_server.sh"
find_port
serve --ttl 60
# A second server on the same state would lend every seat twice.
refuses 2 oak-seatd serve --product planner --listen 127.0.0.1:$((port + 50)) --state-dir machine --trust desk.trust

refuses 1 seat 1 acquire # not enrolled
complains 'oak-seat enrol'
one=$(code)
refuses 2 seat 1 enrol --server "$url" --code nonsense --trust desk.trust
refuses 2 seat 1 enrol --server http://192.0.2.1:80 --code "$one" --trust desk.trust
other_letter() { if [ "$1" = A ]; then echo B; else echo A; fi; }
refuses 2 seat 1 enrol --server "$url" --code "$(other_letter "${one:0:1}")${one:1}" --trust desk.trust
complains 'not the server that made this code'
refuses 1 seat 1 enrol --server "$url" --code "${one:0:25}$(other_letter "${one:25:1}")${one:26}" --trust desk.trust
complains 'bad-code'
gives 0 seat 1 enrol --server "$url" --code "$one" --trust desk.trust --name "computer 1"
gives 0 seat 1 enrol --server "$url" --code "$one" --trust desk.trust --name "computer 1" # the answer may have been lost
refuses 1 seat 2 enrol --server "$url" --code "$one" --trust desk.trust # once only
complains 'bad-code'
for i in 2 3 4 5; do enrolled "$i"; done

# Three of five; the others are told their place.
for i in 1 2 3; do
  gives 0 seat "$i" acquire --json
  is held true
  is ttl_ms 60000
done
gives 1 seat 4 acquire --json
is held false
is position 1
gives 1 seat 5 acquire --json
is position 2
gives 0 seat 1 acquire --json # again is not a second seat
gives 0 seat 1 status --json
is seats 3
[ "$(value held | grep -o computer\" | wc -l)" -eq 3 ] || die "three hold a seat"
is waiting.0.computer "$(value waiting.0.computer)"
value waiting.0.computer | grep -q '^computer 4 ' || die "number four is the first in the line"

# The verifier answers for the lease, by the whole chain.
gives 0 oak-verifier check --product planner --version 3.5 --state-dir c1 --trust desk.trust --json
is verdict active
gives 1 oak-verifier check --product planner --version 4.0 --state-dir c1 --trust desk.trust --json
is reasons '["version"]'
gives 1 oak-verifier check --product planner --version 3.5 --seats 2 --state-dir c1 --trust desk.trust --json
is reasons '["licence"]'
gives 1 oak-verifier check --product planner --version 3.5 --state-dir c4 --trust desk.trust --json
is verdict expired
value next | grep -q 'oak-seat acquire' || die "what helps is to ask for a seat"

# Given back, the seat is the first one's.
gives 0 seat 1 release --json
gives 1 oak-verifier check --product planner --version 3.5 --state-dir c1 --trust desk.trust --json
is verdict expired
gives 1 seat 5 acquire --json
gives 0 seat 4 acquire --json

# Killed at any time, the server forgets nobody and lends nothing twice.
for _ in 1 2 3; do
  kill -9 "$server"
  wait "$server" 2>/dev/null || true
  refuses 2 seat 2 acquire
  complains 'does not answer'
  serve --ttl 60
  gives 0 seat 2 acquire --json
  gives 1 seat 1 acquire --json
done

# A copied enrolment is found out at its first word after the first one's.
gives 0 seat 2 acquire
cp -a c2 copy
gives 0 seat 2 acquire
refuses 1 oak-seat acquire --product planner --state-dir copy
complains 'second-holder'
gives 0 seat 2 acquire
gives 0 seat 2 status --json
value second_holders | grep -q 'computer 2' || die "the status does not tell of the copy"

# A lease of one computer in the state of another is none.
cp c2/planner/seat/lease.oak c5/planner/seat/lease.oak
gives 1 oak-verifier check --product planner --version 3.5 --state-dir c5 --trust desk.trust --json
is verdict malformed
rm c5/planner/seat/lease.oak

# A server that was started with a shorter ttl counts the longer leases that are out there to their end.
stop
serve --ttl 3
gives 1 seat 1 acquire --json
for i in 2 3 4; do gives 0 seat "$i" release; done

# A program holds a seat while it runs; it ends as the program ends; without a seat it is not started.
# shellcheck disable=SC2016  # for the command's own shell
gives 7 oak-seat run --product planner --state-dir c1 -- sh -c 'grep -q "held\": true" "$OAK_SEAT_STATUS" && exit 7'
gives 0 seat 1 status --json
is held '[]'
# Core files: the tool, which holds a key, leaves none; the command may, as it could without the tool.
if [ "$(ulimit -H -c)" != 0 ]; then
  # shellcheck disable=SC2016
  core_limits='[ "$(ulimit -S -c)" != 0 ] && grep -q "^Max core file size  *0 " "/proc/$PPID/limits"'
  (ulimit -S -c "$(ulimit -H -c)" && gives 0 oak-seat run --product planner --state-dir c1 -- bash -c "$core_limits")
fi
stop
serve --ttl 60
for i in 1 5; do gives 0 seat "$i" release; done
for i in 2 3 4; do gives 0 seat "$i" acquire; done
gives 75 oak-seat run --product planner --state-dir c5 -- true
for i in 2 3 4; do gives 0 seat "$i" release; done
# What a program uses is not given back under its hands, and signals reach it.
# shellcheck disable=SC2016  # for the command's own shell
oak-seat run --product planner --state-dir c1 -- sh -c 'trap "exit 9" TERM; trap "echo usr1" USR1; echo begun; while :; do sleep 0.1; done' >run.out 2>&1 &
program=$!
for _ in $(seq 100); do
  if grep -q begun run.out; then break; fi
  sleep 0.1
done
refuses 1 seat 1 release
complains 'used by a program'
gives 0 seat 1 acquire # a second start of the same computer
kill -USR1 "$program"
for _ in $(seq 100); do
  if grep -q usr1 run.out; then break; fi
  sleep 0.1
done
grep -q usr1 run.out || die "the signal did not reach the program: $(cat run.out)"
kill -TERM "$program"
code=0
wait "$program" || code=$?
[ "$code" -eq 9 ] || die "the program ended with 9, and oak-seat with $code"
gives 0 seat 1 status --json
is held '[]'
gives 127 oak-seat run --product planner --state-dir c5 --wait 8 -- no-such-command-at-all
stop
serve --ttl 3

# Who loses the server goes on, and is told.
cat >watch.sh <<'SH'
for _ in $(seq 200); do
  if grep -q '"held": false' "$OAK_SEAT_STATUS"; then echo lost; exit 0; fi
  sleep 0.05
done
echo never; exit 1
SH
oak-seat run --product planner --state-dir c1 --wait 8 -- sh watch.sh >watch.out 2>watch.err &
watcher=$!
for _ in $(seq 100); do
  if ls c1/planner/seat/run-*.json >/dev/null 2>&1; then break; fi
  sleep 0.1
done
kill -9 "$server"
wait "$server" 2>/dev/null || true
wait "$watcher" || die "the program was not told: $(cat watch.out watch.err)"
grep -q '^lost' watch.out || die "the program was not told that its seat is lost"
serve --ttl 3

# Borrowed: outlasts the ttl and the server.
sleep 4
gives 0 seat 2 acquire
refuses 1 seat 2 borrow --days 60
gives 0 seat 2 borrow --days 3 --json
is borrowed true
sleep 4
gives 0 oak-verifier check --product planner --version 3.5 --state-dir c2 --trust desk.trust
gives 0 seat 1 status --json
is held.0.borrowed true
gives 0 seat 2 release

# Another server than the one that is known.
stop
gives 0 oak-request create --product planner --version 3.5 --seats 3 --licence-key-file desk.key --site Other --state-dir machine2 --out other.oak
gives 0 issuer licence change "$(cat desk.licence)" --seats 9
gives 0 issuer issue other.oak --out other.activation.oak --approve weak,not-allowed-here,reinstall,rehost --reason test
gives 0 oak-request import other.activation.oak --state-dir machine2 --trust desk.trust
oak-seatd serve --product planner --listen 127.0.0.1:"$port" --state-dir machine2 --trust desk.trust --ttl 3 2>server.log &
server=$!
for _ in $(seq 100); do
  if grep -q lending server.log; then break; fi
  sleep 0.05
done
refuses 2 seat 3 acquire
complains 'another server'
passed
