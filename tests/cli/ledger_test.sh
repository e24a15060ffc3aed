#!/usr/bin/env bash
# Goal: an auditor, a witness and whoever keeps backups get by with the command line alone; a ledger that was set back is found by
# each of them, and issues nothing.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"

new_desk desk
activated
licence=$(cat desk.licence)
witness() { oak-issuer --passphrase-file passphrase witness --witness-dir witness "$@"; }

# Audit: the contract's keys; read-only, and on a copy without any key.
gives 0 issuer audit --json
is ok true
is faults '[]'
is licences.0.id "$licence"
is licences.0.bought 3
is licences.0.live 1
is licences.0.unreturned 0
entries=$(value entries)
gives 0 oak-issuer --desk desk audit
says "^ok: $entries entries"
mkdir copy
cp desk/ledger.sqlite desk/trust.oak copy
remember copy
gives 0 oak-issuer --desk copy audit
nothing_changed "an audit"
refuses 2 oak-issuer --desk nowhere audit
gives 2 oak-issuer --desk nowhere audit --json
is error.code not-found

# Checkpoint, and a backup beside it.
gives 0 issuer checkpoint --out first.note --json
is entries "$entries"
gives 0 issuer backup --out first.sqlite --json
is entries "$entries"
[ "$(stat -c %a first.sqlite)" = 600 ] || die "a backup is not for its owner alone"
refuses 2 issuer checkpoint --out first.note
refuses 2 issuer backup --out first.sqlite
gives 0 issuer backup --out first.sqlite --force
refuses 2 issuer backup --out -
gives 0 issuer checkpoint --out -
cmp out.txt first.note || die "the note on standard output is another"

# Witness: the first on trust, aloud; then only what goes on from it.
gives 0 witness first.note --out first.cosigned
complains 'taken on trust'
[ "$(stat -c %a witness)" = 700 ] || die "the witness's folder is open"
gives 0 issuer licence add --customer Another --product planner --seats 2 --versions '3.*' --json
second=$(value licence_key)
gives 0 issuer checkpoint --out second.note
mv second.note.proofs kept.proofs
refuses 1 witness second.note --out second.cosigned
complains "--old $entries"
echo nonsense >nonsense.note
refuses 1 witness nonsense.note --out none.cosigned
complains "not a signed note"
mv kept.proofs second.note.proofs
gives 0 witness second.note --out second.cosigned --json
is entries $((entries + 1))
is entries_before "$entries"
key=$(value witness_key)
refuses 1 witness first.note --out again.cosigned
[ "$(find witness -name 'conflict-*' | wc -l)" -eq 2 ] || die "the two notes were not kept"
[ ! -e again.cosigned ] || die "a refused checkpoint was cosigned"
gives 0 oak-issuer --desk copy audit --against first.cosigned
gives 0 issuer audit --against first.cosigned second.cosigned --key "$key"
says 'second.cosigned.*signed by the desk, cosigned by oak-witness/.* at 20'

# Set back to the backup: found by the desk, by an audit, and by the witness.
cp -a desk whole
cp first.sqlite desk/ledger.sqlite
gives 1 issuer audit --against second.cosigned --json
is ok false
is faults.0.entry "$entries"
gives 1 issuer audit --against second.cosigned
head -1 out.txt | grep -q "^FAULT: entry $entries " || die "the first line is not the first fault"
gives 0 oak-request create --product planner --version 3.5 --state-dir other --licence-key-file desk.key --out other.oak
gives 1 issuer issue other.oak --out other.activation --approve weak,reinstall,not-allowed-here --reason test --json
is refused.0.code ledger-rolled-back
refuses 1 issuer issue other.oak --out other.activation --approve weak,reinstall,not-allowed-here --reason test
complains 'restore the newest backup'
[ ! -e other.activation ] || die "a ledger that was set back issued"
gives 0 issuer inspect other.oak --json
says ledger-rolled-back
for change in "licence change $licence --seats 5" "licence rekey $licence" "product change planner --grace 3" "checkpoint --out third.note"; do
  # shellcheck disable=SC2086  # words
  refuses 1 issuer $change
  complains 'restore the newest backup'
done
# Readers may still look, and an activation can be handed out again.
gives 0 issuer licence list
gives 0 issuer list --json
gives 0 issuer export "$(value 0.activation)" --out exported.oak
# Without the desk's own checkpoints it is a branch: the witness sees it.
mv desk/checkpoints away
gives 0 issuer licence add --customer Third --product planner --seats 1 --versions '3.*'
gives 0 issuer checkpoint --out branch.note
refuses 1 witness branch.note --out branch.cosigned
complains 'conflict-'
gives 1 issuer audit --against second.cosigned --json
says 'was made of other entries'
# The whole desk again: everything as before.
rm -rf desk
mv whole desk
gives 0 issuer audit --against second.cosigned

# Dump: every entry, no secret.
gives 0 issuer dump --json
is 0.kind 'key certified'
cp out.txt dump.json
gives 0 issuer dump --csv --out dump.csv
refuses 2 issuer dump --csv --out dump.csv
refuses 2 issuer dump
for secret in $(tr - '\n' <desk.key | tail -5) $(tr - '\n' <<<"$second" | tail -5); do
  ! grep -q "$secret" dump.json dump.csv || die "a licence key's secret is in a dump"
done
gives 0 issuer audit --json
! grep -q "$(tail -c 7 desk.key)" out.txt || die "a licence key's secret is in an audit"
passed
