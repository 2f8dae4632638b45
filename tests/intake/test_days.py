"""Which day is the data's first and last, and dates that cannot be right."""

import datetime

import pytest

from shindan import errors

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


@pytest.mark.parametrize("wrong", ["2052-01-20", "2025-11-30", "1925-01-20", "2024-01-20"])
@pytest.mark.parametrize("status", ["済", "取消"])
def test_a_mistyped_year_stops_with_its_place(client, wrong, status):
    put(client, days(40), last=[f"99,{wrong},1100,1,{status}\n"])
    with pytest.raises(errors.ShindanError, match=f"{wrong} is .* days away") as stop:
        client.run([SOURCE])
    assert (stop.value.code, stop.value.where) == (errors.INPUT_INVALID, "raw/o.csv, row 42")
    facts = client.run([SOURCE], exclude=[{"as": "test", "order_no": "99"}])  # as the message says
    assert (facts["data_start"], facts["data_end"]) == ("2025-01-01", "2025-02-09")


def test_days_behind_the_clients_own_as_of_stop_nothing(client):
    put(client, days(40), last=["99,2052-01-20,1100,1,済\n"])
    assert client.run([SOURCE], as_of="2025-02-09")["data_end"] == "2025-02-09"


def test_a_slow_shop_and_one_with_a_season_are_no_slips(client):
    put(client, days(24, every=90))
    client.run([SOURCE])
    put(client, [day.replace(year=year) for year in (2021, 2023, 2025) for day in days(20)])
    client.run([SOURCE])
    put(client, [START, datetime.date(2024, 1, 1), datetime.date(2022, 1, 1)])  # too few to judge
    client.run([SOURCE])


def test_no_valid_order_at_all(client):
    put(client, [], last=[f"{n},2025-01-0{n},1100,1,取消\n" for n in range(1, 4)])
    with pytest.raises(errors.ShindanError, match="cancelled 3") as stop:
        client.run([SOURCE])
    assert stop.value.code == errors.NOTHING_COMPUTED


def test_an_as_of_long_after_the_data_is_told(client):
    put(client, days(30))
    facts = client.run([SOURCE], as_of="2025-06-30")
    assert {"id": "as_of_after_data", "as_of": "2025-06-30", "last": "2025-01-30", "days": 151} in facts["notes"]


def test_a_day_that_holds_half_of_all_orders_is_told(client):
    """Pitfall 37."""
    put(client, days(40), last=[f"x{n},2025-01-20,1100,{n},済\n" for n in range(40)])
    facts = client.run([SOURCE])
    assert {"id": "many_orders_on_one_day", "day": "2025-01-20", "orders": 41} in facts["notes"]
