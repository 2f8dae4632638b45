"""What no setting can mean: numbers that are none, days beyond a century, years no shop has seen."""

import datetime
import math
import re
import zoneinfo

LARGEST = 10**12       # of any number: a trillion yen
MOST_DAYS = 36_500
YEARS = range(1980, 2101)


def first_wrong(tree, field=""):
    """(field, why) of the first value of a YAML tree that no setting can have, or None."""
    if isinstance(tree, dict):
        return _first((value, f"{field}.{key}".lstrip(".")) for key, value in tree.items())
    if isinstance(tree, (list, tuple)):
        return _first((value, f"{field}.{i}") for i, value in enumerate(tree))
    why = _number(tree, field) if isinstance(tree, (int, float)) else _day(tree)
    return (field, why) if why else None


def _first(values):
    return next(filter(None, (first_wrong(value, field) for value, field in values)), None)


def _number(value, field):
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no number"
    if abs(value) > LARGEST:
        return "the number is too large"
    name = next((part for part in reversed(field.split(".")) if not part.isdigit()), "")
    return "more than a hundred years" if name.endswith("days") and value > MOST_DAYS else ""


def _day(value):
    if isinstance(value, datetime.date) and value.year not in YEARS:
        return f"no shop's data is of the year {value.year}"
    return ""


def somebody(name):
    """`name`, if it names anybody."""
    if not name.strip():
        raise ValueError("the client needs a name")
    return name


def zone(name):
    """`name`, if it is a time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValueError(f"there is no time zone {name!r}, say e.g. Asia/Tokyo")
    return name


def look(brand):
    """`brand`, if it holds a colour and a logo and nothing else."""
    if unknown := sorted(set(brand) - {"logo", "accent"}):
        raise ValueError(f"{unknown[0]!r} is none of logo, accent")
    if not re.fullmatch(r"(#[0-9a-fA-F]{6})?", brand.get("accent", "")):
        raise ValueError('the accent is not a colour; write it as "#0B6E99"')
    return brand
