#!/usr/bin/env bash
# Goal: a table of licences becomes licences as a whole or not at all; every fault in it is named at once, with line, column and remedy;
# the keys leave for eyes that may see them only; killed at any moment, nothing is there or all of it, and the same command again gives
# every key.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

new_desk desk
insist() { [ "$1" = "$2" ] || die "$3: $1, expected $2"; }
count() {
  gives 0 issuer licence list --json
  /usr/bin/python3 -c 'import json; print(len(json.load(open("out.txt"))))'
}

# As a spreadsheet writes it: byte order mark, CR LF, quotes, an empty last row.
printf '\xef\xbb\xbfcustomer,product,seats,versions,id,features,forbid\r\n"Yard, ""Dock"" Ltd",planner,3,3.*,YARD,export;print,vm\r\nMill,planner,2,>=3.0 <5,,,\r\n,,,,,,\r\n' >orders.csv

# Everything that is wrong, in one go; nothing is added, and no passphrase is asked for first.
printf 'customer,product,seats,versions,id,colour\nMill,planner,many,3.*,%s,red\n,planner,0,three,A,\nMill,planner,1,3.*,a,\nMill,planner\nMi\xff,planner,1,3.*,,\nMi\x01,planner,9999999,3.*,,\n' "$(cat desk.licence)" >wrong.csv
remember desk
refuses 1 oak-issuer --desk desk licence import wrong.csv
for fault in "line 1, column colour: is no column of a licence" "line 2, column seats: 'many' is not a whole number" \
  "line 2, column id: licence '$(cat desk.licence)' is there already" "line 3, column customer: is empty" \
  "line 3, column seats: is out of range" "line 3, column versions: 'three' is not a range" "line 4, column id: 'A' stands in line 3 already" \
  "line 5: has 2 fields, and the first line has 6" "line 6, column customer: 'Mi.xff' is not UTF-8" \
  "line 7, column customer: 'Mi.x01' has control characters" "line 7, column seats: is out of range"; do
  complains "^oak-issuer: error: 'wrong.csv', $fault"
done
complains "^oak-issuer: error: 'wrong.csv' has 11 faults: no licence was added$"
insist "$(grep -c '^hint: ' err.txt)" 12 "a hint for each"
gives 1 issuer licence import wrong.csv --json
is error.code refused
is faults.1.line 2
is faults.1.column seats
is faults.1.remedy 'digits alone, such as 25'
is faults.7.column null
printf 'customer,product,seats,versions\n"Mill,planner,1,3.*\n' >open.csv
refuses 1 issuer licence import open.csv
complains "line 2, column customer: the quote that opens here is never closed"
printf 'customer;product;seats;versions\nMill;planner;1;3.*\n' >semicolons.csv
refuses 1 issuer licence import semicolons.csv
complains 'not separated by commas'
iconv -t UTF-16 semicolons.csv >utf16.csv
refuses 1 issuer licence import utf16.csv
complains 'UTF-16'
: >empty.csv
refuses 1 issuer licence import empty.csv
head -c 17000000 /dev/zero >large.csv
gives 1 issuer licence import large.csv
complains "large.csv.*too large|larger"
# Wrong usage, and what would stand in the way of the keys, is found before anything is done.
refuses 2 issuer licence import
refuses 2 issuer licence import nowhere.csv
refuses 2 issuer licence import orders.csv --out - --json
refuses 2 issuer licence import orders.csv --out nowhere/keys.csv
echo mine >taken.csv
refuses 2 issuer licence import orders.csv --out taken.csv
refuses 2 oak-issuer --desk desk licence import orders.csv
complains '--passphrase-file'
nothing_changed 'what was refused'
insist "$(count)" 1 "licences"

# All of it: the table on a terminal, the keys in JSON, or in a file that only its owner can read.
gives 0 issuer licence import orders.csv
says '^YARD +YARD-.{40} +Yard, "Dock" Ltd +planner +3 +3\.\*$'
says '^2 licences added: '
says 'licence key ID'
cp out.txt first.txt
insist "$(count)" 3 "licences"
gives 0 issuer licence show yard --json
is seats 3
is customer 'Yard, "Dock" Ltd'
is features '["export", "print"]'
gives 0 issuer licence import orders.csv --json
complains 'imported before: nothing was added'
insist "$(value 0.id) $(value 0.repeat)" "YARD true" "again"
value 0.licence_key >YARD.key
grep -qF -- "$(cat YARD.key)" first.txt || die "the same file again has another key"
insist "$(count)" 3 "licences"
gives 0 issuer licence key YARD --json
insist "$(value licence_key)" "$(cat YARD.key)" "licence key"
gives 0 issuer licence import orders.csv --out keys.csv
insist "$(stat -c %a keys.csv)" 600 "mode of the keys' file"
! grep -qF -- "$(cat YARD.key)" out.txt || die "a key is on the terminal"
grep -qF "YARD,$(cat YARD.key),\"Yard, \"\"Dock\"\" Ltd\",planner,3,3.*" keys.csv || die "the keys' file lacks a key"
refuses 2 issuer licence import orders.csv --out keys.csv
gives 0 issuer licence import orders.csv --out keys.csv --force
refuses 1 issuer licence import - # standard input is empty
gives 0 bash -c 'oak-issuer --desk desk --passphrase-file passphrase licence import - --out - <orders.csv'
cmp -s out.txt keys.csv || die "standard output is not what the file is"

# A key from a table activates a machine; a new product is named.
gives 0 oak-request create --product planner --version 3.5 --state-dir machine --licence-key-file YARD.key --out r.oak
gives 0 issuer issue r.oak --out a.oak "${approved[@]}"
printf 'customer,product,seats,versions\nMill,newcomer,1,*\n' >newcomer.csv
gives 0 issuer licence import newcomer.csv
complains 'warning: product newcomer is new'
gives 0 issuer audit

# The licences of one desk, brought over to another.
new_desk second --id SECOND
gives 0 issuer licence list --csv
grep -v "^$(cat desk.licence)," out.txt >over.csv
refuses 2 issuer licence list --csv --json
gives 0 oak-issuer --desk second --passphrase-file passphrase licence import over.csv
gives 0 oak-issuer --desk second licence list --csv
grep -v '^SECOND,' out.txt | cmp -s - over.csv || die "what was brought over is not what was there"

# Where a table can be killed: it takes the most of its time with passphrases, so moments are spread over the rest.
printf 'customer,product,seats,versions\n' >many.csv
for ((i = 0; i < 300; ++i)); do echo "Customer $i,planner,$((i + 1)),3.*" >>many.csv; done
before=$(count)
start=$(date +%s%N)
gives 0 issuer licence key YARD
took=$((($(date +%s%N) - start) / 1000000))
for ((round = 0; round < 15; ++round)); do
  issuer licence import many.csv --out killed.csv >/dev/null 2>&1 </dev/null &
  pid=$!
  sleep "$(printf '%d.%03d' $((took * (60 + round * 8) / 100 / 1000)) $((took * (60 + round * 8) / 100 % 1000)))"
  kill -9 $pid 2>/dev/null || true
  wait $pid 2>/dev/null || true
  now=$(count)
  [ "$now" = "$before" ] || [ "$now" = $((before + 300)) ] || die "$now licences, neither $before nor all"
done
gives 0 issuer licence import many.csv --out killed.csv --force
insist "$(wc -l <killed.csv)" 301 "keys after kills"
insist "$(count)" $((before + 300)) "licences after kills"
gives 0 issuer audit
passed
