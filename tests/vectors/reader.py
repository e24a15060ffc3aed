"""A second reader of OAK's documents, written from docs/format.md and sharing no line with core/.

CBOR values are decoded and encoded by cbor2, signatures checked by OpenSSL. Both are lenient, so what they forgive is
checked here by name. Every refusal goes through need(), every rule that only computes through rule(): each has a name
and can be switched off, which is how check.py proves that some vector needs it.
"""
import base64
import hashlib
import hmac
import io
import re
import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


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


def need(name, holds, code):
    Log.lines.add(sys._getframe(1).f_lineno)
    Log.names.add(name)
    if not holds and name not in Log.off:
        raise Refused(code, name)


def rule(name):
    Log.lines.add(sys._getframe(1).f_lineno)
    Log.rules.add(name)
    return name not in Log.off


# Encoding

class Pairs:
    """A CBOR map as it came: Python would take 1 and true for one key."""

    def __init__(self, pairs):
        self.pairs = pairs


def head(major, argument):
    out = io.BytesIO()
    cbor2.CBOREncoder(out).encode_length(major, argument)
    return out.getvalue()


def encode(value):
    if isinstance(value, Pairs):
        pairs = sorted((encode(key), encode(item)) for key, item in value.pairs)
        return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    return cbor2.dumps(value)


def read_item(data, at, depth):
    """The item at `at` and where it ends."""
    need("cbor.depth", depth <= 8, "too-deep")
    need("cbor.ends-early", at < len(data), "truncated")
    start, major, info = at, data[at] >> 5, data[at] & 31
    need("cbor.indefinite", info != 31, "not-canonical")
    need("cbor.reserved", info not in (28, 29, 30), "type-not-allowed")
    need("cbor.tag", major != 6, "type-not-allowed")
    need("cbor.simple", major != 7 or info in (20, 21, 22), "type-not-allowed")
    width = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
    at += 1 + width
    need("cbor.head", at <= len(data), "truncated")
    argument = int.from_bytes(data[start + 1:at], "big") if width else info
    if major == 4:
        items = []
        for _ in range(argument):
            item, at = read_item(data, at, depth + 1)
            items.append(item)
        return items, at
    if major == 5:
        pairs, keys = [], set()
        for _ in range(argument):
            key_at = at
            key, at = read_item(data, at, depth + 1)
            need("cbor.duplicate", data[key_at:at] not in keys, "duplicate-key")
            keys.add(data[key_at:at])
            item, at = read_item(data, at, depth + 1)
            pairs.append((key, item))
        return Pairs(pairs), at
    if major in (2, 3):
        at += argument
        need("cbor.string", at <= len(data), "truncated")
    try:
        return cbor2.loads(data[start:at]), at
    except UnicodeDecodeError:
        need("cbor.utf8", False, "bad-utf8")
        return "", at


def strict(data):
    """The one item that `data` is, in its one spelling."""
    value, end = read_item(data, 0, 1)
    need("cbor.trailing", end == len(data), "trailing-bytes")
    need("cbor.canonical", encode(value) == data, "not-canonical")
    return value


# Text form

def from_base32(text):
    need("base32.length", len(text) % 8 in (0, 2, 4, 5, 7), "bad-base32")
    data = base64.b32decode(text + "=" * (-len(text) % 8))
    need("base32.spare-bits", to_base32(data) == text, "bad-base32")
    return data


def to_base32(data):
    return base64.b32encode(data).decode().rstrip("=")


def from_text_form(data):
    need("text.size", len(data) <= 2097152, "too-large")
    lines = [line.rstrip(" \t\r") for line in data.decode("latin-1").split("\n")]
    label = None
    while lines and label is None:
        line = lines.pop(0)
        begin = re.fullmatch("-----BEGIN (.+)-----", line)
        label = begin and begin[1]
        need("text.before", begin or line == "" or line[0] == "#", "bad-armour")
    body, end = "", None
    while lines and end is None:
        line = lines.pop(0)
        if line.startswith("-"):
            end = line
        else:
            need("text.characters", re.fullmatch("[A-Z2-7]*", line), "bad-armour")
            body += line
    need("text.end", end == f"-----END {label}-----", "bad-armour")
    need("text.after", not any(lines), "trailing-bytes")
    return from_base32(body)


