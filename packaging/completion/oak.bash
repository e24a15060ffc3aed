# Completion for OAK's tools in bash. What can be said next is taken from the tool's own --help, so that it is never behind.

# _oak_help TOOL [COMMAND...]: its help, asked for once a shell.
declare -A _oak_helps
_oak_help() {
  local key="$*"
  [ -n "${_oak_helps[$key]:-}" ] || _oak_helps[$key]=$("$@" --help 2>/dev/null </dev/null)
  printf '%s\n' "${_oak_helps[$key]}"
}

# Commands below a help text: a line that is set in by two blanks and begins with a word, after "Subcommands:" or in oak-verifier's list.
_oak_commands() { sed -nE '/^(Subcommands:|usage: )/,$ { s/^  ([a-z][a-z-]*)( .*)?$/\1/p }'; }

# Options are at the beginning of a line, or in oak-verifier's lines of usage.
_oak_options() { grep -E '^ +(-|[a-z]+ (FILE|-|\[))' | sed -E 's/ {3,}[^ -].*//' | grep -oE -- '--[a-z][a-z-]*'; }

_oak_products() {
  local file
  for file in /etc/oak/trust/*.oak; do [ ! -e "$file" ] || basename "$file" .oak; done
  for file in "${OAK_STATE_DIR:-/var/lib/oak}"/*/; do [ ! -d "$file" ] || basename "$file"; done
}

_oak() {
  local tool=$1 word=$2 previous=$3 path=("$1") i each known words
  COMPREPLY=()
  # A word with = in it comes in pieces.
  [ "$word" != = ] || word=
  if [ "$previous" = = ]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi
  case $previous in
    --product)
      mapfile -t COMPREPLY < <(compgen -W "$(_oak_products)" -- "$word")
      return ;;
    --desk | --state-dir | --root | *-dir)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      return ;;
    --out | --qr | --sheet | --trust | --facts | --bundle | --against | --tls-key | *-cert | *-file)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return ;;
    --format)
      mapfile -t COMPREPLY < <(compgen -W 'oak c' -- "$word")
      return ;;
    --allow | --forbid)
      mapfile -t COMPREPLY < <(compgen -W 'vm container vm,container' -- "$word")
      return ;;
  esac
  known=$(_oak_help "$tool" | _oak_commands)
  for ((i = 1; i < COMP_CWORD; i++)); do
    each=${COMP_WORDS[i]}
    if [ -n "$known" ] && grep -qxF -- "$each" <<<"$known"; then
      path+=("$each")
      known=
      [ "$tool" = oak-verifier ] || [[ $tool == */oak-verifier ]] || known=$(_oak_help "${path[@]}" | _oak_commands)
    fi
  done
  if [[ $word == -* ]]; then
    words=$({ _oak_help "$tool"; [[ $tool == *oak-verifier ]] || _oak_help "${path[@]}"; } | _oak_options | sort -u)
  else
    words=$known
  fi
  if [ -n "$words" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}

complete -F _oak oak-machine-id oak-request oak-verifier oak-issuer oak-seat oak-seatd
