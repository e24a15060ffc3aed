"""What a power cut could take back: reads the calls that kill_at.c wrote down. A process that is killed loses nothing that the
kernel has taken, so the order of fsyncs is judged here."""
import os


def read(log):
    return [tuple(line.rstrip("\n").split("\t")) for line in open(log)]


def is_below(path, folder):
    return path == folder or path.startswith(folder + "/")


class Disk:
    """Which files and folders have changes that no fsync has followed yet."""

    def __init__(self):
        self.files, self.folders = set(), set()

    def take(self, what, path, to=None):
        """One call; the fault that it is, or None."""
        fault = None
        if what == "write":
            self.files.add(path)
        elif what == "sync":
            self.files.discard(path)
            self.folders.discard(path)
        elif what in ("rename", "link"):
            if path in self.files:
                fault = f"{to} gets its name before its bytes are synced"
            self.folders.add(os.path.dirname(to))
            if what == "rename":
                self.folders.add(os.path.dirname(path))
        elif what == "unlink":
            self.files.discard(path)
            self.folders.add(os.path.dirname(path))
        elif what == "mkdir":
            self.folders.add(os.path.dirname(path))
        return fault

    def unsynced(self, folders):
        return sorted(path for path in self.files | self.folders if any(is_below(path, folder) for folder in folders))


def faults(calls, stores, out):
    """stores: where state and ledger are; out: where what leaves the tool appears. All absolute."""
    disk, found, answered = Disk(), [], False
    for number, call in enumerate(calls, 1):
        what, path, to = (*call, None)[:3]
        if what in ("rename", "link") and is_below(to, out):
            answered = True
            found += [f"call {number}: {to} appears before {late} is synced" for late in disk.unsynced(stores)]
        elif what not in ("sync", "unlink") and answered and any(is_below(to or path, store) for store in stores):
            found.append(f"call {number}: {to or path} changes after the answer has appeared")
        fault = disk.take(what, path, to)
        if fault:
            found.append(f"call {number}: {fault}")
    return found + [f"at the end {late} is not synced" for late in disk.unsynced([*stores, out])]
