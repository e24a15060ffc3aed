#!/usr/bin/env bash
# The Debian packages, from a build with prefix /usr: deb.sh BUILD OUT [PACKAGE...]. The same sources and the same tools give the same bytes,
# wherever the two folders lie and whatever the time is; SOURCE_DATE_EPOCH is the date of everything in the packages.
# Who distributes them says so by DEBFULLNAME and DEBEMAIL.
set -euo pipefail
project=$(dirname "$(dirname "$(readlink -f "$0")")")
build=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
: "${SOURCE_DATE_EPOCH:?deb.sh: the date of the sources, in seconds since 1970}"
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=$(sed -n 's/^project(oak VERSION \([0-9.]*\) .*/\1/p' "$project/CMakeLists.txt")
maintainer="${DEBFULLNAME:-OAK} <${DEBEMAIL:-oak@localhost}>"
mkdir debian
cp "$project"/packaging/debian/* debian
sed -i "s/\${oak:Maintainer}/$maintainer/" debian/control
cat >debian/changelog <<TEXT
oak ($version) unstable; urgency=medium

  * CHANGELOG.md of the sources tells what is new.

 -- $maintainer  $(date -R -d "@$SOURCE_DATE_EPOCH")
TEXT

# stripped FOLDER: no debug information, no compiler's notes, no dates in archives.
stripped() {
  local file
  find "$1" -type f -name '*.a' -exec strip --strip-debug --remove-section=.comment --remove-section=.note --enable-deterministic-archives {} +
  while IFS= read -r file; do
    if readelf -h "$file" >/dev/null 2>&1; then strip --strip-unneeded --remove-section=.comment --remove-section=.note "$file"; fi
  done < <(find "$1" -type f ! -name '*.a')
}

# dynamic FOLDER: the files in it that the loader has something to do for.
dynamic() {
  local file
  while IFS= read -r file; do
    if readelf -d "$file" 2>/dev/null | grep -q NEEDED; then echo "$file"; fi
  done < <(find "$1" -type f ! -name '*.a' | sort)
}

# package NAME COMPONENT
package() {
  local name=$1 tree=$work/$1 files
  DESTDIR=$tree cmake --install "$build" --component "$2" >/dev/null
  if [ -e "debian/$name.dirs" ]; then (cd "$tree" && xargs mkdir -p) <"debian/$name.dirs"; fi
  stripped "$tree"
  install -D -m 0644 debian/copyright -t "$tree/usr/share/doc/$name"
  gzip -9n <debian/changelog >"$tree/usr/share/doc/$name/changelog.gz"
  if [ -d "$tree/usr/share/man" ]; then find "$tree/usr/share/man" -type f -exec gzip -9n {} +; fi
  mkdir "$tree/DEBIAN"
  echo "oak:Static?=$(static_libraries)" >debian/substvars
  if [ -e "debian/$name.symbols" ]; then dpkg-gensymbols -c4 -q -p"$name" -P"$tree" -v"$version" -I"debian/$name.symbols"; fi
  mapfile -t files < <(dynamic "$tree")
  if [ ${#files[@]} -gt 0 ]; then dpkg-shlibdeps --warnings=0 -Tdebian/substvars "${files[@]/#/-e}"; fi
  dpkg-gencontrol -p"$name" -P"$tree" -Tdebian/substvars -fdebian/files
  for script in postinst postrm; do
    if [ -e "debian/$name.$script" ]; then install -m 0755 "debian/$name.$script" "$tree/DEBIAN/$script"; fi
  done
  for list in triggers shlibs; do
    if [ -e "debian/$name.$list" ]; then install -m 0644 "debian/$name.$list" "$tree/DEBIAN/$list"; fi
  done
  (cd "$tree" && find . -type f ! -path './DEBIAN/*' -printf '%P\n' | sort | xargs md5sum >DEBIAN/md5sums)
  chmod -R u=rwX,go=rX,g-s "$tree"
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group --threads-max=1 -Zxz --build "$tree" "$out" >/dev/null
}

# What is linked into oak-verifier itself, so that it is known which packages to build anew after a mend in one of these.
static_libraries() {
  dpkg-query -W -f='${source:Package} (= ${source:Version})\n' libsodium-dev libc6-dev | sort -u | paste -sd, | sed 's/,/, /g'
}

component_of() {
  case $1 in
    oak-site) echo site ;;
    oak-vendor) echo vendor ;;
    oak-seats) echo seats ;;
    liboakverifier1) echo runtime ;;
    liboakverifier-dev) echo developer ;;
    *)
      echo "deb.sh: error: there is no package $1" >&2
      return 2
      ;;
  esac
}

wanted=("${@:3}")
[ ${#wanted[@]} -gt 0 ] || wanted=(oak-site oak-vendor oak-seats liboakverifier1 liboakverifier-dev)
for name in "${wanted[@]}"; do
  component=$(component_of "$name")
  rm -f "$out/${name}_"*.deb
  package "$name" "$component"
done
