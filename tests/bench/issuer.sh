#!/usr/bin/env bash
# What the desk costs, in one run: a batch beside the bare cost of its cryptography, one answer from a large ledger beside one from
# a small one, and an audit. Usage: issuer.sh BUILD [REQUESTS [ENTRIES]]
set -euo pipefail
tests=$(readlink -f "$(dirname "$0")/..")
build=$(readlink -f "$1")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
read -ra flags < <(pkg-config --cflags --libs libsodium sqlite3 fmt zxing libqrencode libpng libturbojpeg libseccomp)
g++ -std=c++20 -O2 -I "$tests/.." "$tests/bench/issuer.cpp" -o "$here/issuer" \
  -Wl,--start-group "$build/issuer/liboak_issuer_core.a" "$build/request/liboak_qr.a" "$build/verifier/liboak_verifier_core.a" \
  "$build"/machine-id/liboak_*.a "$build/core/liboak_core.a" -Wl,--end-group "${flags[@]}" -lSQLiteCpp -lsqlite3 -pthread
"$here/issuer" "$here" "${2:-10000}" "${3:-1000000}"
