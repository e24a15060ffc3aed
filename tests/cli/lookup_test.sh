#!/usr/bin/env bash
# Goal: list, show, licence list and licence show tell staff what stands, what to look at first and which command mends it, keep the
# contract's keys, and work while somebody writes at the desk. A bulletin leaves as a sheet of paper too.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

insist() { [ "$1" = "$2" ] || die "$3: $1, expected $2"; }
has_keys() { /usr/bin/python3 -c 'import json, sys
value = json.load(open("out.txt"))
missing = set(sys.argv[1:]) - set(value[0] if isinstance(value, list) else value)
sys.exit(f"keys are missing: {missing}" if missing else 0)' "$@"; }
list_keys=(activation licence site seats kind not_after generation state operator issued_at)
licence_keys=(id customer product versions seats seats_live unreturned rehosts_left)

new_desk desk
licence=$(cat desk.licence)
gives 0 issuer list
says 'nothing issued yet'
gives 0 issuer licence show "$licence"
says 'no machine has a seat'
gives 0 issuer licence list
says "^$licence +planner +0 +3 +3\.\* +Example$"

# Three seats, then one in their place: until the receipt is in, three count.
gives 0 create --version 3.5 --seats 3 --licence-key-file desk.key --site 'Dock 4' --out three.oak
gives 0 issuer issue three.oak --out three.activation.oak "${approved[@]}" --operator olga --json
three=$(value activation)
gives 0 import three.activation.oak
gives 0 create --version 3.5 --seats 1 --site 'Dock 4' --out one.oak
gives 0 issuer issue one.oak --out one.activation.oak "${approved[@]}" --json
one=$(value activation)
gives 0 issuer list
sed -n 2p out.txt >row.txt
grep -qE "^$one +live +Dock 4 +1 +$licence +permanent +2 +[0-9-]{10} +unreturned" row.txt || die "the unreturned one is not first: $(cat row.txt)"
says '^1 live, 1 superseded; 1 to look at: oak-issuer show ID$'
gives 0 issuer list --json
has_keys "${list_keys[@]}"
is 0.suspicious.0 unreturned
is 1.suspicious '[]'
gives 0 issuer show "$one"
says "^activation $one: live$"
says "counts for +3 seats, 2 more than its own: not returned is $three \(Dock 4\) with 3 seats"
says 'next +oak-issuer accept RECEIPT --desk desk$'
says 'binding +software'
says '^[0-9-]{10} [0-9:]{8} UTC +[0-9]+ +issued +'
gives 0 issuer show "${three,,}" --json # in small letters
has_keys "${list_keys[@]}" history owed counted next binding
is activation "$three"
is state superseded
is history.0.event issued
is history.0.operator olga
is history.1.event superseded
is history.1.successor "$one"
is next 'oak-issuer accept RECEIPT --desk desk'
gives 0 issuer licence show "$licence"
says 'seats +3 of 3 in use'
says "$one \(Dock 4\) has 1 of the 3 seats it counts for; the receipt is missing of $three \(3\)"
says 'then: oak-issuer accept RECEIPT --desk desk$'
gives 0 issuer licence show "$licence" --json
has_keys "${licence_keys[@]}" machines history suspicious
is machines.0.activation "$one"
gives 0 issuer licence add --customer Other --product planner --seats 1 --versions '3.*' --id OTHER
gives 0 issuer licence list
sed -n 2p out.txt | grep -qE "^$licence .*1 unreturned" || die "the licence to look at is not first"
gives 0 issuer licence list --json
has_keys "${licence_keys[@]}"

# Fewer of them.
for filter in "--state live" "--licence $licence --state live" "--site dOcK --state live"; do
  # shellcheck disable=SC2086  # words of a command line
  gives 0 issuer list $filter --json
  insist "$(/usr/bin/python3 -c 'import json; print([row["activation"] for row in json.load(open("out.txt"))])')" "['$one']" "$filter"
done
gives 0 issuer list --licence other
says 'no activation is like that'
gives 0 issuer list --site nowhere --json
grep -qx '\[\]' out.txt || die "nothing found is no empty array"
refuses 2 issuer list --state alive
refuses 1 issuer list --licence NONE
refuses 1 issuer licence show NONE
refuses 1 issuer show AAAAAAAAAAAAAAAA
refuses 2 issuer show what

# The receipt comes in: nothing is of concern any more, and the history says so. Terms change, with a reason.
gives 0 import one.activation.oak --receipt receipt.oak
gives 0 issuer accept receipt.oak
gives 0 issuer show "$three"
says 'counts for +nothing: its receipt is in$'
says "superseded by $one"
says 'receipt accepted .*counts as a move$'
gives 0 issuer show "$one" --json
is counted 1
is owed '[]'
gives 0 issuer licence change "$licence" --seats 4 --reason 'order 77'
gives 0 issuer licence show "$licence"
says 'seats 3 → 4; moves a year 3 → 4 +order 77$'
gives 0 issuer revoke "$one" --reason 'stolen'
gives 0 issuer show "$one"
says 'counts for +nothing: it was revoked'
says "next +oak-issuer bulletin --product planner --out FILE --desk desk$"
says ' revoked .*stolen; counts as a move$'
! grep -q 'look at' out.txt || die "a revoked one is still of concern"
gives 0 issuer list --state revoked --json
is 0.activation "$one"

# A bulletin on paper.
gives 0 issuer trust --out contact.trust --product planner --contact 'Desk <desk>'
refuses 2 issuer bulletin --out b.oak --sheet nowhere/b.html
refuses 2 issuer bulletin --out b.oak --sheet b.oak
gives 0 issuer bulletin --out b.oak --sheet b.html --qr b.png
grep -q "$one" b.html || die "the sheet does not name what is revoked"
grep -q 'Desk &lt;desk&gt;' b.html || die "the sheet has no contact"
! grep -qiE '<script|<img|<link|src=|url\(|@import' b.html || die "the sheet has a script, or something from outside"
grep -q '<svg' b.html || die "the sheet has no symbol"
gives 0 oak-request import b*.png --state-dir machine --trust desk.trust
gives 1 check --version 3.5
says '^revoked$'

# Somebody writes: the lock is taken, and a transaction open. Whoever looks is answered at once.
/usr/bin/python3 - <<'PY' &
import fcntl, sqlite3, time
lock = open("desk/lock", "r+")
fcntl.flock(lock, fcntl.LOCK_EX)
ledger = sqlite3.connect("desk/ledger.sqlite", isolation_level=None)
ledger.execute("BEGIN IMMEDIATE")
open("taken", "w").close()
time.sleep(60)
PY
writer=$!
for ((i = 0; i < 300; ++i)); do [ ! -e taken ] || break; sleep 0.1; done
for command in "list" "show $one" "licence list" "licence show $licence"; do
  # shellcheck disable=SC2086  # words of a command line
  gives 0 timeout 8 oak-issuer --desk desk $command
done
kill $writer
wait $writer 2>/dev/null || true
passed
