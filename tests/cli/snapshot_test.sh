#!/usr/bin/env bash
# Goal: a product that runs as nobody is active by the boot snapshot where it would not be without; whatever else could have
# made that file, above all somebody in a user namespace of his own, is refused with the reason; and the boot unit, with no more
# rights than it has, does what it is there for. Cards with a changed address are tests/unit/machine_id_snapshot_test.cpp's.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
# shellcheck source=SCRIPTDIR/../own_mounts.sh
. "$PROJECT/tests/own_mounts.sh"
[ "$(id -u)" -eq 0 ] || cannot "becoming nobody needs root"
find_own_mounts || cannot "made-up hardware needs mounts of one's own"

# on NAME=VALUE... COMMAND...: the command on a machine whose firmware numbers are root's to read, with a group oak, and a /run
# that is kept from one command to the next.
oak_group=4711
cat >machine.sh <<'SH'
set -e
serial=PF3XK7QZ mac=00:1b:21:3c:4d:5e disk=S4EWNX0M512733 machine_id=5c1b6f0a9d2e47f38b7a604d1e9f3c25
while [[ $1 == *=* ]]; do declare "$1"; shift; done
. "$PROJECT/tests/cli/devices.sh"
made_up_firmware 9d3f1c52-7c4e-4f0a-b1d6-0a8e5b7c2d31 "$serial" W1KS22U0B4A 'Line Controller 7'
made_up_devices "$mac" "$disk"
mount -t tmpfs -o mode=755 none /etc
echo "$machine_id" >/etc/machine-id
echo "oak:x:$oak_group:" >/etc/group
mount --bind "$HERE/run" /run
cd "$HERE"
exec "$@"
SH
mkdir run tools
cp "$(command -v oak-request)" "$(command -v oak-verifier)" "$(command -v oak-machine-id)" tools
export HERE=$here PATH=$here/tools:$PATH oak_group
on() { "${own_mounts[@]}" bash machine.sh "$@"; }
nobody=(setpriv --reuid=65534 --regid=65534 --groups="$oak_group")
checking=(oak-verifier check --product planner --version 3.5 --state-dir machine --trust desk.trust --json)
another_disk=disk=S4EWNX0M999999
"${nobody[@]}" true || cannot "becoming nobody needs setpriv"

new_desk desk --allow vm,container
gives 0 on oak-request create --product planner --version 3.5 --licence-key-file desk.key --state-dir machine --out request.oak
gives 0 issuer issue request.oak --out activation.oak
gives 0 on oak-request import --state-dir machine --trust desk.trust activation.oak

# unit COMMAND...: root with the rights of the boot unit and no others.
rights=$(sed -n 's/^CapabilityBoundingSet=CAP_//p' "$PROJECT/packaging/oak-snapshot@.service" | tr '[:upper:]' '[:lower:]')
unit() { on setpriv --bounding-set="-all${rights:+,+$rights}" --inh-caps=-all "$@"; }
gives 0 unit oak-verifier status --product planner --state-dir machine --trust desk.trust
# Root's first check of the product's version is what an activation counts from; a look without a version is none.
gives 0 unit "${checking[@]}"
for file in machine/planner/{marks.oak,activation-*.oak,fingerprint-*.key}; do
  [ "$(stat -c '%a %u %g' "$file")" = "640 0 $oak_group" ] || die "$file is $(stat -c '%a %u %g' "$file")"
done

# Without a snapshot the verdict hangs by a thread, and the answer says what helps.
gives 0 on "${nobody[@]}" "${checking[@]}"
is hardware.score 7
is hardware.components.0.state unreadable
says 'could not read product_uuid, product_serial, board_serial: no permission: run as root or enable the boot unit \(systemctl enable oak-snapshot@planner\)'
gives 1 on $another_disk "${nobody[@]}" "${checking[@]}"
is verdict rebind
is hardware.score 5
gives 0 on "${nobody[@]}" oak-machine-id show
says 'product_uuid: unreadable \(no permission: run as root or enable the boot unit \(systemctl enable oak-snapshot@PRODUCT\)\)'

# It is root's to take, and only for a product that has a key.
refuses 2 on "${nobody[@]}" oak-machine-id snapshot --product planner --state-dir machine
complains 'systemctl enable --now oak-snapshot@'
refuses 1 on oak-machine-id snapshot --product painter --state-dir machine
complains 'there is no fingerprint key'
refuses 2 on oak-machine-id snapshot --product ../planner --state-dir machine
refuses 2 on oak-machine-id snapshot
[ ! -e run/oak ] || [ -z "$(ls -A run/oak)" ] || die "a refused snapshot left something behind"

snapshot=run/oak/planner.fingerprint
(umask 077 && gives 0 unit oak-machine-id snapshot --product planner --state-dir machine --json)
is out /run/oak/planner.fingerprint
is keys 1
[ "$(stat -c '%F %a %u' $snapshot)" = "regular file 644 0" ] || die "the snapshot is $(stat -c '%F %a %u' $snapshot)"
[ "$(stat -c '%a %u' run/oak)" = "755 0" ] || die "its folder is $(stat -c '%a %u' run/oak)"
[ "$(ls -A run/oak)" = planner.fingerprint ] || die "there is more: $(ls -A run/oak)"
! grep -qaiF -e PF3XK7QZ -e W1KS22U0B4A -e 9d3f1c52 -e 00:1b:21:3c:4d:5e -e S4EWNX0M512733 -e 5c1b6f0a $snapshot ||
  die "a raw value is in the snapshot"

