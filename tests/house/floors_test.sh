#!/usr/bin/env bash
# Goal: includes go down only, each library is spoken to by its one seam, only main.cpp prints or exits, and no rule reads
# the clock, randomness or the environment by itself (docs/architecture.md). The checker is first shown a tree with one
# violation of each kind and must find every one.
# What it doesn't prove: a name that is declared by hand instead of included goes unseen; symbols_test.sh looks at those.
# Usage: floors_test.sh PROJECT
set -euo pipefail
project=$1
floors=(core machine-id verifier request issuer seats)

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

# found PATTERN: the lines of all floors that have it.
found() { grep -rnE --include='*.h' --include='*.c' --include='*.cpp' -- "$1" "${floors[@]}" 2>/dev/null || true; }

# seam HEADER FILES: only FILES include HEADER.
seam() { found "^ *# *include *[<\"]$1" | grep -vE "^($2):" | sed 's/$/  <- not its seam/' || true; }
# word PATTERN FILES: only FILES use it.
word() { found "$1" | grep -vE "^($2):" | sed "s/\$/  <- $3/" || true; }

# violations TREE: one line each.
violations() {
  local floor file include folder
  cd "$1"
  while IFS=: read -r file _ include; do
    folder=${include#*\"}
    folder=${folder%%/*}
    floor=${file%%/*}
    [[ " $(allowed "$floor") " == *" $folder "* ]] || echo "$file: includes $folder/, which is not below it"
  done < <(found '^ *# *include *"')
  # The desk takes only QR and paper from the site's tools.
  found '^ *# *include *"request/' | grep '^issuer/' | grep -vE '"request/(qr_|picture|sheet|sandbox|scan|carriers)' | sed 's/$/  <- not QR or paper/' || true

  seam 'sodium\.h' 'core/crypto\.(h|cpp)'
  seam 'qrencode\.h' 'request/qr_write\.cpp'
  seam 'ZXing/' 'request/qr_read\.cpp'
  seam '(png|turbojpeg)\.h' 'request/picture\.cpp'
  seam '(seccomp|linux/seccomp|linux/landlock)\.h' 'request/sandbox\.cpp'
  seam 'core/descriptor\.h' 'core/(disk|descriptor|file_lock|process_file)\.cpp'
  seam '(SQLiteCpp|sqlite3)' '(issuer/ledger|seats/store)[a-z_]*\.(h|cpp)'
  seam 'CLI/' 'core/main_tool\.h'
  seam 'core/main_tool\.h' 'core/main_tool\.cpp|(machine-id|request|issuer|seats)/main(_[a-z]+)?\.(cpp|h)'
  seam 'fmt/' '(request|issuer|seats)/[a-z_]+\.cpp'
  seam 'nlohmann/' '(machine-id|request|issuer|seats)/[a-z_]*json\.cpp'
  seam 'boost/|openssl/' 'core/http/[a-z_]+\.(h|cpp)'
  seam '(sys/socket|netinet/|arpa/|netdb)' '(machine-id/permanent_mac\.cpp|core/http/[a-z_]+\.cpp)'
  seam '(iostream|cstdio|stdio\.h)' '([a-z-]+/main(_[a-z]+)?\.cpp|(verifier|seats)/(example\.c|sample\.cpp))'

  # core/terminal.cpp and the disk (for -, in core/disk.cpp and core/descriptor.cpp) are objects that main hands in; the sandbox's child ends itself.
  word '(std::(cout|cerr|clog)|\b(printf|puts|fputs|fwrite|fprintf|putchar)\(|\bSTD(IN|OUT|ERR)_FILENO|\b(_exit|exit|quick_exit)\()' \
    '[a-z-]+/main(_[a-z]+)?\.cpp|core/(terminal|disk|descriptor)\.cpp|request/sandbox\.cpp|(verifier|seats)/(example\.c|sample\.cpp)' 'prints or exits'
  word '(\bstd::time\(|\btime\((NULL|nullptr|0)\)|system_clock|clock_gettime|gettimeofday)' 'core/clock\.cpp' 'reads the clock'
  word '(std::random_device|std::mt19937|\brand\(|getrandom)' 'core/crypto\.cpp' 'makes its own randomness'
  word '\b(secure_)?getenv\(' '[a-z-]+/main(_[a-z]+)?\.cpp' 'reads the environment'
  word '\bthrow\b[^.:]*;' 'nothing' 'throws'
}

planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
mkdir -p "$planted"/{core,machine-id,verifier,request,issuer}
plant() { printf '%s\n' "$2" >"$planted/$1"; }
plant core/upward.cpp '#include "verifier/store.h"'
plant request/upward.h '#include "issuer/policy.h"'
plant issuer/sideways.cpp '#include "request/create.h"'
plant issuer/raw_hardware.cpp '#include "machine-id/collect.h"'
plant verifier/sodium.cpp '#include <sodium.h>'
plant issuer/qr.cpp '#include <qrencode.h>'
plant request/reader.cpp '#include <ZXing/ReadBarcode.h>'
plant issuer/png.cpp '#include <png.h>'
plant issuer/sql.cpp '#include <SQLiteCpp/SQLiteCpp.h>'
plant verifier/main.cpp '#include <CLI/CLI.hpp>'
plant machine-id/opens.cpp '#include "core/descriptor.h"'
plant core/parses.cpp '#include "core/main_tool.h"'
plant verifier/parses.cpp '#include "core/main_tool.h"'
plant core/words.cpp '#include <fmt/core.h>'
plant verifier/answer_json.cpp '#include <nlohmann/json.hpp>'
plant issuer/server.cpp '#include <openssl/ssl.h>'
plant verifier/net.cpp '  #  include <sys/socket.h>'
plant core/stream.h '#include <iostream>'
plant issuer/prints.cpp 'void f() { printf("x"); }'
plant core/ends.h 'inline void g() { std::exit(1); }'
plant issuer/now.cpp 'long t = std::time(nullptr);'
plant request/dice.cpp 'std::random_device dice;'
plant verifier/variable.cpp 'const char* v = std::getenv("X");'
plant core/throws.cpp 'void h() { throw 1; }'
planted_count=$(find "$planted" -type f | wc -l)
list=$(violations "$planted")
for file in $(cd "$planted" && find . -type f | sed 's#^\./##'); do
  grep -q "^$file:" <<<"$list" || { echo "the checker misses the violation planted in $file"; exit 1; }
done

count=$(cd "$project" && { find "${floors[@]}" -name '*.cpp' 2>/dev/null || true; } | wc -l)
[ "$count" -gt 50 ] || { echo "only $count sources were looked at"; exit 1; }
list=$(violations "$project")
[ -z "$list" ] || { printf '%s\n' "$list"; exit 1; }
echo "$count sources keep to their floors; $planted_count planted violations were found"
