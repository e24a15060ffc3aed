# shellcheck shell=bash
# A machine with firmware numbers of root's, its own /etc, /run and /var/lib: on [NAME=VALUE...] COMMAND... runs a command
# there, in the default folders. Sourced after shell.sh and find_own_mounts, which say what these are:
# shellcheck disable=SC2154  # here, own_mounts
cat >machine.sh <<'SH'
set -e
serial=PF3XK7QZ mac=00:1b:21:3c:4d:5e disk=S4EWNX0M512733 machine_id=5c1b6f0a9d2e47f38b7a604d1e9f3c25 read_only_run=
while [[ $1 == *=* ]]; do declare "$1"; shift; done
. "$PROJECT/tests/cli/devices.sh"
made_up_firmware 9d3f1c52-7c4e-4f0a-b1d6-0a8e5b7c2d31 "$serial" W1KS22U0B4A 'Line Controller 7'
made_up_devices "$mac" "$disk"
echo "$machine_id" >"$HERE/etc/machine-id"
mount --bind "$HERE/etc" /etc
mount --bind "$HERE/run" /run
[ -z "$read_only_run" ] || mount -o remount,bind,ro /run
mkdir -p /var/lib
mount --bind "$HERE/var" /var/lib
cd "$HERE"
exec "$@"
SH
mkdir -p run var etc/oak/trust tools
cp "$(command -v oak-request)" "$(command -v oak-verifier)" tools
export HERE=$here PATH=$here/tools:$PATH
on() { "${own_mounts[@]}" bash machine.sh "$@"; }
