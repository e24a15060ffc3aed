#!/usr/bin/env bash
# Goal: the commands of docs/keys.md, word for word: three roots on three media under three passphrases, each process with one of
# them plugged in, sign all that roots sign; keys are certified, replaced, lost and revoked, and no machine in the field is
# locked out by any of it. Then what must be refused is.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

# The guide's /media is below this test's folder. A medium lies there only for the one command that names it.
mkdir media away words
for name in a b c d e; do printf 'the words of medium %s\n' "$name" >"$name.passphrase"; done
export OAK_DESK=desk

# The words of a command, as they stand in the guide, with the guide's placeholders and its /media put in place.
in_place() {
  local word=$1
  [ ! -f "words/$word" ] || word=$(cat "words/$word")
  printf '%s' "${word/#\/media\//media/}"
}
# tool COMMAND...: oak-issuer with the medium that it names and no other; a root's passphrase file opens that root alone.
tool() {
  local words=() word medium=
  for word in "$@"; do
    words+=("$(in_place "$word")")
    case $word in /media/*) medium=${word#/media/} ;; esac
  done
  local passphrases=passphrase
  [ -z "$medium" ] || passphrases=$medium.passphrase
  [ ! -d "away/$medium" ] || [ -z "$medium" ] || mv "away/$medium" media/
  [ "$(find . -name root.key -not -path './away/*' | wc -l)" -le 1 ] || die "two root keys are within reach"
  # Where others have theirs: nothing that this process could enter.
  chmod 000 away
  local code=0
  OAK_PASSPHRASE_FILE=$passphrases command oak-issuer "${words[@]}" || code=$?
  chmod 700 away
  [ -z "$medium" ] || [ ! -d "media/$medium" ] || mv "media/$medium" away/
  return "$code"
}
# guide NAME: runs the block of docs/keys.md below that mark.
guide() {
  local line lines=0
  while IFS= read -r line; do
    lines=$((lines + 1))
    eval "gives 0 tool ${line#oak-issuer }"
    case $line in "oak-issuer key root "*) note_root "$line" ;; esac
  done < <(sed -n "/^<!-- $1 -->\$/,/^\`\`\`\$/p" "$PROJECT/docs/keys.md" | grep '^oak-issuer ')
  [ "$lines" -gt 0 ] || die "docs/keys.md has no commands under '$1'"
}
note_root() {
  local medium=${1#*/media/}
  medium=${medium%% *}
  sed -n 's/^  public key  *//p' out.txt >"words/KEY-OF-${medium^^}"
  sed -n 's/^  key id  *//p' out.txt >"words/ID-OF-${medium^^}"
}
sign() { # MEDIUM IN OUT
  gives 0 tool key sign "$2" --root-dir "/media/$1" --out "$3"
}
# sell SITE [VERSIONS]: a licence of its own, SITE.key
sell() {
  gives 0 tool licence add --customer Example --product planner --seats 90 --versions "${2:-3.*}" --id "$1" --json
  value licence_key >"$1.key"
}
# ask SITE OUT [OPTIONS]: a request of that site's machine
ask() {
  gives 0 oak-request create --product planner --version 3.5 --state-dir "$1" --licence-key-file "$1.key" --site "$1" --out "$2" "${@:3}"
}
issue() { gives 0 tool issue "$1" --out "$2" "${approved[@]}" "${@:3}"; }
install() { gives 0 oak-request import --state-dir "$1" --trust "$2" "$3"; }
active() { # SITE TRUST
  gives 0 oak-verifier check --product planner --version 3.5 --state-dir "$1" --trust "$2"
  says '^active$'
}
verdict() { # SITE TRUST VERDICT
  gives 1 oak-verifier check --product planner --version 3.5 --state-dir "$1" --trust "$2" --json
  is verdict "$3"
}

