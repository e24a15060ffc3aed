#!/usr/bin/env bash
# How often symbols are read under a synthetic camera, and how long a picture takes: the ladder beside the library as it
# comes. Usage: qr.sh BUILD
set -euo pipefail
tests=$(readlink -f "$(dirname "$0")/..")
build=$(readlink -f "$1")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
read -ra flags < <(pkg-config --cflags --libs zxing libqrencode libpng libturbojpeg libsodium)
g++ -std=c++20 -O2 -I "$tests/.." "$tests/bench/qr.cpp" -o "$here/qr" \
  "$build/request/liboak_qr.a" "$build/core/liboak_core.a" "${flags[@]}"
"$here/qr"
