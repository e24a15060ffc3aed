#!/usr/bin/env bash
# Goal: on a booted machine, firmware, NVMe disk and network cards as a real kernel shows them, an activation made over the gap
# holds or asks for a rebind as docs/binding.md says, and the answer names what differs. OAK_VM_BOOTS=all boots every case.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"
# shellcheck source=SCRIPTDIR/vm.sh
. "$PROJECT/tests/vm/vm.sh" "$@"
make_initramfs
new_desk desk --allow vm
cp desk.key carried/
cp desk.trust carried/planner.oak

# differ: what the last answer names as neither matching nor absent, by component and state, in one line.
differ() {
  /usr/bin/python3 -c '
import json
hardware = json.load(open("out.txt"))["hardware"]["components"]
print(*sorted(c["component"] + ":" + c["state"] for c in hardware if c["state"] not in ("match", "absent")))'
}

# judged BOOT[/COMMAND] VERDICT SCORE [COMPONENT:STATE...]: what that boot's check said, and what it named.
judged() {
  local boot=${1%%/*} command=check verdict=$2 score=$3 named
  [[ $1 != */* ]] || command=${1#*/}
  shift 3
  answered "$boot" "$command" "$([ "$verdict" = active ] && echo 0 || echo 1)"
  is verdict "$verdict"
  is hardware.score "$score"
  is hardware.enrolled 11
  named=$(differ)
  [ "$named" = "$*" ] || die "$boot, $command names '$named', expected '$*'"
}
# checked BOOT [PART=VALUE...]: boots it so, and checks.
checked() { boot "$@" <<<'run check check'; }

boot enrol <<'GUEST'
run show oak-machine-id show --json
run create oak-request create --product planner --version 3.5 --licence-key-file desk.key --out /out/request.oak
GUEST
answered enrol show 0
is strength normal
is enrolled 11
is environment.virtual_machine hypervisor
! grep -qE "${machine[serial]}|${machine[disk]}|${machine[mac]}" out.txt || die "a raw serial number was shown"
answered enrol create 0
gives 0 issuer inspect enrol/request.oak --json
is policy.decision issue
gives 0 issuer issue enrol/request.oak --out carried/activation.oak

other_board=(uuid=1f9e0b6d-33a1-4c58-9c0e-7d52e6f4a801 serial=PF9ZZ1AB board=W1KS99Z9C7D)
other_card=mac=00:1b:21:aa:bb:cc
other_disk=disk=S4EWNX0M999999
other_id=machine_id=0f0e0d0c0b0a09080706050403020100

boot disk "$other_disk" <<'GUEST'
run install oak-verifier install activation.oak
run check check
GUEST
answered disk install 0
judged disk active 9 disk:mismatch disk:new

checked card_disk_id "$other_card" "$other_disk" "$other_id"
judged card_disk_id rebind 5 disk:mismatch disk:new mac:mismatch mac:new machine_id:mismatch
is reasons '["hardware"]'

checked board_card "${other_board[@]}" "$other_card"
judged board_card rebind 4 board_serial:mismatch mac:mismatch mac:new product_serial:mismatch product_uuid:mismatch

[ "${OAK_VM_BOOTS:-}" = all ] || { passed; exit 0; }

checked same
judged same active 11
checked card "$other_card"
judged card active 8 mac:mismatch mac:new
checked board "${other_board[@]}"
judged board active 7 board_serial:mismatch product_serial:mismatch product_uuid:mismatch
checked board_reprogrammed "${other_board[@]}" serial="${machine[serial]}"
judged board_reprogrammed active 11 board_serial:mismatch product_uuid:mismatch
checked image_elsewhere "${other_board[@]}" "$other_card" "$other_disk"
judged image_elsewhere rebind 2 board_serial:mismatch disk:mismatch disk:new mac:mismatch mac:new product_serial:mismatch product_uuid:mismatch
checked firmware_memory_processor bios=2.7 memory=384 cpu=Nehalem
judged firmware_memory_processor active 10 model:mismatch
checked twin_uuid uuid=521c3f9d-4e7c-0a4f-b1d6-0a8e5b7c2d31 serial=none board='Default string'
judged twin_uuid active 11 board_serial:placeholder product_serial:placeholder