def from_file(data):
    need("file.empty", data, "empty-input")
    if data[0] in (0xd2, 0xd8):
        return data
    return from_text_form(data)


# Keys and signatures: OpenSSL takes points of small order, for keys and for R.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def point_of(encoded):
    """x, y, and whether this is their one spelling; None where there is no such point."""
    number = int.from_bytes(encoded, "little")
    y, sign = number % 2**255, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return None
    canonical = y < P and not (x == 0 and sign)
    return (P - x if x % 2 != sign else x) % P, y % P, canonical


def add(a, b):
    product = D * a[0] * b[0] * a[1] * b[1] % P
    return ((a[0] * b[1] + b[0] * a[1]) * pow(1 + product, -1, P) % P,
            (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P) % P)


def times(scalar, point):
    out = (0, 1)
    for bit in bin(scalar)[2:]:
        out = add(out, out)
        out = add(out, point) if bit == "1" else out
    return out


def is_small_order(encoded):
    point = point_of(encoded)
    return point is not None and times(8, point[:2]) == (0, 1)


def is_in_group(encoded):
    point = point_of(encoded)
    return point is not None and point[2] and times(L, point[:2]) == (0, 1)


def openssl_verifies(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def sha256(data):
    return hashlib.sha256(data).digest()


def verify(key, kid, message, signature):
    need("key.id", kid == sha256(key)[:8], "unknown-key")
    need("key.small-order", not is_small_order(key), "weak-key")
    verifies = openssl_verifies(key, message, signature)
    if not verifies:
        need("key.in-group", is_in_group(key), "weak-key")
    need("signature.verifies", verifies, "bad-signature")
    need("signature.small-order-r", not is_small_order(signature[:32]), "bad-signature")


# Versions: a version is one number in base 2^32, a range an interval of them.

NUMBER = "(?:0|[1-9][0-9]*)"


def numbers_of(text, code):
    numbers = [int(number) for number in text.split(".")]
    need("version.number", max(numbers) < 2**32, code)
    return numbers


def place_value(places):
    return 2**(32 * (4 - places))


def value_of(numbers):
    return sum(number * place_value(place) for place, number in enumerate(numbers, 1))


def read_version(text, code="bad-version"):
    need("version.size", len(text.encode()) <= 64, code)
    parts = re.fullmatch(rf"({NUMBER}(?:\.{NUMBER}){{0,3}})(?:-([0-9A-Za-z.-]{{1,32}}))?", text)
    need("version.grammar", parts, code)
    numbers = numbers_of(parts[1], code)
    return numbers + [0] * (4 - len(numbers)), parts[2] or ""


def read_range(text, code="bad-range"):
    need("range.size", len(text.encode()) <= 64, code)
    low, high = 0, 2**128
    for piece in text.split(" "):
        star = re.fullmatch(rf"(?:({NUMBER}(?:\.{NUMBER}){{0,2}})\.)?\*", piece)
        comparison = re.fullmatch(rf"(<=|>=|<|>|=)?({NUMBER}(?:\.{NUMBER}){{0,3}})", piece)
        need("range.grammar", star or comparison, code)
        if star and star[1] is None:
            continue
        numbers = numbers_of(star[1] if star else comparison[2], code)
        first = value_of(numbers)
        last = first + (place_value(len(numbers)) if star else 1)
        operator = "" if star else comparison[1] or ""
        if operator in ("", "=", ">="):
            low = max(low, first)
        if operator == ">":
            low = max(low, last)
        if operator in ("", "=", "<="):
            high = min(high, last)
        if operator == "<":
            high = min(high, first)
    need("range.holds-nothing", low < high, code)
    return low, high


# Fields

BAD = "bad-field"
TIME = 253402300799
COUNT = 2**32 - 1
NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._-]*")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
COMPONENTS = ["product_uuid", "product_serial", "board_serial", "dt_serial", "mac", "disk", "tpm_ek", "machine_id", "model"]
SETS = (5, 6)


def number(low, high):
    def check(name, value):
        need(f"{name}.type", type(value) is int and value >= 0, BAD)
        if low > 0:
            need(f"{name}.low", value >= low, BAD)
        if high is not None:
            need(f"{name}.high", value <= high, BAD)
    return check


