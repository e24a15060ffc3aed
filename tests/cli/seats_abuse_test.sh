#!/usr/bin/env bash
# Goal: a real seat server under abuse. Wrong certificates and protocols, too much, wrong shapes, slow peers by the hundred, replays: each is refused
# with a reason or cut off, and the server goes on. A lease is worth nothing on another computer, for another product, and after its time; the
# server's own state is worth nothing on another machine.
# What it doesn't prove: what a flood from many addresses costs the network itself.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
# shellcheck source=SCRIPTDIR/made_up_machine.sh
. "$PROJECT/tests/cli/made_up_machine.sh"
# shellcheck source=SCRIPTDIR/seat_server.sh
. "$PROJECT/tests/cli/seat_server.sh"
/usr/bin/python3 -c 'import cbor2, cryptography' 2>/dev/null || cannot "python3-cbor2 and python3-cryptography are not there"
new_desk desk
gives 0 on oak-request create --product planner --version 3.5 --seats 3 --licence-key-file desk.key --site Dock --out request.oak --state-dir machine
gives 0 issuer issue request.oak --out activation.oak "${approved[@]}"
gives 0 on oak-request import activation.oak --state-dir machine --trust desk.trust
find_port
exec_on() { exec "${own_mounts[@]}" bash machine.sh "$@"; }
host=(exec_on) # serve runs there
serve --ttl 3
enrolled 1 && enrolled 2 && enrolled 3

gives 0 /usr/bin/python3 "$PROJECT/tests/seats/abuse.py" "$port" c3
says 'tricks did nothing'
kill -0 "$server" || die "the server is gone: $(cat server.log)"
gives 0 seat 1 acquire # the others were never in the way

# A lease that is over is not made good by putting it back, nor by another computer's, nor for another product.
lease=planner/seat/lease.oak
gives 0 seat 2 acquire
cp "c2/$lease" old.lease
gives 0 oak-verifier check --product planner --version 3.5 --state-dir c2 --trust desk.trust
sleep 4
gives 1 oak-verifier check --product planner --version 3.5 --state-dir c2 --trust desk.trust --json
is verdict expired
gives 0 seat 2 acquire
gives 0 seat 2 release
cp old.lease "c2/$lease"
gives 1 oak-verifier check --product planner --version 3.5 --state-dir c2 --trust desk.trust --json
is verdict superseded
cp "c1/$lease" "c2/$lease"
gives 1 oak-verifier check --product planner --version 3.5 --state-dir c2 --trust desk.trust --json
is verdict superseded
rm "c2/$lease"
mkdir -p c1/drawing
cp -a c1/planner/seat c1/drawing/seat
gives 1 oak-verifier check --product drawing --version 3.5 --state-dir c1 --trust desk.trust --json
is verdict malformed
refuses 1 oak-seat acquire --product drawing --state-dir c1

# A copied computer is found out, whoever of the two comes second; a copied host is another machine.
gives 0 seat 1 acquire
cp -a c1 c4
gives 0 seat 4 acquire
refuses 1 seat 1 acquire
complains 'second-holder'
stop
cp -a machine machine2
refuses 1 on uuid=9d3f1c52-7c4e-4f0a-b1d6-0a8e5b7c2d99 serial=PF3XK799 board=W1KS22U0B99 mac=00:1b:21:3c:4d:99 disk=S4EWNX0M512799 \
  machine_id=5c1b6f0a9d2e47f38b7a604d1e9f3c99 oak-seatd serve --product planner --listen "127.0.0.1:$port" --state-dir machine2 --trust desk.trust
complains 'not active: rebind'
serve --ttl 3
gives 0 seat 2 acquire
passed
