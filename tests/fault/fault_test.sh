#!/usr/bin/env bash
# Goal: whatever call on a file fails (a full disk, a bad sector, no descriptor left, a signal in between), a tool either does its work all the
# same or ends with 2 and says why; nothing is lost or half written, and run again it gives what it would have given. A fault is never an answer:
# no check says "not active" because a file could not be read. OAK_FAULTS=all takes every call; else a few of each command.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"
strace -o /dev/null -e trace=openat -e inject=openat:error=EIO:when=1000 true 2>/dev/null || cannot "strace cannot make calls fail here"

# shellcheck source=SCRIPTDIR/../crash/prepare.sh
. "$PROJECT/tests/crash/prepare.sh"
/usr/bin/python3 -B "$PROJECT/tests/fault/fault.py" "$2/bin" base "${OAK_FAULTS:-few}"
