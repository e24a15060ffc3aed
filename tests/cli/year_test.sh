#!/usr/bin/env bash
# Goal: a year of certificates through the C API, day by day and at the exact seconds where a verdict turns; a clock that was
# ahead by mistake is mended by a signed answer, and by nothing else; and with a permanent activation nobody reads the clock. The
# clock is a library that is loaded before the C library; the boot's own clock stays as it is.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
export LD_LIBRARY_PATH=$2/verifier
cc -O1 -shared -fPIC "$PROJECT/tests/cli/fake_clock.c" -o fake_clock.so
day=86400 start=1800000000
# at SECOND COMMAND...: any program that is linked with the C library when it starts, so not oak-verifier.
at() { TEST_CLOCK=$1 LD_PRELOAD=$here/fake_clock.so "${@:2}"; }
desk_at() { at "$1" oak-issuer --desk desk --passphrase-file passphrase "${@:2}"; }
api() { oak-verifier-example planner 3.5 1 machine desk.trust; }
# shows SECOND VERDICT: of the C API at that second.
shows() {
  local code=1
  [ "$2" != active ] || code=0
  gives $code at "$1" api
  head -1 out.txt >first.txt && mv first.txt out.txt && is verdict "$2"
}
# renew SECOND [OPTIONS...]: asks, answers and imports at that second; not_after is the certificate's end.
renew() {
  gives 0 at "$1" oak-request create --product planner --version 3.5 --state-dir machine "${from[@]}" --out request.oak --force
  gives 0 desk_at "$1" issue request.oak --out certificate.oak --force --days 90 --approve weak,not-allowed-here,certificate-limit,too-early-to-renew \
    --reason test --json "${@:2}"
  not_after=$(value not_after)
  gives 0 at "$1" oak-request import --state-dir machine --trust desk.trust certificate.oak
}
# An untouched copy of the state for what must leave no mark behind.
aside() { rm -rf kept && cp -a machine kept; }
back() { rm -rf machine && cp -a kept machine; }

export TEST_CLOCK=$start LD_PRELOAD=$here/fake_clock.so
new_desk desk
unset TEST_CLOCK LD_PRELOAD
from=(--licence-key-file desk.key)
renew $start
from=()
[ "$not_after" -eq $((start + 90 * day)) ] || die "90 days end at $not_after"

# The seconds of rule 5, and their order: the start comes before the end, and the end before a clock set back.
aside
shows $((start - 26 * 3600)) active
shows $((start - 26 * 3600 - 1)) clock-set-back
shows $((start - 48 * 3600)) clock-set-back
shows $((start - 48 * 3600 - 1)) not-yet-valid
shows "$not_after" active
back
shows $((not_after + 1)) expired
shows $((not_after - 10 * day)) expired
shows $((start - 48 * 3600 - 1)) not-yet-valid
back

# A year: every day covered, renewed when it may be without an approval, and no day after the last end.
for ((today = 0; today <= 365; today++)); do
  now=$((start + today * day))
  [ $((not_after - now)) -gt $((13 * day)) ] || renew $now
  shows $now active
done
[ "$not_after" -gt $((start + 365 * day)) ] || die "the year was not covered"
aside

# Ahead by mistake: the mark stays, the right time does not help, and the vendor's signed answer does. Once.
now=$((start + 366 * day))
shows $((now + 400 * day)) expired
shows $now expired
renew $now --reset-clock
shows $now active
cp certificate.oak reset.oak
shows $((now + 400 * day)) expired
gives 0 at $now oak-request import --state-dir machine --trust desk.trust reset.oak
shows $now expired

# Permanent: whoever reads the clock dies, and nobody does. That a certificate does shows that the trap works.
back
code=0
at never api >out.txt 2>&1 || code=$?
[ $code -eq 134 ] || die "a certificate was judged without a clock: $code"
rm -rf machine desk desk.* request.oak
new_desk desk
activated
gives 0 at never api
passed
