"""Amounts as people write them -> integers, as column expressions (Ibis, any engine).

¥1,980 · 1,980円 · 1980.0 · １，９８０ · △1,980 · ▲1,980 · (1,980) · －1,980. Never through float.
"""

import ibis

from shindan.characters import half_width

BLANKS = ("", "-", "--", "N/A", "#N/A", "NA", "NULL", "null", "None", "NaN", "nan")
MINOR_DIGITS = {"JPY": 0, "USD": 2}
_PLAIN = r"^-?\d{1,14}(\.\d+)?$"


def parse_number(column):
    """A text column -> decimal(18, 4); null where the cell is no number."""
    text = half_width(column).re_replace(r"[¥￥\\$円,\s']", "")
    text = text.re_replace(r"^[△▲\x{2010}-\x{2015}\x{30FC}]", "-")
    text = text.re_replace(r"^\((.*)\)$", r"-\1").re_replace(r"^\+", "")
    plain = ibis.coalesce(column.re_extract(_PLAIN, 0).nullif(""), text.re_extract(_PLAIN, 0))
    return plain.try_cast("decimal(18, 4)")


def parse_int(column):
    """A text column -> int64; null where the cell is no whole number (8.0 is one)."""
    whole = parse_number(column).cast("string").re_extract(r"^(-?\d+)(\.0*)?$", 1)
    return whole.try_cast("int64")


def parse_money(column, currency="JPY"):
    """A text column -> integers of the currency's smallest unit (half up): yen, or cents."""
    number = parse_number(column)
    return (number * 10 ** MINOR_DIGITS[currency]).round().cast("int64")


def parse_jpy(column):
    """A text column -> integer yen; null where the cell is no amount."""
    return parse_money(column, "JPY")


def is_blank(column):
    """True where a cell of a number or date column says "nothing"."""
    return column.isnull() | column.strip().isin(BLANKS)
