"""Goal: on real machines the tolerance rule locks nobody out for what machines do, accepts no machine for another, and decides every
event as docs/binding.md says. Usage: binding.py TOOL FOLDER, the tool being oak-machine-id and the folder ../shared/data/machines.
Prints tables in Markdown; exit 1 where a MUST is not kept."""
import copy
import itertools
import random
import sys

from binding_events import EVENTS, FIGURES, each, is_built_in, new_board, new_card, new_disk
from binding_machines import completed, cpu_signature, lines, made_up, made_up_address, model_of, read_dumps, read_layouts
from binding_rule import Shipped, enrolled_values, expected

failures = []


def must(holds, text):
    if not holds:
        failures.append(text)


def table(title, *rows):
    print(f"\n{title}\n")
    for i, row in enumerate(rows):
        print("| " + " | ".join(str(cell) for cell in row) + " |")
        if i == 0:
            print("|" + " --- |" * len(row))


def strength_of(answer):
    return "nothing" if answer["enrolled"] == 0 else answer["strength"]


def factors_of(answer):
    return {c["factor"] for c in answer["components"] if c["state"] == "match"}


def enrolment(shipped, dumps, folder):
    answers = shipped.compare([d.facts for d in dumps], [d.facts for d in dumps])
    factors = ("platform", "network", "disks", "model")
    rows = [("machines", "all", "normal", "weak", "nothing usable", *(f"{f} usable" for f in factors))]
    for name, chosen in (("physical, as published", lambda d: not d.virtual and not d.redacted),
                         ("virtual, as published", lambda d: d.virtual),
                         ("physical, redacted by the publisher", lambda d: not d.virtual and d.redacted)):
        rows.append(enrolment_row(name, [a for d, a in zip(dumps, answers) if chosen(d)], factors))
    bare = [{**dumps[0].facts, **dict.fromkeys(("product_uuid", "product_serial", "board_serial")), "macs": [], "disks": [],
             "model": model_of(entry["components"])} for entry in lines(f"{folder}/linuxhw_dmi.jsonl")]
    rows.append(enrolment_row("linuxhw, which has no serial numbers", shipped.compare(bare, bare), factors))
    must(rows[-1][2] == 0, "a machine without any serial number enrols as normal")
    table("How machines enrol, by what was published of them", *rows)


def enrolment_row(name, answers, factors):
    strengths = [strength_of(a) for a in answers]
    return (name, len(answers), *(strengths.count(s) for s in ("normal", "weak", "nothing")),
            *(sum(f in factors_of(a) for a in answers) for f in factors))


def pairs(shipped, name, dumps, facts):
    """Each machine enrolled, and every other in its place, with the same disk image."""
    image = [{**machine, "machine_id": "0123456789abcdef0123456789abcdee"} for machine in facts]
    kinds = [kind_of(a) for a in shipped.compare(image, image)]
    rows, wrong = {kind: [0, 0] for kind in ("normal", "weak: one hardware factor", "weak: no hardware factor")}, []
    for i, dump in enumerate(dumps):
        for other, answer in zip(dumps, shipped.compare([image[i]], image)):
            if dump.is_same_machine(other):
                continue
            rows[kinds[i]][0] += 1
            rows[kinds[i]][1] += answer["accept"]
            if answer["accept"] and kinds[i] == "normal":
                wrong.append(f"{other.name} is accepted for {dump.name}")
    must(not wrong, f"{name}: {len(wrong)} pairs of different machines, such as: {'; '.join(wrong[:3])}")
    must(rows["normal"][0] > 0, f"{name}: no pair to compare")
    return [(name, kind, total, accepted) for kind, (total, accepted) in rows.items() if total > 0]


def kind_of(answer):
    if answer["strength"] == "normal":
        return "normal"
    return "weak: one hardware factor" if factors_of(answer) & {"platform", "network", "disks"} else "weak: no hardware factor"


