"""Kills a command at every call by which it changes its folders, then does what a person would: the same command again.

crash.py BIN BASE: the tools, and a prepared folder (crash_test.sh) that each run gets a fresh copy of. Prints each command's number of
calls; exit 1 where anything is lost, doubled or left half."""
import concurrent.futures
import csv
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys

import order

BIN, BASE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
FEWEST_CALLS = 5
DESK, LARGER_DESK = (["oak-issuer", "--desk", desk, "--passphrase-file", "passphrase"] for desk in ("desk", "larger-desk"))
APPROVED = ["--approve", "weak,not-allowed-here", "--reason", "test"]
TRUST, LARGER_TRUST = (["--state-dir", state, "--trust", "desk.trust"] for state in ("machine", "larger-machine"))


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
        self.stores = [str(self.folder / name) for name in ("desk", "machine", "larger-desk", "larger-machine")]

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

    def states(self, desk=None):
        return sorted(row["state"] for row in self.json([*(desk or DESK), "list"]))

    def audit(self, *against):
        found = self.json([*DESK, "audit", *(part for note in against for part in ("--against", note))])
        must(found["ok"] is True, f"the audit finds {found['faults']}")

    def licence(self, desk=None):
        return self.json([*(desk or DESK), "licence", "list"])[0]

    def verdict(self, seats, trust=None):
        command = ["oak-verifier", "check", "--product", "planner", "--version", "3.5", "--seats", str(seats), *(trust or TRUST), "--json"]
        return json.loads(self.start(command).stdout)["verdict"]

    def must_say(self, seats, verdicts, trust=None):
        found = self.verdict(seats, trust)
        must(found in verdicts, f"the machine says {found} to {seats} seats, expected {' or '.join(verdicts)}")


class Case:
    """A command that is killed. `after_kill` and `at_last` look at what it left, before and after it was run again."""

    command = []

    def again(self, run):
        """As a person would. What is there already is in the way, and the message says so: then once more, with --force."""
        early, is_in_the_way = run.out(), any(not path.name.startswith(".") for path in (run.folder / "out").iterdir())
        done = run.start(self.command)
        if is_in_the_way:
            must(done.returncode == 2 and "exists" in done.stderr, f"again over what is there: exit {done.returncode}\n{done.stderr}")
            done = run.start([*self.command, "--force"])
        must(done.returncode == 0, f"again: exit {done.returncode}\n{done.stdout}{done.stderr}")
        must(early in (None, run.out()), "what left before the kill has other bytes than what leaves now")


class Issue(Case):
    """A second seat for a machine that has one: the new activation takes the old one's place."""

    command = [*DESK, "issue", "more.oak", "--out", "out/answer.oak", *APPROVED]

    def after_kill(self, run):
        states, live = run.states(), run.licence()["seats_live"]
        must((states, live) in ((["live"], 1), (["live", "superseded"], 2)), f"after the kill: {states}, {live} seats live")
        run.audit()

    def at_last(self, run):
        must(run.states() == ["live", "superseded"], f"the ledger has {run.states()}")
        must(run.licence()["seats_live"] == 2, f"{run.licence()}")
        again = run.json([*DESK, "issue", "more.oak", "--out", "out/again.oak", *APPROVED])
        must(again["repeat"] is True, "the same request is no repeat")
        must(run.out("again.oak") == run.out(), "the same request gets other bytes")
        run.audit()
        run.gives(["oak-request", "import", "out/answer.oak", *TRUST])
        run.must_say(2, ["active"])


class Accept(Case):
    """The receipt of the machine's one seat."""

    command = [*DESK, "accept", "receipt.oak"]

    def after_kill(self, run):
        states, live = run.states(), run.licence()["seats_live"]
        must((states, live) in ((["live"], 1), (["returned"], 0)), f"after the kill: {states}, {live} seats live")
        run.audit()

    def at_last(self, run):
        must(run.states() == ["returned"], f"the ledger has {run.states()}")
        again = run.json(self.command)
        must(again["repeat"] is True and again["seats_freed"] == 0, f"a receipt was accepted twice: {again}")
        licence = run.licence()
        must((licence["seats_live"], licence["rehosts_left"]) == (0, 2), f"{licence}")
        run.audit()


