#!/usr/bin/env bash
# Goal: issue, accept, checkpoint, return, import and licence import, killed at any write, fsync or rename, lose no seat and double none;
# run again, they give the same answer. What this does not prove: that a disk keeps what it was told to sync.
# shellcheck source=SCRIPTDIR/../cli/shell.sh
. "$(dirname "$0")/../cli/shell.sh" "$@"

# shellcheck source=SCRIPTDIR/prepare.sh
. "$(dirname "$0")/prepare.sh"
/usr/bin/python3 -B "$PROJECT/tests/crash/crash.py" "$2/bin" base
