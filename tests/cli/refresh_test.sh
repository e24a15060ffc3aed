#!/usr/bin/env bash
# Goal: a year of certificates that renew themselves, in fake time: asked for daily, renewed on days 16 to 30 and on no other, nothing
# sent before; days without a server go unnoticed until the certificate has ended, and then it comes back by itself. Of four sites with
# three certificates the fourth is told the day on which one ends, and gets a dead site's place then. A permanent activation is left alone.
# What it doesn't prove: that a machine's clock is right; verifier_clock and year_test look at clocks that are wrong.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
first_port=18443
# shellcheck source=SCRIPTDIR/certificates.sh
. "$PROJECT/tests/cli/certificates.sh"

at $start
gives 0 desk init --roots 3 --threshold 2
gives 0 desk trust --out desk.trust
gives 0 desk licence add --customer Example --product planner --seats 9 --versions '3.*' --id YEAR --allow vm,container --json
value licence_key >desk.key
server_key
serve --days 30

# The first certificate, with the licence key; without one there is nothing to renew, and no fault.
gives 0 refresh 1 --verbose
complains "no activation of 'planner' is here"
refuses 2 refresh 1 --licence-key-file desk.key
complains '--version is needed'
gives 0 refresh 1 --licence-key-file desk.key --version 3.5 --site Dock --json
is results.0.result stored
is results.0.activation.not_after $((start + 30 * day))
verdict 1 active


# One more day passes, and the site asks: passes RESULT VERDICT.
begins=$start days=0 renewed=0
passes() {
  local lines
  days=$((days + 1)) now=$((now + day))
  at "$now"
  lines=$(wc -l <server.log)
  gives 0 refresh 1 --json
  [ ! -s err.txt ] || die "day $days is not quiet"
  is results.0.result "$1"
  [ "$1" = stored ] || [ "$(wc -l <server.log)" = "$lines" ] || die "the server heard of day $days"
  if [ "$1" = stored ]; then
    age=$(((now - begins) / day)) begins=$now renewed=$((renewed + 1))
    is results.0.activation.not_after $((now + 30 * day))
    if [ "$age" -lt 16 ] || { [ "$age" -gt 30 ] && [ "$2" = active ]; }; then die "renewed on day $age"; fi
  fi
  # Where nothing happens, the verdict is that of the day before.
  [ "$1" = not-due ] || verdict 1 "${3:-active}"
}
quiet_days() { for ((i = 1; i <= $1; i++)); do passes not-due; done; }
days_without() { for ((i = 1; i <= $1; i++)); do url=$nobody passes no-answer active; done; }
now=$start nobody=https://127.0.0.1:1

# Always there: renewed on the 16th day, each time.
for _ in 1 2 3; do
  quiet_days 15
  passes stored active
done
# Away for 13 days of the 14: nobody notices.
quiet_days 15
stop
for ((i = 1; i <= 13; i++)); do passes no-answer active; done
serve --days 30
passes stored active
[ "$age" -eq 29 ] || die "renewed on day $age"
# There on one day of the fifteen, whichever it is; the 30th is the last.
for last in 30 17 16 23 28 30; do
  quiet_days 15
  days_without $((last - 16))
  passes stored active
  [ "$age" -eq "$last" ] || die "renewed on day $age instead of $last"
done
# Away for 31 days: expired on the 31st, and back by itself.
quiet_days 15
days_without 15
url=$nobody passes no-answer active expired
passes stored late
while [ "$days" -lt 365 ]; do
  for ((i = 1; i <= 15; i++)); do [ "$days" -ge 365 ] || passes not-due; done
  [ "$days" -ge 365 ] || passes stored active
done
[ "$renewed" -ge 17 ] || die "renewed $renewed times in a year"
gives 0 desk list --json
[ "$(grep -o '"activation"' out.txt | wc -l)" -eq $((renewed + 1)) ] || die "the ledger has other certificates than the site"
gives 0 desk audit

# On a terminal, and with --verbose, it says why it did nothing.
gives 0 refresh 1 --verbose
complains 'licence YEAR: the certificate ends .*; it is renewed from '
[ ! -s out.txt ] || die "nothing was stored, and something is said of it"

# Four sites, three certificates. Days are counted from their common beginning.
gives 0 desk licence add --customer Example --product planner --seats 9 --versions '3.*' --id FOUR --allow vm,container --json
value licence_key >four.key
four=$now
for n in 2 3 4; do
  at $((four + n * 3600))
  gives 0 refresh "$n" --licence-key-file four.key --version 3.5 --json
  is results.0.result stored
done
at $((four + 5 * 3600))
gives 1 refresh 5 --licence-key-file four.key --version 3.5 --json
is results.0.refused.0.code certificate-limit
first=$(date -u -d @$((four + 2 * 3600 + 30 * day)) +%F)
value results.0.refused.0.message | grep -q "3 certificates .* are active, at most 3; the first ends $first" || die "the day is not named"
refuses 1 refresh 5 --licence-key-file four.key --version 3.5
complains "refused: certificate-limit: .* the first ends $first"
# Site 4 dies. The others go on; its place is taken while it lasts, and free when its certificate ends.
at $((four + 20 * day))
for n in 2 3; do gives 0 refresh "$n" && says '^stored: '; done
gives 1 refresh 5 --licence-key-file four.key --version 3.5 --json
value results.0.refused.0.message | grep -q "the first ends $(date -u -d @$((four + 4 * 3600 + 30 * day)) +%F)" || die "the dead site's day is not named"
at $((four + 4 * 3600 + 30 * day))
gives 1 refresh 5 --licence-key-file four.key --version 3.5
at $((four + 4 * 3600 + 30 * day + 1))
gives 0 refresh 5 --licence-key-file four.key --version 3.5
verdict 5 active
# It was not dead at all: too late.
refuses 1 refresh 4
complains 'certificate-limit'
verdict 4 expired

# A permanent activation: an operator issues it beside the running server, with the key that may; nothing ever asks to replace it.
gives 0 desk licence add --customer Example --product planner --seats 9 --versions '3.*' --id PERM --allow vm,container --json
value licence_key >perm.key
gives 0 site 6 oak-request create --product planner --version 3.5 --licence-key-file perm.key --state-dir s6 --out perm.oak
gives 0 desk issue perm.oak --out perm.activation.oak --json
is kind permanent
gives 0 site 6 oak-request import perm.activation.oak --state-dir s6 --trust desk.trust
verdict 6 active
remember s6
lines=$(wc -l <server.log)
for later in 1 20 400; do
  at $((four + (40 + later) * day))
  gives 0 refresh 6 --json
  is results.0.result permanent
  gives 0 refresh 6 --licence-key-file perm.key --version 3.5 --json
  is results.0.result permanent
done
nothing_changed 'refresh beside a permanent activation'
[ "$(wc -l <server.log)" = "$lines" ] || die "the server was asked about a permanent activation"
gives 0 desk audit
passed