class Checkpoint(Case):
    """What the ledger is now, signed: kept at the desk, and handed out."""

    command = [*DESK, "checkpoint", "--out", "out/answer.oak"]

    def after_kill(self, run):
        run.audit(*(["out/answer.oak"] if run.out() else []))

    def at_last(self, run):
        run.audit("out/answer.oak")
        run.gives([part.replace("answer", "again") for part in self.command])
        must(run.out("again.oak") == run.out(), "the same ledger gets another checkpoint")
        run.gives([*DESK, "issue", "more.oak", "--out", "out/more.oak", *APPROVED])
        run.audit("out/answer.oak")


class Return(Case):
    """The machine gives its seat back; the receipt is the same whenever it is written."""

    command = ["oak-request", "return", "--product", "planner", "--yes", "--out", "out/answer.oak", *TRUST]

    def after_kill(self, run):
        run.must_say(1, ["returned"] if run.out() else ["active", "returned"])

    def at_last(self, run):
        run.must_say(1, ["returned"])
        run.gives([part.replace("answer", "again") for part in self.command])
        must(run.out("again.oak") == run.out(), "the receipt has other bytes the second time")
        accepted = run.json([*DESK, "accept", "out/answer.oak"])
        must(accepted["seats_freed"] == 1 and run.licence()["seats_live"] == 0, f"the receipt frees no seat: {accepted}")
        run.gives(["oak-request", "import", "activation.oak", *TRUST], 1)
        run.must_say(1, ["returned"])


class Import(Case):
    """The second seat reaches the machine, whose first activation is active all the while."""

    command = ["oak-request", "import", "more.activation.oak", *TRUST]

    def after_kill(self, run):
        run.must_say(1, ["active"])
        run.must_say(2, ["active", "rebind"])

    def at_last(self, run):
        run.must_say(2, ["active"])


class ImportOfFewer(Case):
    """One seat in place of three: the old activation ends, and its receipt is written."""

    command = ["oak-request", "import", "fewer.activation.oak", "--receipt", "out/answer.oak", *LARGER_TRUST]

    def after_kill(self, run):
        run.must_say(1, ["active"], LARGER_TRUST)
        run.must_say(3, ["rebind"] if run.out() else ["active", "rebind"], LARGER_TRUST)

    def at_last(self, run):
        run.must_say(1, ["active"], LARGER_TRUST)
        run.must_say(3, ["rebind"], LARGER_TRUST)
        accepted = run.json([*LARGER_DESK, "accept", "out/answer.oak"])
        must(accepted["seats_freed"] == 2, f"the receipt frees {accepted['seats_freed']} seats, expected 2")
        must(run.licence(LARGER_DESK)["seats_live"] == 1, f"{run.licence(LARGER_DESK)}")


class LicenceImport(Case):
    """Two licences of one table, and the file of their keys."""

    command = [*DESK, "licence", "import", "orders.csv", "--out", "out/answer.oak"]

    def after_kill(self, run):
        count = len(run.json([*DESK, "licence", "list"]))
        must(count in (1, 3) and (count == 3 or run.out() is None), f"after the kill: {count} licences, keys {'there' if run.out() else 'not there'}")
        run.audit()

    def at_last(self, run):
        must(len(run.json([*DESK, "licence", "list"])) == 3, "there are not three licences")
        keys = {row["id"]: row["licence_key"] for row in csv.DictReader(io.StringIO(run.out().decode()))}
        must(len(keys) == 2 and "YARD" in keys, f"keys of {list(keys)}")
        for licence, key in keys.items():
            must(run.json([*DESK, "licence", "key", licence])["licence_key"] == key, f"another key of {licence}")
        run.audit()


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


CASES = {"issue": Issue(), "accept": Accept(), "checkpoint": Checkpoint(), "return": Return(), "import": Import(), "import-of-fewer": ImportOfFewer(),
         "licence-import": LicenceImport()}


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


if __name__ == "__main__":
    sys.exit(main())
