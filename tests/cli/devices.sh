# shellcheck shell=bash
# made_up_firmware UUID SERIAL BOARD MODEL: a /sys of its own with firmware tables, whose numbers only root may read.
made_up_firmware() {
  local tables=/sys/class/dmi/id
  mount -t tmpfs -o mode=755 none /sys
  mkdir -p $tables
  echo "$1" >$tables/product_uuid
  echo "$2" >$tables/product_serial
  echo "$3" >$tables/board_serial
  chmod 400 $tables/{product_uuid,product_serial,board_serial}
  echo 'Example Works' >$tables/sys_vendor
  echo "$4" >$tables/product_name
  echo LC7 >$tables/board_name
}

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
