#!/usr/bin/env bash
# Goal: bad input gets a message and exit 1 or 2, and changes nothing. Every length and every bit of every document is
# tried in the unit tests; here samples go through the real tools.
. "$(dirname "$0")/shell.sh" "$@"

new_desk desk
activated
before=$(find machine desk -type f -exec sha256sum {} + | sort)
unchanged() { [ "$(find machine desk -type f -exec sha256sum {} + | sort)" = "$before" ] || die "something was changed by: $*"; }

# try FILE: every tool that reads documents refuses it.
try() {
  refuses import "$1"
  refuses oak-verifier install --state-dir machine --trust desk.trust "$1"
  refuses oak-request show "$1"
  refuses issuer inspect "$1"
  refuses issuer issue "$1" --out never.oak
  [ ! -e never.oak ] || die "an activation was written for $1"
}

size=$(stat -c %s activation.oak)
for ((length = 0; length < size - 1; length += 97)); do
  head -c "$length" activation.oak >short.oak
  refuses import short.oak
done
grep -v '^#' activation.oak >bare.oak
size=$(stat -c %s bare.oak)
for ((at = 0; at < size - 1; at += 61)); do
  /usr/bin/python3 -c 'import sys; d=bytearray(open("bare.oak","rb").read()); d[int(sys.argv[1])]^=1<<(int(sys.argv[1])%8); open("flipped.oak","wb").write(d)' "$at"
  refuses import flipped.oak
done
unchanged 'truncated and flipped activations'

: >empty.oak;                                  try empty.oak
mkdir -p folder;                               try folder
try missing.oak
printf 'hello\n' >text.oak;                    try text.oak
head -c 65536 /dev/zero >nuls.oak;             try nuls.oak
head -c 10485760 /dev/urandom >noise.oak;      try noise.oak
cat request.oak activation.oak >both.oak;      try both.oak
{ cat activation.oak; echo more; } >tail.oak;  refuses import tail.oak; complains 'after the end'
# The right form, the wrong kind.
refuses import request.oak;                    complains 'found: request'
refuses import desk.trust;                     complains 'found: trust'
refuses issuer issue activation.oak --out never.oak
complains 'request'
# Another vendor's trust, another product's folder.
new_desk stranger
refuses oak-request import --state-dir machine --trust stranger.trust activation.oak
gives 1 oak-verifier check --product planner --version 3.5 --state-dir machine --trust stranger.trust
says '^untrusted$'
gives 1 oak-verifier check --product other --version 3.5 --state-dir machine --trust desk.trust
says '^not-activated$'
gives 0 issuer trust --out other-product.trust --product other
refuses oak-request import --state-dir machine --trust other-product.trust activation.oak
before=$(find machine desk -type f -exec sha256sum {} + | sort)

# Wrong usage is 2, with JSON where asked.
gives 2 check --json
is error.code usage
gives 2 check --version three
gives 2 create --version 3.5 --seats 0 --out x.oak
gives 2 create --version 3.5 --seats many --out x.oak
gives 2 create --version 3.5 --site "$(printf 'a\nb')" --out x.oak
gives 2 oak-request create --product ../etc --version 3.5 --state-dir machine --out x.oak
gives 2 issuer issue request.oak --json
is error.code usage
complains '--out'
gives 2 issuer issue request.oak --out x.oak --approve weak
complains '--reason'
gives 2 issuer issue request.oak --out x.oak --approve everything --reason test
gives 2 oak-issuer --desk desk licence key "$(cat desk.licence)"
complains 'passphrase-file'
gives 2 oak-issuer --desk nowhere list
gives 2 issuer licence add --customer X --product planner --seats 1 --versions 'three'
echo wrong >wrong-passphrase
gives 2 oak-issuer --desk desk --passphrase-file wrong-passphrase licence key "$(cat desk.licence)"
complains 'passphrase'
refuses issuer init
# An existing file stays, but for --force.
gives 2 create --version 3.5 --out request.oak
complains 'exists already'
# A mistyped licence key: any one character, any swap of neighbours.
key=$(cat desk.key)
for ((at = 0; at < ${#key}; at += 3)); do
  c=${key:at:1}
  [ "$c" != A ] && wrong=A || wrong=B
  [ "$c" != - ] || continue
  echo "${key:0:at}$wrong${key:at+1}" >wrong.key
  refuses oak-request create --product planner --version 3.5 --state-dir fresh --licence-key-file wrong.key --out x.oak
done
[ ! -e x.oak ] || die "a refused command left a file"
unchanged 'wrong usage'

# A full disk: nothing half written, and the message says so.
refuses create --version 3.5 --out /dev/full
complains 'disk is full'
refuses issuer export "$(issuer list --json | sed 's/.*"activation": "\([A-Z2-7]*\)".*/\1/')" --out /dev/full
if [ "$(id -u)" -eq 0 ] && mkdir small && mount -t tmpfs -o size=16k tmpfs small 2>/dev/null; then
  head -c 16384 /dev/zero >small/filler 2>/dev/null || true
  refuses create --version 3.5 --out small/request.oak
  [ ! -e small/request.oak ] || die "half a request was written"
  ls -A small | grep -q tmp && die "a temporary file was left"
  umount small
else
  cannot "a full file system needs root and mount"
fi

# Nobody may read the keys; the message says what to do. A read-only state still answers.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
  nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
  gives 2 nobody oak-verifier check --product planner --version 3.5 --state-dir "$here/machine" --trust "$here/desk.trust"
  complains 'permission denied'
  complains '^hint: '
  chmod -R a+rX machine
  gives 2 nobody oak-request create --product planner --version 3.5 --state-dir "$here/machine" --out /tmp/never.request.oak
  chmod 600 machine/planner/*
  if mkdir -p ro && mount --bind machine ro 2>/dev/null && mount -o remount,ro,bind ro; then
    gives 0 oak-verifier check --product planner --version 3.5 --state-dir ro --trust desk.trust
    says '^active$'
    umount ro
  else
    cannot "a read-only state needs mount"
  fi
else
  cannot "trying as nobody needs root and setpriv"
fi
unchanged 'lack of space and permission'
gives 0 check --version 3.5
passed
