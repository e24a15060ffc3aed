#!/usr/bin/env bash
# Goal: three roots in three folders under three passphrases, each in a process that can read no other root's key, sign all that
# roots sign; keys are certified, rotated, lost and revoked by the commands of docs/keys.md, and no machine in the field is
# locked out by any of it; what must be refused is.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

for name in 1 2 3 4 5 6; do printf 'the words of root %s\n' "$name" >"root-$name.words"; done
mkdir media away

# plugged N COMMAND...: with the medium of root N and no other; its passphrase file opens that key alone.
plugged() {
  local number=$1
  shift
  mv media/* away/ 2>/dev/null || true
  [ ! -d "away/$number" ] || mv "away/$number" media/
  [ "$(ls media)" = "$number" ] || [ -z "$(ls media)" ] || die "other media than $number are plugged in"
  "$@"
}
sign() { # N IN OUT
  gives 0 plugged "$1" oak-issuer --desk desk --passphrase-file "root-$1.words" key sign "$2" --root-dir "media/$1" --out "$3"
}
by_two() { # N N IN OUT
  rm -f half.oak
  sign "$1" "$3" half.oak
  sign "$2" half.oak "$4"
}
desk() { oak-issuer --desk desk --passphrase-file passphrase "$@"; }

# The ceremony: each root key is made in a process of its own, on a medium of its own.
for number in 1 2 3; do
  gives 0 plugged "$number" oak-issuer --passphrase-file "root-$number.words" key root --root-dir "media/$number" --name "root-$number" --json
  value key >"root-$number.pub"
  value id >"root-$number.id"
done
gives 0 desk init --threshold 2 --root-key "$(cat root-1.pub)" --root-key "$(cat root-2.pub)" --root-key "$(cat root-3.pub)"
[ -z "$(find desk -name root.key)" ] || die "the desk has a root key"
gives 0 desk licence add --customer Example --product planner --seats 3 --versions '3.*' --json
value licence_key >desk.key
value id >desk.licence
gives 0 create --version 3.5 --licence-key-file desk.key --site Dock --out request.oak
refuses 1 desk issue request.oak --out activation.oak "${approved[@]}"
complains 'waits for its roots'
by_two 1 2 desk/drafts/trust.oak trust.oak
refuses 1 desk key import half.oak
complains '1 more of the roots must sign'
gives 0 desk key import trust.oak
refuses 1 desk issue request.oak --out activation.oak "${approved[@]}"
complains 'has no certificate yet'
by_two 2 3 desk/drafts/issuer-1.oak certificate.oak
gives 0 desk key import certificate.oak
gives 0 desk key import certificate.oak
gives 0 desk key list --json
is issuers.0.state active
is issuers.0.serial 1
[ "$(find desk/drafts -type f)" = "" ] || die "drafts are left: $(ls desk/drafts)"
gives 0 desk trust --unsigned --out planner.draft --product planner --contact 'licences@vendor.example'
by_two 3 1 planner.draft desk.trust
gives 0 desk key import desk.trust
gives 0 desk issue request.oak --out activation.oak "${approved[@]}"
gives 0 import activation.oak
gives 0 check --version 3.5
passed
