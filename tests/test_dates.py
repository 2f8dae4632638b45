"""Dates and times as people write them; times with an offset move to the client's zone first."""

import datetime

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import dates, engine


def read(cells, rule=dates.parse_timestamp, **options):
    table = ibis.memtable(pd.DataFrame({"c": cells}, dtype="object"), schema={"c": "string"})
    got = engine.connect().execute(table.mutate(v=rule(table.c, **options)))
    by_cell = dict(zip(got.c, got.v, strict=True))
    said = [None if pd.isna(by_cell[c]) else str(by_cell[c]) for c in cells]
    return [s and s.removesuffix(" 00:00:00") for s in said] if rule is dates.parse_date else said


DAYS = ["2024-01-05", "2024/1/5", "2024/01/05", "2024/1/5 0:00", "2024.01.05", "2024年1月5日",
        "20240105", "２０２４／１／５", "2024-01-05 00:00:00", "２０２４年　１月　５日"]
TIMES = {
    "2024-01-05 10:11:12": "10:11:12", "2024/1/5 9:05": "09:05:00", "2024-01-05T10:11:12": "10:11:12",
    "2024年1月5日 10時11分": "10:11:00", "2024年1月5日 10時11分12秒": "10:11:12",
    "20240105 10:11": "10:11:00", "20240105101112": "10:11:12", "2024-01-05 10:11:12.345": "10:11:12",
    "2024-01-05T01:11:12Z": "10:11:12", "2024-01-05T10:11:12+09:00": "10:11:12",
    "2024-01-05 05:11:12 +0400": "10:11:12",
}


def test_days():
    assert read(DAYS) == ["2024-01-05 00:00:00"] * len(DAYS)


def test_times():
    assert dict(zip(TIMES, read(list(TIMES)), strict=True)) == {k: f"2024-01-05 {v}" for k, v in TIMES.items()}


@pytest.mark.parametrize("cell", ["", "abc", "2024-02-30", "0000-00-00", "45296", "13/2024", "2024-13-01"])
def test_what_is_no_date_is_null(cell):
    assert read([cell]) == [None]


def test_the_order_of_day_and_month_is_given_for_a_column():
    assert read(["1/5/2024"]) == [None]
    assert read(["1/5/2024"], order="mdy") == ["2024-01-05 00:00:00"]
    assert read(["1/5/2024 9:30"], order="dmy") == ["2024-05-01 09:30:00"]


def test_an_offset_moves_the_day():
    # 00:00-08:59 in Japan is the day before in UTC: the date is taken after the move
    assert read(["2024-01-05T15:30:00+00:00"], dates.parse_date) == ["2024-01-06"]
    assert read(["2024-01-05T15:30:00+00:00"], dates.parse_date, zone="UTC") == ["2024-01-05"]


def test_times_of_another_zone_without_an_offset():
    assert read(["2024-01-05 20:00:00"], source_zone="UTC") == ["2024-01-06 05:00:00"]


def test_summer_time():
    # 2024-03-10 07:00 UTC is when New York turns its clocks
    assert read(["2024-03-10T06:59:00Z", "2024-03-10T07:01:00Z"], zone="America/New_York") == [
        "2024-03-10 01:59:00", "2024-03-10 03:01:00"]


def test_months():
    months = ["2023年1月", "2023/1", "2023-01", "2023年12月"]
    assert read(months, dates.parse_date) == ["2023-01-01"] * 3 + ["2023-12-01"]
    assert read([*months, "2023-01-05"], dates.is_month) == ["True"] * 4 + ["False"]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.dates(datetime.date(1970, 1, 1), datetime.date(2099, 12, 31)), min_size=1, unique=True))
def test_what_is_written_comes_back(days):
    for shape in ("{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{0.year}年{0.month}月{0.day}日", "{0:%Y%m%d}"):
        assert read([shape.format(d) for d in days], dates.parse_date) == [str(d) for d in days]
