#!/usr/bin/env bash
# Goal: who may not read gets exit 2, the name of the file and a remedy; a state that can't be written still answers; and
# a state that others could have written is not believed.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

[ "$(id -u)" -eq 0 ] || cannot "becoming nobody needs root"
new_desk desk
activated
chmod 644 request.oak activation.oak
remember machine desk
# The tools too must be within nobody's reach, wherever the build folder lies.
mkdir tools
cp "$(command -v oak-request)" "$(command -v oak-issuer)" "$(command -v oak-verifier)" tools
nobody() { PATH=$here/tools:$PATH setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
nobody true || cannot "becoming nobody needs setpriv"

refuses 2 nobody oak-verifier check --product planner --version 3.5 --state-dir machine --trust desk.trust
complains 'permission denied'
complains "machine/planner/"
gives 2 nobody oak-verifier check --product planner --version 3.5 --state-dir machine --trust desk.trust --json
is error.code permission-denied
refuses 2 nobody oak-request import --state-dir machine --trust desk.trust activation.oak
refuses 2 nobody oak-request create --product planner --version 3.5 --state-dir machine --licence-key-file desk.key --out /tmp/x.oak
refuses 2 nobody oak-request create --product planner --version 3.5 --state-dir new --licence-key-file desk.key --out /tmp/x.oak
refuses 2 nobody oak-issuer --desk desk --passphrase-file passphrase issue request.oak --out /tmp/x.oak
chmod 600 activation.oak
refuses 2 nobody oak-request show activation.oak
complains "'activation.oak': permission denied"
[ ! -e /tmp/x.oak ] || die "something was written without permission"

# A desk whose owner lets others read it, but for its keys: they look on and change nothing.
cp -r desk looked-at
chmod -R u=rwX,go=rX looked-at
chmod -R go= looked-at/keys looked-at/roots
remember machine desk looked-at
onlooker() { nobody oak-issuer --desk looked-at "$@"; }
id=$(issuer list --json | sed 's/.*"activation": "\([A-Z2-7]*\)".*/\1/')
gives 0 onlooker list
says "^$id  live "
gives 0 onlooker show "$id"
gives 0 onlooker licence list
says '^planner|  planner '
gives 0 onlooker licence show "$(cat desk.licence)"
gives 0 onlooker inspect request.oak
says 'proof was not checked|answered before'
gives 0 onlooker --passphrase-file passphrase inspect request.oak
gives 0 onlooker export "$id" --out -
refuses 2 onlooker licence change "$(cat desk.licence)" --seats 9
complains 'permission denied'
refuses 2 onlooker --passphrase-file passphrase licence key "$(cat desk.licence)"
complains 'desk.key'
chmod go= looked-at/ledger.sqlite
refuses 2 onlooker list
chmod go=r looked-at/ledger.sqlite
chmod g+w looked-at
refuses 2 onlooker list
complains 'chmod go-w looked-at'
chmod g-w looked-at

# Read-only: the answer is the same, with a warning.
mkdir readonly
mount --bind machine readonly 2>/dev/null || cannot "a read-only state needs mount"
trap 'umount readonly; rm -rf "$here"' EXIT
mount -o remount,ro,bind readonly
gives 0 oak-verifier check --product planner --version 3.5 --state-dir readonly --trust desk.trust
says '^active$'
gives 1 oak-verifier check --product planner --version 4.0 --state-dir readonly --trust desk.trust
says '^rebind$'
refuses 2 oak-request import --state-dir readonly --trust desk.trust activation.oak
nothing_changed 'lack of permission'

# Writable by others: not believed.
chmod 666 machine/planner/activation-*.oak
gives 1 check --version 3.5 --json
is verdict malformed
says 'not safe'
passed
