#!/usr/bin/env bash
# Goal: includes go down only, each library is spoken to by its one seam, and only main.cpp prints or exits
# (docs/architecture.md). The checker is first shown a tree with one violation of each kind and must find them all.
# Usage: floors_test.sh PROJECT BUILD
set -euo pipefail
project=$1

# allowed FLOOR: the folders it may include from.
allowed() {
  case $1 in
    core) echo core ;;
    machine-id) echo core machine-id ;;
    verifier) echo core machine-id verifier ;;
    request) echo core machine-id verifier request ;;
    issuer) echo core verifier request issuer ;;
    seats) echo core machine-id verifier seats ;;
  esac
}

# violations TREE: one line each.
violations() {
  local tree=$1 floor file
  cd "$tree"
  for floor in core machine-id verifier request issuer seats; do
    [ -d "$floor" ] || continue
    while IFS=: read -r file _ include; do
      local folder=${include#*\"}
      folder=${folder%%/*}
      [[ " $(allowed "$floor") " == *" $folder "* ]] || echo "$file: includes $folder/, which is not below it"
    done < <(grep -rnE '^#include "' --include='*.h' --include='*.cpp' --include='*.c' "$floor" || true)
  done
  # pattern | files that may have it
  seam 'sodium\.h' '^core/crypto\.cpp:'
  seam 'qrencode\.h' '^request/qr_write\.cpp:'
  seam 'ZXing/' '^request/qr_read\.cpp:'
  seam '(png|turbojpeg)\.h' '^request/picture\.cpp:'
  seam 'seccomp\.h' '^request/sandbox\.cpp:'
  seam '(SQLiteCpp|sqlite3)' '^(issuer/ledger|seats/store)[a-z_]*\.cpp:'
  seam 'CLI/' '^[a-z-]+/main\.cpp:'
  seam 'nlohmann/' '^(machine-id/facts_json|request/[a-z_]+|issuer/[a-z_]+|seats/[a-z_]+)\.cpp:'
  seam 'openssl/' '^core/http/'
  seam '(sys/socket|netinet/|arpa/)' '^(machine-id/permanent_mac|core/http/[a-z_]+|seats/[a-z_]+)\.cpp:'
  # Printing and exiting: main.cpp only. Terminal prompts are handed in as an object, whose one place is core/terminal.cpp;
  # the sandboxed child ends itself.
  grep -rnE '(std::(cout|cerr|clog)|\b(printf|puts|fputs|fwrite|fprintf)\(|\b_?exit\()' --include='*.cpp' \
    core machine-id verifier request issuer seats 2>/dev/null |
    grep -vE '^([a-z-]+/main|core/terminal|request/sandbox)\.cpp:' | sed 's/$/  <- prints or exits/' || true
}
seam() {
  grep -rnE "#include [<\"]$1" --include='*.h' --include='*.cpp' core machine-id verifier request issuer seats 2>/dev/null |
    grep -vE "$2" | sed 's/$/  <- not its seam/' || true
}

planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
mkdir -p "$planted"/{core,verifier,request,issuer}
echo '#include "verifier/store.h"' >"$planted/core/upward.cpp"
echo '#include "issuer/policy.h"' >"$planted/request/upward.h"
echo '#include <sodium.h>' >"$planted/verifier/second_seam.cpp"
echo '#include <SQLiteCpp/SQLiteCpp.h>' >"$planted/issuer/second_seam.cpp"
echo '#include <nlohmann/json.hpp>' >"$planted/verifier/json.cpp"
echo 'void f() { printf("x"); }' >"$planted/issuer/prints.cpp"
found=$(violations "$planted" | wc -l)
[ "$found" -eq 6 ] || { echo "the checker found $found of 6 planted violations"; exit 1; }

count=$(find "$project"/{core,machine-id,verifier,request,issuer} -name '*.cpp' | wc -l)
[ "$count" -gt 50 ] || { echo "only $count sources were looked at"; exit 1; }
list=$(violations "$project")
[ -z "$list" ] || { printf '%s\n' "$list"; exit 1; }
echo "$count sources keep to their floors"
