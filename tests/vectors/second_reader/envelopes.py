"""COSE envelopes: form, type, chain and signatures (docs/format.md, "Envelopes").
"""
import cbor2

from .checks import need
from .encoding import Pairs, strict
from .fields import CHAINED, DOCUMENTS, ascending
from .signatures import sha256, verify


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


def read_blocks(blocks, is_draft):
    need("blocks.list", type(blocks) is list, "bad-envelope")
    if not is_draft:
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
    """`expected` of a draft is None: any type that roots sign, with as many blocks as there are."""
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
        envelope.signatures = read_blocks(signatures, expected is None)
    name, type_tag = TYPES.get(header[TYP], (None, tag))
    need("type.tag", type_tag == tag, "bad-envelope")
    if expected is None:
        need("draft.type", tag == 98 and name is not None, "wrong-type")
        expected = name
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
