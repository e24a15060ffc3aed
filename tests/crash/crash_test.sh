#!/usr/bin/env bash
# Goal: issue and import, killed at any write, fsync or rename, lose no seat and double none; run again, they give the same answer. What
# this does not prove: that a disk keeps what it was told to sync.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"

mkdir base && cd base && mv ../passphrase .
new_desk desk
cheap_keys "$(cat passphrase)" desk/keys/*.key
activated
gives 0 create --version 3.5 --seats 2 --out more.oak
cd ..
cp -a base desk-ahead && cd desk-ahead
gives 0 issuer issue more.oak --out more.activation.oak "${approved[@]}"
mv more.activation.oak ../base/ && cd ..
/usr/bin/python3 -B "$PROJECT/tests/crash/crash.py" "$2/bin" base
