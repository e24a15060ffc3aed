#!/usr/bin/env bash
# Goal: systemd understands the example of a product's unit, and its condition is a command that oak-verifier takes: it says yes
# where the product is active, and 1 or 2, which skip the service, where it is not or can't be told.
# What it doesn't prove: that systemd skips it; that is systemd.service(5)'s word.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"
unit=$PROJECT/packaging/example-product@.service

read -ra condition < <(sed -n 's/^ExecCondition=//p' "$unit" | sed 's/%i/3.5.1/; s#^/usr/bin/##')
[ "${condition[0]}" = oak-verifier ] || die "there is no condition"
new_desk desk
gives 1 "${condition[@]}" --state-dir machine --trust desk.trust
activated
gives 0 "${condition[@]}" --state-dir machine --trust desk.trust
gives 2 "${condition[@]}" --state-dir machine --trust no-such-file

command -v systemd-analyze >/dev/null || cannot "the unit was not checked: there is no systemd-analyze"
# A user and programs that are there take the place of those that a product would bring.
for file in "$unit" "$PROJECT/packaging/oak-snapshot@.service" "$PROJECT/packaging/oak-seatd@.service"; do
  sed -E "s#/usr/bin/(oak-[a-z-]+)#$2/bin/\1#; s#/usr/bin/planner#/bin/true#; s/^User=(planner|oak-seatd)/User=daemon/; s/^Group=oak-seatd/Group=daemon/; /^SupplementaryGroups=/d" "$file" >"$(basename "$file")"
done
gives 0 systemd-analyze verify --man=no "$here/example-product@3.5.1.service"
gives 0 systemd-analyze verify --man=no "$here/oak-seatd@planner.service"
[ ! -s err.txt ] || die "systemd complains of the unit"
# The renewal's: its words are options that there are, its timer and its hook at log-in are what systemd takes them for.
for file in "$PROJECT/packaging/oak-refresh@.service" "$PROJECT/packaging/oak-refresh@.timer" "$PROJECT/packaging/oak-issuer-serve.service"; do
  sed -E "s#/usr/bin/(oak-[a-z-]+)#$2/bin/\1#; s#^User=oak-desk#User=daemon#" "$file" >"$(basename "$file")"
done
gives 0 systemd-analyze verify --man=no "$here/oak-refresh@planner.service" "$here/oak-refresh@planner.timer" "$here/oak-issuer-serve.service"
[ ! -s err.txt ] || die "systemd complains of the renewal's units"
for unit in oak-refresh@.service:oak-request oak-issuer-serve.service:oak-issuer; do
  tool=${unit#*:}
  read -ra words < <(sed -n 's/^ExecStart=//p' "$PROJECT/packaging/${unit%:*}")
  [ "${words[0]}" = "/usr/bin/$tool" ] || die "$unit starts ${words[0]}"
  { "$tool" "${words[1]}" --help; "$tool" --help; } >options.txt
  for word in "${words[@]}"; do
    [[ $word != --* ]] || grep -q -- "$word" options.txt || die "$tool ${words[1]} has no option $word"
  done
done
mkdir -p root/etc/systemd/system root/usr/lib/systemd/system
cp "$PROJECT"/packaging/oak-refresh@.* root/usr/lib/systemd/system
gives 0 systemctl --root="$here/root" enable oak-refresh@planner.timer oak-refresh@planner.service
[ -L root/etc/systemd/system/timers.target.wants/oak-refresh@planner.timer ] || die "the timer is not enabled"
[ -L "root/etc/systemd/system/user@.service.wants/oak-refresh@planner.service" ] || die "log-ins don't start it: $(find root -type l)"

echo 'ExecConditions=yes' >>example-product@.service
systemd-analyze verify --man=no "$here/example-product@3.5.1.service" >out.txt 2>&1 || true
says 'ExecConditions'
passed
