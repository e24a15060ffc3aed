#!/usr/bin/env bash
# Goal: wrong usage is exit 2, whatever it is that is wrong, names the option, and with --json says so in JSON; a mistyped
# licence key is caught before anything is written.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

new_desk desk
activated
remember machine desk

for tool in oak-machine-id oak-request oak-issuer oak-verifier; do
  gives 0 $tool --version
  says "^$tool [0-9]"
  gives 0 $tool --help
  refuses 2 $tool
  refuses 2 $tool no-such-command
  refuses 2 $tool --no-such-option
done

gives 2 check --json
is error.code usage
refuses 2 check --version three
refuses 2 check --version 3.5 --seats many
refuses 2 check --version 3.5 --version 3.6
refuses 2 check --version 3.5 extra
refuses 2 create --version 3.5 --seats 0 --out x.oak
refuses 2 create --version 3.5 --seats many --out x.oak
refuses 2 create --version 3.5 --site "$(printf 'a\nb')" --out x.oak
refuses 2 create --version 3.5 --product planner --product planner --out x.oak
refuses 2 oak-request create --product ../etc --version 3.5 --state-dir machine --out x.oak
# In a script nobody can be asked: the option is named.
refuses 2 oak-request create --product planner --version 3.5 --state-dir fresh --out x.oak
complains '--licence-key-file'
refuses 2 oak-issuer --desk desk licence key "$(cat desk.licence)"
complains '--passphrase-file'

# Servers: which one, and how it is known.
refuses 2 oak-request refresh --product planner
complains '--server is required'
refuses 2 oak-request refresh --product planner --server licences.example
refuses 2 oak-request refresh --product planner --server http://licences.example
complains 'without TLS'
refuses 2 oak-request refresh --product planner --server https://licences.example --server-key 12
refuses 2 oak-request refresh --product ../etc --server https://licences.example --state-dir machine
refuses 2 issuer serve
complains '--listen is required'
refuses 2 issuer serve --listen 0.0.0.0:443 --plain
refuses 2 issuer serve --listen 127.0.0.1

gives 2 issuer issue request.oak --json
is error.code usage
complains '--out'
refuses 2 issuer issue request.oak --out x.oak --approve weak
complains '--reason'
refuses 2 issuer issue request.oak --out x.oak --approve everything --reason test
refuses 2 issuer issue request.oak --out x.oak --days 0 "${approved[@]}"
refuses 2 issuer licence add --customer X --product planner --seats 1 --versions 'three'
refuses 2 issuer licence add --customer X --product planner --seats 0 --versions '3.*'
refuses 2 issuer licence import
refuses 2 issuer licence import nowhere.csv
refuses 2 issuer licence import one.csv two.csv
refuses 2 issuer list --state alive
refuses 2 issuer bulletin --out b.oak --sheet b.oak
refuses 2 oak-issuer --desk nowhere list
echo wrong >wrong-passphrase
refuses 2 oak-issuer --desk desk --passphrase-file wrong-passphrase licence key "$(cat desk.licence)"
complains 'passphrase'
refuses 2 issuer init

# What the parser says is readable, names the option, and leads to the help of that very command.
refuses 2 issuer licence add --product planner --seats 1 --versions '3.*'
complains "error: --customer is required$"
complains '^hint: see: oak-issuer licence add --help$'
refuses 2 issuer inspect
complains 'error: FILE is required$'
complains '^hint: see: oak-issuer inspect --help$'
refuses 2 issuer licence
complains 'a command is needed: add, .* or rekey$'
refuses 2 issuer licence add --customer X --product planner --seats many --versions '3.*'
complains "error: --seats: 'many' is not a number$"
refuses 2 issuer export X --out
complains 'error: --out needs a value$'
refuses 2 oak-issuer --bogus
complains "no option '--bogus'"
refuses 2 issuer trust --out x.oak --root-dir desk/roots/1 --root-dir desk/roots/1
complains "'desk/roots/1' is given twice"
for line in 'desk:' 'desk: not this' 'root-1: the passphrase of the tests'; do
  echo "$line" >wrong-passphrase
  refuses 2 oak-issuer --desk desk --passphrase-file wrong-passphrase licence key "$(cat desk.licence)"
  complains "passphrase"
done

# An existing file stays, but for --force.
refuses 2 create --version 3.5 --out request.oak
complains 'exists already'

# A mistyped licence key: one character wrong, or two neighbours swapped.
key=$(cat desk.key)
mistyped() {
  echo "$1" >wrong.key
  refuses 1 oak-request create --product planner --version 3.5 --state-dir fresh --licence-key-file wrong.key --out x.oak
}
for ((at = 0; at < ${#key}; at += 3)); do
  here_is=${key:at:1} next_is=${key:at+1:1}
  [ "$here_is" != - ] || continue
  [ "$here_is" = A ] && other=B || other=A
  mistyped "${key:0:at}$other${key:at+1}"
  case $next_is in "" | - | "$here_is") continue ;; esac
  mistyped "${key:0:at}$next_is$here_is${key:at+2}"
done

[ ! -e x.oak ] || die "a refused command left a file"
[ ! -e fresh/planner/machine.key ] || die "a refused command made a machine key"
nothing_changed 'wrong usage'

# The option wins over the variable; what standard output does not take is not a success; a second request of the day finds a
# name of its own; a trust that is named must be one.
gives 0 env OAK_STATE_DIR=by-variable oak-request create --product planner --version 3.5 --licence-key-file desk.key --state-dir by-option \
  --out option.oak
if [ ! -d by-option ] || [ -e by-variable ]; then die "OAK_STATE_DIR won over --state-dir"; fi
gives 0 env OAK_STATE_DIR=by-variable oak-request create --product planner --version 3.5 --licence-key-file desk.key --out variable.oak
[ -d by-variable ] || die "OAK_STATE_DIR was not read"
for _ in 1 2; do gives 0 create --version 3.5 --licence-key-file desk.key; done
[ "$(find . -maxdepth 1 -name 'planner-*.request.oak' | wc -l)" -eq 2 ] || die "a second request has no name of its own: $(ls)"
refuses 2 oak-request create --product planner --version 3.5 --state-dir empty --out keyless.oak
complains "--licence-key-file"
refuses 2 create --version 3.5 --licence-key-file desk.key --trust /nonexistent --out trusting.oak
if [ -c /dev/full ]; then
  for command in "oak-issuer --desk desk list" "oak-request show option.oak" "oak-request show option.oak --json"; do
    code=0
    $command >/dev/full 2>err.txt || code=$?
    [ "$code" -eq 2 ] || die "exit $code though standard output is full: $command"
    complains "cannot write to standard output"
  done
fi
for tool in oak-request oak-machine-id oak-issuer; do
  refuses 2 $tool bogus
  complains bogus
done
passed
