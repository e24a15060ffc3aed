"""CBOR in its one accepted spelling (docs/format.md, "Encoding").
"""
import io

import cbor2

from .checks import need


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
