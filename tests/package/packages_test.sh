#!/usr/bin/env bash
# Goal: `./kit package` on a copy of the sources writes the five packages, with what belongs in each; and the same sources in a
# folder with a longer name, at another date, under another umask, time zone and language, give the same bytes. ./kit test compares
# the library's two packages there (core, machine-id and verifier), ./kit test package all five.
# What it doesn't prove: that another compiler or another Debian gives them too.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"
build=$2
command -v dpkg-shlibdeps >/dev/null || cannot "there is no dpkg-dev"
first=$build/packages/first second="$build/packages/second place with a longer name" dist=$build/packages/dist
rm -rf "$build/packages"

# copy FOLDER: what a clone would hold, with what was not committed yet.
copy() {
  mkdir -p "$1"
  if [ -e "$PROJECT/.git" ]; then
    git -C "$PROJECT" ls-files -z --cached --others --exclude-standard --deduplicate |
      tar -C "$PROJECT" --ignore-failed-read --null -cf - -T - 2>/dev/null | tar -C "$1" -xf -
  else
    tar -C "$PROJECT" --exclude=./build --exclude=./dist --exclude=./.git -cf - . | tar -C "$1" -xf -
  fi
}
# in_place NAME COMMAND...: a compiler's result that was kept is used only for the very place in which it was made.
in_place() { env -u CCACHE_BASEDIR -u CCACHE_NOHASHDIR CCACHE_NAMESPACE="oak-$1" SOURCE_DATE_EPOCH=1700000000 "${@:2}"; }

copy "$first"
gives 0 in_place first "$first/kit" package
mv "$first/dist" "$dist"
packages=(liboakverifier-dev liboakverifier1 oak-seats oak-site oak-vendor)
[ "$(cd "$dist" && printf '%s\n' *.deb | sed 's/_.*//' | paste -sd' ')" = "${packages[*]}" ] || die "other packages: $(ls "$dist")"

# holds PACKAGE PATH...
holds() {
  dpkg-deb -c "$dist/$1"_*.deb | sed -E 's/^(.{10}) ([^ ]+).* \.(\/[^ ]*).*/\1 \2 \3/' >list
  for path in "${@:2}"; do grep -qE " $path\$" list || die "$1 has no $path"; done
  ! awk '$2 != "root/root" || $1 ~ /^[^l].{4}w|^[^l].{7}w/' list | grep . || die "$1 has files that others than root may change"
}
library='/usr/lib/[a-z0-9_-]+'
page='/usr/share/man/man[138]' completion=/usr/share/bash-completion/completions
holds oak-site /usr/bin/oak-{machine-id,request,verifier} "$page/oak-"{machine-id,request,verifier}.1.gz /etc/oak/trust/ \
  $completion/oak-{machine-id,request,verifier} /etc/oak/refresh/ /usr/lib/systemd/system/oak-{snapshot@.service,refresh@.service,refresh@.timer} /usr/share/doc/oak-site/copyright
holds oak-vendor /usr/bin/oak-issuer "$page/oak-issuer.1.gz" $completion/oak-issuer /usr/share/doc/oak-vendor/examples/oak-issuer-serve.service
holds oak-seats /usr/bin/oak-{seat,seatd} "$page/oak-seat.1.gz" "$page/oak-seatd.8.gz" $completion/oak-{seat,seatd} /usr/lib/systemd/system/oak-seatd@.service
holds liboakverifier1 "$library/liboakverifier.so.1"
holds liboakverifier-dev /usr/include/oak_verifier.h /usr/include/oak_verifier.hpp "$library/liboakverifier.(a|so)" "$page/oak_verifier.3.gz" \
  "$library/cmake/OakVerifier/OakVerifierConfig(Version)?.cmake" "$library/pkgconfig/oakverifier.pc" /usr/share/oak/python/oak_verifier.py
dpkg-deb -f "$dist"/liboakverifier1_*.deb Depends | grep -q 'libsodium23' || die "the library's dependencies are not named"

if [ "${OAK_PACKAGES:-}" = all ]; then targets=(all); else
  targets=(oakverifier oakverifier_static) packages=(liboakverifier-dev liboakverifier1)
fi
copy "$second"
cd "$second"
find . -exec touch -h -d '2001-02-03' {} +
launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
umask 077
export TZ=Pacific/Auckland LANG=C.UTF-8 LC_ALL=C.UTF-8
elsewhen=()
if command -v faketime >/dev/null; then elsewhen=(faketime -f '+400d'); else echo "the time was the same: there is no faketime" >&2; fi
in_place second "${elsewhen[@]}" cmake --preset package "${launcher[@]}" >"$here/out.txt" 2>&1 || die "the second place can't be configured"
in_place second "${elsewhen[@]}" cmake --build --preset package -- --quiet "${targets[@]}" >"$here/out.txt" 2>&1 || die "the second place does not build"
in_place second "${elsewhen[@]}" packaging/deb.sh build/package dist "${packages[@]}" >"$here/out.txt" 2>&1 || die "the second place makes no packages"
cd "$here"
for package in "${packages[@]}"; do
  checks=$((checks + 1))
  cmp "$dist/$package"_*.deb "$second/dist/$package"_*.deb || die "two builds of $package are not the same"
done
rm -rf "$first" "$second"
passed
