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