def or_null(inner):
    def check(name, value):
        if value is not None:
            inner(name, value)
    return check


def fixed(size):
    def check(name, value):
        need(f"{name}.type", type(value) is bytes, BAD)
        need(f"{name}.size", len(value) == size, BAD)
    return check


def name_of(most):
    def check(name, value):
        need(f"{name}.type", type(value) is str, BAD)
        need(f"{name}.grammar", NAME.fullmatch(value), BAD)
        need(f"{name}.size", len(value) <= most, BAD)
    return check


def text(most):
    def check(name, value):
        need(f"{name}.type", type(value) is str, BAD)
        need(f"{name}.empty", value != "", BAD)
        need(f"{name}.size", len(value.encode()) <= most, BAD)
        need(f"{name}.control", not CONTROL.search(value), BAD)
    return check


def version(name, value):
    need(f"{name}.type", type(value) is str, BAD)
    read_version(value, BAD)


def version_range(name, value):
    need(f"{name}.type", type(value) is str, BAD)
    read_range(value, BAD)


def ascending(values):
    return all(a < b for a, b in zip(values, values[1:]))


def listed(least, most, inner):
    """A strictly ascending list."""
    def check(name, value):
        need(f"{name}.type", type(value) is list, BAD)
        if least > 0:
            need(f"{name}.least", len(value) >= least, BAD)
        if most:
            need(f"{name}.most", len(value) <= most, BAD)
        for entry in value:
            inner(f"{name}.entry", entry)
        need(f"{name}.ascending", ascending(value), BAD)
    return check


def member(name, value):
    need(f"{name}.form", type(value) is list and len(value) in (2, 3), BAD)
    component, digest = value[:2]
    need(f"{name}.component", component in range(1, 10), BAD)
    need(f"{name}.digest", type(digest) is bytes and len(digest) == 16, BAD)
    if len(value) == 3:
        need(f"{name}.label-on-single", component in SETS, BAD)
        text(32)(f"{name}.label", value[2])


def fingerprint(name, value):
    need(f"{name}.type", type(value) is list, BAD)
    need(f"{name}.empty", value, BAD)
    for entry in value:
        member(f"{name}.member", entry)
    need(f"{name}.ascending", ascending([entry[:2] for entry in value]), BAD)
    counts = [sum(entry[0] == component for entry in value) for component in range(10)]
    need(f"{name}.single-twice", all(counts[i] <= 1 for i in range(10) if i not in SETS), BAD)
    need(f"{name}.set-size", all(counts[i] <= 16 for i in SETS), BAD)


def unusable(name, value):
    need(f"{name}.type", type(value) is list, BAD)
    need(f"{name}.empty", value, BAD)
    for entry in value:
        need(f"{name}.form", type(entry) is list and len(entry) == 2, BAD)
        need(f"{name}.component", entry[0] in range(1, 10), BAD)
        need(f"{name}.state", entry[1] in (4, 5), BAD)
    need(f"{name}.ascending", ascending(value), BAD)


def environment(name, value):
    need(f"{name}.form", type(value) is list and len(value) == 2, BAD)
    for entry in value:
        or_null(name_of(32))(f"{name}.entry", entry)
    need(f"{name}.empty", any(value), BAD)


def policy(name, value):
    need(f"{name}.form", type(value) is list and len(value) == 2, BAD)
    number(1, 100)(f"{name}.threshold", value[0])
    weights = value[1]
    need(f"{name}.weights", type(weights) is list and len(weights) == 6, BAD)
    for weight in weights:
        number(0, 15)(f"{name}.weight", weight)
    need(f"{name}.all-zero", any(weights), BAD)


def request_supersedes(name, value):
    need(f"{name}.form", type(value) is list and len(value) == 3, BAD)
    for part, inner, entry in zip(("id", "generation", "index"), (fixed(16), number(1, COUNT), number(0, COUNT)), value):
        inner(f"{name}.{part}", entry)


def roots(name, value):
    listed(0, 16, fixed(32))(name, value)  # of no roots there is no threshold
    need(f"{name}.key-ids", len({sha256(root)[:8] for root in value}) == len(value), BAD)


IDS = listed(0, 16384, fixed(16))


