"""Each document opened: envelope, signatures, payload, meaning. `trust` is the fields of an opened trust.
"""
from .checks import Refused, need, rule
from .envelopes import read_envelope, verify_roots, verify_single
from .fields import BAD, read_payload
from .signatures import sha256
from .versions import read_range


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


def signed_by(envelope, roots, threshold):
    need("roots.threshold", len(verify_roots(envelope, roots)) >= threshold, "not-enough-signatures")


def refusal_of(envelope, roots, threshold):
    try:
        signed_by(envelope, roots, threshold)
    except Refused as refused:
        return refused


def is_by_earlier(envelope, roots, threshold):
    """As above; a rule of its own, since the refusal is that of the reader's own roots."""
    try:
        signers = verify_roots(envelope, roots)
    except Refused:
        return False
    return len(signers) >= threshold or not rule("earlier.threshold")


def open_by_roots(name, data, trust):
    """The refusal is what the trust's own roots say, also where earlier ones have signed."""
    envelope = read_envelope(data, name)
    refused = refusal_of(envelope, trust[39], trust[40])
    if refused and not any(is_by_earlier(envelope, *earlier) for earlier in trust.get(54, []) if rule("earlier.counts")):
        raise refused
    return envelope, read_payload(name, envelope.payload), refused


def open_by_issuer(name, data, trust):
    envelope = read_envelope(data, name)
    need(f"chain.missing.{name}", envelope.chain is not None, "bad-envelope")
    _, issuer, _ = open_by_roots("issuer", envelope.chain, trust)
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
    envelope, fields, refused = open_by_roots("key-bulletin", data, trust)
    need("key-bulletin.number", fields[44] >= trust[43], "bulletin-too-old")
    if 47 in fields:
        inner = read_envelope(fields[47], "trust")
        successor = read_payload("trust", inner.payload)
        if successor[44] > trust[44] or not rule("new_trust.newer"):
            need("new_trust.by-own-roots", not refused, refused and refused.code)
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
