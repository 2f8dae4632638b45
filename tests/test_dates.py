"""Dates and times as people write them; times with an offset move to the client's zone first.

Eras: 令和元年 is 2019 (from 1 May), 平成元年 1989, 昭和元年 1926 (Cabinet Office, 元号について). Serial
numbers: 45292 is 2024-01-01 in the 1900 system, 43830 in the 1904 system (Microsoft's own example
pages give the difference of 1,462 days).
"""

import datetime
import re
import zoneinfo

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shindan import dates, engine


@pytest.fixture(scope="module")
def con():
    return engine.connect()


@pytest.fixture(scope="module")
def read(con):
    """Cells of one column -> what they mean, as text (None: no date)."""
    def read(cells, zone="Asia/Tokyo", source_zone=None, **written):
        table = ibis.memtable(pd.DataFrame({"c": list(cells)}, dtype="object"), schema={"c": "string"})
        found = set(con.execute(dates.shape(table.c)))
        shapes = tuple(sorted(s for s in found if not re.match(dates.PLAIN, s)))
        how = dates.Written(**{"shapes": shapes, **written})
        got = con.execute(dates.parse(table, "c", "v", how, zone, source_zone))
        by_cell = dict(zip(got.c, got.v, strict=True))
        said = [None if pd.isna(by_cell[c]) else str(by_cell[c]) for c in cells]
        return [s and s.removesuffix(" 00:00:00") for s in said]
    return read


DAYS = ["2024-01-05", "2024/1/5", "2024/01/05", "2024/1/5 0:00", "2024.01.05", "2024年1月5日", "20240105",
        "２０２４／１／５", "2024-01-05 00:00:00", "２０２４年　１月　５日", "2024/1/5(金)", "2024年1月5日（金）",
        "令和6年1月5日", "令和６年１月５日", "R6.1.5", "R6/1/5", "㋿6年1月5日", "2024年(令和6年)1月5日", "24/01/05",
        "Jan 5, 2024", "January 5, 2024", "Jan. 5 2024", "5 Jan 2024", "05-Jan-2024", "05-Jan-24",
        "Fri, 5 Jan 2024", "'2024-01-05"]
TIMES = {
    "2024-01-05 10:11:12": "10:11:12", "2024/1/5 9:05": "09:05:00", "2024-01-05T10:11:12": "10:11:12",
    "2024年1月5日 10時11分": "10:11:00", "2024年1月5日10時11分12秒": "10:11:12", "2024年1月5日 9時": "09:00:00",
    "20240105 10:11": "10:11:00", "20240105101112": "10:11:12", "202401051011": "10:11:00",
    "20240105T101112": "10:11:12", "2024-01-05 10:11:12.345": "10:11:12", "2024/1/5 93309": "09:33:09",
    "2024-01-05T01:11:12Z": "10:11:12", "2024-01-05T10:11:12+09:00": "10:11:12",
    "2024-01-05 05:11:12 +0400": "10:11:12", "2024-01-05 10:11:12+09": "10:11:12",
    "2024/01/05 10:11:12 GMT+9": "10:11:12", "2024-01-05 01:11 UTC": "10:11:00",
    "2024-01-05 10:11 JST": "10:11:00", "2024/01/05 10:11:12 午前 GMT+9": "10:11:12",
    "2024/01/05 12:11:12 午前 GMT+9": "00:11:12", "2024/1/5 午後3:05": "15:05:00",
    "2024年1月5日 午後0時5分": "12:05:00", "2024/1/5 3:05 PM": "15:05:00", "2024/1/5 12:05 p.m.": "12:05:00",
    "2024/1/5 12:05 AM": "00:05:00", "令和6年1月5日 10時11分": "10:11:00",
    "Fri, 05 Jan 2024 10:11:12 +0900": "10:11:12", "2024/1/4 24:05": "00:05:00",
    "2024-01-04 25:30:10": "01:30:10",
}


def test_days(read):
    assert dict(zip(DAYS, read(DAYS), strict=True)) == dict.fromkeys(DAYS, "2024-01-05")


def test_times(read):
    assert dict(zip(TIMES, read(TIMES), strict=True)) == {k: f"2024-01-05 {v}" for k, v in TIMES.items()}


@pytest.mark.parametrize("cell", ["2024/1/5 9:05", "2024-01-05 10:11:12", "2024/1/4 24:05"])
def test_a_column_of_plain_dates_needs_no_steps(read, cell):
    assert read([cell], shapes=())[0].startswith("2024-01-05")


def test_eras(read):
    eras = {"令和元年5月1日": "2019-05-01", "平成31年4月30日": "2019-04-30", "H1.1.8": "1989-01-08",
            "平成元年1月8日": "1989-01-08", "昭和64年1月7日": "1989-01-07", "S60.12.2": "1985-12-02",
            "大正15年12月24日": "1926-12-24", "㍻12年3月4日": "2000-03-04", "令和6年1月": "2024-01-01"}
    assert dict(zip(eras, read(eras), strict=True)) == eras


