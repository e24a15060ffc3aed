#!/usr/bin/env python3
"""A product that asks for its licence at start: example.py PRODUCT VERSION SEATS [STATE-DIR [TRUST-FILE]]

Ends with 0 where it starts with all functions, with 1 where it starts read-only, with 2 where there was no answer.
"""

import pathlib
import sys

import oak_verifier


def main(arguments: list) -> int:
    if not 3 <= len(arguments) <= 5:
        print(__doc__, file=sys.stderr)
        return 2
    product, version, seats, *places = arguments
    state_dir = places[0] if places else None
    trust = pathlib.Path(places[1]).read_bytes() if len(places) > 1 else None
    try:
        answer = oak_verifier.check(product, version, int(seats), trust, state_dir)
    except oak_verifier.NoAnswer as problem:
        print(problem, file=sys.stderr)
        return 2
    if answer.active:
        print("starting with all functions:", answer.data["activation"]["seats"], "seats")
        return 0
    print("starting read-only")
    print(answer.text, end="")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
