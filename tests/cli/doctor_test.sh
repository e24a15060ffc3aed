#!/usr/bin/env bash
# Goal: doctor names the step at which the answer was lost, and what helps: trust, store, marks, permission, hardware, licence,
# clock, snapshot. Its bundle has enough for support, and neither a secret nor what the hardware calls itself, in any spelling.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
# shellcheck source=SCRIPTDIR/../own_mounts.sh
. "$PROJECT/tests/own_mounts.sh"
[ "$(id -u)" -eq 0 ] || cannot "becoming nobody needs root"
find_own_mounts || cannot "made-up hardware needs mounts of one's own"
# shellcheck source=SCRIPTDIR/default_machine.sh
. "$PROJECT/tests/cli/default_machine.sh"
doctor=(oak-verifier doctor --product planner)

new_desk desk --allow vm,container
gives 1 on oak-verifier doctor
says 'no product is activated'
gives 1 on "${doctor[@]}"
says 'NO trust: there is no trust file'
says 'next: sudo install -D -m 0644 trust.oak /etc/oak/trust/planner.oak'
says 'NO store: no activation is stored'
cp desk.trust etc/oak/trust/planner.oak
printf 'a secret of this site' >site.secret
gives 0 on oak-request create --product planner --version 3.5 --licence-key-file desk.key --site-secret-file site.secret --out request.oak
gives 0 issuer issue request.oak --out activation.oak
gives 0 on oak-request import activation.oak --site-secret-file site.secret
gives 0 on "${doctor[@]}"
says '^planner: active$'
for subject in trust store marks permission hardware licence version clock snapshot; do says "  ok $subject: "; done
says 'not read: the activation is permanent'

# finding SUBJECT FINDING: of the last --json.
finding() {
  /usr/bin/python3 -c '
import json, sys
steps = json.load(open("out.txt"))["products"][0]["steps"]
print([step["finding"] for step in steps if step["subject"] == sys.argv[1]][0])' "$1" | grep -qx "$2" || die "$1 is not $2"
}
gives 1 on disk=S4EWNX0M999999 mac=00:1b:21:99:99:99 "${doctor[@]}" --json
is products.0.verdict rebind
finding hardware bad
finding trust good
says 'disk'
gives 2 on setpriv --reuid=65534 --regid=65534 --clear-groups "${doctor[@]}" --json
finding permission bad
says 'run it as root, or let this user read the state'
cp -a var/oak kept
printf x >>var/oak/planner/marks.oak
gives 1 on "${doctor[@]}" --json
finding marks bad
rm var/oak/planner/marks.oak
gives 1 on "${doctor[@]}"
says 'NO marks: they are missing beside an activation'
rm -r var/oak && cp -a kept var/oak
for file in var/oak/planner/activation-*; do truncate -s 100 "$file"; done
gives 1 on "${doctor[@]}" --json
finding store bad
rm -r var/oak && cp -a kept var/oak
new_desk stranger
gives 1 on "${doctor[@]}" --trust stranger.trust --json
is products.0.verdict untrusted

# The bundle: whole, 0600, not over another; usable where there is no answer at all.
gives 0 on "${doctor[@]}" --bundle bundle.json
says 'for the vendor.s support: bundle.json'
[ "$(stat -c %a bundle.json)" = 600 ] || die "the bundle is $(stat -c %a bundle.json)"
refuses 2 on "${doctor[@]}" --bundle bundle.json
gives 0 on "${doctor[@]}" --bundle bundle.json --force
gives 2 on setpriv --reuid=65534 --regid=65534 --clear-groups "${doctor[@]}" --bundle -
is products.0.diagnosis.verdict null
refuses 2 oak-verifier check --product planner --version 3.5 --force
cp bundle.json out.txt
is products.0.diagnosis.verdict active
says '"name": "machine.key", "bytes": 56'

# What must not be in it: firmware numbers and keys, as they are, in hex, in Base32, in Base64, and keyed digests of the numbers.
/usr/bin/python3 - bundle.json "$(cat desk.key)" "$(cat site.secret)" var/oak/planner/*.key <<'PY' || die "the bundle holds what it must not"
import base64, re, sys
import cbor2
bundle = open(sys.argv[1]).read().lower()
secrets = [sys.argv[2].encode(), sys.argv[2].replace("-", "").encode(), sys.argv[3].encode()]
secrets += [s.encode() for s in ("PF3XK7QZ", "W1KS22U0B4A", "9d3f1c52-7c4e-4f0a-b1d6-0a8e5b7c2d31", "9d3f1c527c4e4f0ab1d60a8e5b7c2d31",
                                 "S4EWNX0M512733", "00:1b:21:3c:4d:5e", "001b213c4d5e", "5c1b6f0a9d2e47f38b7a604d1e9f3c25")]
for name in sys.argv[4:]:
    secrets.append(cbor2.load(open(name, "rb"))[2])
assert len(secrets) == 14, len(secrets)
for secret in secrets:
    for spelling in (secret.hex(), base64.b32encode(secret).decode().rstrip("="), base64.b64encode(secret).decode().rstrip("="),
                     secret.decode("latin1")):
        assert spelling.lower() not in bundle, "a secret of %d bytes is in the bundle" % len(secret)
# Nothing as long as a digest, but for the names of files and activations.
words = {word for word in re.findall(r"[0-9a-f]{32,}", bundle)}
named = set(re.findall(r"activation-([0-9a-f]{32})\.oak", bundle))
assert words <= named, words - named
PY
passed
