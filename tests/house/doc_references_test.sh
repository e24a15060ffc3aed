#!/usr/bin/env bash
# Goal: where the sources point to a page of docs/, or to a section of it in quotes, it is there. The checker is first shown
# references to nothing and must find them.
# What it doesn't prove: that the section says what the comment says it does.
# Usage: doc_references_test.sh PROJECT
set -euo pipefail
cd "$1"

# dangling FILE: of lines `PAGE` or `PAGE, "SECTION"`, those that lead nowhere.
dangling() {
  local page section
  while IFS= read -r reference; do
    page=${reference%%,*} section=
    if [[ $reference == *'"'* ]]; then section=${reference#*\"} section=${section%\"}; fi
    if [ ! -f "$page" ] || { [ -n "$section" ] && ! grep -qxE "#+ $section" "$page"; }; then echo "$reference"; fi
  done <"$1"
}

list=$(mktemp)
trap 'rm -f "$list"' EXIT
printf '%s\n' 'docs/format.md' 'docs/format.md, "Envelopes"' 'docs/no-such-page.md' 'docs/format.md, "No such section"' >"$list"
if [ "$(dangling "$list" | wc -l)" != 2 ]; then
  echo "the checker does not find what it should" >&2
  exit 1
fi

find . \( -path ./build -o -path ./.git -o -path ./docs \) -prune -o -type f ! -name "$(basename "$0")" \
  \( -name '*.h' -o -name '*.c' -o -name '*.cpp' -o -name '*.py' -o -name '*.sh' -o -name README.md -o -name SECURITY.md -o -name kit \) -print0 |
  xargs -0 grep -ohE 'docs/[a-z-]+\.md(, "[^"]+")?' | sort -u >"$list"
if [ "$(wc -l <"$list")" -lt 15 ]; then
  echo "too few references were found to believe the search" >&2
  exit 1
fi
wrong=$(dangling "$list")
if [ -n "$wrong" ]; then
  printf 'these lead nowhere:\n%s\n' "$wrong" >&2
  exit 1
fi
