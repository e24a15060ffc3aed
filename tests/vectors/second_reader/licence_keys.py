"""Licence keys and what is derived from them: proofs, and digests of components.
"""
import hmac
import re

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .checks import need
from .encoding import Pairs, encode, strict
from .fields import LICENCE_ID
from .signatures import sha256


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def group_check(data, index):
    total = 0
    for character in reversed(data):  # Horner: every round multiplies by x
        total = (total ^ ALPHABET.index(character)) << 1
        total ^= 0b100101 if total & 32 else 0
    return ALPHABET[total ^ (index + 1)]


def id_check(licence):
    total = sum(pow(10, i + 2, 1021) * ord(c) for i, c in enumerate(reversed(licence))) % 1021
    return ALPHABET[total // 32] + ALPHABET[total % 32]


def read_licence_key(typed):
    code = "bad-licence-key"
    capitals = typed.encode().upper().decode()  # of ASCII letters only
    parts = re.fullmatch(r"(.+)[- ](..)[- ]((?:.{6}[- ]){4}.{6}|.{30})", capitals)
    need("licence-key.form", parts, code)
    licence = parts[1]
    need("licence-key.name", LICENCE_ID.fullmatch(licence), code)
    need("licence-key.name-size", len(licence) <= 32, code)
    need("licence-key.id", id_check(licence) == parts[2], code)
    joined = parts[3] if len(parts[3]) == 30 else re.sub("[- ]", "", parts[3])
    need("licence-key.alphabet", re.fullmatch("[A-Z2-7]{30}", joined), code)
    groups = [joined[i:i + 6] for i in range(0, 30, 6)]
    for index, group in enumerate(groups):
        need("licence-key.group", group_check(group[:5], index) == group[5], code)
    return licence, groups


def derive(secret, salt, label, name):
    info = label.encode() + b"\0" + name.encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(secret)


def secret_of(groups):
    return "".join(group[:5] for group in groups).encode()


def proof_key(licence, groups):
    return derive(secret_of(groups), b"oak/v1/licence", "oak/v1/proof", licence)


def fingerprint_key(groups, product, site_secret=b""):
    salt = sha256(site_secret) if site_secret else b"oak/v1/licence"
    return derive(secret_of(groups), salt, "oak/v1/fingerprint", product)


def hmac_sha256(key, data):
    return hmac.new(key, data, "sha256").digest()


def check_proof(payload, typed_key):
    pairs = strict(payload)
    proof = dict(pairs.pairs).get(28, b"")
    unproved = encode(Pairs([pair for pair in pairs.pairs if pair[0] != 28]))
    expected = hmac_sha256(proof_key(*read_licence_key(typed_key)), b"oak/v1/proof" + unproved)
    need("request.proof", hmac.compare_digest(proof, expected), "wrong-proof")


def member_digest(key, component, value):
    return hmac_sha256(key, cbor2.dumps([1, component, value]))[:16]
