#!/usr/bin/env bash
# Goal: in a clean Debian the packages install with all that they depend on, make the group oak, and work from the first request
# to active with every default path; the library is found by the loader; removing them, even purging, leaves the activation there.
# The packages are those that packages_test.sh made, the system is the one that ./kit test fetched.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"
# shellcheck source=SCRIPTDIR/../own_mounts.sh
. "$PROJECT/tests/own_mounts.sh"
system=$PROJECT/build/clean-system.tar
[ "$(id -u)" -eq 0 ] || cannot "installing packages needs root"
[ -f "$system" ] || cannot "there is no clean system: ./kit test makes one, where debootstrap finds a mirror"
find_own_mounts || cannot "a system of its own needs mounts of its own"

mkdir root
tar -C root -xf "$system"
mkdir root/packages
cp "$2"/packages/dist/*.deb root/packages
cp "$2"/bin/oak-verifier-example root/packages
cp /etc/resolv.conf root/etc/resolv.conf
# What was fetched once need not be fetched again.
archives=$PROJECT/build/clean-system-archives
mkdir -p "$archives"

cat >root/packages/steps <<'SH'
set -eux
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root
cd /packages
install() { apt-get install -y -qq --no-install-recommends "$@" </dev/null; }
! command -v oak-verifier
[ -z "$(getent group oak)" ]
install ./*.deb || { apt-get update -qq && install ./*.deb; }

getent group oak
ldconfig -p | grep 'liboakverifier.so.1 '
[ "$(dpkg-query -W -f '${db:Status-Status} ' oak-site oak-vendor oak-seats liboakverifier1 liboakverifier-dev)" = 'installed installed installed installed installed ' ]
dpkg --verify oak-site oak-vendor oak-seats liboakverifier1 liboakverifier-dev >verified
[ ! -s verified ]

echo 'the passphrase of the tests' >passphrase
export OAK_PASSPHRASE_FILE=/packages/passphrase
oak-issuer init --roots 3 --threshold 2
oak-issuer trust --out /etc/oak/trust/planner.oak --product planner
oak-issuer licence add --customer Example --product planner --seats 3 --versions '3.*' | sed -n 's/^licence key *//p' >licence-key
! oak-verifier check --product planner --version 3.5
oak-request create --product planner --version 3.5 --licence-key-file licence-key --out request.oak --qr request.png --sheet request.html
oak-issuer issue request.oak --out activation.oak --approve weak,not-allowed-here --reason test
oak-request import activation.oak
[ "$(oak-verifier check --product planner --version 3.5)" = active ]
[ "$(stat -c '%a %U %G' /var/lib/oak/planner/activation-*.oak)" = '640 root oak' ]
oak-machine-id snapshot --product planner
chmod 755 /packages
./oak-verifier-example planner 3.5 1
adduser --quiet --system planner
adduser --quiet planner oak
setpriv --reuid=planner --regid=nogroup --init-groups oak-verifier status --product planner

getent passwd oak-seatd
id -nG oak-seatd | grep -w oak
oak-seatd serve --product planner --listen 127.0.0.1:7443 2>seatd.log &
for _ in $(seq 100); do ! grep -q lending seatd.log || break; sleep 0.1; done
oak-seat enrol --server https://127.0.0.1:7443 --product planner --code "$(oak-seatd code --product planner | head -1)" --state-dir /packages/computer
[ "$(oak-seat run --product planner --state-dir /packages/computer -- echo held)" = held ]
kill %1

dpkg-query -L oak-site oak-vendor oak-seats liboakverifier1 liboakverifier-dev | sort -u >ours
apt-get purge -y -qq oak-site oak-vendor oak-seats liboakverifier1 liboakverifier-dev
while IFS= read -r path; do if [ -f "$path" ]; then echo "left behind: $path"; exit 1; fi; done <ours
[ -e /var/lib/oak/planner/activation-*.oak ]
install ./oak-site_*.deb
[ "$(oak-verifier check --product planner --version 3.5)" = active ]
SH
cat >enter.sh <<'SH'
set -e
mount --rbind /proc root/proc
mount --rbind /sys root/sys
mount --bind "$1" root/var/cache/apt/archives
exec chroot root /bin/bash /packages/steps
SH
"${own_mounts[@]}" bash enter.sh "$archives" >out.txt 2>err.txt </dev/null || {
  tail -25 out.txt err.txt >&2
  rm -f out.txt err.txt
  die "the packages do not install and work in a clean system"
}
echo "the packages install and work in a clean system"
