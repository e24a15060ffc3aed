#!/usr/bin/env bash
# Goal: compare and facts answer scripts as the contract says: exit 0 and 1 are answers, 2 is none; many machines are answered
# one a line, in order; what is wrong with a file is named by its line, and then nothing is answered.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

# machine ID SERIAL DISK: with platform, network and disks.
machine() {
  printf '{"id": "%s", "product_serial": "%s", "macs": [{"address": "b0:26:28:5a:01:10", "bus": "pci", "assign_type": 0}], ' "$1" "$2"
  printf '"disks": [{"serial": "%s", "bus": "nvme", "removable": false, "label": "nvme0n1"}]}\n' "$3"
}
machine a PF3XK7QZ S4EWNX0M512733 >one.json
machine a PF9ZZ1AB S4EWNX0M512734 >other.json
{ machine a PF3XK7QZ S4EWNX0M512733 && machine b PF9ZZ1AB S4EWNX0M512734 && machine c PF9ZZ1AC S4EWNX0M512735; } >many.json

# A single machine: the exit code is the answer, in words as in JSON.
gives 0 oak-machine-id compare one.json one.json --json
is accept true
is needed 6
is enrolled 9
gives 1 oak-machine-id compare one.json other.json --json
is accept false
gives 1 oak-machine-id compare one.json other.json
says '^rebind$'

# Many: one with many, many with one, and as many with as many.
answers() { [ "$(grep -oE '"(id|accept)": [^,]*' out.txt | tr '\n' ' ')" = "$1 " ] || die "expected the answers $1"; }
gives 0 oak-machine-id compare one.json many.json --json
answers '"id": "a" "accept": true "id": "b" "accept": false "id": "c" "accept": false'
gives 0 oak-machine-id compare many.json one.json
answers '"id": "a" "accept": true "id": "b" "accept": false "id": "c" "accept": false'
sed 's/$/\r/' many.json >windows.json
gives 0 oak-machine-id compare many.json windows.json
answers '"id": "a" "accept": true "id": "b" "accept": true "id": "c" "accept": true'
[ ! -s err.txt ] || die "a message where all is well"

# Lines are compared with lines. Where their ids differ that is said, once.
{ sed -n 2p many.json && sed -n 1p many.json && sed -n 3p many.json; } >shuffled.json
gives 0 oak-machine-id compare many.json shuffled.json
answers '"id": "b" "accept": false "id": "a" "accept": false "id": "c" "accept": true'
complains "^oak-machine-id: warning: .*\"a\" with \"b\"$"
[ "$(wc -l <err.txt)" -eq 1 ] || die "the warning is repeated"
head -n 2 many.json >two.json
refuses 2 oak-machine-id compare many.json two.json --json
is error.code usage

# A malformed document is an answer: no. What can't be read is none.
sed '2s/"PF9ZZ1AB"/PF9ZZ1AB/' many.json >broken.json
refuses 1 oak-machine-id compare one.json broken.json --json
is error.code bad-facts
complains "'broken.json': line 2, column 31: "
echo '{"disks": [{"serial": 7}]}' >wrong-type.json
refuses 1 oak-machine-id compare wrong-type.json one.json
complains "'wrong-type.json': 'serial' in entry 1 of 'disks' is not a text"
: >empty.json
refuses 1 oak-machine-id compare one.json empty.json
refuses 2 oak-machine-id compare one.json nowhere.json --json
is error.code not-found
refuses 2 oak-machine-id compare one.json .
refuses 2 oak-machine-id compare one.json
refuses 2 oak-machine-id compare - -
gives 0 bash -c 'oak-machine-id compare - one.json <one.json'
gives 0 bash -c 'oak-machine-id compare <(cat one.json) one.json'

# What facts writes is what compare reads, and only its owner's.
gives 0 oak-machine-id facts --out facts.json
[ "$(stat -c %a facts.json)" = 600 ] || die "facts can be read by others"
refuses 2 oak-machine-id facts --out facts.json
gives 0 oak-machine-id compare facts.json facts.json --json
passed
