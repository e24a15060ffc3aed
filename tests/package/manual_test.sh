#!/usr/bin/env bash
# Goal: the manual pages are well-formed, and say of each command exactly the options that its --help has, no fewer and no more; the
# library's page has every function of the header. The comparison is first shown a page with one option left out and one made up.
# What it doesn't prove: that what a page says of an option is right.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"
pages=$PROJECT/packaging/man

# options_of TEXT: those that begin a line, or stand in a line of oak-verifier's that says how a command is given.
options_of() { sed -E 's/ {3,}[^ -].*//' | grep -E '^ *(-|[a-z]+ )' | grep -oE -- '--[a-z][a-z-]*' | grep -vxE -- '--(help|version)' | sort -u; }
commands_of() { sed -n '/^Subcommands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'; }
# section PAGE COMMAND: from its heading, which may name several commands, to the next.
section() {
  awk -v wanted="$2" '/^\.S[hs] / { on = 0; n = split(substr($0, 5), names, ", "); for (i = 1; i <= n; i++) if (names[i] == wanted) on = 1 } on' "$1"
}
described() { grep -E '^\.It Fl' | grep -oE 'Fl -[a-z][a-z-]*' | sed 's/^Fl /-/' | grep -vxE -- '--(help|version)' | sort -u; }

# differences PAGE COMMAND HELP: what one of them has and the other lacks; HELP without the options of every command.
differences() {
  grep -q . < <(section "$1" "$2") || { echo "$(basename "$1") has no section '$2'"; return; }
  { diff <(section "$1" "$2" | described) <(printf '%s\n' "$3") || true; } |
    sed -nE "s/^< (.+)/$(basename "$1"), '$2': no such option: \1/p; s/^> (.+)/$(basename "$1"), '$2': lacks \1/p"
}
# compared PAGE TOOL [COMMAND...]: of a tool whose commands have a --help of their own.
compared() {
  local page=$1 help name
  shift
  checks=$((checks + 1))
  help=$("$@" --help)
  name="${*:2}"
  local below
  below=$(commands_of <<<"$help")
  if [ -z "$below" ] || [ -z "$name" ]; then
    differences "$page" "${name:-Options of every command}" "$(options_of <<<"$help" | grep . || true)"
  fi
  for each in $below; do compared "$page" "$@" "$each"; done
}
# oak-verifier has one text for all commands: whose an option is, the page may say, but none may be missing.
compared_as_a_whole() {
  local all
  all=$(options_of < <(oak-verifier --help))
  diff <(described <"$1") - <<<"$all" | sed -n "s/^[<>]/$(basename "$1"), oak-verifier:/p" || true
  for each in $(oak-verifier --help | sed -nE 's/^  ([a-z]+) .*/\1/p'); do
    grep -q . < <(section "$1" "$each") || echo "$(basename "$1") has no section '$each'"
  done
}

grep -v '^\.It Fl -out' "$pages/oak-machine-id.1" >planted.1
compared planted.1 oak-machine-id >list
grep -q "'facts': lacks --out" list || die "an option that is left out is not found"
sed 's/^\.It Fl -root Ar DIR/&\n.It Fl -roof/' "$pages/oak-machine-id.1" >planted.1
compared planted.1 oak-machine-id >list
grep -q "'show': no such option: --roof" list || die "an option that is made up is not found"
sed 's/^\.Ss snapshot/.Ss shot/' "$pages/oak-machine-id.1" >planted.1
compared planted.1 oak-machine-id >list
grep -q "no section 'snapshot'" list || die "a command that is left out is not found"

for tool in oak-machine-id oak-request oak-issuer oak-seat; do compared "$pages/$tool.1" "$tool"; done >list
compared "$pages/oak-seatd.8" oak-seatd >>list
compared_as_a_whole "$pages/oak-verifier.1" >>list
sed -n 's/^OAK_API .*[ *]\(oak_[a-z_]*\)(.*/\1/p' "$PROJECT/verifier/oak_verifier.h" | sort >declared
sed -n 's/^\.Fn \(oak_[a-z_]*\) "const.*\|^\.Fn \(oak_[a-z_]*\) ".*/\1\2/p' "$pages/oak_verifier.3" | sort -u | diff declared - | sed 's/^/oak_verifier.3: /' >>list || true
[ ! -s list ] || die "$(cat list)"

command -v mandoc >/dev/null || cannot "the pages were not checked: there is no mandoc"
for page in "$pages"/*; do
  # That a page of this project is not installed here is no fault.
  mandoc -T lint -W style "$page" 2>&1 | grep -vE 'referenced manual not found|outdated mandoc.db' >lint.txt || true
  [ ! -s lint.txt ] || die "$(cat lint.txt)"
  if command -v man >/dev/null; then
    gives 0 env LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page"
    : >out.txt
    [ ! -s err.txt ] || die "man warns of $page"
  fi
done
printf '.Dd November 24, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Nd x\n.It Fl -y\n' >planted.1
mandoc -T lint -W style planted.1 >lint.txt 2>&1 || true
grep -q planted.1 lint.txt || die "mandoc finds no fault in what has one"
passed