# The ceremony. Before the roots have signed, the desk sells and is asked, and issues nothing.
guide ceremony
sell dock
ask dock dock.request
refuses 1 tool issue dock.request --out dock.oak "${approved[@]}"
complains 'waits for its roots'
refuses 1 tool key import desk/drafts/issuer-1.oak
complains '2 more of the roots must sign'
guide ceremony-signs
gives 0 tool key import issuer-1-signed.oak
gives 0 tool key list --json
is issuers.0.state active
is waiting false
[ -z "$(find desk/drafts -type f)" ] || die "drafts are left"
[ -z "$(find desk -name root.key)" ] || die "a root key lies in the desk"
guide ship-trust
cp planner.oak first.trust
issue dock.request dock.oak
install dock first.trust dock.oak
active dock first.trust

# One root more, one root twice, a stranger's root, a document that is no draft, a bit that flipped on its way.
refuses 1 tool key sign trust-1.oak --root-dir /media/a --out x.oak
complains 'has signed it already'
gives 0 tool key root --root-dir /media/e --name root-9
refuses 1 tool key sign trust-1.oak --root-dir /media/e --out x.oak
complains 'none of those that may sign'
refuses 1 tool key sign dock.oak --root-dir /media/a --out x.oak
complains 'another kind of document'
refuses 2 tool key sign trust-1.oak --root-dir /media/nowhere --out x.oak
complains 'nowhere'
refuses 2 tool key sign trust-1.oak --root-dir /media/b --out trust-2.oak
complains 'exists already'
/usr/bin/python3 - <<'PY'
import base64
lines = [line for line in open("trust-1.oak").read().split("\n") if line and line[0] not in "#-"]
data = bytearray(base64.b32decode("".join(lines) + "=" * (-len("".join(lines)) % 8)))
data[-1] ^= 1
open("flipped.oak", "wb").write(data)
PY
refuses 1 tool key sign flipped.oak --root-dir /media/b --out x.oak
complains 'does not verify'
refuses 1 tool key import flipped.oak
OAK_DESK=nowhere refuses 2 tool key sign issuer-1.oak --root-dir /media/a --out x.oak
complains '--trust'
OAK_DESK=nowhere gives 0 tool key sign issuer-1.oak --trust first.trust --root-dir /media/a --out three.oak
[ ! -e x.oak ] || die "a refused signature was written"

# A key with caps: each is kept at the desk, and every refusal names it. (Machines refuse what breaks one: tests/vectors/activation/cap-*.)
guide certify
gives 0 tool key list
says '^issuer issuer-2'
says 'may issue +certificate$'

sell one '>=3 <5'
sell two
sell many
ask one one.request
ask two two.request
capped() { # WHAT REQUEST OPTIONS...
  gives 1 tool issue "$2" --issuer issuer-2 --out x.oak "${approved[@]}" "${@:3}" --json
  is refused.0.code issuer-not-allowed
  complains "$1"
}
capped 'kind permanent' one.request
ask many many.request --seats 6
capped '6 seats' many.request --days 30
capped 'versions >=3 <5' one.request --days 30
gives 0 tool licence change ONE --versions '3.*'
capped 'more than 30 days' one.request --days 31
issue one.request one.oak --issuer issuer-2 --days 30
gives 0 oak-request show one.oak --json
is kind certificate
issue two.request two.oak --issuer issuer-1
gives 0 tool licence add --customer Example --product other --seats 3 --versions '3.*' --json
value licence_key >other.key
gives 0 oak-request create --product other --version 3.5 --state-dir other --licence-key-file other.key --out other.request
capped "product 'other'" other.request --days 30
refuses 2 tool issue two.request --out x.oak --issuer issuer-7
complains 'no issuer key'
gives 0 tool key certify --until 2001-01-01 --from 2000-01-01 --out past.oak --json
is name issuer-3
sign a past.oak past-1.oak
refuses 1 tool issue many.request --out x.oak "${approved[@]}" --issuer issuer-3
complains 'has no certificate yet'
sign b past-1.oak past-2.oak
gives 0 tool key import past-2.oak
gives 1 tool issue many.request --out x.oak "${approved[@]}" --json
is refused.0.code issuer-not-allowed
for wrong in '--kinds weekly' '--versions 3.x' '--from 2027-02-30' '--until 2020-01-01' '--products a/b' '--public-key 00'; do
  # shellcheck disable=SC2086  # two words
  refuses 2 tool key certify $wrong --out x.oak
