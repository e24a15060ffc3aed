#!/usr/bin/env bash
# Goal: every change of mind from the command line, on made-up hardware: rebind, rehost, reinstallation, more and fewer seats,
# features, customer, version, return, revocation. Each refusal is met by name, and its remedy, run as it is printed, helps.
# issuer-not-allowed needs an issuer key with caps (tests/unit/issuer_issue_test.cpp); the end of a certificate and of the
# quota's year need a clock (tests/unit/issuer_policy_certificate_test.cpp, issuer_policy_hardware_test.cpp, issuer_returning_test.cpp).
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
# shellcheck source=SCRIPTDIR/made_up_machine.sh
. "$PROJECT/tests/cli/made_up_machine.sh"

box2=(uuid=1f9e0b6d-33a1-4c58-9c0e-7d52e6f4a801 serial=PF9ZZ1AB board=W1KS99Z9C7D mac=00:1b:21:aa:bb:cc
  disk=S4EWNX0M999999 machine_id=0f0e0d0c0b0a09080706050403020100)
box3=(uuid=2a8c7a30-58a5-4d0d-8d1f-5f1d3a2b9c02 serial=PF1AA2BC board=W1KS11Z1C1D mac=00:1b:21:dd:ee:ff
  disk=S4EWNX0M111111 machine_id=1a1e0d0c0b0a09080706050403020111)
# Not where a desk is looked for, and not one word in a shell.
export OAK_DESK="$here/staff's desk" OAK_PASSPHRASE_FILE=$here/passphrase

