#!/usr/bin/env bash
# Shared by the boots: the tools in an initramfs below Debian's cloud kernel, on a machine that QEMU emulates in software, whose
# firmware values, disk and network card are ours to choose. Sourced after ../cli/shell.sh.
# ./kit puts the kernel there, unpacked and not installed.
kernel=$(readlink -f "$2/../vm/kernel")
for tool in qemu-system-x86_64 /bin/busybox cpio; do
  command -v "$tool" >/dev/null || cannot "a boot needs $tool"
done
compgen -G "$kernel/boot/vmlinuz-*" >/dev/null || cannot "a boot needs Debian's cloud kernel in build/vm/kernel: ./kit test vm fetches it"

# as_cpio FOLDER FILE
as_cpio() { (cd "$1" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$2"; }

# The tools as they are built, with the libraries that they load, and the modules of virtio, bond and bridge.
make_initramfs() {
  local root=$PWD/root version tool applet library
  version=$(basename "$kernel"/lib/modules/*)
  mkdir -p "$root"/{bin,etc,proc,sys,dev,run,lib/modules/"$version"}
  cp /bin/busybox "$root/bin/"
  for applet in sh mount mkdir mv cp cat echo tar dd poweroff modprobe ip su chmod unshare; do ln -s busybox "$root/bin/$applet"; done
  for tool in oak-machine-id oak-request oak-verifier; do
    strip -g -o "$root/bin/$tool" "$(command -v "$tool")" # a small machine has no memory for what a debugger wants
    { ldd "$root/bin/$tool" 2>/dev/null || true; } | grep -oE '/[^ ]+' >>libraries.txt || true
  done
  sort -u libraries.txt | while read -r library; do install -D "$library" "$root$library"; done
  printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\noak:x:900:nobody\nnobody:x:65534:\n' >"$root/etc/group"
  (cd "$kernel/lib/modules/$version" &&
    find kernel -path '*/virtio/*' -o -name 'virtio_*.ko' -o -name '*failover.ko' -o -path '*/net/bonding/*' -o -path '*/net/tls/*' \
      -o -path '*/net/bridge/bridge.ko' -o -path '*/net/802/*' -o -path '*/net/llc/*' | cpio --quiet -pd "$root/lib/modules/$version")
  touch "$root/lib/modules/$version/modules.order"
  cp "$kernel/lib/modules/$version"/modules.builtin* "$root/lib/modules/$version/"
  busybox depmod -b "$root" "$version"
  install "$PROJECT/tests/vm/guest_init" "$root/init"
  printf '#!/bin/sh\nexec oak-verifier check --product planner --version 3.5 --json "$@"\n' >"$root/bin/check"
  chmod 755 "$root/bin/check"
  as_cpio "$root" base.cpio
  truncate -s 1M disk.img
}

# The machine's parts; `boot` takes others for one boot.
declare -A machine=(
  [uuid]=9d3f1c52-7c4e-4f0a-b1d6-0a8e5b7c2d31 [serial]=PF3XK7QZ [board]=W1KS22U0B4A [model]='Line Controller 7'
  [mac]=00:1b:21:3c:4d:5e [mac2]='' [disk]=S4EWNX0M512733
  [disk_driver]=nvme [bios]=1.0 [memory]=256 [cpu]=qemu64 [machine_id]=5c1b6f0a9d2e47f38b7a604d1e9f3c25)
mkdir carried

# boot NAME [PART=VALUE...] <COMMANDS: boots the machine with `carried`; what the commands say is in NAME/, and the state goes on.
boot() {
  local name=$1 part cards=() disks=() card started=$SECONDS
  shift
  local -A parts
  for part in "${!machine[@]}"; do parts[$part]=${machine[$part]}; done
  for part in "$@"; do parts[${part%%=*}]=${part#*=}; done
  cat >carried/commands
  echo "${parts[machine_id]}" >carried/machine-id
  mkdir -p bring/carried "$name"
  cp -a carried/. bring/carried/
  as_cpio bring carried.cpio
  cat base.cpio carried.cpio >initramfs.cpio
  rm -rf bring
  rm -f out.img
  truncate -s 8M out.img
  for card in "${parts[mac]}" "${parts[mac2]}"; do
    [ -z "$card" ] || cards+=(-device "virtio-net-pci,mac=$card,romfile=")
  done
  if [ -n "${parts[disk]}" ]; then
    disks+=(-drive "file=disk.img,if=none,id=disk,format=raw" -device "${parts[disk_driver]},drive=disk,serial=${parts[disk]}")
  fi
  timeout 180 qemu-system-x86_64 -accel tcg -cpu "${parts[cpu]}" -m "${parts[memory]}" -nodefaults -no-reboot -display none -serial "file:$name/console.txt" \
    -kernel "$kernel"/boot/vmlinuz-* -initrd initramfs.cpio -append 'console=ttyS0 quiet panic=-1 mitigations=off' \
    -smbios "type=0,vendor=Example Works,version=${parts[bios]}" \
    -smbios "type=1,manufacturer=Example Works,product=${parts[model]},serial=${parts[serial]},uuid=${parts[uuid]}" \
    -smbios "type=2,manufacturer=Example Works,product=LC7,serial=${parts[board]}" \
    -drive file=out.img,if=none,id=out,format=raw -device virtio-blk-pci,drive=out \
    "${cards[@]}" "${disks[@]}" >"$name/qemu.txt" 2>&1 </dev/null || die "$name: QEMU ended with $?: $(tail -3 "$name/qemu.txt")"
  tar -xf out.img -C "$name" 2>/dev/null || die "$name: the machine brought nothing back: $(tail -20 "$name/console.txt")"
  cp "$name/state.tar" carried/
  echo "$name: booted, and off again after $((SECONDS - started)) s"
}

# answered BOOT COMMAND CODE: what it said is in out.txt and err.txt, for `is` and `says`.
answered() {
  cp "$1/$2.txt" out.txt
  cp "$1/$2.err" err.txt
  checks=$((checks + 1))
  [ "$(cat "$1/$2.code")" -eq "$3" ] || die "$1, $2: exit $(cat "$1/$2.code"), expected $3"
}
