#!/usr/bin/env bash
# Goal: on a full disk every tool says so, with exit 2; nothing is half written and nothing is lost.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

new_desk desk
activated
refuses 2 create --version 3.5 --out /dev/full
complains 'disk is full'
refuses 2 issuer export "$(issuer list --json | sed 's/.*"activation": "\([A-Z2-7]*\)".*/\1/')" --out /dev/full
complains 'disk is full'
refuses 2 issuer trust --out /dev/full
# shellcheck disable=SC2016  # the inner shell's argument
gives 2 bash -c 'oak-verifier check "$@" >/dev/full' check --product planner --version 3.5 --state-dir machine --trust desk.trust

[ "$(id -u)" -eq 0 ] || cannot "a full file system needs root"
mkdir small
mount -t tmpfs -o size=512k none small 2>/dev/null || cannot "a full file system needs mount"
trap 'umount small; rm -rf "$here"' EXIT
gives 0 create --version 3.5 --seats 2 --out bigger.oak
gives 0 issuer issue bigger.oak --out bigger.activation.oak "${approved[@]}"
cp -a machine small/machine
cp -a desk small/desk
gives 0 create --version 3.5 --seats 3 --out third.oak
cat /dev/zero >small/filler 2>/dev/null || true
remember small/machine small/desk

refuses 2 create --version 3.5 --out small/request.oak
refuses 2 oak-request import --state-dir small/machine --trust desk.trust bigger.activation.oak
complains 'disk is full'
refuses 2 oak-request create --product other --version 1 --state-dir small/machine --licence-key-file desk.key --out x.oak
refuses 2 oak-issuer --desk small/desk --passphrase-file passphrase licence add --customer X --product planner --seats 1 --versions '3.*'
refuses 2 oak-issuer --desk small/desk --passphrase-file passphrase issue third.oak --out third.activation.oak "${approved[@]}"
[ ! -e third.activation.oak ] || die "an activation left the desk that the ledger could not record"
nothing_changed 'a full disk'
# An init that runs out of space anywhere on its way leaves no part of a desk, and no key.
for room in 4096 8192 16384 24576 32768 40960; do
  rm -rf small/new
  size=$(stat -c %s small/filler)
  truncate -s $((size - room)) small/filler
  refuses 2 oak-issuer --desk small/new --passphrase-file passphrase init
  complains 'disk is full'
  [ -z "$(find small/new -type f 2>/dev/null)" ] || die "an init without space left something: $(find small/new -type f)"
  rm -rf small/new
  cat /dev/zero >>small/filler 2>/dev/null || true
done
[ -z "$(find small -name '.oak-*' -o -name 'request.oak' -o -name '*-journal' -size +0)" ] || die "something half written was left"
gives 0 oak-verifier check --product planner --version 3.5 --state-dir small/machine --trust desk.trust
says '^active$'

# With room again, everything goes on where it stopped.
rm small/filler
gives 0 oak-request import --state-dir small/machine --trust desk.trust bigger.activation.oak
gives 0 oak-issuer --desk small/desk --passphrase-file passphrase issue third.oak --out third.activation.oak "${approved[@]}"
gives 0 oak-verifier check --product planner --version 3.5 --seats 2 --state-dir small/machine --trust desk.trust
passed
