"""Amounts as people write them (the shapes are those met in exports of carts and ad platforms)."""

import unicodedata

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine, money


def read(cells, rule=money.parse_jpy):
    table = ibis.memtable(pd.DataFrame({"c": cells}, dtype="object"), schema={"c": "string"})
    got = engine.connect().execute(table.mutate(v=rule(money.clean(table.c))))
    by_cell = dict(zip(got.c, got.v, strict=True))
    return [None if pd.isna(by_cell[c]) else by_cell[c] for c in cells]


AMOUNTS = {
    "1980": 1980, "1,980": 1980, "¥1,980": 1980, "￥1,980": 1980, "1,980円": 1980, "\\1,980": 1980,
    "1980.0": 1980, "24732.00": 24732, "１，９８０": 1980, "-1,980": -1980, "－1,980": -1980,
    "−1980": -1980, "ー1980": -1980, "△1,980": -1980, "▲1980": -1980, "(1,980)": -1980,
    "（1,980）": -1980, "+500": 500, " 300 ": 300, "12.5": 13, "0": 0,
    "-¥1,980": -1980, "¥-1,980": -1980, "△¥1,980": -1980, "¥△1,980": -1980, "(¥1,980)": -1980, "△ 1,980 円": -1980,
    "－１，２３４": -1234, "1,234.0": 1234, "'1980": 1980, "(1,980円)": -1980, "1,234,567円": 1234567,
}


def test_amounts():
    assert dict(zip(AMOUNTS, read(list(AMOUNTS)), strict=True)) == AMOUNTS


@pytest.mark.parametrize("cell", [
    "abc", "1.23E+12", "1-2", "5%", "12a", "1.2.3", "", "--", "1,23", "12,34,567", "1 2", "12円34", "1,980-", "--5",
    "#REF!", "1,980円(税込)", "２０２４年"])
def test_what_is_no_amount_is_null(cell):
    assert read([cell]) == [None]


def test_cents():
    assert read(["11.77", "$1,234.50", "3"], lambda c: money.parse_money(c, "USD")) == [1177, 123450, 300]


def test_whole_numbers():
    assert read(["3", "3.0", "1,000", "2.5", "x"], money.parse_int) == [3, 3, 1000, None, None]


BLANKS = ["", " --", "--", "-", "－", "ー", "N/A", "#N/A", "NULL", "∞", "ＮＡ"]


def test_blanks():
    assert read([*BLANKS, "0", "x", " 5"], lambda c: c) == [None] * len(BLANKS) + ["0", "x", "5"]


def test_decimals_as_a_source_says():
    comma = {"1.234,00": 1234, "1.234": 1234, "12,5": 13, "-1.234.567,00": -1234567, "980": 980, "¥ 1 234,00": 1234,
             "1,234.00": None, "1.23,00": None}
    assert dict(zip(comma, read(list(comma), lambda c: money.parse_money(c, decimal="comma")), strict=True)) == comma


def by_hand(cell):
    """The same rules in plain Python: sign, yen, groups of three."""
    text = unicodedata.normalize("NFKC", cell).replace("−", "-").strip()
    negative = text[:1] in ("-", "△", "▲") or text[:1] == "("
    digits = text.strip("-△▲()¥円")
    groups = digits.split(",")
    whole = len(groups) == 1 or (1 <= len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:]))
    if not whole or not "".join(groups).isdigit():
        return None
    return -int("".join(groups)) if negative else int("".join(groups))


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(
    st.sampled_from(["{}", "-{}", "△{}", "▲{}", "({})", "¥{}", "{}円", "－{}", "−{}", "△¥{}", " {} "]),
    st.text("0123456789,", min_size=1, max_size=11), st.booleans()), min_size=1, max_size=60, unique=True))
def test_the_same_as_by_hand(parts):
    wide = str.maketrans("0123456789,", "０１２３４５６７８９，")
    cells = list(dict.fromkeys(shape.format(d.translate(wide) if full else d) for shape, d, full in parts))
    assert read(cells) == [by_hand(c) for c in cells]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(-10**12, 10**12), min_size=1, max_size=50, unique=True))
def test_what_is_written_comes_back(values):
    assert read([f"{v:,}円" for v in values]) == values
    assert read([str(v).translate(str.maketrans("0123456789-", "０１２３４５６７８９－")) for v in values]) == values