def revoked_issuers(name, value):
    need(f"{name}.type", type(value) is list, BAD)
    need(f"{name}.most", len(value) <= 64, BAD)
    for entry in value:
        need(f"{name}.form", type(entry) is list and len(entry) == 2, BAD)
        number(1, COUNT)(f"{name}.serial", entry[0])
        SURVIVORS(f"{name}.survivors", entry[1])
    need(f"{name}.ascending", ascending([entry[0] for entry in value]), BAD)


SURVIVORS = listed(0, 0, fixed(16))  # their number has the same limit, and no file of its own: it would be as large again


def new_trust(name, value):
    need(f"{name}.type", type(value) is bytes, BAD)
    need(f"{name}.empty", value, BAD)
    need(f"{name}.size", len(value) <= 65536, BAD)


# Limits that another rule implies are not asked again: not_before is at most not_after, a threshold at most the number
# of roots, and no integer of the encoding is above 2^64 - 1.
FIELDS = {
    1: ("product", name_of(40)), 2: ("licence", name_of(32)), 3: ("seats", number(1, 1000000)), 4: ("version", version),
    5: ("versions", version_range), 6: ("machine_key", fixed(32)), 7: ("seat_server_key", fixed(32)), 8: ("nonce", fixed(16)),
    9: ("at", number(0, TIME)), 10: ("fingerprint", fingerprint), 11: ("fingerprint_key", fixed(8)), 12: ("unusable", unusable),
    13: ("environment", environment), 14: ("kind", number(1, 2)), 15: ("not_after", number(0, TIME)),
    16: ("generation", number(1, COUNT)), 17: ("supersedes", request_supersedes), 18: ("site", text(120)),
    19: ("reason", text(240)), 20: ("features", listed(0, 64, text(40))), 21: ("policy", policy),
    22: ("grace_days", number(0, 90)), 23: ("index", number(0, COUNT)), 24: ("request", fixed(16)), 25: ("binding", number(1, 1)),
    26: ("customer", text(120)), 27: ("accepts", listed(1, 16, number(0, 255))), 28: ("proof", fixed(32)),
    29: ("activation", fixed(16)), 31: ("ignorable", None), 32: ("issuer_key", fixed(32)), 33: ("serial", number(1, COUNT)),
    34: ("products", listed(0, 64, text(40))), 35: ("kinds", listed(1, 0, number(1, 2))), 36: ("max_days", or_null(number(1, 3660))),
    37: ("max_seats", or_null(number(1, 1000000))), 38: ("not_before", number(0, None)), 39: ("roots", roots),
    40: ("threshold", number(1, None)), 41: ("sealing_key", fixed(32)), 42: ("contact", text(240)),
    43: ("lowest_bulletin", number(0, COUNT)), 44: ("number", number(1, COUNT)), 45: ("revoked", IDS),
    46: ("revoked_issuers", revoked_issuers), 47: ("new_trust", new_trust), 48: ("successor", fixed(16)),
    49: ("computer_key", fixed(32)), 50: ("lease", fixed(16)), 51: ("ttl_s", number(1, 86400)), 52: ("counter", number(0, None)),
    53: ("reset_clock", number(1, 1)),
}

# The fields of each document in their order; `?` marks what may be left out.
DOCUMENTS = {
    "request": (18, "1 2 3 4 6 7 8 9 10 11 12? 13? 14? 17? 18? 19? 27 28?"),
    "activation": (18, "1 2 3 5 6 7 9 20 26? 18? 10 11 13? 21 22 25 14 15? 16 17? 23 24 53?"),
    "receipt": (18, "1 2 6 9 16 29 48?"),
    "bulletin": (18, "1 9 44 45"),
    "key-bulletin": (98, "9 44 46 47?"),
    "trust": (98, "1? 9 39 40 41 42? 43 44"),
    "issuer": (98, "5 9 15 32 33 34 35 36 37 38"),
    "seat-lease": (18, "1 2 9 15? 29 49 50 51 52"),
}
CHAINED = ("activation", "bulletin", "seat-lease")
# Fields that mean or allow something else in one document.
SPECIAL = {("activation", 17): fixed(16), ("issuer", 5): or_null(version_range)}


