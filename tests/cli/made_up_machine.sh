# shellcheck shell=bash
# A machine with firmware tables, a network card and a disk of its own, made up below /sys in mounts of its own. Sourced
# behind shell.sh: on NAME=VALUE... COMMAND... runs the command on it, with those parts in place of its first ones.
# shellcheck source=SCRIPTDIR/../own_mounts.sh
. "$PROJECT/tests/own_mounts.sh"
find_own_mounts || cannot "made-up hardware needs mounts of one's own"

cat >machine.sh <<'SH'
set -e
uuid=9d3f1c52-7c4e-4f0a-b1d6-0a8e5b7c2d31 serial=PF3XK7QZ board=W1KS22U0B4A mac=00:1b:21:3c:4d:5e
disk=S4EWNX0M512733 machine_id=5c1b6f0a9d2e47f38b7a604d1e9f3c25 model='Line Controller 7'
while [[ $1 == *=* ]]; do declare "$1"; shift; done
. "$PROJECT/tests/cli/devices.sh"
made_up_firmware "$uuid" "$serial" "$board" "$model"
made_up_devices "$mac" "$disk"
mount -t tmpfs none /etc
echo "$machine_id" >/etc/machine-id
cd "$HERE"
exec "$@"
SH
export HERE=$PWD
on() { "${own_mounts[@]}" bash machine.sh "$@"; }
