"""Checks that have a name and can be switched off.
"""
import os
import sys


class Refused(Exception):
    def __init__(self, code, name):
        super().__init__(f"{code} ({name})")
        self.code, self.name = code, name


class Log:
    """Which checks are off, and which were asked."""
    off = frozenset()
    names = set()
    rules = set()
    lines = set()


def note_caller():
    frame = sys._getframe(2)
    Log.lines.add((os.path.basename(frame.f_code.co_filename), frame.f_lineno))


def need(name, holds, code):
    note_caller()
    Log.names.add(name)
    if not holds and name not in Log.off:
        raise Refused(code, name)


def rule(name):
    note_caller()
    Log.rules.add(name)
    return name not in Log.off
