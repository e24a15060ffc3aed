#!/usr/bin/env bash
# Goal: a file that isn't what it should be gets a message that names it and a remedy, exit 1 (2 where it can't be read),
# and changes nothing. Lengths and bits are sampled here, through the real tools; the unit tests try every one.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

new_desk desk
activated
gives 0 issuer trust --out other-product.trust --product other
remember machine desk

# try CODE FILE: every tool that reads documents refuses it and names it.
try() {
  local code=$1 file=$2 reader
  for reader in 'import' 'oak-verifier install --state-dir machine --trust desk.trust' 'oak-request show' \
    'issuer inspect' 'issuer issue --out never.oak'; do
    # shellcheck disable=SC2086  # the words of a command
    refuses "$code" $reader "$file"
    complains "'$file'"
  done
  [ ! -e never.oak ] || die "an activation was written for $file"
}

: >empty.oak
mkdir folder
printf 'hello\n' >text.oak
head -c 65536 /dev/zero >nuls.oak
head -c 10485760 /dev/urandom >noise.oak
head -c 300 /dev/urandom >little-noise.oak
cat request.oak activation.oak >both.oak
{ cat request.oak; echo more; } >tail.oak
{ cat request.oak; printf '\0'; } >nul-tail.oak
for file in empty text nuls noise little-noise both tail nul-tail; do try 1 $file.oak; done

# The desk shows every kind of document, and says whether it vouches for it; nobody else takes one for another.
for reader in 'import' 'oak-verifier install --state-dir machine --trust desk.trust' 'issuer issue --out never.oak'; do
  # shellcheck disable=SC2086  # the words of a command
  refuses 1 $reader desk.trust
done
for file in activation.oak desk.trust desk/keys/issuer-1.cert.oak; do
  gives 0 issuer inspect $file --json
  is verified true
  gives 0 issuer inspect $file
  says "^  verified +yes, under this desk's trust$"
  gives 0 oak-request show $file
done
try 2 folder
try 2 missing.oak

# The right form, the wrong kind.
refuses 1 import request.oak
complains 'found: request'
refuses 1 issuer issue activation.oak --out never.oak
complains 'found: activation'
refuses 1 oak-request import --state-dir machine --trust request.oak activation.oak

# cut LENGTH FILE, flip BIT FILE OUT: samples of both documents.
flip() {
  /usr/bin/python3 -c '
import sys
bit, data = int(sys.argv[1]), bytearray(open(sys.argv[2], "rb").read())
data[bit // 8] ^= 1 << bit % 8
open(sys.argv[3], "wb").write(data)' "$@"
}
# The comment above a document is unsigned and may be anything; what is sampled begins below it.
for name in request activation; do
  case $name in
    request) reader=(issuer issue --out never.oak "${approved[@]}") ;;
    activation) reader=(import) ;;
  esac
  grep -v '^#' $name.oak >bare.oak
  size=$(stat -c %s bare.oak)
  for ((length = 0; length < size - 1; length += 101)); do
    head -c "$length" bare.oak >short.oak
    refuses 1 "${reader[@]}" short.oak
  done
  for ((bit = 3; bit < (size - 1) * 8; bit += 499)); do
    flip $bit bare.oak flipped.oak
    refuses 1 "${reader[@]}" flipped.oak
  done
done
[ ! -e never.oak ] || die "a damaged request was answered"

# Another vendor's trust, another product.
new_desk stranger
refuses 1 oak-request import --state-dir machine --trust stranger.trust activation.oak
gives 0 issuer inspect stranger.trust --json
is verified false
gives 0 issuer inspect stranger.trust
says "NO, not under this desk's trust"
gives 1 oak-verifier check --product planner --version 3.5 --state-dir machine --trust stranger.trust
says '^untrusted$'
gives 1 oak-verifier check --product other --version 3.5 --state-dir machine --trust desk.trust
says '^not-activated$'
refuses 1 oak-request import --state-dir machine --trust other-product.trust activation.oak
gives 1 oak-verifier check --product planner --version 3.5 --state-dir machine --trust other-product.trust
says '^untrusted$'

nothing_changed 'a bad document'
gives 0 check --version 3.5
says '^active$'
passed
