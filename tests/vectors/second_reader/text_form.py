"""Files and the text form (docs/format.md, "Text form").
"""
import base64
import re

from .checks import need


def from_base32(text):
    need("base32.length", len(text) % 8 in (0, 2, 4, 5, 7), "bad-base32")
    data = base64.b32decode(text + "=" * (-len(text) % 8))
    need("base32.spare-bits", to_base32(data) == text, "bad-base32")
    return data


def to_base32(data):
    return base64.b32encode(data).decode().rstrip("=")


def from_text_form(data):
    need("text.size", len(data) <= 2097152, "too-large")
    lines = [line.rstrip(" \t\r") for line in data.decode("latin-1").split("\n")]
    label = None
    while lines and label is None:
        line = lines.pop(0)
        begin = re.fullmatch("-----BEGIN (.+)-----", line)
        label = begin and begin[1]
        need("text.before", begin or line == "" or line[0] == "#", "bad-armour")
    body, end = "", None
    while lines and end is None:
        line = lines.pop(0)
        if line.startswith("-"):
            end = line
        else:
            need("text.characters", re.fullmatch("[A-Z2-7]*", line), "bad-armour")
            body += line
    need("text.end", end == f"-----END {label}-----", "bad-armour")
    need("text.after", not any(lines), "trailing-bytes")
    return from_base32(body)


def from_file(data):
    need("file.empty", data, "empty-input")
    if data[0] in (0xd2, 0xd8, 0x83):
        return data
    return from_text_form(data)
