"""The tolerance rule (docs/format.md, "Fingerprint").
"""
from .checks import rule
from .fields import COMPONENTS


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
