#!/usr/bin/env bash
# Goal: the whole loop from the command line, with the contract's exit codes and JSON keys.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

new_desk desk
gives 1 check --version 3.5 --json
is verdict not-activated
activated
gives 0 check --version 3.5.2 --json
is verdict active
is reasons '[]'
is trust argument
is activation.seats 1
is activation.kind permanent
is activation.binding software
is hardware.accept true
gives 0 check --version 3.5
[ "$(head -1 out.txt)" = active ] || die "the first line is not the verdict"

# Each reason alone, and together, with the number or version named.
gives 1 check --version 4.0 --json
is verdict rebind
is reasons '["version"]'
gives 1 check --version 4.0-rc1 --json
is reasons '["version"]'
gives 1 check --version 3.5 --seats 2 --json
is reasons '["licence"]'
gives 1 check --version 4.0 --seats 2 --json
is reasons '["licence", "version"]'
gives 1 check --version 4.0 --seats 2
says '^version: 4.0 '
says '^licence: 2 seats'
tail -1 out.txt | grep -q '^oak-request create --product planner --version 4.0 --seats 2' || die "the last line is not the command that helps"

# More seats: the machine key speaks, no licence key is needed, and the round leads back to active.
gives 0 create --version 3.5 --seats 3 --out more.oak
gives 0 oak-request show more.oak --json
is type request
is seats 3
is proved false
gives 0 issuer inspect more.oak --json
if [ "$(value strength)" = weak ]; then
  is policy.decision refuse
  says '"weak-fingerprint"'
  gives 1 issuer issue more.oak --out more.activation.oak --json
  is refused.0.code weak-fingerprint
  complains '--approve'
fi
gives 0 issuer issue more.oak --out more.activation.oak "${approved[@]}" --json
is generation 2
is repeat false
gives 0 import more.activation.oak
gives 0 check --version 3.5 --seats 3
# The older, smaller one can't come back once the newer one has been active.
gives 1 import activation.oak
complains 'newer activation'

# The same request, the same bytes; an answer that is no longer live is refused by name.
gives 0 issuer issue more.oak --out again.oak --json
is repeat true
cmp more.activation.oak again.oak || die "the repeat has other bytes"
gives 1 issuer issue request.oak --out late.oak --json
is refused.0.code answer-no-longer-live
[ ! -e late.oak ] || die "a refused request left a file"
gives 0 issuer list --json
is 0.state live
is 1.state superseded
gives 0 issuer export "$(value 0.activation | tr '[:upper:]' '[:lower:]')" --out exported.oak
cmp more.activation.oak exported.oak || die "the export has other bytes"
gives 0 issuer list --json
newest=$(value 0.activation) ended=$(value 1.activation)
gives 1 issuer export "$ended" --out ended.oak --json
is refused.0.code answer-no-longer-live
says "export $newest "
refuses 1 issuer export "$ended" --out ended.oak
complains "superseded: $newest took its place"
[ ! -e ended.oak ] || die "an ended activation was exported"
# A refusal is said once.
gives 1 issuer issue request.oak --out late.oak
[ "$(cat out.txt err.txt | grep -c answer-no-longer-live)" -eq 1 ] || die "a refusal is not said once"

# The same hardware with another state: reinstalled or cloned, only an operator can know.
gives 0 oak-request create --product planner --version 3.5 --state-dir other --licence-key-file desk.key --out other.oak
gives 1 issuer issue other.oak --out other.activation.oak "${approved[@]}" --json
is refused.0.code hardware-already-active
# More than was bought: what to sell is said, and nothing can approve it.
gives 0 create --version 3.5 --seats 4 --out four.oak
gives 1 issuer issue four.oak --out x.oak --approve weak,not-allowed-here,not-enough-seats --reason test --json
is refused.0.code not-enough-seats
says '.-seats 4'
gives 1 issuer licence change "$(cat desk.licence)" --seats 2
complains 'live seats'
gives 0 issuer licence show "$(cat desk.licence)" --json
is seats 3
is seats_live 3

# Wrong keys, wrong versions, unknown licences.
new_desk other_desk
gives 0 oak-request create --product planner --version 3.5 --state-dir third --licence-key-file other_desk.key --out stranger.oak
gives 1 issuer issue stranger.oak --out x.oak --json
is refused.0.code unknown-licence
gives 0 oak-request create --product planner --version 4.1 --state-dir fourth --licence-key-file desk.key --out version.oak
gives 1 issuer issue version.oak --out x.oak --approve weak,reinstall,not-allowed-here --reason test --json
says version-not-covered
gives 0 issuer licence rekey "$(cat desk.licence)" --json
gives 0 oak-request create --product planner --version 3.1 --state-dir fifth --licence-key-file desk.key --out old-key.oak
gives 1 issuer issue old-key.oak --out x.oak --json
says wrong-licence-key

# A certificate, and its limits.
new_desk cert_desk
gives 0 oak-request create --product planner --version 3.5 --state-dir cert --licence-key-file cert_desk.key --out cert.oak
gives 0 oak-issuer --desk cert_desk --passphrase-file passphrase issue cert.oak --out cert.activation.oak --days 30 "${approved[@]}" --json
is kind certificate
gives 0 oak-request import --state-dir cert --trust cert_desk.trust cert.activation.oak
gives 0 oak-verifier check --product planner --version 3.5 --state-dir cert --trust cert_desk.trust --json
is activation.kind certificate
gives 0 oak-request create --product planner --version 3.5 --state-dir cert --out renew.oak
gives 1 oak-issuer --desk cert_desk --passphrase-file passphrase issue renew.oak --out renew.activation.oak --days 30 "${approved[@]}" --json
is refused.0.code too-early-to-renew

gives 0 oak-verifier status --state-dir machine --trust desk.trust --json
gives 0 oak-machine-id show --json
says '"strength"'
passed
