#!/usr/bin/env bash
# switch_off.sh PROJECT PATCH FOLDER FILE...: copies the files into the folder, and applies the patch there. Patches have no context: a line
# is found by its own words, wherever it has gone.
set -euo pipefail
project=$1 patch=$2 folder=$3
shift 3
rm -rf "$folder"
for file in "$@"; do
  mkdir -p "$folder/$(dirname "$file")"
  cp "$project/$file" "$folder/$file"
done
# Not as a part of the repository around it.
cd "$folder"
GIT_CEILING_DIRECTORIES=$(dirname "$folder") git apply --unidiff-zero "$patch"