PARTS = {"platform": ("product_uuid", "product_serial", "board_serial"), "network": ("macs",), "disks": ("disks",)}


def drift_machine(pair, side, parts):
    """The machine of a drift pair before (0) or after (1); what linuxhw doesn't publish is made up and stays as it is."""
    kind = pair["machine"].split("/")
    changes = pair["changed"]

    def named(key, otherwise):
        return changes[key][side] if key in changes else otherwise

    facts = {"product_uuid": None, "product_serial": None, "board_serial": None, "dt_serial": None, "tpm_ek": None, "macs": [], "disks": [],
             "machine_id": made_up(pair["machine"], digits=32),
             "model": {"sys_vendor": named("sys_vendor", kind[1]), "product_name": named("product_name", kind[-2]),
                       "board_name": named("board_name", "Board"), "cpu": cpu_signature(named("cpu_id", "C1 06 08 00"))}}
    if "platform" in parts:
        facts["product_serial"] = "PF" + made_up(pair["machine"], "serial").upper()
    if "network" in parts:
        facts["macs"] = [{"address": made_up_address(pair["machine"]), "bus": "pci", "assign_type": 0, "label": "eth0"}]
    if "disks" in parts:
        facts["disks"] = [{"serial": "S" + made_up(pair["machine"], "disk").upper(), "bus": "nvme", "removable": False, "label": "nvme0n1"}]
    return facts


def drift(shipped, folder):
    drifted = lines(f"{folder}/drift_pairs.jsonl")
    rows = [("enrolled beside image and model", "pairs", "something changed", "what counts changed", "locked out")]
    for count in (3, 2, 1):
        for parts in itertools.combinations(PARTS, count):
            answers = shipped.compare(*([drift_machine(pair, side, parts) for pair in drifted] for side in (0, 1)))
            locked = sum(not a["accept"] for a in answers)
            counted = sum(a["score"] < a["enrolled"] for a in answers)
            rows.append((", ".join(parts), len(drifted), sum(bool(p["changed"]) for p in drifted), counted, locked))
            must(locked == 0, f"drift: {locked} machines with {parts} would be locked out")
            must(counted > 0, f"drift: with {parts} nothing that counts has changed")
    table("The same machine seen twice, as it really drifted", *rows)


def judge_events(shipped, machines, names, tally):
    """Applies the events, and holds each answer against the rule, written anew; and against the figures where they apply."""
    enrolled = [enrolled_values(m, a) for m, a in zip(machines, shipped.compare(machines, machines))]
    nows = machines
    for name in names:
        nows = [EVENTS[name](facts) for facts in nows]
    for base, now, counted, answer in zip(machines, nows, enrolled, shipped.compare(machines, nows)):
        accept, score = expected(base, now, counted)
        must((answer["accept"], answer["score"]) == (accept, score),
             f"{' + '.join(names)}: {answer['score']} of {answer['enrolled']}, expected {score}: {base['product_serial']}")
        has_figures = answer["enrolled"] == 11 and len(counted["mac"]) == len(counted["disk"]) == 1 and "product_serial" in counted
        figure = FIGURES.get(tuple(names)) if has_figures else None
        must(figure in (None, answer["score"]), f"{' + '.join(names)}: {answer['score']} where binding.md says {figure}")
        tally["figures"] += figure is not None
        tally["all"] += 1
        tally[(answer["enrolled"] == 11, answer["accept"])] += 1


