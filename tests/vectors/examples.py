#!/usr/bin/python3
"""Writes docs/format-examples.md: one document of each type in hex and in words, read by the second reader.

examples.py           writes the page
examples.py --check   exit 1 where the page is not what would be written, or where the table of fields in docs/format.md
                      names other documents for a field than the second reader
"""
import json
import pathlib
import re
import sys
import textwrap

from second_reader import encoding, envelopes, fields, sealed_requests, signatures, text_form

TOP = pathlib.Path(__file__).resolve().parent
DOCS = TOP.parents[1] / "docs"
PAGE = DOCS / "format-examples.md"
LETTERS = {"request": "R", "activation": "A", "receipt": "E", "bulletin": "B", "key-bulletin": "K", "trust": "T", "issuer": "I",
           "seat-lease": "L"}
SHOWN = {"request": "request/minimal", "activation": "activation/certificate", "receipt": "receipt/plain", "bulletin": "bulletin/plain",
         "key-bulletin": "key-bulletin/plain", "trust": "trust/two-of-three", "issuer": "issuer-certificate/capped",
         "seat-lease": "seat-lease/plain"}
INTRO = """# Examples of the format

One good document of each type, in hex and in words; docs/format.md says what the parts mean. They are files of
`tests/vectors/`, whose sidecars hold the decoded values and what to open each with. All keys are made from their
names there, and are worth nothing. Written by `tests/vectors/examples.py`, and checked against the vectors by the tests.
"""


def in_words(value):
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ", ".join(map(in_words, value)) + "]"
    if isinstance(value, encoding.Pairs):
        return "{" + ", ".join(f"{in_words(key)}: {in_words(item)}" for key, item in value.pairs) + "}"
    return "null" if value is None else str(value)


def header_lines(title, data, indent):
    names = {1: "algorithm: EdDSA", 4: "kid", 16: "typ", -65537: "chain"}
    yield f"{indent}{title}, {len(data)} bytes:"
    for label, value in encoding.strict(data).pairs:
        shown = f"a document of {len(value)} bytes, as its own example shows" if label == -65537 else in_words(value)
        yield f"{indent}  {label:>6}  {names[label]:<16}  {shown}"


def words(name, data):
    envelope = envelopes.read_envelope(data, name)
    yield from header_lines("protected", envelope.protected, "")
    yield "unprotected: {}"
    yield f"payload, {len(envelope.payload)} bytes:"
    for number, value in fields.read_payload(name, envelope.payload).items():
        yield f"  {number:>6}  {fields.FIELDS[number][0]:<16}  {in_words(value)}"
    for _, protected, signature in envelope.signatures:
        if protected is not None:
            yield from header_lines("signature block: protected", protected, "")
        yield f"signature: {signature.hex()}"


def section(name, vector):
    data = text_form.from_file((TOP / f"{vector}.oak").read_bytes())
    digest = text_form.to_base32(signatures.sha256(data)[:10])
    lines = [f"\n## {name}: `{vector}.oak`\n", f"{len(data)} bytes; over the phone `{'-'.join(textwrap.wrap(digest, 4))}`.\n", "```",
             *textwrap.wrap(data.hex(), 120), "```\n", "```"]
    for line in words(name, data):
        lines += textwrap.wrap(line, 120, subsequent_indent=" " * 28, break_on_hyphens=False) or [""]
    return "\n".join(lines + ["```\n"])


def sealed_section(vector):
    data = text_form.from_file((TOP / f"{vector}.oak").read_bytes())
    seed = json.loads((TOP / f"{vector}.json").read_text())["sealing_seed"]
    label, kid, box = encoding.strict(data)
    _, request = sealed_requests.unseal(data, bytes.fromhex(seed))
    is_shown = request == text_form.from_file((TOP / f"{SHOWN['request']}.oak").read_bytes())
    assert is_shown, "the page would name another request than the one inside"
    lines = [f"\n## sealed request: `{vector}.oak`\n", f"{len(data)} bytes.\n", "```", *textwrap.wrap(data.hex(), 120), "```\n", "```",
             f"label   {in_words(label)}", f"key id  {in_words(kid)}", f"box     {len(box)} bytes: one-time key, tag, and {len(request)} bytes under them",
             "```\n", f"With the sealing seed `{seed}`", f"it opens to `{SHOWN['request']}.oak`.\n"]
    return "\n".join(lines)


def letters_of(number):
    """Who has a field, as the column "in" of docs/format.md says it: a small letter where it may be left out."""
    if number in (30, 31):
        return [letter.lower() for letter in LETTERS.values()]
    entries = {name: listing.split() for name, (_, listing) in fields.DOCUMENTS.items()}
    return [letter if str(number) in entries[name] else letter.lower() for name, letter in LETTERS.items()
            if {str(number), f"{number}?"} & set(entries[name])]


def wrong_rows():
    rows = re.findall(r"^\| (\d+) \| (\w+) \| ((?:[A-Za-z] )*[A-Za-z]) \| ", (DOCS / "format.md").read_text(), re.MULTILINE)
    told = {int(number): (name, letters.split()) for number, name, letters in rows}
    names = {number: name for number, (name, _) in fields.FIELDS.items()} | {30: "critical"}
    found = {number: (name, letters_of(number)) for number, name in names.items()}
    return sorted(number for number in told | found if told.get(number) != found.get(number))


def main():
    page = INTRO + "".join(section(name, vector) for name, vector in SHOWN.items()) + sealed_section("sealed-request/plain")
    if sys.argv[1:] == ["--check"]:
        same = PAGE.exists() and PAGE.read_text() == page
        print("the page is as the vectors are" if same else f"{PAGE} differs: run tests/vectors/examples.py")
        wrong = wrong_rows()
        if wrong:
            print(f"docs/format.md, \"Fields\": the documents of {wrong} differ from the second reader's")
        return 0 if same and not wrong else 1
    PAGE.write_text(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
