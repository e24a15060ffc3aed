"""Sealed requests (docs/format.md, "Sealed request"). The box is opened by PyNaCl.
"""
import nacl.exceptions
import nacl.public

from .checks import need
from .encoding import strict
from .signatures import sha256


LABEL = "oak/v1/sealed-request"


def opens(private, box):
    try:
        return nacl.public.SealedBox(private).decrypt(box)
    except nacl.exceptions.CryptoError:
        return None


def unseal(data, sealing_seed):
    """The key id it names, and the request document inside."""
    need("sealed.empty", data, "empty-input")
    need("sealed.size", len(data) <= 65536, "too-large")
    parts = strict(data)
    need("sealed.form", type(parts) is list and len(parts) == 3, "bad-envelope")
    label, kid, box = parts
    need("sealed.label-type", type(label) is str, "bad-envelope")
    need("sealed.label", label == LABEL, "wrong-type")
    need("sealed.key-type", type(kid) is bytes, "bad-envelope")
    need("sealed.key-size", len(kid) == 8, "bad-envelope")
    need("sealed.box-type", type(box) is bytes, "bad-envelope")
    private = nacl.public.PrivateKey.from_seed(sealing_seed)
    need("sealed.key", kid == sha256(bytes(private.public_key))[:8], "unknown-key")
    request = opens(private, box)
    need("sealed.opens", request is not None, "bad-seal")
    return kid, request
