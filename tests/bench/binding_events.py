"""What happens to a machine in its life, each as a change of its facts. None of them changes its argument."""
import copy
import json

from binding_machines import made_up, made_up_address
from binding_rule import byte_swapped


def changed(change):
    def event(facts):
        now = copy.deepcopy(facts)
        change(now)
        return now
    return event


def is_built_in(member):
    return member["bus"] not in ("usb", "virtual") and not member.get("removable")


def new_card(card):
    card["address"] = made_up_address("new", card["address"])


def new_disk(disk):
    disk["serial"] = "NEW" + made_up("new", disk["serial"]).upper()


def each(key, change, first=None):
    """Changes the built-in members, or the first so many; -1 is all but the last, and of one member none."""
    def do(facts):
        for member in [m for m in facts[key] if is_built_in(m)][:first]:
            change(member)
    return do


def without(key, first=None):
    def do(facts):
        gone = [m for m in facts[key] if is_built_in(m)][:first]
        facts[key] = [m for m in facts[key] if m not in gone]
    return do


def new_board(facts, keep=()):
    if "product_uuid" not in keep:
        digits = made_up("board", json.dumps(facts["product_uuid"]), digits=32)
        facts["product_uuid"] = "-".join((digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:]))
    for name in ("product_serial", "board_serial"):
        if name not in keep:
            facts[name] = "BRD" + made_up("board", name, json.dumps(facts[name])).upper()


def in_turn(*changes):
    def do(facts):
        for change in changes:
            change(facts)
    return do


def reinstall(facts):
    facts["machine_id"] = made_up("reinstalled", facts["machine_id"], digits=32)


def dock(facts):
    facts["macs"].append({"address": "00:50:b6:11:22:33", "bus": "usb", "assign_type": 0, "label": "enx0050b6112233"})
    facts["disks"].append({"serial": "4C530001161117104114", "bus": "usb", "removable": True, "label": "sdx"})


def usb_card(facts):
    facts["macs"].insert(0, {"address": "00:e0:4c:68:00:c7", "bus": "usb", "assign_type": 0, "label": "enx00e04c6800c7"})


def bond(facts):
    """The cards share the bond's address; the bonding driver still tells their own."""
    first = next((card["address"] for card in facts["macs"] if is_built_in(card)), "02:00:00:00:00:01")
    facts["macs"].insert(0, {"address": first, "bus": "virtual", "assign_type": 3, "label": "bond0"})


def bridge(facts):
    facts["macs"].append({"address": "02:42:ac:11:00:02", "bus": "virtual", "assign_type": 1, "label": "br0"})


def set_address(facts):
    for card in facts["macs"]:
        if is_built_in(card):
            card.update(address="02:00:5e:00:53:01", assign_type=3)


def bios_update(facts):
    """Nothing of the firmware's version counts; some write the UUID the other way round afterwards, and pad serial numbers."""
    if facts["product_uuid"]:
        facts["product_uuid"] = byte_swapped(facts["product_uuid"]).upper()
    for name in ("product_serial", "board_serial"):
        if facts[name]:
            facts[name] = f"  {facts[name]} \t"


def serials_wiped(facts):
    facts["product_serial"] = facts["board_serial"] = "Default string"


def processor(facts):
    facts["model"] = {**(facts["model"] or {}), "cpu": "6/200/9"}


def name_filled_in(facts):
    facts["model"] = {**(facts["model"] or {}), "product_name": "A name at last"}


def unprivileged(facts):
    facts["product_uuid"] = facts["product_serial"] = facts["board_serial"] = "!unreadable"


def renamed(facts):
    for key in ("macs", "disks"):
        facts[key].reverse()
        for i, member in enumerate(facts[key]):
            member["label"] = f"{key}{i}x"


EVENTS = {name: changed(change) for name, change in {
    "nothing": lambda facts: None,
    "all disks replaced": each("disks", new_disk),
    "one disk replaced": each("disks", new_disk, 1),
    "all disks but one replaced": each("disks", new_disk, -1),
    "all disks removed": without("disks"),
    "all cards replaced": each("macs", new_card),
    "one card replaced": each("macs", new_card, 1),
    "all cards but one replaced": each("macs", new_card, -1),
    "one card removed": without("macs", 1),
    "all cards removed": without("macs"),
    "board, its serial reprogrammed": lambda facts: new_board(facts, keep=("product_serial",)),
    "board": new_board,
    "board with on-board card": in_turn(new_board, each("macs", new_card, 1)),
    "board with all cards": in_turn(new_board, each("macs", new_card)),
    "disks into a same-model box": in_turn(new_board, each("macs", new_card)),
    "image to a same-model box": in_turn(new_board, each("macs", new_card), each("disks", new_disk)),
    "docking": dock,
    "USB card": usb_card,
    "bond": bond,
    "bridge": bridge,
    "address set by hand": set_address,
    "BIOS update": bios_update,
    "BIOS update loses serials": serials_wiped,
    "processor replaced": processor,
    "product name filled in": name_filled_in,
    "reinstalled": reinstall,
    "checked without privilege": unprivileged,
    "names and order changed": renamed,
}.items()}

# Scores of binding.md, by hand: of a machine with F1 F2 F3 F5 F6 enrolled, 11 in all, one card, one disk and a serial of its product.
FIGURES = {
    ("nothing",): 11, ("all disks replaced", "reinstalled"): 8, ("all cards replaced",): 8, ("board, its serial reprogrammed",): 11,
    ("all cards replaced", "board, its serial reprogrammed"): 8, ("processor replaced",): 10, ("BIOS update",): 11,
    ("board with all cards",): 4, ("image to a same-model box",): 2, ("all disks replaced", "all cards replaced"): 6, ("docking",): 11,
    ("USB card",): 11, ("bond",): 11, ("bridge",): 11, ("board",): 7, ("reinstalled",): 10, ("all disks removed",): 9,
    ("all cards removed",): 8, ("checked without privilege",): 7, ("names and order changed",): 11,
}
