#!/usr/bin/env python3
"""Reads the checkpoints in note/ with a second reader, written from docs/format-desk.md ("Tree and checkpoints") alone, and says whether each
is what its sidecar tells. --each-check-matters: every check, switched off, turns a vector red."""
import base64
import binascii
import hashlib
import json
import pathlib
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOP = pathlib.Path(__file__).parent / "note"
DASH = "\u2014 "
CHECKS = ["last-newline", "no-carriage-return", "one-signature", "most-signatures", "dash", "base64", "three-lines", "decimal-size", "root-size"]
off = set()


class BadNote(Exception):
    pass


def need(name, condition):
    assert name in CHECKS, name
    if not condition and name not in off:
        raise BadNote(name)


def from_base64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        need("base64", False)
        return b""
    need("base64", base64.b64encode(raw).decode() == text)
    return raw


def read_note(content):
    text = content.decode("utf-8", "replace")
    need("last-newline", text.endswith("\n"))
    need("no-carriage-return", "\r" not in text)
    body, _, tail = text.partition("\n\n")
    lines = [line for line in tail.split("\n") if line]
    need("one-signature", len(lines) >= 1)
    need("most-signatures", len(lines) <= 32)
    signatures = []
    for line in lines:
        need("dash", line.startswith(DASH))
        name, _, data = line[2:].partition(" ")
        raw = from_base64(data)
        signatures.append((name, raw[:4], raw[4:]))
    return body + "\n", signatures


def read_checkpoint(text):
    lines = text.split("\n")[:-1]
    need("three-lines", len(lines) == 3)
    origin, size, root = (lines + ["", "", ""])[:3]
    need("decimal-size", size.isdigit() and str(int(size)) == size)
    raw = from_base64(root)
    need("root-size", len(raw) == 32)
    return origin, int(size) if size.isdigit() else 0, raw


def key_id(name, kind, key):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


def verifies(key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def as_told(content, told):
    try:
        text, signatures = read_note(content)
        origin, size, root = read_checkpoint(text)
    except BadNote:
        return told["error"] == "bad-note"
    if told["error"] is not None:
        return False
    desk, witness = bytes.fromhex(told["desk_key"]), bytes.fromhex(told["witness_key"])
    signed = any(n == origin and i == key_id(n, 1, desk) and verifies(desk, s, text.encode()) for n, i, s in signatures)
    cosigned = None
    for name, kid, data in signatures:
        if name == told["witness"] and kid == key_id(name, 4, witness) and len(data) == 72:
            at = struct.unpack(">Q", data[:8])[0]
            if verifies(witness, data[8:], f"cosignature/v1\ntime {at}\n{text}".encode()):
                cosigned = at
    named = "oak-desk/" + hashlib.sha256(desk).hexdigest()[:32]
    return (origin, size, root.hex(), signed, cosigned) == (told["origin"], told["size"], told["root"], told["signed"], told["cosigned_at"]) and (
        origin == named) and (size > 7 or root == tree_root(size) or not signed)


def tree_root(size, begin=0):
    """RFC 6962 section 2.1 over leaves of one byte each."""
    if size == 0:
        return hashlib.sha256(b"").digest()
    if size == 1:
        return hashlib.sha256(b"\0" + bytes([begin])).digest()
    left = 1
    while left * 2 < size:
        left *= 2
    return hashlib.sha256(b"\1" + tree_root(left, begin) + tree_root(size - left, begin + left)).digest()


def proves(old, old_root, new, new_root, proof):
    """RFC 9162 section 2.1.4.2."""
    if old == new:
        return not proof and old_root == new_root
    proof = list(proof)
    if old & (old - 1) == 0:
        proof.insert(0, old_root)
    first, second = old - 1, new - 1
    while first & 1:
        first, second = first >> 1, second >> 1
    if not proof:
        return False
    one = other = proof[0]
    for step in proof[1:]:
        if second == 0:
            return False
        if first & 1 or first == second:
            one = hashlib.sha256(b"\1" + step + one).digest()
            other = hashlib.sha256(b"\1" + step + other).digest()
            while first and not first & 1:
                first, second = first >> 1, second >> 1
        else:
            other = hashlib.sha256(b"\1" + other + step).digest()
        first, second = first >> 1, second >> 1
    return second == 0 and one == old_root and other == new_root


def main():
    vectors = [(path, json.loads(path.with_suffix(".expect").read_text())) for path in sorted(TOP.glob("*.note"))]
    proofs = json.loads((TOP / "consistency.proofs").read_text())
    red = [path.name for path, told in vectors if not as_told(path.read_bytes(), told)]
    for each in proofs:
        roots = bytes.fromhex(each["old_root"]), bytes.fromhex(each["new_root"])
        hashes = [bytes.fromhex(one) for one in each["proof"]]
        good = roots == (tree_root(each["old"]), tree_root(each["new"])) and proves(each["old"], roots[0], each["new"], roots[1], hashes)
        bent = hashes and proves(each["old"], roots[0], each["new"], roots[1], [bytes(32)] + hashes[1:])
        if not good or bent:
            red.append(f"proof {each['old']} to {each['new']}")
    for name in CHECKS if "--each-check-matters" in sys.argv else []:
        off.add(name)
        if all(as_told(path.read_bytes(), told) for path, told in vectors):
            red.append(f"{name}: no vector turns red without it")
        off.clear()
    print("\n".join(red + [f"{len(vectors)} notes and {len(proofs)} proofs, {len(red)} faults"]))
    return 1 if red or not vectors or not proofs else 0


if __name__ == "__main__":
    sys.exit(main())
