"""Amounts as people write them (the shapes are those met in exports of carts and ad platforms)."""

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import engine, money


def read(cells, rule=money.parse_jpy):
    table = ibis.memtable(pd.DataFrame({"c": cells}, dtype="object"), schema={"c": "string"})
    got = engine.connect().execute(table.mutate(v=rule(table.c)))
    by_cell = dict(zip(got.c, got.v, strict=True))
    return [None if pd.isna(by_cell[c]) else by_cell[c] for c in cells]


AMOUNTS = {
    "1980": 1980, "1,980": 1980, "¥1,980": 1980, "￥1,980": 1980, "1,980円": 1980, "\\1,980": 1980,
    "1980.0": 1980, "24732.00": 24732, "１，９８０": 1980, "-1,980": -1980, "－1,980": -1980,
    "−1980": -1980, "ー1980": -1980, "△1,980": -1980, "▲1980": -1980, "(1,980)": -1980,
    "（1,980）": -1980, "+500": 500, " 300 ": 300, "12.5": 13, "0": 0,
}


def test_amounts():
    assert dict(zip(AMOUNTS, read(list(AMOUNTS)), strict=True)) == AMOUNTS


@pytest.mark.parametrize("cell", ["abc", "1.23E+12", "1-2", "5%", "12a", "1.2.3", "", "--"])
def test_what_is_no_amount_is_null(cell):
    assert read([cell]) == [None]


def test_cents():
    assert read(["11.77", "$1,234.50", "3"], lambda c: money.parse_money(c, "USD")) == [1177, 123450, 300]


def test_whole_numbers():
    assert read(["3", "3.0", "1,000", "2.5", "x"], money.parse_int) == [3, 3, 1000, None, None]


def test_blanks():
    assert read(["", " --", "N/A", "0", "x"], money.is_blank) == [True, True, True, False, False]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(-10**12, 10**12), min_size=1, max_size=50, unique=True))
def test_what_is_written_comes_back(values):
    assert read([f"{v:,}円" for v in values]) == values
    assert read([str(v).translate(str.maketrans("0123456789-", "０１２３４５６７８９－")) for v in values]) == values
