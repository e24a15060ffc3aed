#!/usr/bin/env bash
# Goal: a machine with firmware tables, a network card and a disk of its own, made up below /sys in mounts of its own, is
# strong; what a plant does to it over the years keeps it active, another machine does not, and answers name the components.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
# shellcheck source=SCRIPTDIR/../own_mounts.sh
. "$PROJECT/tests/own_mounts.sh"
find_own_mounts || cannot "made-up hardware needs mounts of one's own"

# on NAME=VALUE... COMMAND...: the command on the machine with those parts in place of its first ones.
cat >machine.sh <<'SH'
set -e
uuid=9d3f1c52-7c4e-4f0a-b1d6-0a8e5b7c2d31 serial=PF3XK7QZ board=W1KS22U0B4A mac=00:1b:21:3c:4d:5e
disk=S4EWNX0M512733 machine_id=5c1b6f0a9d2e47f38b7a604d1e9f3c25 model='Line Controller 7'
while [[ $1 == *=* ]]; do declare "$1"; shift; done
mount -t tmpfs none /sys
mkdir -p /sys/class/dmi/id /sys/class/net /sys/block /sys/devices/pci0/net/eth0 /sys/devices/pci0/block/sda/device
cd /sys/class/dmi/id
echo "$uuid" >product_uuid; echo "$serial" >product_serial; echo "$board" >board_serial
echo 'Example Works' >sys_vendor; echo "$model" >product_name; echo LC7 >board_name
cd /sys/devices/pci0/net/eth0
echo "$mac" >address; echo 0 >addr_assign_type; echo 1 >type
ln -s ../../devices/pci0/net/eth0 /sys/class/net/eth0
cd /sys/devices/pci0/block/sda
echo 0 >removable; echo "$disk" >device/serial
ln -s ../devices/pci0/block/sda /sys/block/sda
mount -t tmpfs none /etc
echo "$machine_id" >/etc/machine-id
cd "$HERE"
exec "$@"
SH
export HERE=$here
on() { "${own_mounts[@]}" bash machine.sh "$@"; }

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
passed
