"""Fails one call of a command at a time, as a bad disk would, then does what a person would: the same command again.

fault.py BIN BASE [all]: the tools, and the prepared folder of tests/crash. Calls that open, read, write, sync or rename a file of the
folders fail, each with the errors that the kernel may give; without `all` a few of each command, spread over the whole of it. Prints
each command's number of calls; exit 1 where a fault ends in anything but an error that is told, or where something is lost or doubled."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "crash"))
import crash  # noqa: E402
from crash import DESK, LARGER_TRUST, TRUST, Case, ImportOfFewer, Run, Wrong, must  # noqa: E402

ERRORS = {
    "openat": ["EIO", "EMFILE"], "openat2": ["EIO", "EMFILE"], "read": ["EIO", "EINTR"], "pread64": ["EIO", "EINTR"],
    "write": ["ENOSPC", "EINTR"], "pwrite64": ["ENOSPC", "EINTR"], "fsync": ["EIO"], "fdatasync": ["EIO"], "rename": ["ENOSPC"],
    "renameat": ["ENOSPC"], "renameat2": ["ENOSPC"], "linkat": ["ENOSPC"], "mkdirat": ["ENOSPC"], "fstat": ["EIO"], "newfstatat": ["EIO"],
    "getdents64": ["EIO"], "flock": ["EINTR"], "fcntl": ["EINTR"],
}
FEW, MANY = 12, 100
MESSAGE = re.compile(r"^oak-[a-z]+(-[a-z]+)?: (error|refused): .", re.MULTILINE)


class Create(Case):
    command = ["oak-request", "create", "--product", "planner", "--version", "3.5", "--seats", "2", "--out", "out/answer.oak",
               "--state-dir", "machine"]

    def after_kill(self, run):
        run.must_say(1, ["active"])

    def again(self, run):
        run.gives([*self.command, "--force"])

    def at_last(self, run):
        run.gives(["oak-request", "show", "out/answer.oak"])
        run.must_say(1, ["active"])


class Check(Case):
    command = ["oak-verifier", "check", "--product", "planner", "--version", "3.5", *TRUST]

    def after_kill(self, run):
        pass

    def at_last(self, run):
        run.must_say(1, ["active"])


class Backup(Case):
    command = [*DESK, "backup", "--out", "out/answer.oak"]

    def after_kill(self, run):
        run.audit()

    def again(self, run):
        run.gives([*self.command, "--force"])

    def at_last(self, run):
        run.audit()
        must(run.out()[:15] == b"SQLite format 3", "the backup is no database")


class Bulletin(Case):
    command = [*DESK, "bulletin", "--out", "out/answer.oak"]

    def after_kill(self, run):
        run.audit()

    def again(self, run):
        run.gives([*self.command, "--force"])

    def at_last(self, run):
        run.audit()
        run.must_say(1, ["active"])


class ImportOfFewerLater(ImportOfFewer):
    """Where the machine can't tell yet that the new activation fits, the import is done, and the receipt is written later."""

    def at_last(self, run):
        if run.out() is None:
            run.gives(["oak-request", "return", "--superseded", "--product", "planner", "--out", "out/answer.oak", *LARGER_TRUST])
        super().at_last(run)


def traced(command, *options):
    return ["strace", "-f", "-qq", "-e", "signal=none", *options, *command]


def is_below(folder, arguments):
    """By the path that is named, or by that of the descriptor; an absolute one says more than the folder that it starts from."""
    named = re.match(r'AT_FDCWD<[^>]*>, "(/[^"]*)"', arguments) or re.match(r'[^"<]*<([^>]*)>', arguments) or re.match(r'"([^"]*)"', arguments)
    path = named[1] if named else ""
    return path == str(folder) or path.startswith(f"{folder}/")


def points_of(run, command):
    """Each call on a file of the folders: its name, and the how-manieth of that name it is."""
    log = run.folder / "out" / "calls"
    done = run.start(traced(command, "-y", "-o", str(log), "-e", "trace=" + ",".join(ERRORS)))
    must(done.returncode == 0, f"exit {done.returncode} without a fault\n{done.stdout}{done.stderr}")
    counts, points = {}, []
    for line in log.read_text(errors="replace").splitlines():
        call = re.match(r"\d+ +(\w+)\((.*)", line)
        if not call:
            continue
        counts[call[1]] = counts.get(call[1], 0) + 1
        if is_below(run.folder, call[2]):
            points.append((call[1], counts[call[1]]))
    log.unlink()
    return points


def fail(folder, name, case, call, at, error):
    run = Run(folder / f"fault-{name}-{call}-{at}-{error}")
    try:
        done = run.start(traced(case.command, "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={at}"))
        # SQLite calls a page that can't be read a malformed one, and the two can't be told apart.
        is_page = done.returncode == 1 and call == "pread64" and "the ledger is damaged" in done.stderr
        must(is_page or done.returncode in (0, 2), f"exit {done.returncode}\n{done.stdout}{done.stderr}")
        if done.returncode != 0:
            must(MESSAGE.search(done.stderr), f"no message:\n{done.stderr}")
            case.after_kill(run)
            case.again(run)
        case.at_last(run)
    except Wrong as wrong:
        return f"{name}: {call} number {at} fails with {error}: {wrong}"
    finally:
        shutil.rmtree(run.folder)
    return None


def sweep(pool, folder, name, case, all_of_them):
    whole = Run(folder / f"fault-{name}")
    calls = points_of(whole, case.command)
    case.at_last(whole)
    shutil.rmtree(whole.folder)
    must(len(calls) >= 5, f"{len(calls)} calls only: is the command watched?")
    points = [(call, at, error) for call, at in calls for error in ERRORS[call]]
    if not all_of_them and len(points) > MANY:
        points = points[:: max(1, len(points) // FEW)]
    wrong = [text for text in pool.map(lambda point: fail(folder, name, case, *point), points) if text]
    print(f"{name}: {len(calls)} calls, {len(points)} faults", flush=True)
    return wrong


CASES = {"create": Create(), "check": Check(), "backup": Backup(), "bulletin": Bulletin(), **crash.CASES, "import-of-fewer": ImportOfFewerLater()}


def main():
    wrong, folder, chosen = [], crash.BASE.parent, sys.argv[4:] or list(CASES)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name in chosen:
            try:
                wrong += sweep(pool, folder, name, CASES[name], sys.argv[3:4] == ["all"])
            except Wrong as why:
                wrong.append(f"{name}: {why}")
    for text in wrong:
        print(f"FAILED: {text}", file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