def read_payload(document, payload):
    payload = strict(payload)
    need("payload.map", isinstance(payload, Pairs), BAD)
    for key, _ in payload.pairs:
        need("payload.key", type(key) is int and key >= 0, "unknown-field")
    fields = dict(payload.pairs)
    listed_numbers = {30, 31}
    for entry in DOCUMENTS[document][1].split():
        number_ = int(entry.rstrip("?"))
        listed_numbers.add(number_)
        name, check = FIELDS[number_]
        if not entry.endswith("?"):
            need(f"{document}.has.{name}", number_ in fields, "missing-field")
        if number_ in fields:
            SPECIAL.get((document, number_), check)(name, fields[number_])
        check_pair(document, number_, fields)
    for extension in (30, 31):
        if extension in fields:
            need("extension.map", isinstance(fields[extension], Pairs), BAD)
            need("extension.empty", fields[extension].pairs, BAD)
        need("extension.critical", extension != 30 or 30 not in fields, "unknown-critical")
    need("payload.unknown", set(fields) <= listed_numbers, "unknown-field")
    return fields


def check_pair(document, number_, fields):
    """What a field says of one before it."""
    if (document, number_) == ("activation", 15):
        need("not_after.on-permanent", 15 not in fields or fields[14] == 2, BAD)
        need("not_after.on-certificate", 15 in fields or fields[14] == 1, BAD)
        need("not_after.start", 15 not in fields or fields[15] > fields[9], BAD)
    if (document, number_) == ("issuer", 38):
        need("not_before.window", fields[38] <= fields[15], BAD)
    if (document, number_) == ("trust", 40):
        need("threshold.roots", fields[40] <= len(fields[39]), BAD)


# Envelopes

ALG, KID, TYP, CHAIN = 1, 4, 16, -65537
TYPES = {f"oak/{name}.v1": (name, tag) for name, (tag, _) in DOCUMENTS.items()}


class Envelope:
    pass


def read_header(data, labels, optional=()):
    header = strict(data)
    need("header.map", isinstance(header, Pairs), "bad-envelope")
    for label, _ in header.pairs:
        need("header.labels", type(label) is int and label in (ALG, KID, TYP, CHAIN), "bad-envelope")
    header = dict(header.pairs)
    types = {ALG: lambda v: type(v) is int, KID: lambda v: type(v) is bytes and len(v) == 8, TYP: lambda v: type(v) is str,
             CHAIN: lambda v: type(v) is bytes and v != b""}
    for label, value in header.items():
        need(f"header.type.{label}", types[label](value), "bad-envelope")
    for label in labels:
        need(f"header.missing.{label}", label in header, "bad-envelope")
    for label in (ALG, KID, TYP, CHAIN):
        need(f"header.unwanted.{label}", label not in header or label in labels or label in optional, "bad-envelope")
    return header


def is_empty_map(value):
    return isinstance(value, Pairs) and not value.pairs


def read_blocks(blocks):
    need("blocks.list", type(blocks) is list, "bad-envelope")
    need("blocks.none", blocks, "bad-envelope")
    out = []
    for block in blocks:
        need("block.form", type(block) is list and len(block) == 3, "bad-envelope")
        protected, unprotected, signature = block
        need("block.header", type(protected) is bytes, "bad-envelope")
        header = read_header(protected, (ALG, KID))
        need("block.algorithm", header[ALG] == -8, "unsupported-algorithm")
        need("block.unprotected", is_empty_map(unprotected), "bad-envelope")
        need("block.signature", type(signature) is bytes, "bad-envelope")
        out.append((header[KID], protected, signature))
    need("blocks.ascending", ascending([kid for kid, _, _ in out]), "signers-not-sorted")
    return out


