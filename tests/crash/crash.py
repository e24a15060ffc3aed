"""Kills a command at every call by which it changes its folders, then does what a person would: the same command again.

crash.py BIN BASE: the tools, and a prepared folder (crash_test.sh) that each run gets a fresh copy of. Prints each command's number of
calls; exit 1 where anything is lost, doubled or left half."""
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys

import order

BIN, BASE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
FEWEST_CALLS = 5
DESK = ["oak-issuer", "--desk", "desk", "--passphrase-file", "passphrase"]
APPROVED = ["--approve", "weak,not-allowed-here", "--reason", "test"]
TRUST = ["--state-dir", "machine", "--trust", "desk.trust"]


class Wrong(Exception):
    pass


def must(holds, text):
    if not holds:
        raise Wrong(text)


class Run:
    """One copy of the prepared folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        shutil.copytree(BASE, self.folder, symlinks=True)
        (self.folder / "out").mkdir()
        self.stores = [str(self.folder / name) for name in ("desk", "machine")]

    def start(self, command, **kill):
        environment = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}")
        if kill:
            environment |= {"LD_PRELOAD": str(BIN / "kill_at.so"), "OAK_KILL_BELOW": ":".join([*self.stores, str(self.folder / "out")])}
            environment |= {"OAK_KILL_" + name.upper(): str(value) for name, value in kill.items()}
        return subprocess.run(command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def gives(self, command, code=0, **kill):
        done = self.start(command, **kill)
        must(done.returncode == code, f"exit {done.returncode}, expected {code}: {' '.join(command)}\n{done.stdout}{done.stderr}")
        return done

    def json(self, command, code=0):
        return json.loads(self.gives([*command, "--json"], code).stdout)

    def out(self, name="answer.oak"):
        path = self.folder / "out" / name
        return path.read_bytes() if path.exists() else None

    def states(self):
        return sorted(row["state"] for row in self.json([*DESK, "list"]))

    def seats_live(self):
        return self.json([*DESK, "licence", "list"])[0]["seats_live"]

    def verdict(self, seats):
        command = ["oak-verifier", "check", "--product", "planner", "--version", "3.5", "--seats", str(seats), *TRUST, "--json"]
        return json.loads(self.start(command).stdout)["verdict"]


class Case:
    """A command that is killed. `after_kill` and `at_last` look at what it left, before and after it was run again."""

    command = []

    def again(self, run):
        """As a person would; a file that is whole already is in the way of the same file."""
        early = run.out()
        done = run.start(self.command)
        if early is not None:
            must(done.returncode == 2 and "exists" in done.stderr, f"a second {self.command[-1]} over the first: {done.stderr}")
            run.gives([*self.command, "--force"])
            must(run.out() == early, "what left before the kill has other bytes than what leaves now")
        else:
            must(done.returncode == 0, f"again: exit {done.returncode}\n{done.stdout}{done.stderr}")


class Issue(Case):
    """A second seat for a machine that has one: the new activation takes the old one's place."""

    command = [*DESK, "issue", "more.oak", "--out", "out/answer.oak", *APPROVED]

    def after_kill(self, run):
        states, live = run.states(), run.seats_live()
        must((states, live) in ((["live"], 1), (["live", "superseded"], 2)), f"after the kill: {states}, {live} seats live")

    def at_last(self, run):
        must(run.states() == ["live", "superseded"], f"the ledger has {run.states()}")
        must(run.seats_live() == 2, f"{run.seats_live()} seats are live")
        again = run.json([*DESK, "issue", "more.oak", "--out", "out/again.oak", *APPROVED])
        must(again["repeat"] is True, "the same request is no repeat")
        must(run.out("again.oak") == run.out(), "the same request gets other bytes")
        run.gives(["oak-request", "import", "out/answer.oak", *TRUST])
        must(run.verdict(2) == "active", f"the machine says {run.verdict(2)}")


class Import(Case):
    """The second seat reaches the machine, whose first activation is active all the while."""

    command = ["oak-request", "import", "more.activation.oak", *TRUST]

    def after_kill(self, run):
        must(run.verdict(1) == "active", f"after the kill the machine says {run.verdict(1)}")
        must(run.verdict(2) in ("active", "rebind"), f"after the kill the machine says {run.verdict(2)}")

    def at_last(self, run):
        must(run.verdict(2) == "active", f"the machine says {run.verdict(2)}")


def sweep(pool, folder, name, case):
    log = folder / f"{name}.calls"
    whole = Run(folder / name)
    whole.gives(case.command, log=log)
    calls = order.read(log)
    case.at_last(whole)
    count = len(calls)
    must(count >= FEWEST_CALLS, f"{count} calls only: is the command watched?")
    for fault in order.faults(calls, whole.stores, str(whole.folder / "out")):
        raise Wrong(f"{fault.replace(str(whole.folder) + '/', '')} (the calls: {log})")

    def kill(at, how):
        run = Run(folder / f"{name}-{at}-{how}")
        try:
            run.gives(case.command, -9, at=at, how=how)
            case.after_kill(run)
            case.again(run)
            case.at_last(run)
        except Wrong as wrong:
            raise Wrong(f"killed {how} call {at}, {' '.join(calls[at - 1])}: {wrong}") from wrong
        shutil.rmtree(run.folder)

    points = [(at, "before") for at in range(1, count + 1)] + [(count, "after")]
    points += [(at, "half") for at, call in enumerate(calls, 1) if call[0] == "write"]
    list(pool.map(lambda point: kill(*point), points))
    print(f"{name}: {count} calls, killed at each: {len(points)} times", flush=True)


CASES = {"issue": Issue(), "import": Import()}


def main():
    failed = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, case in CASES.items():
            try:
                sweep(pool, BASE.parent, name, case)
            except Wrong as wrong:
                failed = True
                print(f"FAILED: {name}: {wrong}", file=sys.stderr)
    return 1 if failed else 0


sys.exit(main())
