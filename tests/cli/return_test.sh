#!/usr/bin/env bash
# Goal: an activation that is given back ends before its receipt exists, stays ended whatever file is put back, and leaves the
# same receipt again and again; a smaller activation writes the receipt of the one that it replaces, and not too early.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

give_back() { oak-request return --product planner --state-dir machine --trust desk.trust "$@"; }
verdict() {
  check --version 3.5 --json >state.json 2>/dev/null || true
  /usr/bin/python3 -c 'import json; print(json.load(open("state.json"))["verdict"])'
}

new_desk desk
# Nothing to give back, and what a script forgets is named.
refuses 1 give_back --out x.oak --yes
complains 'no activation of'
activated
cp -r machine/planner kept
remember machine desk
refuses 2 give_back --out x.oak
complains '--yes is missing'
refuses 2 give_back --yes
complains '--out is missing'
refuses 2 oak-request return --state-dir machine --out x.oak --yes
complains '--product is missing'
gives 2 give_back --out x.oak --json
is error.code usage
refuses 2 give_back --yes --out x.oak --product ../planner
refuses 2 give_back --yes --out x.oak --qr x.gif
refuses 2 give_back --yes --out - --json
refuses 1 give_back --yes --out x.oak --licence NONE
refuses 1 give_back --yes --out x.oak --activation AAAA-AAAA-AAAA-AAAA
refuses 2 give_back --yes --out x.oak --activation short
refuses 1 give_back --superseded --out x.oak
complains 'no activation .* was replaced'
# What is in the way of the receipt is found before anything ends.
touch there.oak
refuses 2 give_back --yes --out there.oak
complains 'exists already'
refuses 2 give_back --yes --out nowhere/x.oak
complains 'no such file'
refuses 2 give_back --yes --out x.oak --trust nowhere.trust
nothing_changed 'a return that was refused'
[ "$(verdict)" = active ] || die "it was ended by a command that was refused"
[ ! -e x.oak ] || die "a refused return left a receipt"

# Without the machine's key there would be no receipt that a desk takes: nothing ends.
mv machine/planner/machine.key machine.key
refuses 1 give_back --yes --out x.oak
complains 'machine key is not here'
mv machine.key machine/planner/machine.key
[ "$(verdict)" = active ] || die "it ended without a receipt"

gives 0 give_back --yes --out receipt.oak --json
is product planner
is licence "$(cat desk.licence)"
is generation 1
is repeat false
is successor null
id=$(value activation)
gives 0 oak-request show receipt.oak --json
is type receipt
is activation "$id"
[ "$(verdict)" = returned ] || die "it is $(verdict) after it was given back"
gives 1 check --version 3.5
says "was given back"
# Sticks get lost: the same receipt again, byte for byte, by any of these.
gives 0 give_back --yes --out again.oak --json
is repeat true
cmp receipt.oak again.oak || die "the second receipt has other bytes"
gives 0 give_back --yes --out third.oak --activation "$id"
cmp receipt.oak third.oak || die "the third receipt has other bytes"
refuses 2 give_back --yes --out again.oak
gives 0 give_back --yes --out again.oak --force
gives 0 give_back --yes --out - --sheet receipt.html
cmp receipt.oak out.txt || die "the receipt on standard output has other bytes"
grep -q 'What was given back' receipt.html || die "the sheet does not say what was given back"
gives 0 give_back --yes --qr receipt.png
gives 0 oak-request scan receipt*.png --out scanned.oak
gives 0 oak-request show scanned.oak --json
is activation "$id"
gives 0 oak-request return --product planner --state-dir machine --yes --out untrusted.oak
complains "trust is not on this machine"
cmp receipt.oak untrusted.oak || die "without trust the receipt has other bytes"