done

# The issuer key is replaced: the past one's caps are none, so its successor signs all.
guide rotate-issuer
gives 0 tool key list --json
is issuers.3.serial 4
is issuers.3.max_days null
issue many.request many.oak
install many first.trust many.oak
active many first.trust
active dock first.trust

# A root is lost. Before and after: the machine that knows nothing of it, the one that was told, and the new release.
rm -r away/c
guide lost-root
gives 0 tool key list --json
is number 2
is earlier 1
guide tell-field
cp -r dock told
install told first.trust field-2.oak
active told first.trust
active dock first.trust
gives 0 tool trust --unsigned --product planner --out second-draft.oak
sign a second-draft.oak second-1.oak
sign d second-1.oak second.trust
active told second.trust
active dock second.trust
active many second.trust
install dock second.trust field-2.oak
active dock second.trust
# A certificate that the new root helped to sign: unknown where nobody was told, good where somebody was, and in the release.
gives 0 tool key rotate --issuer --out fifth-draft.oak
sign a fifth-draft.oak fifth-1.oak
sign d fifth-1.oak fifth-2.oak
gives 0 tool key import fifth-2.oak
sell late
ask late late.request
issue late.request late.oak
refuses 1 oak-request import --state-dir late --trust first.trust late.oak
complains 'not known'
install late second.trust late.oak
active late second.trust
gives 0 oak-request create --product planner --version 3.5 --state-dir told --reason test --out told.request
issue told.request told.oak
install told first.trust told.oak
active told first.trust
gives 0 tool key import roots-2.oak
# Roots that are no more don't sign.
refuses 2 tool key rotate --root "$(cat words/ID-OF-C)" --out x.oak
complains 'key id of no root'
refuses 2 tool key rotate --root "$(cat words/ID-OF-A)" --root "$(cat words/ID-OF-B)" --out x.oak
complains "don't fit"
refuses 2 tool key rotate --new-root KEY-OF-A --out x.oak
refuses 2 tool key rotate --out x.oak

gives 0 tool trust --unsigned --without-earlier --out x.oak
complains 'nothing counts that issuer-4 signs: let the new roots certify it'
rm x.oak

# An issuer key is stolen: what the ledger knows survives, what the thief makes does not.
guide stolen-issuer
install dock second.trust revoked-2.oak
install two second.trust two.oak
active dock second.trust
active two second.trust
refuses 1 tool issue one.request --out x.oak --issuer issuer-1
complains 'was revoked'
refuses 1 tool key certify --issuer issuer-1 --out x.oak
id=$(oak-request show many.oak --json | sed 's/.*"id": *"\([A-Z2-7]*\)".*/\1/')
gives 0 tool key revoke issuer-4 --except "$id" --out sixth-draft.oak
sign b sixth-draft.oak sixth-1.oak
sign d sixth-1.oak sixth-2.oak
gives 0 tool key import sixth-2.oak
install many second.trust sixth-2.oak
verdict many second.trust revoked
refuses 1 tool key import field-2.oak
complains 'below the newest'

# So many roots are stolen that they could sign.
guide stolen-roots
sign b after-theft-draft.oak third-1.oak
sign d third-1.oak third.trust
verdict two third.trust untrusted
active late third.trust

# A second desk shares the roots, and nothing else.
export OAK_DESK=branch
guide second-desk
sell shed
ask shed shed.request
issue shed.request shed.oak
install shed first.trust shed.oak
active shed first.trust
OAK_DESK=desk gives 1 tool issue shed.request --out x.oak "${approved[@]}" --json
is refused.0.code unknown-licence
refuses 2 tool init --desk third --roots-of first.trust --threshold 1
refuses 1 tool key import trust-2.oak
passed