def new_tally():
    return {"figures": 0, "all": 0, (True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}


def events(shipped, machines):
    rows = [("event", "all five factors: holds", "rebind", "fewer factors: holds", "rebind")]
    figures = 0
    for name in EVENTS:
        tally = new_tally()
        judge_events(shipped, machines, [name], tally)
        figures += tally["figures"]
        rows.append((name, *(tally[key] for key in itertools.product((True, False), repeat=2))))
    tally = new_tally()
    for pair in itertools.combinations([name for name in EVENTS if name != "nothing"], 2):
        judge_events(shipped, machines, pair, tally)
    rows.append((f"two at once, {tally['all']} cases", *(tally[key] for key in itertools.product((True, False), repeat=2))))
    figures += tally["figures"]
    must(figures > 0, "no machine has the factors of which binding.md gives figures")
    table(f"Events on {len(machines)} machines, each as docs/binding.md decides it ({figures} cases by its own figures)", *rows)


def box_of(base, box, owner):
    """What a box of the same model has, which runs the image: its share of the machine's parts, and its own where it has no share."""
    now = copy.deepcopy(base)
    if owner["platform"] != box:
        new_board(now)
        now["product_serial"] += str(box)
    for key, change in (("macs", new_card), ("disks", new_disk)):
        def unless_mine(member, key=key, change=change):
            if owner[(key, member["label"])] != box:
                member["label"] = f"{member['label']}-{box}"
                change(member)
        each(key, unless_mine)(now)
    return now


def split(shipped, machines, rng):
    rows = [("boxes", "splits", "accepted twice", "of these, of sets of two at most")]
    for count in (2, 3, 4):
        bases, nows, sizes = [], [], []
        for base in machines:
            members = [(key, m["label"]) for key in ("macs", "disks") for m in base[key] if is_built_in(m)]
            for _ in range(40):
                owner = {"platform": 0, **{member: rng.randrange(count) for member in members}}
                bases += [base] * count
                nows += [box_of(base, box, owner) for box in range(count)]
                sizes.append(max(len([m for m in members if m[0] == key]) for key in ("macs", "disks")))
        answers = shipped.compare(bases, nows)
        counted = {id(m): enrolled_values(m, a) for m, a in zip(machines, shipped.compare(machines, machines))}
        for base, now, answer in zip(bases, nows, answers):
            must(answer["accept"] == expected(base, now, counted[id(base)])[0], f"split: {answer['score']} of {answer['enrolled']}")
        twice = [sum(a["accept"] for a in answers[i * count:(i + 1) * count]) > 1 for i in range(len(sizes))]
        small = sum(t and size <= 2 for t, size in zip(twice, sizes))
        must(small == 0, f"split: {small} machines whose sets have two members at most are accepted twice")
        rows.append((count, len(sizes), sum(twice), small))
    table("One machine shared out, part by part, among boxes of its model that run its image", *rows)


def main():
    shipped, folder = Shipped(sys.argv[1]), sys.argv[2]
    dumps, layouts = read_dumps(folder), read_layouts(folder)
    enrolment(shipped, dumps, folder)
    distinct = []
    for dump in dumps:
        if not dump.redacted and not any(dump.is_same_machine(known) for known in distinct):
            distinct.append(dump)
    whole = [completed(dump, layouts[i % len(layouts)]) for i, dump in enumerate(distinct)]
    print(f"\n{len(distinct)} of {len(dumps)} are different machines, none of them redacted; completed means: with the cards and disks of"
          f" {len(layouts)} real machines' layouts.")
    table("Every machine in the place of every other, all with one disk image", ("machines", "strength", "ordered pairs", "accepted"),
          *pairs(shipped, f"{len(dumps)} dumps as published", dumps, [d.facts for d in dumps]),
          *pairs(shipped, f"{len(whole)} of them completed", distinct, whole))
    drift(shipped, folder)
    as_published = [{**d.facts, "machine_id": made_up(d.name, "os", digits=32)} for d in distinct]
    strengths = shipped.compare(as_published, as_published)
    events(shipped, whole + [facts for facts, answer in zip(as_published, strengths) if answer["strength"] == "normal"])
    full = [m for m, a in zip(whole, shipped.compare(whole, whole)) if a["enrolled"] == 11]
    split(shipped, full, random.Random(4))
    for text in failures[:20]:
        print(f"bench: MUST not kept: {text}", file=sys.stderr)
    if failures:
        raise SystemExit(f"bench: {len(failures)} in all")


if __name__ == "__main__":
    main()