def read_envelope(data, expected):
    need("document.empty", data, "empty-input")
    need("document.size", len(data) <= 1048576, "too-large")
    tag = {0xd2: 18, 0xd8: 98}.get(data[0])
    need("envelope.tag", tag == 18 or data[:2] == b"\xd8\x62", "bad-envelope")
    parts = strict(data[1 if tag == 18 else 2:])
    need("envelope.form", type(parts) is list and len(parts) == 4, "bad-envelope")
    envelope = Envelope()
    envelope.protected, unprotected, envelope.payload, signatures = parts
    need("envelope.header", type(envelope.protected) is bytes, "bad-envelope")
    header = read_header(envelope.protected, (ALG, KID, TYP) if tag == 18 else (TYP,), (CHAIN,) if tag == 18 else ())
    need("envelope.unprotected", is_empty_map(unprotected), "bad-envelope")
    need("envelope.payload", type(envelope.payload) is bytes, "bad-envelope")
    if tag == 18:
        need("envelope.algorithm", header[ALG] == -8, "unsupported-algorithm")
        need("envelope.signature", type(signatures) is bytes, "bad-envelope")
        envelope.signatures = [(header[KID], None, signatures)]
    else:
        envelope.signatures = read_blocks(signatures)
    name, type_tag = TYPES.get(header[TYP], (None, tag))
    need("type.tag", type_tag == tag, "bad-envelope")
    need("type.expected", name == expected, "wrong-type")
    need("chain.unwanted", CHAIN not in header or expected in CHAINED, "bad-envelope")
    envelope.chain, envelope.name = header.get(CHAIN), expected
    return envelope


def message_of(envelope, block_header):
    aad = f"oak/v1/{envelope.name}".encode()
    if block_header is None:
        return cbor2.dumps(["Signature1", envelope.protected, aad, envelope.payload])
    return cbor2.dumps(["Signature", envelope.protected, block_header, aad, envelope.payload])


def verify_single(envelope, key):
    kid, _, signature = envelope.signatures[0]
    verify(key, kid, message_of(envelope, None), signature)


def verify_roots(envelope, keys):
    """Every block is by one of these keys; which, comes back."""
    by_kid = {sha256(key)[:8]: key for key in keys}
    for kid, header, signature in envelope.signatures:
        need("roots.known", kid in by_kid, "unknown-key")
        verify(by_kid[kid], kid, message_of(envelope, header), signature)
    return {by_kid[kid] for kid, _, _ in envelope.signatures}


# Documents. Each gives back its envelope and its fields; `trust` is the fields of an opened trust.

def open_self_signed(name, data):
    envelope = read_envelope(data, name)
    fields = read_payload(name, envelope.payload)
    verify_single(envelope, fields[6])
    return envelope, fields


def open_trust(data, product):
    envelope = read_envelope(data, "trust")
    fields = read_payload("trust", envelope.payload)
    signers = verify_roots(envelope, fields[39])
    need("trust.threshold", len(signers) >= fields[40], "not-enough-signatures")
    need("trust.product", not product or fields.get(1, product) == product, "wrong-product")
    return envelope, fields


def open_by_roots(name, data, trust):
    envelope = read_envelope(data, name)
    signers = verify_roots(envelope, trust[39])
    need("roots.threshold", len(signers) >= trust[40], "not-enough-signatures")
    return envelope, read_payload(name, envelope.payload)


def open_by_issuer(name, data, trust):
    envelope = read_envelope(data, name)
    need(f"chain.missing.{name}", envelope.chain is not None, "bad-envelope")
    _, issuer = open_by_roots("issuer", envelope.chain, trust)
    verify_single(envelope, issuer[32])
    fields = read_payload(name, envelope.payload)
    need(f"{name}.cap.product", not issuer[34] or fields[1] in issuer[34], "issuer-not-allowed")
    return envelope, fields, issuer


def check_window_and_product(name, fields, issuer, trust, product):
    need(f"{name}.window.before", fields[9] >= issuer[38], "issuer-outside-window")
    need(f"{name}.window.after", fields[9] <= issuer[15], "issuer-outside-window")
    need(f"{name}.product.asked", not product or fields[1] == product, "wrong-product")
    need(f"{name}.product.trust", fields[1] == trust.get(1, fields[1]), "wrong-product")


def open_activation(data, trust, product):
    envelope, fields, issuer = open_by_issuer("activation", data, trust)
    need("activation.cap.kind", fields[14] in issuer[35], "issuer-not-allowed")
    need("activation.cap.seats", issuer[37] is None or fields[3] <= issuer[37], "issuer-not-allowed")
    if issuer[5] is not None:
        low, high = read_range(fields[5], BAD)
        issuer_low, issuer_high = read_range(issuer[5], BAD)
        need("activation.cap.versions-below", issuer_low <= low, "issuer-not-allowed")
        need("activation.cap.versions-above", high <= issuer_high, "issuer-not-allowed")
    if issuer[36] is not None and 15 in fields:
        need("activation.cap.days", fields[15] - fields[9] <= issuer[36] * 86400, "issuer-not-allowed")
    check_window_and_product("activation", fields, issuer, trust, product)
    return envelope, fields, issuer


