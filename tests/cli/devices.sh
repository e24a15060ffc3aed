# shellcheck shell=bash
# made_up_devices MAC DISK: one network card and one disk below /sys, which is made up already.
made_up_devices() {
  mkdir -p /sys/class/net /sys/block /sys/devices/pci0/net/eth0 /sys/devices/pci0/block/sda/device
  echo "$1" >/sys/devices/pci0/net/eth0/address
  echo 0 >/sys/devices/pci0/net/eth0/addr_assign_type
  echo 1 >/sys/devices/pci0/net/eth0/type
  ln -s ../../devices/pci0/net/eth0 /sys/class/net/eth0
  echo 0 >/sys/devices/pci0/block/sda/removable
  echo "$2" >/sys/devices/pci0/block/sda/device/serial
  ln -s ../devices/pci0/block/sda /sys/block/sda
}
