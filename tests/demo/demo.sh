#!/usr/bin/env bash
# The whole loop on this machine's real hardware, in a folder of its own, narrated. Ends with 0 only if every step gave
# what it should. Usage: demo.sh FOLDER-OF-THE-TOOLS
set -euo pipefail

bin=$(readlink -f "$1")
# shellcheck source=SCRIPTDIR/../own_mounts.sh
. "$(dirname "$0")/../own_mounts.sh"
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here"
export PATH=$bin:$PATH OAK_DESK=$here/desk OAK_STATE_DIR=$here/machine OAK_PASSPHRASE_FILE=$here/passphrase
echo 'a passphrase for the demonstration only' >passphrase

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
die() { printf '\ndemo: FAILED: %s\n' "$*" >&2; exit 1; }
# as_typed WORD...: the words as a person would type them.
as_typed() {
  local word
  for word in "$@"; do
    case $word in
      on_changed_hardware) printf '(on the changed hardware) ' ;;
      *[!A-Za-z0-9_.,:=/@+-]*) printf "'%s' " "$word" ;;
      *) printf '%s ' "$word" ;;
    esac
  done
}
# run EXPECTED-EXIT COMMAND...: shows the command and what it says.
run() {
  local expected=$1 code=0
  shift
  local typed
  typed=$(as_typed "$@")
  printf "$ %s\n" "${typed% }"
  "$@" >out.txt 2>&1 || code=$?
  sed 's/^/    /' out.txt
  [ "$code" -eq "$expected" ] || die "'$1 ${2-}' ended with $code, expected $expected"
}
says() { grep -qE -- "$1" out.txt || die "expected to read: $1"; }

step "1. The vendor makes a desk: root keys of which two of three must sign, an issuer key, a ledger."
run 0 oak-issuer init
step "   What every product ships with is the trust: public keys and a contact. It holds no secret."
run 0 oak-issuer trust --out trust.oak --contact 'support desk, see your contract'
step "2. A customer buys 3 seats of version 3."
run 0 oak-issuer licence add --customer 'Example Shipyard' --product planner --seats 3 --versions '3.*' --json
sed -n 's/.*"licence_key": "\([^"]*\)".*/\1/p' out.txt >licence-key
licence=$(sed -n 's/.*"id": "\([^"]*\)".*/\1/p' out.txt)
[ -s licence-key ] || die "no licence key was printed"

step "3. On the machine that may never touch a network: what is it known by? Never by a raw serial number."
run 0 oak-machine-id show
step "4. Before anything is installed, the product asks and is told so."
run 1 oak-verifier check --product planner --version 3.5 --trust trust.oak
says '^not-activated$'

# ask VERSION SEATS NAME, then answer NAME [APPROVALS]: a request to the desk and its activation back.
ask() {
  run 0 oak-request create --product planner --version "$1" --seats "$2" --site 'Dock 4' --out "$3.request.oak" "${@:4}"
}
# The desk signs a weak fingerprint, or a move to other hardware, only when an operator says why.
answer() {
  local name=$1 code=0
  printf '$ oak-issuer issue %s.request.oak --out %s.activation.oak\n' "$name" "$name"
  oak-issuer issue "$name.request.oak" --out "$name.activation.oak" >out.txt 2>&1 || code=$?
  sed 's/^/    /' out.txt
  if [ "$code" -eq 1 ]; then
    local codes
    codes=$(sed -n 's/^oak-issuer: refused: \([a-z-]*\): .*/\1/p' out.txt | paste -sd,)
    step "   The desk refuses and names the remedy. The operator knows this machine, and approves: $codes"
    run 0 oak-issuer issue "$name.request.oak" --out "$name.activation.oak" --approve "$codes" --reason 'known machine, demonstration'
  elif [ "$code" -ne 0 ]; then
    die "issue ended with $code"
  fi
}
import() { run 0 oak-request import "$1.activation.oak" --trust trust.oak; }
check() { run "$1" oak-verifier check --product planner --trust trust.oak "${@:2}"; }

step "5. The site admin makes a signed request. The file is all that leaves the site."
ask 3.5 3 first --licence-key-file licence-key
run 0 oak-request show first.request.oak
step "6. Vendor staff, offline too, look at it and answer."
run 0 oak-issuer inspect first.request.oak
answer first
step "7. The answer comes back on a stick. From now on every start verifies it, and asks nobody."
import first
check 0 --version 3.5 --seats 3
says '^active$'

step "8. Version 4.0 is outside the licence: rebind, because of the version."
check 1 --version 4.0
says '^rebind$'
says '^version: '
step "9. Five seats in use, three bought: rebind, because of the licence."
check 1 --version 3.5 --seats 5
says '^licence: '

# Changes what this machine shows of itself, in mounts of its own that nobody else sees.
cat >change.sh <<'SH'
set -e
# cover FILE VALUE: FILE reads as VALUE from now on.
cover() {
  [ -s "$1" ] || return 0
  local value
  value=$(mktemp cover.XXXXXX)
  echo "$2" >"$value"
  mount --bind "$value" "$(readlink -f "$1")"
}
cover /etc/machine-id 0f0e0d0c0b0a09080706050403020100
cover /sys/class/dmi/id/product_uuid 6f1d4c5a-8a4e-4f0e-9d0b-5b7a6c3e2f10
cover /sys/class/dmi/id/product_serial PF4YM8RA
cover /sys/class/dmi/id/board_serial W1KS73V1C5B
for card in /sys/class/net/*/address; do cover "$card" 00:1b:21:7a:9b:2c; done
for disk in /sys/block/*/serial /sys/block/*/device/serial /sys/block/*/device/wwid /sys/block/*/wwid; do
  cover "$disk" "S4EWNX0M$(cksum <<<"$disk" | cut -d' ' -f1)"
done
exec "$@"
SH
on_changed_hardware() { "${own_mounts[@]}" bash change.sh "$@"; }
if ! find_own_mounts; then
  [ "${CI:-}" != true ] || die "continuous integration must allow mounts of one's own"
  step "10. Not shown: changing the hardware needs mounts of one's own (as root, or where users may have namespaces)."
  exit 77
fi
step "10. Somebody swaps disk and system, or copies the state to another box: rebind, and which component."
run 1 on_changed_hardware oak-verifier check --product planner --version 3.5 --trust trust.oak
says '^rebind$'
says '^hardware: .*\((disk|machine_id|product_uuid|product_serial|board_serial|mac), mismatch\)'

step "11. The rebind round: the changed machine asks again, without the licence key: its machine key speaks for it."
run 0 on_changed_hardware oak-request create --product planner --version 3.5 --seats 3 --out second.request.oak --reason 'disk and system replaced'
answer second
run 0 on_changed_hardware oak-request import second.activation.oak --trust trust.oak
run 0 on_changed_hardware oak-verifier check --product planner --version 3.5 --seats 3 --trust trust.oak
says '^active$'
step "12. The desk's books: one activation live, three seats of three, and nothing was given twice."
run 0 oak-issuer list
run 0 oak-issuer licence show "$licence" --json
says '"seats_live": 3'
printf '\n\033[1mDone: every step gave what it should.\033[0m\n'
