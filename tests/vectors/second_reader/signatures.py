"""Ed25519 as the format wants it. OpenSSL verifies, and takes points of small order for keys and for R: those are told here.
"""
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .checks import need


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