# The activation file put back: imported, copied into the state, or with the marks lost.
refuses 1 import activation.oak
complains 'was given back'
cp kept/activation-*.oak machine/planner/
[ "$(verdict)" = returned ] || die "the file put back gives $(verdict)"
rm machine/planner/marks.oak
[ "$(verdict)" = malformed ] || die "without marks it is $(verdict)"
rm machine/planner/activation-*.oak
refuses 1 import activation.oak
complains 'was given back'
# Nothing but the receipt is left: it is still written.
rm -f machine/planner/machine.key
cp kept/machine.key kept/marks.oak machine/planner/
refuses 1 give_back --yes --out lost.oak
cp kept/activation-*.oak machine/planner/
[ "$(verdict)" = active ] || die "a restored state is $(verdict)"
# Its first receipt is the one, though the state forgot that it gave it.
gives 0 give_back --yes --out lost.oak
cmp receipt.oak lost.oak || die "a restored state wrote another receipt"

# A machine that gave back is a new one for the desk: with the licence key it asks for itself.
refuses 2 create --version 3.5 --out new.oak
complains '--licence-key-file'

# Fewer seats: the import ends the larger activation, and its receipt is what frees the rest.
rm -rf machine
gives 0 oak-issuer --desk smaller --passphrase-file passphrase init
gives 0 oak-issuer --desk smaller --passphrase-file passphrase trust --out smaller.trust
gives 0 oak-issuer --desk smaller --passphrase-file passphrase licence add --customer Example --product planner --seats 3 --versions '>=3' --json
value licence_key >smaller.key
value id >smaller.licence
desk_of() { oak-issuer --desk smaller --passphrase-file passphrase "$@"; }
takes_in() { oak-request import --state-dir machine --trust smaller.trust "$@"; }
seats_live() {
  desk_of licence show "$(cat smaller.licence)" --json >licence.json
  /usr/bin/python3 -c 'import json; print(json.load(open("licence.json"))["seats_live"])'
}
gives 0 create --version 3.5 --seats 3 --licence-key-file smaller.key --out three.oak
gives 0 desk_of issue three.oak --out three.activation.oak "${approved[@]}"
gives 0 takes_in three.activation.oak
gives 0 create --version 3.5 --seats 2 --out two.oak
gives 0 desk_of issue two.oak --out two.activation.oak "${approved[@]}"
[ "$(seats_live)" = 3 ] || die "seats are free before the receipt is in"
touch taken.oak
refuses 2 takes_in two.activation.oak --receipt taken.oak
gives 0 oak-verifier install two.activation.oak --state-dir machine --trust smaller.trust
says 'oak-request return --superseded --product planner'
gives 0 takes_in two.activation.oak --receipt two.receipt.oak
says 'its receipt is in two.receipt.oak'
gives 0 oak-request show two.receipt.oak --json
is generation 1
gives 0 oak-verifier check --product planner --version 3.5 --seats 2 --state-dir machine --trust smaller.trust
gives 1 oak-verifier check --product planner --version 3.5 --seats 3 --state-dir machine --trust smaller.trust
refuses 1 takes_in three.activation.oak
complains 'was given back'
gives 0 oak-request return --superseded --product planner --state-dir machine --trust smaller.trust --out same.oak
cmp two.receipt.oak same.oak || die "the receipt of what was replaced has other bytes"
# A name of its own, where none is given; and the same receipt twice is one file.
mkdir elsewhere
gives 0 env -C elsewhere oak-request import --state-dir ../machine --trust ../smaller.trust ../two.activation.oak
gives 0 env -C elsewhere oak-request import --state-dir ../machine --trust ../smaller.trust ../two.activation.oak
[ "$(find elsewhere -type f | wc -l)" -eq 1 ] || die "one receipt became several files"
cmp two.receipt.oak elsewhere/planner-*.receipt.oak || die "the receipt by its own name has other bytes"
gives 0 desk_of accept two.receipt.oak
[ "$(seats_live)" = 2 ] || die "the receipt freed nothing"
# What is in force is given back as ever.
gives 0 oak-request return --product planner --state-dir machine --trust smaller.trust --out last.oak --yes
gives 0 desk_of accept last.oak
[ "$(seats_live)" = 0 ] || die "$(seats_live) seats are left after all was given back"
passed