@pytest.mark.parametrize("cell", [
    "", "abc", "2024-02-30", "45296", "13/2024", "2024-13-01", "2024-01-05 10:11 EST", "4-5", "6年1月5日",
    "2024-01-05 10:61", "Foo 5, 2024", "2024-01-05 30:00"])
def test_what_is_no_date_is_null(read, cell):
    assert read([cell]) == [None]


STAND_INS = ["0000-00-00", "0000-00-00 00:00:00", "1900/01/00", "1900-01-01", "1970-01-01 09:00", "9999/12/31",
             "99991231", "1970/1/1", "12/31/9999", "0", "2999-12-31"]


def test_stand_ins_for_no_date(read, con):
    assert read(STAND_INS) == [None] * len(STAND_INS)
    table = ibis.memtable(pd.DataFrame({"c": [*STAND_INS, "2024-01-05", "1970-01-02", "x"]}))
    assert con.execute(dates.is_stand_in(table.c)).sum() == len(STAND_INS)
    assert read(["1970-01-01"], is_birth=True) == ["1970-01-01"]


def test_the_order_of_day_and_month_is_given_for_a_column(read):
    assert read(["1/5/2024"]) == [None]
    assert read(["1/5/2024", "1/5/24"], order="mdy") == ["2024-01-05"] * 2
    assert read(["1/5/2024 9:30", "1/5/2024, 3:05 PM"], order="dmy") == ["2024-05-01 09:30:00", "2024-05-01 15:05:00"]
    assert read(["5/1/75", "5/1/24"], order="dmy") == ["1975-01-05", "2024-01-05"]


def test_serial_numbers(read):
    assert read(["45292", "45296.4243", "19999", "60001"], system="1900") == [
        "2024-01-01", "2024-01-05 10:11:00", None, None]
    assert read(["43830"], system="1904") == ["2024-01-01"]


def test_an_offset_moves_the_day(read):
    # 00:00-08:59 in Japan is the day before in UTC: the date is taken after the move
    assert read(["2024-01-05T15:30:00+00:00"]) == ["2024-01-06 00:30:00"]
    assert read(["2024-01-05T15:30:00+00:00"], zone="UTC") == ["2024-01-05 15:30:00"]


def test_times_of_another_zone_without_an_offset(read):
    assert read(["2024-01-05 20:00:00", "2024-01-05 20:00:00 +0900"], source_zone="UTC") == [
        "2024-01-06 05:00:00", "2024-01-05 20:00:00"]


def test_summer_time(read):
    # 2024-03-10 07:00 UTC is when New York turns its clocks
    assert read(["2024-03-10T06:59:00Z", "2024-03-10T07:01:00Z"], zone="America/New_York") == [
        "2024-03-10 01:59:00", "2024-03-10 03:01:00"]


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Moscow", "Africa/Casablanca"])
def test_clocks_turn_as_the_zone_tables_say(read, zone):
    utc = [datetime.datetime(year, month, 1, 12) + datetime.timedelta(days=7 * week)
           for year in (1998, 2011, 2014, 2024) for month in (3, 10) for week in range(5)]
    local = [str(t.replace(tzinfo=datetime.UTC).astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)) for t in utc]
    assert read([f"{t}Z" for t in utc], zone=zone) == local
    assert read(local, zone="UTC", source_zone=zone) == [str(t) for t in utc]


def test_months(read, con):
    months = ["2023年1月", "2023/1", "2023-01", "2023年12月"]
    assert read(months) == ["2023-01-01"] * 3 + ["2023-12-01"]
    table = ibis.memtable(pd.DataFrame({"c": [*months, "2023-01-05"]}))
    assert con.execute(dates.is_month(table.c)).sum() == 4


ERAS = (("R", 2019), ("H", 1989), ("S", 1926))
SHAPES = ("{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{0.year}年{0.month}月{0.day}日", "{0:%Y%m%d}",
          "{0:%b} {0.day}, {0.year}", "{0:%d-%b-%Y}")


@settings(max_examples=6, deadline=None)
@given(st.lists(st.dates(datetime.date(1970, 1, 2), datetime.date(2099, 12, 31)), min_size=1, unique=True))
def test_what_is_written_comes_back(read, days):
    for how in SHAPES:
        assert read([how.format(d) for d in days]) == [str(d) for d in days]
    assert read([f"{d.month}/{d.day}/{d.year}" for d in days], order="mdy") == [str(d) for d in days]
    letters = [next((e, d.year - y + 1) for e, y in ERAS if d.year >= y) for d in days]
    short = [(f"{e}{n}.{d.month}.{d.day}", str(d)) for (e, n), d in zip(letters, days, strict=True) if n < 100]
    assert read([cell for cell, _ in short]) == [day for _, day in short]
