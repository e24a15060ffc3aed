#!/usr/bin/env bash
# Shared by the tests of the command line: a folder of their own, a desk, a machine, a licence, and the words to test with.
# Sourced as: . shell.sh PROJECT BUILD
set -euo pipefail
export PROJECT=$1 PATH=$2/bin:$PATH
unset OAK_DESK OAK_STATE_DIR OAK_PASSPHRASE_FILE
umask 022
here=$(mktemp -d)
chmod 755 "$here"
trap 'chmod -R u+w "$here" 2>/dev/null || true; rm -rf "$here"' EXIT
cd "$here"
checks=0

die() {
  printf 'FAILED: %s\n' "$*" >&2
  [ ! -f out.txt ] || sed 's/^/  out: /' out.txt >&2
  [ ! -f err.txt ] || sed 's/^/  err: /' err.txt >&2
  exit 1
}

# gives CODE COMMAND...: runs it without standard input, keeps out.txt and err.txt, and insists on the exit code.
gives() {
  local expected=$1 code=0
  shift
  "$@" >out.txt 2>err.txt </dev/null || code=$?
  checks=$((checks + 1))
  [ "$code" -eq "$expected" ] || die "exit $code, expected $expected: $*"
}
# refuses CODE COMMAND...: the same, and there is a message that says what is wrong and what to do about it.
refuses() {
  gives "$@"
  shift
  grep -qE '^oak-[a-z-]+: (error|refused): .' err.txt || die "no error message: $*"
  grep -qE '^hint: .' err.txt || die "no hint: $*"
}
says() { grep -qE -- "$1" out.txt || die "standard output does not say: $1"; }
complains() { grep -qE -- "$1" err.txt || die "standard error does not say: $1"; }

# value KEY: of the JSON in out.txt, as in reasons.0.code; is KEY VALUE insists on it.
value() {
  /usr/bin/python3 -c '
import json, sys
value = json.load(open("out.txt"))
for key in sys.argv[1].split("."):
    value = value[int(key)] if isinstance(value, list) else value[key]
print(value if isinstance(value, str) else json.dumps(value))' "$1"
}
is() { [ "$(value "$1")" = "$2" ] || die "$1 is $(value "$1"), expected $2"; }

# What this system can't do is skipped aloud, and is a failure where CI=true.
cannot() {
  [ "${CI:-}" != true ] || die "continuous integration must be able to do this: $*"
  printf 'SKIPPED: %s\n' "$*" >&2
  exit 77
}

# Every file below the folders and what is in it; unchanged_since FILE insists that it is still so.
contents() { find "$@" -type f -exec sha256sum {} + | sort; }
remember() {
  remembered=("$@")
  contents "$@" >remembered.txt
}
nothing_changed() {
  contents "${remembered[@]}" >now.txt
  cmp -s remembered.txt now.txt || die "$* changed something: $(diff remembered.txt now.txt | sed 's/^/  /')"
}

# new_desk NAME [LICENCE OPTIONS...]: desk NAME, NAME.trust, and licence key NAME.key for 3 seats of 3.*
echo 'the passphrase of the tests' >passphrase
new_desk() {
  local name=$1
  shift
  gives 0 oak-issuer --desk "$name" --passphrase-file passphrase init --roots 3 --threshold 2
  gives 0 oak-issuer --desk "$name" --passphrase-file passphrase trust --out "$name.trust"
  gives 0 oak-issuer --desk "$name" --passphrase-file passphrase licence add --customer Example --product planner \
    --seats 3 --versions '3.*' --json "$@"
  value licence_key >"$name.key"
  value id >"$name.licence"
}
issuer() { oak-issuer --desk desk --passphrase-file passphrase "$@"; }
create() { oak-request create --product planner --state-dir machine "$@"; }
import() { oak-request import --state-dir machine --trust desk.trust "$@"; }
check() { oak-verifier check --product planner --state-dir machine --trust desk.trust "$@"; }

# activated: request.oak of this machine, activation.oak for one seat, and imported. Any machine will do, so whatever an
# operator can approve is approved.
# shellcheck disable=SC2054  # one argument
approved=(--approve weak,not-allowed-here --reason test)
activated() {
  gives 0 create --version 3.5 --licence-key-file desk.key --site Dock --out request.oak
  gives 0 issuer issue request.oak --out activation.oak "${approved[@]}"
  gives 0 import activation.oak
}
passed() { echo "$checks commands behaved"; }
