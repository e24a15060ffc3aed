#!/usr/bin/env bash
# Fuzzes: fuzz.sh PROJECT BUILD MINUTES [TARGET...]. The minutes are shared among the targets, all of them where none is named. What is new
# to the corpus is kept, minimised, in tests/fuzz/corpus; what breaks a target in BUILD/fuzz/<target>, and the exit is 1.
set -euo pipefail
project=$1 build=$2 minutes=$3
shift 3

fail() {
  printf 'fuzz: error: %s\n' "$*" >&2
  exit 2
}

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for program in "$build"/bin/fuzz_*; do targets+=("${program##*/fuzz_}"); done
fi
for target in "${targets[@]}"; do
  [ -x "$build/bin/fuzz_$target" ] || fail "there is no target '$target'; there are: $(cd "$build/bin" && echo fuzz_* | sed 's/fuzz_//g')"
done
seconds=$((minutes * 60 / ${#targets[@]}))
[ "$seconds" -ge 1 ] || fail "$minutes minutes are less than a second for each of ${#targets[@]} targets: say more, or name a target"

broken=()
printf '%-20s %10s %8s %8s %8s\n' target executions a-second edges corpus
for target in "${targets[@]}"; do
  work=$build/fuzz/$target corpus=$project/tests/fuzz/corpus/$target seeds=$build/tests/fuzz/seeds/$target
  mkdir -p "$work/found" "$corpus"
  "$build/bin/replay_$target" --write-seeds "$seeds"
  [ -n "$(ls -A "$seeds")" ] || fail "the target '$target' has no seeds"
  options=(-max_len=65536 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 -artifact_prefix="$work/")
  "$build/bin/fuzz_$target" "${options[@]}" -max_total_time="$seconds" "$work/found" "$corpus" "$seeds" >"$work/log" 2>&1 || broken+=("$target")
  # What reaches something that the seeds don't: small files only, for they live in the repository.
  rm -rf "$work/merged"
  cp -r "$seeds" "$work/merged"
  "$build/bin/fuzz_$target" -merge=1 -max_len=4096 "$work/merged" "$corpus" "$work/found" >"$work/merge.log" 2>&1 || broken+=("$target")
  for seed in "$seeds"/*; do rm -f "$work/merged/${seed##*/}"; done
  rm -rf "$corpus" && mv "$work/merged" "$corpus"
  printf '%-20s %10s %8s %8s %8s\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: //p' "$work/log")" \
    "$(sed -n 's/^stat::average_exec_per_sec: *//p' "$work/log")" \
    "$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$work/log" | tail -1)" "$(find "$corpus" -type f | wc -l)"
done
if [ ${#broken[@]} -gt 0 ]; then
  printf 'fuzz: error: broken: %s; the inputs and logs are in %s/fuzz\n' "${broken[*]}" "$build" >&2
  exit 1
fi
