# Shared by the command line tests: a desk, a machine and a licence in a folder of their own, and three words to test with.
# Sourced as: . shell.sh PROJECT BUILD
set -euo pipefail
project=$1
PATH=$2/bin:$PATH
here=$(mktemp -d)
chmod 755 "$here"
trap 'chmod -R u+w "$here" 2>/dev/null || true; rm -rf "$here"' EXIT
cd "$here"
unset OAK_DESK OAK_STATE_DIR OAK_PASSPHRASE_FILE
checks=0

die() {
  printf 'FAILED: %s\n' "$*" >&2
  [ ! -f out.txt ] || sed 's/^/  out: /' out.txt >&2
  [ ! -f err.txt ] || sed 's/^/  err: /' err.txt >&2
  exit 1
}
# gives CODE COMMAND...: runs it, keeps out.txt and err.txt, and insists on the exit code.
gives() {
  local expected=$1 code=0
  shift
  "$@" >out.txt 2>err.txt </dev/null || code=$?
  checks=$((checks + 1))
  [ "$code" -eq "$expected" ] || die "exit $code, expected $expected: $*"
}
# refuses COMMAND...: exit 1 or 2, a message that names the tool, and no crash.
refuses() {
  local code=0
  "$@" >out.txt 2>err.txt </dev/null || code=$?
  checks=$((checks + 1))
  [ "$code" -eq 1 ] || [ "$code" -eq 2 ] || die "exit $code, expected 1 or 2: $*"
  grep -qE '^oak-[a-z-]+: (error|refused): ' err.txt || die "no error message: $*"
}
says() { grep -qE -- "$1" out.txt || die "standard output does not say: $1"; }
complains() { grep -qE -- "$1" err.txt || die "standard error does not say: $1"; }
value() { /usr/bin/python3 -c 'import json,sys; v=json.load(open("out.txt"))
for k in sys.argv[1].split("."): v=v[int(k)] if isinstance(v,list) else v[k]
print(json.dumps(v) if not isinstance(v,str) else v)' "$1"; }
is() { [ "$(value "$1")" = "$2" ] || die "$1 is $(value "$1"), expected $2"; }
# A test that this system can't run: loud here, a failure in continuous integration.
cannot() {
  [ "${CI:-}" != true ] || die "CI must be able to do this: $*"
  printf 'SKIP: %s\n' "$*" >&2
}

# new_desk NAME [LICENCE OPTIONS...]: desk NAME, NAME.trust, licence key NAME.key for 3 seats of 3.*
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
# activated: a machine with an activation of one seat.
activated() {
  gives 0 create --version 3.5 --licence-key-file desk.key --site Dock --out request.oak
  gives 0 issuer issue request.oak --out activation.oak --approve weak --reason test
  gives 0 import activation.oak
}
passed() { echo "$checks commands behaved"; }
