"""Versions and ranges: a version is one number in base 2^32, a range an interval of them.
"""
import re

from .checks import need


NUMBER = "(?:0|[1-9][0-9]*)"


def numbers_of(text, code):
    numbers = [int(number) for number in text.split(".")]
    need("version.number", max(numbers) < 2**32, code)
    return numbers


def place_value(places):
    return 2**(32 * (4 - places))


def value_of(numbers):
    return sum(number * place_value(place) for place, number in enumerate(numbers, 1))


def read_version(text, code="bad-version"):
    need("version.size", len(text.encode()) <= 64, code)
    parts = re.fullmatch(rf"({NUMBER}(?:\.{NUMBER}){{0,3}})(?:-([0-9A-Za-z.-]{{1,32}}))?", text)
    need("version.grammar", parts, code)
    numbers = numbers_of(parts[1], code)
    return numbers + [0] * (4 - len(numbers)), parts[2] or ""


def read_range(text, code="bad-range"):
    need("range.size", len(text.encode()) <= 64, code)
    low, high = 0, 2**128
    for piece in text.split(" "):
        star = re.fullmatch(rf"(?:({NUMBER}(?:\.{NUMBER}){{0,2}})\.)?\*", piece)
        comparison = re.fullmatch(rf"(<=|>=|<|>|=)?({NUMBER}(?:\.{NUMBER}){{0,3}})", piece)
        need("range.grammar", star or comparison, code)
        if star and star[1] is None:
            continue
        numbers = numbers_of(star[1] if star else comparison[2], code)
        first = value_of(numbers)
        last = first + (place_value(len(numbers)) if star else 1)
        operator = "" if star else comparison[1] or ""
        if operator in ("", "=", ">="):
            low = max(low, first)
        if operator == ">":
            low = max(low, last)
        if operator in ("", "=", "<="):
            high = min(high, last)
        if operator == "<":
            high = min(high, first)
    need("range.holds-nothing", low < high, code)
    return low, high
