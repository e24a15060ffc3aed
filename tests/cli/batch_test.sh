#!/usr/bin/env bash
# Goal: many requests are decided each on its own, whatever the others are, and reported as a table and as JSON; a batch that was
# killed and is started again gives every activation, and no second seat. What stands in the way of an answer's file is found
# before that request is decided. (Seats and generations within one transaction are the unit tests' business.)
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

new_desk desk
# request_of NAME: of licence NAME, which is new, into requests/NAME.request.oak. One machine will do for all: each licence has
# a machine key of its own.
mkdir requests
request_of() {
  gives 0 issuer licence add --customer "$1" --product planner --seats 1 --versions '3.*' --id "$1" --json
  value licence_key >"$1.key"
  gives 0 oak-request create --product planner --version 3.5 --state-dir "machine-$1" --licence-key-file "$1.key" --site "$1" \
    --out "requests/$1.request.oak"
}
for name in A B C; do request_of $name; done
# The same machine once more under licence A, with other keys; B's request twice; a request that was cut off; and what is none.
gives 0 oak-request create --product planner --version 3.5 --state-dir machine-A2 --licence-key-file A.key --out requests/A2.request.oak
cp requests/B.request.oak requests/B2.request.oak
head -c 300 requests/A.request.oak >requests/cut.request.oak
echo 'call me' >requests/note.txt
mkdir requests/inner
cp requests/C.request.oak requests/inner/X.request.oak

# insist VALUE EXPECTED WHAT, and live: how many activations hold a seat.
insist() { [ "$1" = "$2" ] || die "$3: $1, expected $2"; }
live() {
  gives 0 issuer list --json
  /usr/bin/python3 -c 'import json; print(sum(row["state"] == "live" for row in json.load(open("out.txt"))))'
}

remember desk
refuses 2 issuer issue requests "${approved[@]}"
complains '--out'
refuses 2 issuer issue requests --out answers --qr x.png "${approved[@]}"
refuses 2 issuer issue requests --out - "${approved[@]}"
refuses 2 issuer issue requests --out answers --approve weak
complains '--reason'
mkdir empty
refuses 2 issuer issue empty --out answers
refuses 2 issuer issue --list nowhere --out answers
mkdir twins
cp requests/A.request.oak twins/B.request.oak
refuses 2 issuer issue requests twins --out answers
complains 'B.activation.oak'
cp requests/A.request.oak twins/report.request.oak
refuses 2 issuer issue twins/report.request.oak twins/B.request.oak --out answers
complains 'report.json'
mkdir long
cp requests/A.request.oak "long/$(printf 'x%.0s' {1..245}).oak"
cp requests/A.request.oak long/A.request.oak
refuses 2 issuer issue long --out answers "${approved[@]}"
complains 'too long'
refuses 2 issuer issue requests --out passphrase "${approved[@]}"
complains "'passphrase' is a file"
[ ! -e answers ] || die "wrong usage made a folder"
nothing_changed 'wrong usage'

# Something else lies where two answers would go: those two are not decided, the others go on.
mkdir answers
echo mine >answers/C.activation.oak
gives 2 issuer issue requests --out answers "${approved[@]}" --json
cp out.txt first.json
cmp -s out.txt answers/report.json || die "report.json is not what was said"
complains "left out.*note.txt"
grep -q mine answers/C.activation.oak || die "a file was overwritten"
[ ! -e answers/C.json ] || die "a request that was not decided has a report"
/usr/bin/python3 - <<'PY'
import json
rows = {row["request"]: row for row in json.load(open("first.json"))}
assert list(rows) == sorted(rows), "in the order of their names"
assert len(rows) == 6, rows
assert rows["requests/A.request.oak"]["repeat"] is False and rows["requests/A.request.oak"]["generation"] == 1
assert [r["code"] for r in rows["requests/A2.request.oak"]["refused"]] == ["hardware-already-active", "not-enough-seats"][:1], rows["requests/A2.request.oak"]
assert rows["requests/B2.request.oak"]["repeat"] is True
assert rows["requests/B2.request.oak"]["activation"] == rows["requests/B.request.oak"]["activation"]
assert rows["requests/C.request.oak"]["error"]["code"] == "already-exists"
assert rows["requests/cut.request.oak"]["error"]["code"] == "truncated" or "error" in rows["requests/cut.request.oak"]
for name, row in rows.items():
    if "C." in name: continue
    stem = name.split("/")[1].removesuffix(".request.oak")
    assert json.load(open(f"answers/{stem}.json")) == row, name
    remedies = [r["remedy"] for r in row.get("refused", [])]
    assert all(f"--out answers/{stem}.activation.oak" in r and name in r for r in remedies if r.startswith("oak-issuer issue")), remedies
PY
cmp -s answers/B.activation.oak answers/B2.activation.oak || die "the same request got two answers"
insist "$(find answers -name '*.activation.oak' | wc -l)" 4 "activations"
insist "$(find answers -mindepth 1 ! -name '*.activation.oak' ! -name '*.json' | wc -l)" 0 "other files"
insist "$(live)" 2 "live activations"