gives 0 on "${nobody[@]}" "${checking[@]}"
is hardware.score 11
is warnings '[]'
gives 0 on $another_disk "${nobody[@]}" "${checking[@]}"
is hardware.score 9
# What nobody can read himself is read live, and so is everything where root asks.
gives 1 on $another_disk mac=00:1b:21:aa:bb:cc machine_id=0f0e0d0c0b0a09080706050403020100 "${nobody[@]}" "${checking[@]}"
is hardware.score 5
gives 0 on serial=PF9ZZ1AB "${checking[@]}"
is hardware.components.1.component product_serial
is hardware.components.1.state mismatch

# refused_for REASON COMMAND...: the platform stays unreadable, which makes this a rebind, and the answer names the reason.
refused_for() {
  local reason=$1
  shift
  gives 1 on $another_disk "$@"
  is verdict rebind
  is hardware.score 5
  is hardware.components.0.state unreadable
  says "the boot snapshot '/run/oak/planner.fingerprint' is not used: $reason"
}
cp -p $snapshot genuine
# changed REASON COMMAND...: COMMAND does something to the snapshot; then it is put back and counts again.
changed() {
  local reason=$1
  shift
  "$@"
  refused_for "$reason" "${nobody[@]}" "${checking[@]}"
  rm -f $snapshot
  cp -p genuine $snapshot
  gives 0 on $another_disk "${nobody[@]}" "${checking[@]}"
}
# patch FIND REPLACE: bytes in hex, of the same length, the first time they occur.
patch() {
  /usr/bin/python3 - $snapshot "$1" "$2" <<'PY'
import sys
path, old, new = sys.argv[1], bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])
with open(path, "r+b") as file:
    data = file.read()
    assert old in data and len(old) == len(new)
    file.seek(0)
    file.write(data.replace(old, new, 1))
PY
}
link_elsewhere() { mv $snapshot run/elsewhere && ln -s ../elsewhere $snapshot; }
make_pipe() { rm $snapshot && mkfifo $snapshot; }
key_id=$(basename machine/planner/fingerprint-*.key .key)
key_id=${key_id#fingerprint-}
boot=$(tr -d - </proc/sys/kernel/random/boot_id)
changed "it was not taken in this boot" patch "$boot" "$(printf '%032x' 7)"
changed "it is not root's" chown 65534 $snapshot
changed "others than root may write it" chmod g+w $snapshot
changed "others than root may write it" chmod o+w $snapshot
changed "it is a link" link_elsewhere
changed "it is a link, or no regular file" make_pipe
changed "it is damaged" truncate -s -1 $snapshot
changed "it is damaged" truncate -s 0 $snapshot
changed "it is another product's" patch "$(printf planner | od -An -tx1 | tr -d ' ')" "$(printf painter | od -An -tx1 | tr -d ' ')"
changed "it was taken before this activation came" patch "$key_id" "$(printf '%016x' 7)"
changed "permission denied" chmod 600 $snapshot

# Somebody in the group oak carries the state away, becomes root in a user namespace and puts there what he likes.
cat >forge.sh <<'SH'
set -e
how=$1
shift
mount -t tmpfs none /run
mkdir /run/oak
cp genuine /run/oak/planner.fingerprint
chmod 644 /run/oak/planner.fingerprint
case $how in
  map) mount --bind identity "/proc/$$/uid_map" ;;
  folder) mount --rbind fake_self "/proc/$$" ;;
  proc) mount --bind fake_proc /proc ;;
esac
exec "$@"
SH
cp -r machine carried
chown -R 65534:65534 carried
printf '%10u %10u %10u\n' 0 0 4294967295 >identity
[ "$(cat identity)" = "$(cat /proc/self/uid_map)" ] || cannot "the tests themselves run in a user namespace"
mkdir -p fake_self fake_proc/self fake_proc/sys/kernel/random
cp identity fake_self/uid_map
cp identity fake_proc/self/uid_map
cp /proc/sys/kernel/random/boot_id fake_proc/sys/kernel/random
cp /proc/cpuinfo fake_proc
in_own_users=("${nobody[@]}" unshare --user --map-root-user --mount)
on "${in_own_users[@]}" true 2>err.txt || cannot "user namespaces: $(cat err.txt)"
carried_check=(oak-verifier check --product planner --version 3.5 --state-dir carried --trust desk.trust --json)
for how in plain map folder proc; do
  refused_for "this process has user ids of its own" "${in_own_users[@]}" bash forge.sh $how "${carried_check[@]}"
done
# The same file, put there by root, would have counted: it is the namespace that makes the difference.
gives 0 on $another_disk "${nobody[@]}" "${carried_check[@]}"

# The unit is one that systemd understands; it says so by saying nothing.
if command -v systemd-analyze >/dev/null; then
  sed "s#/usr/bin/oak-#$here/tools/oak-#" "$PROJECT/packaging/oak-snapshot@.service" >oak-snapshot@.service
  gives 0 systemd-analyze verify --man=no "$here/oak-snapshot@planner.service"
  [ ! -s err.txt ] || die "systemd complains of the unit"
  echo 'ProtectHomes=yes' >>oak-snapshot@.service
  systemd-analyze verify --man=no "$here/oak-snapshot@planner.service" >out.txt 2>&1 || true
  says 'ProtectHomes' || die "systemd-analyze finds no fault in what has one"
else
  echo "the unit was not checked: there is no systemd-analyze" >&2
fi
passed
