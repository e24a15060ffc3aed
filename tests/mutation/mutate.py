#!/usr/bin/env python3
"""Small mutants of core, verifier and the desk's policy: does a test see each?

mutate.py BUILD [--count N] [--seed S] [--only PATTERN] [--list]

BUILD is a build folder of a copy of the project that nobody else uses: sources are changed in place, one at a time, and put back.
A mutant that does not compile is not counted. A survivor is printed with its line; each is to get a test, or a reason in
docs/assurance.md. Exit 0: no survivor. 1: there are some.
"""
import argparse
import pathlib
import random
import re
import subprocess
import sys

# Sources, and the test programs that answer for them, the quickest first.
AREAS = [
    ("core/*.cpp", ["test_core", "test_verifier", "test_issuer"]),
    ("verifier/*.cpp", ["test_verifier", "test_request"]),
    ("issuer/policy*.cpp", ["test_issuer"]),
    ("issuer/ledger_derived*.cpp", ["test_issuer"]),
    ("issuer/reckoning*.cpp", ["test_issuer"]),
]
# Words for people: no test of theirs is worth its upkeep.
LEFT_OUT = {"core/document_page.cpp", "core/terminal.cpp", "core/usage_words.cpp", "verifier/main.cpp", "verifier/doctor.cpp", "verifier/advice.cpp"}

OPERATORS = [
    (re.compile(r" < (?!<)"), " <= "), (re.compile(r" <= "), " < "), (re.compile(r" > (?!>)"), " >= "), (re.compile(r" >= "), " > "),
    (re.compile(r" == "), " != "), (re.compile(r" != "), " == "), (re.compile(r" && "), " || "), (re.compile(r" \|\| "), " && "),
    (re.compile(r" \+ "), " - "), (re.compile(r" - "), " + "), (re.compile(r"\bif \(!"), "if ("), (re.compile(r"\bif \((?=[a-z])"), "if (!"),
    (re.compile(r"\breturn true;"), "return false;"), (re.compile(r"\breturn false;"), "return true;"),
    (re.compile(r"^\s*OAK_TRY\(.*\);$"), ""), (re.compile(r"\b(?<!\.)[1-9]\b(?!['.\d])"), "0"), (re.compile(r"\bcontinue;"), "break;"),
]
NOT_CODE = re.compile(r'^\s*(//|#|\*|static_assert|using |namespace |case |template)|^\s*$')


def code_of(line):
    """The line without its strings and comment, of the same length: what is blank there is left alone."""
    line = re.sub(r'"(\\.|[^"\\])*"', lambda m: " " * len(m.group()), line)
    return re.sub(r"//.*$", lambda m: " " * len(m.group()), line)


def mutants_of(path, root):
    lines = (root / path).read_text().splitlines()
    for number, line in enumerate(lines):
        if NOT_CODE.match(line):
            continue
        code = code_of(line)
        for pattern, replacement in OPERATORS:
            for match in pattern.finditer(code):
                if match.group().strip() in ("<", ">") and "template" in line or re.search(r"\w<\w", match.group()):
                    continue
                changed = line[: match.start()] + replacement + line[match.end():]
                if changed != line:
                    yield path, number, line, changed


def built(build, target):
    return subprocess.run(["cmake", "--build", build, "--target", target, "--", "--quiet"], capture_output=True).returncode == 0


def is_seen(build, targets):
    """The program that saw it; "" where none did; None where it does not compile."""
    for target in targets:
        if not built(build, target):
            return None
        try:
            run = subprocess.run([f"{build}/bin/{target}", "--abort"], capture_output=True, timeout=600)
        except subprocess.TimeoutExpired:
            return target
        if run.returncode != 0:
            return target
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]

    chosen_from = []
    for pattern, targets in AREAS:
        for path in sorted(root.glob(pattern)):
            name = str(path.relative_to(root))
            if name not in LEFT_OUT and args.only in name:
                chosen_from += [(mutant, targets) for mutant in mutants_of(name, root)]
    random.Random(args.seed).shuffle(chosen_from)
    print(f"{len(chosen_from)} mutants can be made; {args.count} are tried, by seed {args.seed}")
    if args.list:
        return 0

    seen, survivors = 0, []
    for (name, number, line, changed), targets in chosen_from:
        if seen + len(survivors) == args.count:
            break
        path = root / name
        original = path.read_text()
        lines = original.split("\n")
        lines[number] = changed
        path.write_text("\n".join(lines))
        try:
            by = is_seen(args.build, targets)
        finally:
            path.write_text(original)
        if by is None:
            continue
        if by:
            seen += 1
        else:
            survivors.append(f"{name}:{number + 1}")
            print(f"SURVIVES {name}:{number + 1}\n  - {line.strip()}\n  + {changed.strip()}", flush=True)
    print(f"{seen} of {seen + len(survivors)} mutants were seen by a test")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
