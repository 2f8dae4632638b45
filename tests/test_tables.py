"""Frames become tables by their column names alone."""

import datetime
import math

import pandas as pd

from shindan import tables
from shindan.text import Text

FRAME = pd.DataFrame({
    "rank": ["premium", "regular", "dormant"], "n": [120, 12, 3],
    "f2_rate": [0.1234, 0.5, 0.3333], "f2_rate_lo": [0.1, 0.2, math.nan], "f2_rate_hi": [0.15, 0.8, math.nan],
    "sales_jpy": [1234567, 1000, 10], "last_date": [datetime.date(2025, 3, 1)] * 3,
})


def rows(lang="ja"):
    return tables.build(FRAME, Text(lang), {"rank": "rank"})


def test_formats_follow_the_column_name():
    assert rows()["rows"][0] == ["優良", "120", "12.3%", "10.0%〜15.0%", "1,234,567円", "2025年3月1日"]
    assert rows("en")["rows"][0][4] == "¥1,234,567"


def test_the_interval_stands_beside_its_figure():
    assert [c["label"] for c in rows()["columns"]][2:4] == ["f2_rate", "95%信頼区間"]


def test_small_groups_are_grey_and_tiny_ones_hidden():
    table = rows()
    assert table["grey"] == [1, 2]
    assert table["rows"][1][2] == "50.0%"
    assert table["rows"][2] == ["休眠", "3", "n<5", "", "n<5", "2025年3月1日"]


def test_missing_is_a_dash_never_zero():
    block = tables.build(pd.DataFrame({"cpa_jpy": [math.nan, None, math.inf]}), Text("ja"))
    assert block["rows"] == [["—"], ["—"], ["—"]]


def test_labels_of_the_chapter_come_first():
    assert tables.label("n", Text("ja"), "nosuch") == "人数"
    assert tables.label("unheard_of", Text("ja")) == "unheard_of"


def test_p_values_are_neither_whole_numbers_nor_nought():
    frame = pd.DataFrame({"p_value": [1.0, 0.04321, 0.0001, math.nan]})
    assert [row[0] for row in tables.build(frame, Text("ja"))["rows"]] == ["1.000", "0.043", "<0.001", "—"]
