"""Which day is the data's first and last, and dates that cannot be right."""

import datetime

import ibis
import pandas as pd
import pytest

from shindan import errors
from shindan.intake.days import span

SOURCE = {"path": "o.csv", "preset": "generic_orders", "status": {"取消": "cancelled", "済": "valid"}}
HEAD = "order_no,ordered_at,items_jpy,customer_id,status\n"
START = datetime.date(2025, 1, 1)


def days(count, every=1):
    return [START + datetime.timedelta(days=every * n) for n in range(count)]


def put(client, dates, last=()):
    """One order a date, then rows as they are."""
    rows = [f"{n},{day},1100,{n % 7},済\n" for n, day in enumerate(dates, start=1)]
    client.put("o.csv", HEAD + "".join(rows) + "".join(last))


def test_the_last_day_is_that_of_a_valid_order(client):
    put(client, days(30), last=["31,2025-02-20,1100,1,取消\n"])
    facts = client.run([SOURCE])
    assert (facts["as_of"], facts["data_start"], facts["data_end"]) == ("2025-01-30", "2025-01-01", "2025-01-30")


def spanned(dates, last=(), as_of=None):
    """The first and last day of one valid order a date, then of (date, status)."""
    told = [*((day, "valid") for day in dates), *last]
    orders = pd.DataFrame({
        "order_date": [str(day) for day, _ in told], "status": [status for _, status in told], "is_test": False,
        "is_staff": False, "source_file": "o.csv", "source_row": range(2, len(told) + 2)})
    return span(ibis.memtable(orders).cast({"order_date": "date"}), as_of, "raw/")


@pytest.mark.parametrize("wrong", ["2052-01-20", "2025-11-30", "1925-01-20", "2024-01-20"])
@pytest.mark.parametrize("status", ["valid", "cancelled"])
def test_a_mistyped_year_stops_with_its_place(wrong, status):
    with pytest.raises(errors.ShindanError, match=f"{wrong} is .* days away") as stop:
        spanned(days(40), [(wrong, status)])
    assert (stop.value.code, stop.value.where) == (errors.INPUT_INVALID, "raw/o.csv, row 42")


def test_a_mistyped_year_is_left_out_as_the_message_says(client):
    put(client, days(40), last=["99,2024-01-20,1100,1,取消\n"])
    with pytest.raises(errors.ShindanError, match="2024-01-20 is .* days away"):
        client.run([SOURCE])
    facts = client.run([SOURCE], exclude=[{"as": "test", "order_no": "99"}])
    assert (facts["data_start"], facts["data_end"]) == ("2025-01-01", "2025-02-09")


def test_days_behind_the_clients_own_as_of_stop_nothing():
    as_of = datetime.date(2025, 2, 9)
    assert spanned(days(40), [("2052-01-20", "valid")], as_of) == (START, as_of)


def test_a_slow_shop_and_one_with_a_season_are_no_slips():
    assert spanned(days(24, every=90))
    assert spanned([day.replace(year=year) for year in (2021, 2023, 2025) for day in days(20)])
    assert spanned([START, datetime.date(2024, 1, 1), datetime.date(2022, 1, 1)])  # too few to judge


def test_no_valid_order_at_all():
    with pytest.raises(errors.ShindanError, match="cancelled 3") as stop:
        spanned([], [(day, "cancelled") for day in days(3)])
    assert stop.value.code == errors.NOTHING_COMPUTED


def test_an_as_of_long_after_the_data_and_a_day_that_holds_half_of_all_orders_are_told(client):
    """Pitfall 37."""
    put(client, days(40), last=[f"x{n},2025-01-20,1100,{n},済\n" for n in range(40)])
    notes = client.run([SOURCE], as_of="2025-06-30")["notes"]
    assert {"id": "as_of_after_data", "as_of": "2025-06-30", "last": "2025-02-09", "days": 141} in notes
    assert {"id": "many_orders_on_one_day", "day": "2025-01-20", "orders": 41} in notes
