#!/usr/bin/env bash
# Goal: what bash offers after a word of ours is what the tools take there: commands, commands below them, options, products, files.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"
mkdir -p state/planner files
touch files/one.oak
export OAK_STATE_DIR=$here/state

# offered WORD...: what is offered in the place of the last word, as bash itself would ask.
cat >offered.bash <<'BASH'
. "$PROJECT/packaging/completion/oak.bash"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
entry=$(complete -p "$1") || exit 3
function=$(sed -n 's/.* -F \([a-z_]*\) .*/\1/p' <<<"$entry")
"$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}" | sort
BASH
offers() { # offers "EXPECTED..." WORD...
  gives 0 bash offered.bash "${@:2}"
  [ ! -s err.txt ] || die "completion of '${*:2}' complains"
  [ "$(paste -sd' ' out.txt)" = "$1" ] || die "'${*:2}' offers other words than: $1"
}
has() { # has EXPECTED WORD...
  gives 0 bash offered.bash "${@:2}"
  grep -qxF -- "$1" out.txt || die "'${*:2}' does not offer $1"
}

offers 'create' oak-request cr
offers 'scan show' oak-request s
has compare oak-machine-id ''
offers '--licence-key-file' oak-request create --lic
has --qr oak-request create --product planner --
has --json oak-request create --
gives 0 bash offered.bash oak-request show --
! grep -qx -- --seats out.txt || die "an option of another command is offered"
has licence oak-issuer --desk desk ''
offers 'rekey' oak-issuer licence rek
offers '--customer' oak-issuer --desk desk licence add --cu
has change oak-issuer product ''
offers 'rehearse' oak-verifier re
has --without oak-verifier rehearse --
has --seats oak-verifier check --product planner --s
has --trust oak-verifier check --
offers 'planner' oak-verifier check --product pl
offers 'files/one.oak' oak-verifier install files/
offers 'files/one.oak' oak-request import --trust files/o
offers 'files/one.oak' oak-request refresh --server-cert files/o
offers 'files/one.oak' oak-issuer serve --tls-key files/o
has --server-key oak-request refresh --product planner --
has --listen oak-issuer serve --
offers 'files' oak-request create --state-dir 'fi'
has --wait oak-seat run --
offers 'borrow' oak-seat bo
has --listen oak-seatd serve --l
offers 'vm vm,container' oak-issuer licence add --allow v
passed
