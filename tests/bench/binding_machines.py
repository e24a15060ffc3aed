"""Real machines as facts that `oak-machine-id compare` reads: published dumps, and what they lack made up around them.

A machine here is a dict in the form of the facts file. `completed` gives a dump the cards and disks of a real machine's layout;
addresses are then made up (nobody publishes them), disk numbers are the real ones."""
import hashlib
import json
import pathlib


class Dump:
    """One published dump: its name, whether it is a virtual machine or redacted, its facts, and the raw components."""

    def __init__(self, entry):
        self.name = entry["machine"]
        self.raw = entry["components"]
        self.redacted = bool(entry.get("redacted"))
        self.facts = facts_of(self.raw)
        names = ("sys_vendor", "product_name", "bios_vendor", "virt", "product_serial")
        text = " ".join(str(self.raw.get(name, "")) for name in names).lower()
        signs = ("vmware", "virtualbox", "vbox", "qemu", "kvm", "hyperv", "virtual", "xen", "bochs", "openstack", "rhev", "parallels",
                 "seabios")
        self.virtual = any(sign in text for sign in signs)

    def is_same_machine(self, other):
        """By what the publishers say, not by the rule under test: one UUID, or without one the same cards in the same product."""
        if self.redacted or other.redacted:
            return self.name == other.name
        mine, theirs = (str(d.raw.get("product_uuid", "")).strip().lower() for d in (self, other))
        if mine and theirs:
            return mine == theirs
        product = [(d.raw.get("sys_vendor"), d.raw.get("product_name"), d.raw.get("product_serial")) for d in (self, other)]
        cards = [sorted(card["address"].lower() for card in d.facts["macs"]) for d in (self, other)]
        return product[0] == product[1] and cards[0] == cards[1]


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def read_dumps(folder):
    return [Dump(entry) for entry in lines(pathlib.Path(folder) / "dmi_with_serials.jsonl")]


def cpu_signature(cpu_id):
    """The first four bytes of dmidecode's ID are CPUID's EAX, lowest first: "C1 06 08 00" is family 6, model 140, stepping 1."""
    try:
        eax = int.from_bytes(bytes.fromhex(cpu_id.replace(" ", ""))[:4], "little")
    except ValueError:
        return ""
    family, model = eax >> 8 & 15, eax >> 4 & 15
    if family in (6, 15):
        model |= (eax >> 16 & 15) << 4
    if family == 15:
        family += eax >> 20 & 255
    return f"{family}/{model}/{eax & 15}" if eax else ""


def model_of(components):
    parts = {name: str(components.get(name) or "") for name in ("sys_vendor", "product_name", "board_name")}
    parts["sys_vendor"] = parts["sys_vendor"] or str(components.get("product_vendor") or "")
    parts["cpu"] = cpu_signature(str(components.get("cpu_id") or ""))
    return parts if any(parts.values()) else None


def card_bus(name):
    if name.startswith(("lo", "vir", "docker", "br", "veth", "tun", "tap", "bond", "vnet", "wg")):
        return "virtual"
    return "usb" if name.startswith("enx") or (name.startswith(("enp", "wlp")) and "u" in name) else "pci"


def facts_of(components):
    macs = []
    for key, address in (components.get("macs") or {}).items() if isinstance(components.get("macs"), dict) else []:
        name = (["eth0"] + key.split("."))[-2].replace("networking", "eth0")
        macs.append({"address": address, "bus": card_bus(name), "assign_type": 0, "label": name})
    if isinstance(components.get("macs"), list):
        macs = [{"address": a, "bus": "pci", "assign_type": 0, "label": f"eth{i}"} for i, a in enumerate(components["macs"])]
    if not macs and components.get("mac"):
        macs = [{"address": components["mac"], "bus": "pci", "assign_type": 0, "label": "eth0"}]
    disks = {}
    for key, value in (components.get("disks") or {}).items():
        name, what = key.split(".")[-2:]
        bus = "nvme" if name.startswith("nvme") else "virtio" if name.startswith("vd") else "ata"
        disk = disks.setdefault(name, {"serial": "", "bus": bus, "removable": name.startswith(("sr", "fd", "cd")), "label": name})
        if what == "serial":
            disk["serial"] = str(value)
    facts = {name: components.get(name) or None for name in ("product_uuid", "product_serial", "board_serial")}
    return {**facts, "dt_serial": None, "macs": macs, "disks": list(disks.values()), "machine_id": None, "tpm_ek": None,
            "model": model_of(components)}


def made_up(*words, digits=12):
    return hashlib.sha256("/".join(map(str, words)).encode()).hexdigest()[:digits]


def made_up_address(*words):
    """Universally administered, below a maker's number."""
    digits = made_up(*words, digits=6)
    return "00:1b:21:" + ":".join(digits[i:i + 2] for i in (0, 2, 4))


def read_layouts(folder):
    """Real machines' cards and disks, as udev tells them: [(buses of cards, [(disk's number, bus)])]."""
    layouts = []
    for entry in lines(pathlib.Path(folder) / "udev.jsonl"):
        cards = ["usb" if net["bus"] == "usb" else "pci" if net["bus"] == "pci" else "platform"
                 for net in entry["nets"] if "/virtual/" not in net["path"] and "can" not in net["path"].split("/")[-1]]
        disks = []
        for disk in entry["disks"]:
            name = disk["path"].split("/")[-1]
            if "/virtual/" in disk["path"] or disk["type"] == "cd" or not disk["serial_short"]:
                continue
            if any(disk["serial_short"] == known for known, _ in disks):
                continue  # another way to the same disk
            disks.append((disk["serial_short"], "nvme" if name.startswith("nvme") else disk["bus"] or "ata"))
        if any(bus != "usb" for bus in cards) and any(bus != "usb" for _, bus in disks):
            layouts.append((cards, disks))
    return layouts


def completed(dump, layout):
    """The dump's firmware values, the layout's cards and disks, and an operating system."""
    cards, disks = layout
    facts = json.loads(json.dumps(dump.facts))
    facts["machine_id"] = made_up(dump.name, "os", digits=32)
    facts["macs"] = [{"address": made_up_address(dump.name, i), "bus": bus, "assign_type": 0, "label": f"eth{i}"}
                     for i, bus in enumerate(cards)]
    facts["disks"] = [{"serial": serial, "bus": bus, "removable": False, "label": f"disk{i}"} for i, (serial, bus) in enumerate(disks)]
    return facts
