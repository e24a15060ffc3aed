# shellcheck shell=bash
# A seat server on this machine, and computers that it knows. Sourced behind shell.sh, where `machine` has an activation:
# find_port; serve [OPTIONS...]; enrolled NUMBER; seat NUMBER COMMAND...; stop.
server="" port="" url="" host=()
# shellcheck disable=SC2154  # here
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null; chmod -R u+w "$here" 2>/dev/null || true; rm -rf "$here"' EXIT

find_port() {
  for port in $(shuf -i 20000-29999 -n 20); do
    if ! (exec 3<>/dev/tcp/127.0.0.1/"$port") 2>/dev/null; then break; fi
  done
  url=https://127.0.0.1:$port
}
serve() {
  : >server.log
  "${host[@]}" oak-seatd serve --product planner --listen "127.0.0.1:$port" --state-dir "${state:-machine}" --trust desk.trust "$@" 2>server.log >server.out &
  server=$!
  for _ in $(seq 200); do
    ! grep -q 'lending' server.log || return 0
    kill -0 "$server" 2>/dev/null || die "the server did not start: $(cat server.log)"
    sleep 0.05
  done
  die "the server does not begin: $(cat server.log)"
}
stop() {
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
seat() {
  local number=$1 command=$2
  shift 2
  oak-seat "$command" --product planner --state-dir "c$number" "$@"
}
code() {
  gives 0 oak-seatd code --product planner --state-dir "${state:-machine}" --json
  is expires_in_s 600
  value code
}
enrolled() {
  local one
  one=$(code)
  gives 0 seat "$1" enrol --server "$url" --code "$one" --trust desk.trust --name "computer $1"
}