# A bond of two cards shows one address on both, a bridge has one of its own, and an operator may set any.
boot bond mac2=00:1b:21:77:88:99 <<'GUEST'
modprobe -a bonding bridge
ip link add br0 type bridge
echo active-backup >/sys/class/net/bond0/bonding/mode
ip link set dev bond0 up
echo +eth1 >/sys/class/net/bond0/bonding/slaves
echo +eth0 >/sys/class/net/bond0/bonding/slaves
run shown ip link show eth0
run check check
GUEST
answered bond shown 0
says 'master bond0'
grep -q 00:1b:21:77:88:99 out.txt || die "the bond did not give its card another address"
judged bond active 11 mac:new
boot set_address <<'GUEST'
ip link set dev eth0 address 02:00:00:00:00:01
run check check
run show oak-machine-id show --json
GUEST
judged set_address active 8 mac:unreadable
answered set_address show 0
is enrolled 11

# Whoever is not root reads no serial number of the platform: unreadable, said so, and no less asked for. The snapshot that root
# took at boot makes up for it; not one of another boot, and not one in a namespace where anybody is root and owns what he copied.
unreadable='board_serial:unreadable %s product_serial:unreadable product_uuid:unreadable'
disk_too=${unreadable/\%s/disk:mismatch disk:new}
boot nobody <<<'run check as_nobody check'
# shellcheck disable=SC2046,SC2059  # words, to be split
judged nobody active 7 $(printf "$unreadable")
boot snapshot "$other_disk" <<'GUEST'
run before as_nobody check
run taken oak-machine-id snapshot --product planner
run check as_nobody check
mv /run/oak/planner.fingerprint /tmp/genuine
cat >/tmp/forge <<'FORGE'
mount -t tmpfs none /run
mkdir /run/oak
cp /tmp/genuine /run/oak/planner.fingerprint
cp -r /var/lib/oak /run/state
cp /etc/oak/trust/planner.oak /run/trust.oak
exec check --state-dir /run/state --trust /run/trust.oak
FORGE
run forged as_nobody 'unshare -rm sh /tmp/forge'
cp /tmp/genuine /out/genuine
GUEST
# shellcheck disable=SC2086
{
  judged snapshot/before rebind 5 $disk_too
  answered snapshot taken 0
  judged snapshot active 9 disk:mismatch disk:new
  judged snapshot/forged rebind 5 $disk_too
  says /proc/self/uid_map
  cp snapshot/genuine carried/
  boot old_snapshot "${other_board[@]}" "$other_disk" <<'GUEST'
mkdir -p /run/oak
cp genuine /run/oak/planner.fingerprint
run check as_nobody check
GUEST
  judged old_snapshot rebind 5 $disk_too
}

# A guest as hypervisors make it is weak; with a number for its disk it is not.
guest=(mac=52:54:00:3c:4d:5e serial= board= "model=Standard PC")
boot guest "${guest[@]}" disk= <<<'run show oak-machine-id show --json'
answered guest show 0
is strength weak
is factors.1.usable false
boot guest_disk "${guest[@]}" disk=planner-0001 disk_driver=virtio-blk-pci <<<'run show oak-machine-id show --json'
answered guest_disk show 0
is strength normal
is factors.2.usable true

# Reinstalled: the activation from paper holds with the licence key, and not without it.
rm carried/state.tar
boot reinstalled "$other_id" <<'GUEST'
run refused oak-verifier install activation.oak
run install oak-verifier install activation.oak --licence-key-file desk.key
run check check
GUEST
answered reinstalled refused 1
complains --licence-key-file
answered reinstalled install 0
judged reinstalled active 10 machine_id:mismatch
passed