def open_bulletin(data, trust, product):
    envelope, fields, issuer = open_by_issuer("bulletin", data, trust)
    check_window_and_product("bulletin", fields, issuer, trust, product)
    need("bulletin.number", fields[44] >= trust[43], "bulletin-too-old")
    return envelope, fields, issuer


def open_key_bulletin(data, trust):
    envelope, fields = open_by_roots("key-bulletin", data, trust)
    need("key-bulletin.number", fields[44] >= trust[43], "bulletin-too-old")
    if 47 in fields:
        inner = read_envelope(fields[47], "trust")
        successor = read_payload("trust", inner.payload)
        need("new_trust.number", successor[44] > trust[44], BAD)
        signers = verify_roots(inner, trust[39] + successor[39])
        need("new_trust.old-roots", len(signers & set(trust[39])) >= trust[40], "not-enough-signatures")
        need("new_trust.new-roots", len(signers & set(successor[39])) >= successor[40], "not-enough-signatures")
    return envelope, fields


def open_seat_lease(data, trust, product):
    envelope = read_envelope(data, "seat-lease")
    need("chain.missing.seat-lease", envelope.chain is not None, "bad-envelope")
    inner, activation, _ = open_activation(envelope.chain, trust, product)
    verify_single(envelope, activation[7])
    fields = read_payload("seat-lease", envelope.payload)
    need("seat-lease.product", fields[1] == activation[1], BAD)
    need("seat-lease.licence", fields[2] == activation[2], BAD)
    need("seat-lease.activation", fields[29] == sha256(inner.payload)[:16], BAD)
    return envelope, fields


# Licence keys and what is derived from them

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
    parts = re.fullmatch(r"(.+)[- ](..)[- ]((?:.{6}[- ]){4}.{6}|.{30})", typed)
    need("licence-key.form", parts, code)
    licence, check = parts[1], parts[2].upper()
    if not re.search("[A-Z]", typed) and id_check(licence) != check:
        licence = licence.upper()
    need("licence-key.name", NAME.fullmatch(licence) and len(licence) <= 32, code)
    need("licence-key.id", id_check(licence) == check, code)
    joined = parts[3].upper() if len(parts[3]) == 30 else re.sub("[- ]", "", parts[3].upper())
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


# Tolerance

FACTORS = ["platform", "network", "disks", "tpm", "os", "model"]
FACTOR_OF = dict(zip(COMPONENTS, ["platform"] * 4 + ["network", "disks", "tpm", "os", "model"]))


def is_normal(components):
    strong = {FACTOR_OF[component] for component in components} & set(FACTORS[:4])
    return len(strong) >= (2 if rule("tolerance.strength") else 1)


def judge(enrolled, now, threshold, weights):
    """`enrolled` and `now` are (component, digest) pairs; what has no usable digest now is simply not there."""
    tally = {factor: [0, 0] for factor in FACTORS}
    for pair in enrolled:
        tally[FACTOR_OF[pair[0]]][0] += 1
        tally[FACTOR_OF[pair[0]]][1] += pair in now
    held = {factor for factor in FACTORS if tally[factor][1]}
    anchored = "platform" in held or ("tpm" in held and rule("tolerance.tpm-anchors"))
    if not anchored and rule("tolerance.majority"):
        held -= {f for f in ("network", "disks") if not 2 * tally[f][1] > tally[f][0]}
    weight = dict(zip(FACTORS, weights))
    score = sum(weight[f] for f in held)
    total = sum(weight[f] for f in FACTORS if tally[f][0])
    needed = -(-threshold * total // 100)
    accept = 100 * score >= threshold * total and (total > 0 or not rule("tolerance.nothing-weighed"))
    return {"accept": accept, "score": score, "needed": needed, "enrolled": total, "held": [f for f in FACTORS if f in held]}
