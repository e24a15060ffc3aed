#!/usr/bin/env bash
# Goal: a machine with firmware tables, a network card and a disk of its own, made up below /sys in mounts of its own, is
# strong; what a plant does to it over the years keeps it active, another machine does not, and answers name the components.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
# shellcheck source=SCRIPTDIR/made_up_machine.sh
. "$PROJECT/tests/cli/made_up_machine.sh"

new_desk desk --allow vm,container
gives 0 on oak-machine-id show --json
is strength normal
! grep -qF -e PF3XK7QZ -e S4EWNX0M512733 -e 00:1b:21:3c:4d:5e out.txt || die "a raw serial number was shown"
gives 0 on oak-request create --product planner --version 3.5 --licence-key-file desk.key --state-dir machine --out request.oak
gives 0 issuer inspect request.oak --json
is policy.decision issue
gives 0 issuer issue request.oak --out activation.oak
gives 0 on oak-request import --state-dir machine --trust desk.trust activation.oak

judged() { gives "$1" on "${@:2}" oak-verifier check --product planner --version 3.5 --state-dir machine --trust desk.trust --json; }
judged 0
is hardware.score 11
is hardware.needed 7

# What is replaced in a machine's life.
other_uuid=uuid=1f9e0b6d-33a1-4c58-9c0e-7d52e6f4a801 other_serial=serial=PF9ZZ1AB other_board=board=W1KS99Z9C7D
judged 0 disk=S4EWNX0M999999 machine_id=0f0e0d0c0b0a09080706050403020100
is hardware.score 8
judged 0 mac=00:1b:21:aa:bb:cc
is hardware.score 8
judged 0 $other_uuid $other_board
judged 0 model='Line Controller 8'
is hardware.score 10
judged 0 serial='To be filled by O.E.M.'

# What makes it another machine; and each part that differs is named, no other.
judged 1 disk=S4EWNX0M999999 machine_id=0f0e0d0c0b0a09080706050403020100 mac=00:1b:21:aa:bb:cc
is verdict rebind
is reasons '["hardware"]'
is hardware.score 5
gives 1 on disk=S4EWNX0M999999 machine_id=0f0e0d0c0b0a09080706050403020100 mac=00:1b:21:aa:bb:cc \
  oak-verifier check --product planner --version 3.5 --state-dir machine --trust desk.trust
says "^hardware: .*\(disk, mismatch\)"
says "^hardware: .*\(mac, mismatch\)"
says "^hardware: .*\(machine_id, mismatch\)"
! grep -qE '\((product_uuid|product_serial|board_serial|model),' out.txt || die "a component that fits is accused"
judged 1 $other_uuid $other_serial $other_board mac=00:1b:21:aa:bb:cc
is hardware.score 4
judged 1 $other_uuid $other_serial $other_board mac=00:1b:21:aa:bb:cc disk=S4EWNX0M999999
is hardware.score 2

# The same before the screwdriver: what a check would say of it, and what would end it next.
rehearsed() { gives "$1" on oak-verifier rehearse --product planner --state-dir machine --trust desk.trust --json "${@:2}"; }
rehearsed 0
is score 11
is next_losses '[]'
rehearsed 0 --without mac:eth0
is score 8
is needed 7
is next_losses.0.component disk
is next_losses.0.label sda
is next_factors '["platform", "disks"]'
rehearsed 1 --without mac --without disk --without machine_id
is accept false
is score 5
gives 0 on disk=S4EWNX0M999999 oak-machine-id facts --out new-disk.json
gives 0 on $other_uuid $other_serial $other_board mac=00:1b:21:aa:bb:cc disk=S4EWNX0M999999 oak-machine-id facts --out other-box.json
rehearsed 0 --facts new-disk.json
is score 9
rehearsed 1 --facts other-box.json
is score 2
gives 1 on oak-verifier rehearse --product planner --state-dir machine --trust desk.trust --without platform --without mac
says '^rebind$'
says '^hardware: .*\(product_uuid, absent\)'
gives 0 on oak-verifier rehearse --product planner --state-dir machine --trust desk.trust --without mac:eth0
says '^next: each of these alone would end it: disk:sda, platform$'
refuses 2 on oak-verifier rehearse --product planner --state-dir machine --trust desk.trust --without mac:eth7
refuses 2 on oak-verifier rehearse --product planner --state-dir machine --trust desk.trust --without card
refuses 2 on oak-verifier rehearse --product planner --state-dir machine --trust desk.trust --without mac --facts new-disk.json
refuses 2 on oak-verifier rehearse --product planner --state-dir machine --trust desk.trust --facts desk.trust
refuses 2 on oak-verifier rehearse --product planner --state-dir machine --trust desk.trust --facts nowhere.json
refuses 2 on oak-verifier rehearse --state-dir machine --trust desk.trust
refuses 2 on oak-verifier rehearse --product nothing --state-dir machine --trust desk.trust
refuses 2 check --version 3.5 --without mac
[ "$(stat -c %a new-disk.json)" = 600 ] || die "facts can be read by others"

# The state carried to another box asks again with its machine key, and needs an operator's word for the move.
gives 0 on $other_uuid $other_serial $other_board mac=00:1b:21:aa:bb:cc disk=S4EWNX0M999999 \
  oak-request create --product planner --version 3.5 --state-dir machine --out moved.oak
gives 1 issuer issue moved.oak --out moved.activation.oak --json
is refused.0.code needs-receipt
gives 0 issuer issue moved.oak --out moved.activation.oak --approve rehost --reason 'moved to the new line'
gives 0 on $other_uuid $other_serial $other_board mac=00:1b:21:aa:bb:cc disk=S4EWNX0M999999 \
  oak-request import --state-dir machine --trust desk.trust moved.activation.oak
judged 0 $other_uuid $other_serial $other_board mac=00:1b:21:aa:bb:cc disk=S4EWNX0M999999
is activation.generation 2
# Never active as generation 1 again: where the newer one fits, the marks have moved on.
judged 1
is verdict rebind

# Grace, where the vendor gives it: days to ask for the next activation, once, and only near the machine that was active.
gives 0 issuer product change planner --grace 14
gives 0 on oak-request create --product planner --version 3.5 --licence-key-file desk.key --state-dir graced --out graced.oak
gives 0 issuer issue graced.oak --out graced.activation.oak --approve reinstall --reason test
gives 0 on oak-request import --state-dir graced --trust desk.trust graced.activation.oak
graced() { gives "$1" on "${@:2}" oak-verifier check --product planner --version 3.5 --state-dir graced --trust desk.trust --json; }
changed=(disk=S4EWNX0M999999 machine_id=0f0e0d0c0b0a09080706050403020100 mac=00:1b:21:aa:bb:cc)
graced 1 "${changed[@]}"
is grace_until null
graced 0
is grace_until null
graced 1 $other_uuid $other_serial $other_board mac=00:1b:21:aa:bb:cc disk=S4EWNX0M999999
is grace_until null
graced 0 "${changed[@]}"
is verdict active
is hardware.accept false
until=$(value grace_until)
days=$(((until - $(date +%s) + 60) / 86400))
[ "$days" = 14 ] || die "grace is for $days days"
[[ $(value next) == 'oak-request create --product planner --version 3.5'* ]] || die "next is not the request"
gives 0 on "${changed[@]}" oak-verifier check --product planner --version 3.5 --state-dir graced --trust desk.trust
says '^active$'
says '^hardware: .*\(disk, mismatch\)'
says '^grace: active until 20'
complains 'by grace this machine stays active until'
graced 0
is grace_until null
graced 0 "${changed[@]}"
is grace_until "$until"
passed
