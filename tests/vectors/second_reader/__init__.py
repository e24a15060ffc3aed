"""A second reader of OAK's documents, written from docs/format.md and sharing no line with core/.

CBOR values are decoded and encoded by cbor2, signatures checked by OpenSSL. Both are lenient, so what they forgive is
checked here by name. Every refusal goes through need(), every rule that only computes through rule(): each has a name
and can be switched off, which is how check.py proves that some vector needs it.
"""
