#!/usr/bin/python3
"""Writes docs/format-examples.md: one document of each type in hex and in words, read by the second reader.

examples.py           writes the page
examples.py --check   exit 1 where the page is not what would be written
"""
import pathlib
import sys
import textwrap

from second_reader import encoding, envelopes, fields, signatures, text_form

TOP = pathlib.Path(__file__).resolve().parent
PAGE = TOP.parents[1] / "docs" / "format-examples.md"
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


def main():
    page = INTRO + "".join(section(name, vector) for name, vector in SHOWN.items())
    if sys.argv[1:] == ["--check"]:
        same = PAGE.exists() and PAGE.read_text() == page
        print("the page is as the vectors are" if same else f"{PAGE} differs: run tests/vectors/examples.py")
        return 0 if same else 1
    PAGE.write_text(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
