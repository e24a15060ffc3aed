#!/usr/bin/python3
"""Opens every vector below this folder with the reader in second_reader/ and compares the answer with its sidecar.

check.py                        all vectors; exit 1 where an answer differs
check.py --without CHECK        the same with one check switched off: shows what it is good for
check.py --each-check-matters   switches each check off in turn: exit 1 where no vector notices
check.py --list                 the names of the checks

Needs Debian's python3-cbor2, python3-cryptography and python3-nacl.
"""
import argparse
import ast
import collections
import json
import pathlib
import sys

from second_reader import documents, encoding, envelopes, licence_keys, sealed_requests, signatures, text_form, tolerance, versions
from second_reader.checks import Log, Refused
from second_reader.fields import COMPONENTS, FIELDS

TOP = pathlib.Path(__file__).resolve().parent
Outcome = collections.namedtuple("Outcome", "code expect check")  # check: which one refused


def shown(value):
    """A decoded value as sidecars show it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, encoding.Pairs):
        return encoding.encode(value).hex()
    if isinstance(value, list):
        return [shown(entry) for entry in value]
    return value


def document_values(data, envelope, fields):
    digest = text_form.to_base32(signatures.sha256(data)[:10])
    return {"document": signatures.sha256(data).hex(), "payload": signatures.sha256(envelope.payload).hex(),
            "phone": "-".join(digest[i:i + 4] for i in range(0, 16, 4)),
            "fields": {FIELDS[number][0]: shown(value) for number, value in fields.items()}}


def read_document(how, content):
    data, kind, product = text_form.from_file(content), how["open"], how.get("product", "")
    trust = load_trust(how["trust"]) if "trust" in how else None
    more = {}
    if kind in ("request", "receipt"):
        envelope, fields = documents.open_self_signed(kind, data)
        if kind == "request":
            normal = tolerance.is_normal([COMPONENTS[entry[0] - 1] for entry in fields[10]])
            more = {"strength": "normal" if normal else "weak"}
        if "licence_key" in how:
            licence_keys.check_proof(envelope.payload, how["licence_key"])
    elif kind == "trust":
        envelope, fields = documents.open_trust(data, product)
    elif kind == "issuer-certificate":
        envelope, fields, _ = documents.open_by_roots("issuer", data, trust)
    elif kind == "key-bulletin":
        envelope, fields = documents.open_key_bulletin(data, trust)
    elif kind == "seat-lease":
        envelope, fields = documents.open_seat_lease(data, trust, product)
    elif kind == "bulletin":
        envelope, fields, issuer = documents.open_bulletin(data, trust, product)
        more = {"issuer": issuer[33]}
    else:
        envelope, fields, issuer = documents.open_activation(data, trust, product)
        payload = signatures.sha256(envelope.payload)
        more = {"issuer": issuer[33], "id": payload[:16].hex(), "id_text": text_form.to_base32(payload[:10])}
    return document_values(data, envelope, fields) | more


def read_draft(how, content):
    envelope = envelopes.read_envelope(text_form.from_file(content), None)
    return {"document": f"oak/{envelope.name}.v1", "payload": signatures.sha256(envelope.payload).hex(),
            "signers": [kid.hex() for kid, _, _ in envelope.signatures]}


def read_sealed_request(how, content):
    data = text_form.from_file(content)
    kid, request = sealed_requests.unseal(data, bytes.fromhex(how["sealing_seed"]))
    envelope, fields = documents.open_self_signed("request", request)
    return {"sealing_key": kid.hex(), "sealed": signatures.sha256(data).hex()} | document_values(request, envelope, fields)


def load_trust(name):
    off, Log.off = Log.off, frozenset()  # the trust is the reader's own, not what is being judged
    try:
        return documents.open_trust(text_form.from_file((TOP / name).read_bytes()), "")[1]
    finally:
        Log.off = off


def read_licence_key(how, content):
    licence, groups = licence_keys.read_licence_key(first_line(content))
    printed = "-".join([licence, licence_keys.id_check(licence)] + [g[:5] + licence_keys.group_check(g[:5], i) for i, g in enumerate(groups)])
    values = {"licence": licence, "secret": licence_keys.secret_of(groups).decode(), "printed": printed,
              "proof_key": licence_keys.proof_key(licence, groups).hex()}
    for title, secret in (("fingerprint_keys", b""), ("with_site_secret", b"kept at the gate")):
        values[title] = {product: licence_keys.fingerprint_key(groups, product, secret).hex() for product in ("demo", "lite")}
    return values


def read_version(how, content):
    numbers, tag = versions.read_version(first_line(content))
    return {"numbers": numbers, "tag": tag}


def read_range(how, content):
    low, high = versions.read_range(first_line(content))
    expect = how.get("expect", {"contains": {}, "covers": {}})
    inside = {text: low <= versions.value_of(versions.read_version(text)[0]) < high for text in expect["contains"]}
    other = {text: versions.read_range(text) for text in expect["covers"]}
    return {"contains": inside, "covers": {text: low <= ends[0] and ends[1] <= high for text, ends in other.items()}}


def read_digest(how, content):
    key = bytes.fromhex(how["fingerprint_key"])
    return {"digest": licence_keys.member_digest(key, how["component"], content).hex(),
            "key_id": licence_keys.hmac_sha256(key, b"oak/v1/fingerprint-key")[:8].hex()}


def read_tolerance(how, content):
    lines = [line.split() for line in content.decode().splitlines()]
    numbers = [int(word) for word in lines[0][1:]]
    enrolled = [(words[1], words[2]) for words in lines if words[0] == "enrolled"]
    now = [(words[1], words[3]) for words in lines if words[0] == "now" and len(words) == 4]
    strength = "normal" if tolerance.is_normal([component for component, _ in enrolled]) else "weak"
    return tolerance.judge(enrolled, now, numbers[0], numbers[1:]) | {"strength": strength}


def read_cbor(how, content):
    encoding.strict(content)
    return {}


READERS = {"cbor": read_cbor, "draft": read_draft, "sealed-request": read_sealed_request, "licence-key": read_licence_key, "version": read_version, "version-range": read_range,
           "digest": read_digest, "tolerance": read_tolerance}


def first_line(content):
    return content.decode().split("\n")[0]


def outcome_of(sidecar, content):
    content += bytes(max(0, sidecar.get("zeros_up_to", 0) - len(content)))
    try:
        return Outcome(None, READERS.get(sidecar["open"], read_document)(sidecar, content), None)
    except Refused as refused:
        return Outcome(refused.code, None, refused.name)
    except Exception as crash:  # a check that is off may leave the reader without the value it needs
        return Outcome(f"{type(crash).__name__}: {crash}", None, None)


def is_as_told(sidecar, outcome):
    return outcome.code == sidecar["error"] and outcome.expect == sidecar.get("expect")


def all_vectors():
    """Name, sidecar and content of each; a file without its partner is a fault."""
    sidecars = {path.with_suffix("") for path in TOP.glob("*/*.json")}
    files = {path.with_suffix(""): path for ending in ("oak", "cbor", "txt") for path in TOP.glob(f"*/*.{ending}")}
    if sidecars != set(files) or not files:
        sys.exit(f"no vectors, or a file without its partner: {sorted(map(str, sidecars ^ set(files)))}")
    return [(str(path.relative_to(TOP)), json.loads(stem.with_suffix(".json").read_text()), path.read_bytes())
            for stem, path in sorted(files.items())]


def run(vectors, loud=True):
    red = 0
    for name, sidecar, content in vectors:
        outcome = outcome_of(sidecar, content)
        if is_as_told(sidecar, outcome):
            continue
        red += 1
        if loud:
            print(f"RED {name}: {sidecar['why']}\n    told: {sidecar['error'] or 'accepted'}, found: {outcome.code or 'accepted'}")
            if outcome.code is None and sidecar["error"] is None:
                print(f"    told  {sidecar['expect']}\n    found {outcome.expect}")
    return red


def who_needs(vectors):
    """For each check the vectors that it refuses; for each rule those that ask it."""
    needed_by = collections.defaultdict(list)
    for vector in vectors:
        Log.rules = set()
        outcome = outcome_of(*vector[1:])
        for name in Log.rules | ({outcome.check} if outcome.check else set()):
            needed_by[name].append(vector)
    return needed_by


def idle_lines():
    """Calls of need() and rule() in the reader that no vector has reached."""
    idle = []
    for path in sorted((TOP / "second_reader").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            is_check = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("need", "rule")
            if is_check and not any((path.name, line) in Log.lines for line in range(node.lineno, node.end_lineno + 1)):
                idle.append(f"{path.name}:{node.lineno}")
    return idle


def each_check_matters(vectors):
    faults, needed_by = run(vectors), who_needs(vectors)
    for line in idle_lines():
        print(f"{line}: no vector reaches this check")
        faults += 1
    for name in sorted(Log.names - set(needed_by)):
        print(f"{name}: NO VECTOR IS REFUSED BY IT")
        faults += 1
    for name in sorted(needed_by):
        Log.off = frozenset([name])
        red = next((vector for vector in needed_by[name] if not is_as_told(vector[1], outcome_of(*vector[1:]))), None)
        Log.off = frozenset()
        print(f"{name}: {red[0] if red else 'NO VECTOR TURNS RED'}")
        faults += red is None
    print(f"{len(needed_by)} checks, {faults} faults")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--without", metavar="CHECK", action="append", default=[])
    parser.add_argument("--each-check-matters", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    vectors = all_vectors()
    if options.list:
        who_needs(vectors)
        print("\n".join(sorted(Log.names | Log.rules)))
        return 0
    if options.each_check_matters:
        return min(1, each_check_matters(vectors))
    Log.off = frozenset(options.without)
    red = run(vectors)
    print(f"{len(vectors)} vectors, {red} red")
    return min(1, red)


if __name__ == "__main__":
    sys.exit(main())
