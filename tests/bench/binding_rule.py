"""The shipped rule, asked through `oak-machine-id compare`; and the rule of docs/binding.md once more, written for its own sake."""
import json
import os
import subprocess
import tempfile

WEIGHTS = {"platform": 4, "network": 3, "disks": 2, "tpm": 4, "os": 1, "model": 1}
SINGLE = {"product_uuid": "platform", "product_serial": "platform", "board_serial": "platform", "dt_serial": "platform",
          "tpm_ek": "tpm", "machine_id": "os"}


class Shipped:
    def __init__(self, tool):
        self.tool = tool

    def compare(self, bases, nows):
        """Answers for each line; one base may stand for many."""
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for name, machines in (("base", bases), ("now", nows)):
                paths.append(os.path.join(folder, name))
                with open(paths[-1], "w", encoding="utf-8") as file:
                    file.writelines(json.dumps({**machine, "id": i}) + "\n" for i, machine in enumerate(machines))
            ran = subprocess.run([self.tool, "compare", *paths, "--json"], capture_output=True, text=True, check=False)
        answers = [json.loads(line) for line in ran.stdout.splitlines()]
        if ran.returncode > 1 or len(answers) != max(len(bases), len(nows)):
            raise SystemExit(f"bench: compare gave {len(answers)} answers for {len(nows)} machines: {ran.stderr}")
        return answers


def values_of(facts, component):
    """What is there of one component, spelled one way."""
    def spelled(value):
        return " ".join(str(value).split()).upper()

    if component == "mac":
        return {spelled(c["address"]) for c in facts["macs"] if c["bus"] not in ("usb", "virtual") and c["assign_type"] == 0}
    if component == "disk":
        return {spelled(d["serial"]) for d in facts["disks"] if d["bus"] not in ("usb", "virtual") and not d["removable"]}
    if component == "model":
        return {json.dumps(facts["model"], sort_keys=True).upper()} if isinstance(facts["model"], dict) else set()
    value = facts.get(component)
    if component == "product_uuid" and value and value != "!unreadable":
        return {min(spelled(value), spelled(byte_swapped(value)))}
    return {spelled(value)} if value and value != "!unreadable" else set()


def byte_swapped(uuid):
    fields = uuid.strip().split("-")
    swapped = ["".join(reversed([f[i:i + 2] for i in range(0, len(f), 2)])) for f in fields[:3]]
    return "-".join(swapped + fields[3:])


def expected(base, now, enrolled):
    """(accept, score) by docs/binding.md. `enrolled` says which values of `base` count, as a dict from component to values."""
    def left(component):
        return enrolled[component] & values_of(now, component)

    total = {factor: 0 for factor in WEIGHTS}
    kept = dict(total)
    for component, values in enrolled.items():
        factor = {"mac": "network", "disk": "disks", "model": "model"}.get(component) or SINGLE[component]
        total[factor] += len(values)
        kept[factor] += len(left(component))
    anchored = kept["platform"] > 0 or kept["tpm"] > 0
    score = 0
    for factor, weight in WEIGHTS.items():
        if factor in ("network", "disks") and not anchored:
            score += weight if 2 * kept[factor] > total[factor] else 0
        else:
            score += weight if kept[factor] > 0 else 0
    of = sum(weight for factor, weight in WEIGHTS.items() if total[factor] > 0)
    return score * 100 >= 60 * of > 0, score


def enrolled_values(base, answer):
    """The values of `base` that the shipped tool enrols, from its answer to `base` compared with itself: placeholders are its choice."""
    matching = {}
    for component in answer["components"]:
        if component["state"] == "match":
            matching.setdefault(component["component"], set()).add(component["label"])
    enrolled = {}
    for component, labels in matching.items():
        if component in ("mac", "disk"):
            key, field = ("macs", "address") if component == "mac" else ("disks", "serial")
            enrolled[component] = {" ".join(str(m[field]).split()).upper() for m in base[key] if m["label"] in labels}
        else:
            enrolled[component] = values_of(base, component)
    return enrolled
