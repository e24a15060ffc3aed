#!/usr/bin/env bash
# Goal: the histories of the property test are worth something: with any one of rules 2 to 4 of the design switched off in the code, they
# find a seat that runs twice, and print how. Arguments: project, build folder.
set -euo pipefail
project=$1 build=$2
names=()
for patch in "$project"/tests/property/without_rule_*.patch; do names+=("$(basename "$patch" .patch)"); done
[ ${#names[@]} -ge 4 ] || exit 1
cmake --build "$build" --target "${names[@]/#/property_}" >"$build/rules_matter.log" 2>&1 || {
  cat "$build/rules_matter.log" >&2
  exit 1
}
failed=0
for name in "${names[@]}"; do
  echo "$name"
  "$build/bin/property_$name" --histories 10000 --until 'double seat' || failed=1
done
exit $failed