# asks STATE OUT [NAME=VALUE...] [OPTION...]: a request of the machine with that state.
asks() {
  local state=$1 out=$2 parts=()
  shift 2
  while [[ ${1:-} == *=* && $1 != -* ]]; do parts+=("$1") && shift; done
  gives 0 on "${parts[@]}" oak-request create --product planner --version 3.5 --state-dir "$state" --out "$out" --force "$@"
}
issues() { gives 0 oak-issuer issue "$1.oak" --out "$1.act" --json "${@:2}"; }
refused() {
  gives 1 oak-issuer issue "$2.oak" --out "$2.act" --json "${@:3}"
  is refused.0.code "$1"
  complains "refused: $1: "
}
# takes STATE ACTIVATION [NAME=VALUE...]
takes() { gives 0 on "${@:3}" oak-request import --state-dir "$1" --trust desk.trust "$2"; }
judged() { gives "$1" on "${@:3}" oak-verifier check --product planner --version 3.5 --state-dir "$2" --trust desk.trust --json; }
# remedied [RANGE]: the command in the remedy of the refusal in out.txt, as it is printed, in a shell that knows nothing of the desk.
remedied() {
  local line
  line=$(value refused.0.remedy)
  line=oak-issuer${line#*oak-issuer}
  line=${line%%; or *}
  line=${line//TEXT/test} line=${line//FILE/remedied.act}
  gives 0 env -u OAK_DESK HOME="$here" bash -c "${line//RANGE/"'${1:-}'"}"
}
licence() {
  gives 0 oak-issuer licence show "$id" --json
  is "$1" "$2"
}

new_desk desk --rehosts 4 --certificates 1
mv desk "$OAK_DESK"
id=$(cat desk.licence)
asks one first.oak --licence-key-file desk.key
issues first
first=$(value activation)
takes one first.act
judged 0 one

# Hardware. Where the board is the same it is a rebind: no receipt, no approval, no move.
asks one rebind.oak mac=00:1b:21:aa:00:01 disk=S4EWNX0M000001 machine_id=00000000000000000000000000000001
issues rebind
is generation 2
gives 1 oak-issuer export "$first" --out x.act --json
is refused.0.code answer-no-longer-live
remedied
cmp rebind.act remedied.act
licence rehosts_left 4
# Old and new stand side by side until the new one has been active; then the old one can't come back.
takes one rebind.act mac=00:1b:21:aa:00:01 disk=S4EWNX0M000001 machine_id=00000000000000000000000000000001
judged 0 one
is activation.generation 1
judged 0 one mac=00:1b:21:aa:00:01 disk=S4EWNX0M000001 machine_id=00000000000000000000000000000001
is activation.generation 2
gives 1 on oak-request import --state-dir one --trust desk.trust first.act
complains 'newer activation'
# All else the same again needs no word either; another box does, and counts.
asks one moved.oak "${box2[@]}"
refused needs-receipt moved
remedied
licence rehosts_left 3
licence seats_live 1
takes one moved.act "${box2[@]}"
judged 0 one "${box2[@]}"
is activation.generation 3

# Reinstalled: the state is gone, the hardware is the same.
asks again again.oak "${box2[@]}" --licence-key-file desk.key
refused hardware-already-active again
remedied
licence rehosts_left 3
licence seats_live 1
takes again again.act "${box2[@]}"

# More seats: what is bought, then what to sell.
asks again more.oak "${box2[@]}" --seats 4
refused not-enough-seats more --approve not-enough-seats --reason test
remedied
issues more
licence seats_live 4
takes again more.act "${box2[@]}"
judged 0 again "${box2[@]}"

# Fewer: the larger number counts until the receipt is in, which importing the smaller activation writes.
asks again less.oak "${box2[@]}" --seats 1
issues less
licence seats_live 4
licence unreturned 1
refuses 1 oak-issuer licence change "$id" --seats 2
complains 'accept RECEIPT'
gives 0 on "${box2[@]}" oak-request import --state-dir again --trust desk.trust --receipt less.receipt less.act
gives 0 oak-issuer accept less.receipt --json
is seats_freed 3
is state returned
is attested false
is repeat false
is rehosts_left 2
licence seats_live 1
licence unreturned 0
gives 0 oak-issuer accept less.receipt
says 'in already'
licence rehosts_left 2
gives 0 oak-issuer licence change "${id,,}" --seats 2
gives 1 on "${box2[@]}" oak-request import --state-dir again --trust desk.trust more.act

# Features and customer come with the next activation; a version inside the range is a formality.
gives 0 oak-issuer licence change "$id" --feature export --customer 'Example Two'
asks again features.oak "${box2[@]}"
issues features
takes again features.act "${box2[@]}"
judged 0 again "${box2[@]}"
is activation.features '["export"]'
gives 0 oak-request show features.act
says 'Example Two'
licence rehosts_left 2
gives 0 on "${box2[@]}" oak-request create --product planner --version 4.0 --state-dir again --out version.oak
refused version-not-covered version --approve version-not-covered --reason test
remedied '>=3.0 <5'
issues version
is versions '>=3.0 <5'
takes again version.act "${box2[@]}"
gives 0 on "${box2[@]}" oak-verifier check --product planner --version 4.0 --state-dir again --trust desk.trust

# Given back: accepted once, and the activation put back afterwards is no use.
gives 0 on "${box2[@]}" oak-request return --product planner --state-dir again --trust desk.trust --out back.receipt --yes
gives 0 oak-issuer accept back.receipt
says '1 seat freed'
says 'unattested'
licence seats_live 0
licence rehosts_left 1
gives 1 on "${box2[@]}" oak-request import --state-dir again --trust desk.trust version.act
judged 1 again "${box2[@]}"
is verdict returned
cp version.oak late.oak
refused answer-no-longer-live late
gives 1 oak-issuer accept version.act --json
is error.code wrong-type
gives 1 oak-issuer accept back.receipt version.act --json
is 0.repeat true
is 1.error.code wrong-type

# The last moves, and one too many: for a receipt and for a move.
asks third third.oak "${box3[@]}" --licence-key-file desk.key
issues third
takes third third.act "${box3[@]}"
gives 0 oak-issuer licence change "$id" --rehosts 3
gives 0 on "${box3[@]}" oak-request return --product planner --state-dir third --trust desk.trust --out third.receipt --yes
gives 1 oak-issuer accept third.receipt --json
is refused.0.code rehost-quota
remedied
licence seats_live 0
licence rehosts_left 0
asks third thief.oak "${box3[@]}" --licence-key-file desk.key
issues thief
takes third thief.act "${box3[@]}"
judged 0 third "${box3[@]}"
asks third over.oak
gives 1 oak-issuer issue over.oak --out over.act --json --approve rehost --reason test
is refused.0.code rehost-quota
remedied
takes third over.act
judged 0 third

# Certificates.
asks trial trial.oak "${box2[@]}" --licence-key-file desk.key
issues trial --days 30
takes trial trial.act "${box2[@]}"
gives 0 oak-issuer licence change "$id" --seats 3
asks other other.oak "${box3[@]}" --licence-key-file desk.key
refused certificate-limit other --days 30
remedied
asks trial renewed.oak "${box2[@]}"
refused too-early-to-renew renewed --days 30 --approve certificate-limit --reason test
remedied

# Too little to tell machines apart; and where the licence does not allow it.
weak=(uuid= serial= board= mac= machine_id=abcdefabcdefabcdefabcdefabcdefab disk=S4EWNX0M777777)
gives 0 oak-issuer licence change "$id" --seats 9
asks weak weak.oak "${weak[@]}" --licence-key-file desk.key
refused weak-fingerprint weak
remedied
gives 0 oak-issuer licence change "$id" --forbid vm,container
asks here here.oak disk=S4EWNX0M888888 mac=00:1b:21:88:88:88 uuid=88888888-33a1-4c58-9c0e-7d52e6f4a888 serial=PF888888 \
  board=W1KS8888888 machine_id=88888888888888888888888888888888 --licence-key-file desk.key
gives 0 oak-request show here.oak --json
if grep -qE '"(virtual_machine|container)": "' out.txt; then
  refused not-allowed-here here
  remedied
else
  issues here
fi
gives 0 oak-issuer licence change "$id" --allow vm,container

# Who may ask.
new_desk stranger_desk
gives 0 on oak-request create --product planner --version 3.5 --state-dir s1 --licence-key-file stranger_desk.key --out stranger.oak
refused unknown-licence stranger
gives 0 on oak-request create --product press --version 3.5 --state-dir s2 --licence-key-file desk.key --out product.oak
gives 1 oak-issuer issue product.oak --out product.act --json
says '"wrong-product"'
gives 0 oak-issuer licence key "$id" --json
value licence_key >old.key
gives 0 oak-issuer licence rekey "$id" --json
value licence_key >desk.key
asks s3 key.oak --licence-key-file old.key
gives 1 oak-issuer issue key.oak --out key.act --json --approve reinstall,wrong-licence-key --reason test
is refused.0.code wrong-licence-key

# Revoked: the ledger first, then a bulletin, and the machine heeds it; it gets no other activation by naming this one.
gives 0 oak-issuer list --json
live=$(value 0.activation)
gives 0 oak-issuer bulletin --out none.bulletin --json
is revoked '[]'
refuses 2 oak-issuer bulletin --out none.bulletin
refuses 2 oak-issuer bulletin --out x.bulletin --product nothing
refuses 2 oak-issuer revoke "$live"
refuses 1 oak-issuer revoke AAAA-AAAA-AAAA-AAAA --reason test
fresh=(disk=S4EWNX0M666666 mac=00:1b:21:66:66:66 uuid=66666666-33a1-4c58-9c0e-7d52e6f4a666 serial=PF666666 board=W1KS6666666
  machine_id=66666666666666666666666666666666)
asks fresh fresh.oak "${fresh[@]}" --licence-key-file desk.key
issues fresh
live=$(value activation)
takes fresh fresh.act "${fresh[@]}"
judged 0 fresh "${fresh[@]}"
gives 0 oak-issuer revoke "$live" --reason 'stolen at night' --json
is state revoked
is seats_freed 1
next=$(value next)
gives 0 bash -c "${next//FILE/stolen.bulletin}"
says '1 activation revoked'
gives 0 oak-issuer revoke "$live" --reason again --json
is repeat true
cp -r fresh copied
takes fresh stolen.bulletin "${fresh[@]}"
judged 1 fresh "${fresh[@]}"
is verdict revoked
gives 1 on "${fresh[@]}" oak-request import --state-dir fresh --trust desk.trust none.bulletin
complains 'number'
asks fresh revoked.oak "${fresh[@]}" --licence-key-file desk.key
refused revoked revoked --approve revoked --reason test
remedied
says 'licence key'
gives 0 on "${fresh[@]}" oak-request return --product planner --state-dir copied --trust desk.trust --out stolen.receipt --yes
gives 1 oak-issuer accept stolen.receipt --json
is refused.0.code revoked
# A superseded one is reached by the one that took its place; one that was given back is gone already.
gives 0 oak-issuer list --json
superseded=$(/usr/bin/python3 -c 'import json; print([x["activation"] for x in json.load(open("out.txt")) if x["state"] == "superseded"][0])')
returned=$(/usr/bin/python3 -c 'import json; print([x["activation"] for x in json.load(open("out.txt")) if x["state"] == "returned"][0])')
gives 1 oak-issuer revoke "$superseded" --reason test --json
is refused.0.code superseded
gives 1 oak-issuer revoke "$returned" --reason test --json
is refused.0.code returned

# A release may refuse older bulletins; a machine that has none is not locked out by that.
number=$(oak-issuer inspect stolen.bulletin --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["number"])')
refuses 2 oak-issuer trust --out late.trust --lowest-bulletin 4000
gives 0 oak-issuer trust --out late.trust --lowest-bulletin "$number"
gives 0 on oak-verifier check --product planner --version 3.5 --state-dir third --trust late.trust --json
is verdict active
gives 1 on oak-request import --state-dir third --trust late.trust none.bulletin
gives 0 on oak-request import --state-dir third --trust late.trust stolen.bulletin
gives 0 on oak-verifier check --product planner --version 3.5 --state-dir third --trust late.trust

# A ledger that was put back from an old copy shows itself by what sites hold.
cp "$OAK_DESK/ledger.sqlite" old.sqlite
asks third newest.oak
issues newest
takes third newest.act
cp old.sqlite "$OAK_DESK/ledger.sqlite"
asks third rolled.oak
refused ledger-rolled-back rolled --approve ledger-rolled-back --reason test
passed