# Out of the way with it: the same batch again gives the rest, and what was there is as it was.
rm answers/C.activation.oak
remember answers/A.activation.oak answers/B.activation.oak answers/B2.activation.oak
gives 1 issuer issue requests --out answers "${approved[@]}"
nothing_changed 'the same batch again'
says '^requests/A.request.oak +issued before +[A-Z2-7]{16}$'
says '^requests/A2.request.oak +refused +hardware-already-active'
says '^requests/C.request.oak +issued +[A-Z2-7]{16}$'
says '^requests/cut.request.oak +malformed +'
says '^1 issued, 3 issued before, 1 refused, 1 malformed; written to answers$'
complains 'refused: .requests/A2.request.oak.: hardware-already-active'
complains '^hint: .*--approve'
insist "$(live)" 3 "live activations"
check_answer() { gives 0 oak-request import --state-dir "machine-$1" --trust desk.trust "answers/$1.activation.oak"; }
for name in A B C; do check_answer $name; done

# What nobody named is not followed anywhere, and can't hold the others up: pipes, links, and names made to be trouble.
mkdir odd
mkfifo odd/pipe odd/pipe.request.oak
ln -s /dev/zero odd/zero.request.oak
ln -s ../requests/A.request.oak odd/link.request.oak
ln -s nowhere odd/broken
cp requests/B.request.oak $'odd/two\nlines.request.oak'
# shellcheck disable=SC2016  # a name, not a command
cp requests/B.request.oak 'odd/$(touch pwned) -x.request.oak'
cp requests/B.request.oak odd/--force
gives 2 timeout 60 oak-issuer --desk desk --passphrase-file passphrase issue odd/ --out odd-answers "${approved[@]}" --json
[ ! -e pwned ] || die "a name was run"
/usr/bin/python3 - <<'PY'
import json
rows = {row["request"].split("/", 1)[1]: row for row in json.load(open("out.txt"))}
assert sorted(rows) == ["$(touch pwned) -x.request.oak", "--force", "link.request.oak", "pipe.request.oak", "two\nlines.request.oak", "zero.request.oak"], list(rows)
for name, row in rows.items():
    if name.startswith(("link", "pipe", "zero")): assert row["error"]["code"] == "unsafe-file", row
    else: assert row["repeat"] is True, row
PY
complains 'left out.*odd/broken.*odd/pipe'
# Named twice is once.
gives 0 issuer issue requests/A.request.oak ./requests//A.request.oak requests/B.request.oak --out once "${approved[@]}" --json
insist "$(value 1.request)" requests/B.request.oak "the second request"

# A list, in its own order; a file that is not there is one row. A foreign report is not overwritten, but with --force.
printf 'requests/C.request.oak\r\n\nrequests/none.request.oak\nrequests/A.request.oak\n' >list.txt
gives 2 issuer issue --list list.txt --out by-list "${approved[@]}" --json
insist "$(value 0.request) $(value 1.error.code) $(value 2.repeat)" "requests/C.request.oak not-found true" "a list"
echo '{"request": 1}' >by-list/report.json
refuses 2 issuer issue --list list.txt --out by-list "${approved[@]}"
complains "report.json.*exists already"
gives 2 issuer issue --list list.txt --out by-list "${approved[@]}" --force --json
insist "$(value 2.repeat)" true "a batch with --force"
# Files that are named: several are a batch, one is not.
gives 0 issuer issue requests/A.request.oak requests/B.request.oak --out two "${approved[@]}"
gives 0 issuer issue requests/A.request.oak --out one.oak "${approved[@]}"
[ -f one.oak ] || die "one request made a folder"
cmp -s one.oak two/A.activation.oak || die "a batch answers otherwise"

# Killed at moments all over the time that a batch takes, most of which goes into passphrases, and started again.
rm -rf requests
mkdir requests
for ((i = 10; i < 30; ++i)); do request_of "K$i"; done
start=$(date +%s%N)
gives 2 issuer issue requests/none.request.oak requests/neither.request.oak --out unused "${approved[@]}"
took=$((($(date +%s%N) - start) / 1000000))
for ((round = 0; round < 20; ++round)); do
  issuer issue requests --out killed "${approved[@]}" >/dev/null 2>&1 </dev/null &
  pid=$!
  sleep "$(printf '0.%03d' $((took * (70 + round * 3) / 100 % 1000)))"
  kill -9 $pid 2>/dev/null || true
  wait $pid 2>/dev/null || true
done
gives 0 issuer issue requests --out killed "${approved[@]}"
insist "$(find killed -name '*.activation.oak' | wc -l)" 20 "activations after kills"
insist "$(live)" 23 "live activations after kills"
gives 0 issuer licence list --json
/usr/bin/python3 -c 'import json; assert all(l["seats_live"] <= l["seats"] for l in json.load(open("out.txt")))' || die "a second seat"
passed
