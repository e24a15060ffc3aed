"""Payloads: the fields, their types and limits, and which document has which (docs/format.md, "Documents").
"""
import re

from .checks import need
from .encoding import Pairs, strict
from .signatures import sha256
from .versions import read_range, read_version


BAD = "bad-field"
TIME = 253402300799
COUNT = 2**32 - 1
NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._-]*")
LICENCE_ID = re.compile("[A-Z0-9][A-Z0-9._-]*")
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


def name_of(most, grammar=NAME):
    def check(name, value):
        need(f"{name}.type", type(value) is str, BAD)
        need(f"{name}.grammar", grammar.fullmatch(value), BAD)
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


def earlier(name, value):
    need(f"{name}.type", type(value) is list, BAD)
    need(f"{name}.empty", value, BAD)
    need(f"{name}.most", len(value) <= 16, BAD)
    for entry in value:
        need(f"{name}.form", type(entry) is list and len(entry) == 2, BAD)
        roots("roots", entry[0])
        number(1, None)(f"{name}.threshold", entry[1])
        need(f"{name}.threshold-above", entry[1] <= len(entry[0]), BAD)


def new_trust(name, value):
    need(f"{name}.type", type(value) is bytes, BAD)
    need(f"{name}.empty", value, BAD)
    need(f"{name}.size", len(value) <= 65536, BAD)


# Limits that another rule implies are not asked again: not_before is at most not_after, a threshold at most the number
# of roots, and no integer of the encoding is above 2^64 - 1.
FIELDS = {
    1: ("product", name_of(40)), 2: ("licence", name_of(32, LICENCE_ID)), 3: ("seats", number(1, 1000000)), 4: ("version", version),
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
    53: ("reset_clock", number(1, 1)), 54: ("earlier", earlier),
}

# The fields of each document in their order; `?` marks what may be left out.
DOCUMENTS = {
    "request": (18, "1 2 3 4 6 7 8 9 10 11 12? 13? 14? 17? 18? 19? 27 28?"),
    "activation": (18, "1 2 3 5 6 7 9 20 26? 18? 10 11 13? 21 22 25 14 15? 16 17? 23 24 53?"),
    "receipt": (18, "1 2 6 9 16 29 48?"),
    "bulletin": (18, "1 9 44 45"),
    "key-bulletin": (98, "9 44 46 47?"),
    "trust": (98, "1? 9 39 40 41 42? 43 44 54?"),
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
