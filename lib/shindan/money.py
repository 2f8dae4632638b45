"""Amounts as people write them -> integers, as column expressions (Ibis, any engine).

¥1,980 · 1,980円 · 1980.0 · １，９８０ · △1,980 · ▲1,980 · (1,980) · －1,980. Never through float.
A comma stands before three digits; 1,23 is no number. Where a source says so, 1.234,00 is one.
"""

import decimal
import re

import ibis

from shindan.characters import half_width

BLANKS = ("", "-", "--", "ー", "―", "—", "‐", "N/A", "n/a", "#N/A", "NA", "NULL", "null", "None",
          "NaN", "nan", "∞", "#DIV/0!")
MINOR_DIGITS = {"JPY": 0, "USD": 2}
_NOTHING = "^(" + "|".join(re.escape(b) for b in BLANKS) + ")$"
_DIGITS = r"^-?\d[\d.:/-]*$"
_PLAIN = r"^-?\d{1,14}(\.\d+)?$"
_GROUPED = r"^-?(\d{1,14}|\d{1,3}(,\d{3})+)(\.\d+)?$"
_GROUPED_BY_POINTS = r"^-?(\d{1,14}|\d{1,3}([. ']\d{3})+)(,\d+)?$"
_SIGNS = (                                   # what stands around the digits -> a minus or nothing
    (r"^[‘’']", ""),
    (r"^([¥$\\]?) ?[△▲‐‑‒–—―ー] ?", r"\1-"),
    (r"^([¥$\\]?) ?\((.*)\)$", r"-\1\2"),
    (r"^([-+]?) ?[¥$\\] ?([-+]?) ?", r"\1\2"),
    (r"^([-+]) ", r"\1"),
    (r" ?円$", ""),
    (r"^\+", ""),
)


def clean(column):
    """Cells as the parsers below take them: half width, no blanks around; null where they say nothing."""
    text = half_width(column).strip()
    return ibis.cases((column.re_search(_DIGITS), column), (~text.re_search(_NOTHING), text))


def parse_number(text, decimal="point"):
    """`clean` text -> decimal(18, 4); null where the cell is no number.

    `decimal` is point (1,234.5) or comma (1.234,5).
    """
    bare = text
    for pattern, sign in _SIGNS:
        bare = bare.re_replace(pattern, sign)
    if decimal == "comma":
        bare = bare.re_extract(_GROUPED_BY_POINTS, 0).re_replace(r"[. ']", "").replace(",", ".")
        return bare.re_extract(_PLAIN, 0).nullif("").try_cast("decimal(18, 4)")
    digits = bare.re_extract(_GROUPED, 0).replace(",", "").nullif("")
    return ibis.cases((text.re_search(_PLAIN), text), else_=digits).try_cast("decimal(18, 4)")


def parse_int(text, decimal="point"):
    """`clean` text -> int64; null where the cell is no whole number (8.0 is one)."""
    whole = parse_number(text, decimal).cast("string").re_extract(r"^(-?\d+)(\.0*)?$", 1)
    return whole.try_cast("int64")


def parse_money(text, currency="JPY", decimal="point"):
    """`clean` text -> integers of the currency's smallest unit (half up): yen, or cents."""
    number = parse_number(text, decimal)
    return (number * 10 ** MINOR_DIGITS[currency]).round().cast("int64")


def parse_jpy(text):
    """`clean` text -> integer yen; null where the cell is no amount."""
    return parse_money(text, "JPY")


def in_smallest_units(tree):
    """The settings `tree` (client.yaml) with its amounts (`jpy`, `…_jpy`) in the currency's smallest unit: $12.50 -> 1250.

    What is no number stays as it is, for the validation to name; so do the sources: their cells are parsed.
    """
    currency = tree.get("currency") if isinstance(tree, dict) else None
    unit = 10 ** MINOR_DIGITS.get(currency, 0) if isinstance(currency, str) else 1
    if unit == 1:
        return tree
    return {k: v if k == "sources" else _in_units(v, unit, k) for k, v in tree.items()}


def _in_units(value, unit, name):
    if isinstance(value, dict):
        return {k: _in_units(v, unit, str(k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_in_units(v, unit, name) for v in value]
    is_amount = name == "jpy" or name.endswith("_jpy")
    if is_amount and isinstance(value, (int, float)) and not isinstance(value, bool):
        return int((decimal.Decimal(str(value)) * unit).to_integral_value(decimal.ROUND_HALF_UP))
    return value
