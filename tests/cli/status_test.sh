#!/usr/bin/env bash
# Goal: what root's install, check and boot look find stands in /run/oak/<product>.status for anybody to read, and holds no
# secret; another state folder's answer is not published; a /run that takes nothing changes no verdict and no exit code; who may
# not read the state is shown what root published, and only that. On made-up hardware, in mounts of the test's own.
# shellcheck source=SCRIPTDIR/shell.sh
. "$(dirname "$0")/shell.sh" "$@"
# shellcheck source=SCRIPTDIR/../own_mounts.sh
. "$PROJECT/tests/own_mounts.sh"
[ "$(id -u)" -eq 0 ] || cannot "becoming nobody needs root"
find_own_mounts || cannot "a /run of one's own needs mounts of one's own"
# shellcheck source=SCRIPTDIR/default_machine.sh
. "$PROJECT/tests/cli/default_machine.sh"

new_desk desk --allow vm,container --certificates 3
cp desk.trust etc/oak/trust/planner.oak
published=run/oak/planner.status
gives 0 on oak-request create --product planner --version 3.5 --licence-key-file desk.key --out request.oak
[ ! -e $published ] || die "a request published something"
gives 0 issuer issue request.oak --out activation.oak
gives 0 on oak-request import activation.oak
[ "$(stat -c '%F %a %u' $published)" = "regular file 644 0" ] || die "published: $(stat -c '%F %a %u' $published)"
shows() { cp $published out.txt && is "$1" "$2"; }
shows product planner
shows verdict active
shows seats 1
shows not_after null
shows days_left null
shows renew_from null
shows margin 1

# The same again is not written again; something else is.
inode=$(stat -c %i $published)
gives 0 on oak-verifier check --product planner --version 3.5
[ "$(stat -c %i $published)" = "$inode" ] || die "the same was written again"
gives 1 on oak-verifier check --product planner --version 4.0
shows verdict rebind
shows reasons '["version"]'
gives 0 on oak-verifier status --product planner --json
is products.0.seats 1
is products.0.margin 1
is products.0.not_after null
shows verdict active

# Nobody may not read the state, and sees what root published, unless somebody else could have written it.
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
gives 2 on "${nobody[@]}" oak-verifier status --json
is products.0.error.code permission-denied
is products.0.published.verdict active
gives 2 on "${nobody[@]}" oak-verifier status
says 'published by root: .*"verdict": "active"'
chmod 666 $published
gives 2 on "${nobody[@]}" oak-verifier status --json
is products.0.published null
chmod 644 $published && chown 65534 $published
gives 2 on "${nobody[@]}" oak-verifier status --json
is products.0.published null
rm $published && ln -s "$here/run/elsewhere" $published
echo '{"product": "planner", "verdict": "active"}' >run/elsewhere
gives 2 on "${nobody[@]}" oak-verifier status --json
is products.0.published null
gives 0 on oak-verifier check --product planner --version 3.5
[ ! -L $published ] || die "a link was left in place"
[ "$(cat run/elsewhere)" = '{"product": "planner", "verdict": "active"}' ] || die "a link was followed"

# Another state folder is no business of /run; and a /run that takes nothing changes nothing.
rm $published
gives 0 on cp -a /var/lib/oak elsewhere
gives 0 on oak-verifier check --product planner --version 3.5 --state-dir elsewhere
gives 0 on oak-verifier install activation.oak --state-dir elsewhere
[ ! -e $published ] || die "another state folder was published"
gives 0 on read_only_run=1 oak-verifier check --product planner --version 3.5
grep -qx active out.txt || die "a read-only /run changed the answer"
[ ! -s err.txt ] || die "a read-only /run made noise"
[ ! -e $published ] || die "/run was not read-only"

# A certificate says how long it lasts and when it renews.
gives 0 on oak-request create --product planner --version 3.5 --out again.oak
gives 0 issuer issue again.oak --days 30 --out certificate.oak --approve weak,rehost --reason test --json
end=$(value not_after)
gives 0 on oak-verifier install certificate.oak
gives 0 on oak-verifier check --product planner --version 3.5
shows verdict active
shows not_after "$end"
shows renew_from $((end - 14 * 86400))
shows renewal_due false
[[ $(cp $published out.txt && value days_left) =~ ^(29|30)$ ]] || die "days left: $(value days_left)"
gives 0 on oak-verifier status
says 'days left: (29|30); it renews from '

# Given back, nobody is told any more that it is active; neither where the receipt can't be written, nor the second time.
refuses 2 on oak-request return --product planner --yes --out request.oak
shows verdict active
gives 0 on oak-request return --product planner --yes --out planner.receipt.oak
shows verdict returned
rm $published
gives 0 on oak-request return --product planner --yes --out again.receipt.oak
shows verdict returned

# No secret, and nothing that the hardware calls itself.
for secret in "$(cat desk.key)" PF3XK7QZ W1KS22U0B4A 9d3f1c52-7c4e S4EWNX0M512733 00:1b:21:3c:4d:5e 5c1b6f0a9d2e47f3; do
  ! grep -qiF -- "$secret" $published || die "published: $secret"
done
passed
