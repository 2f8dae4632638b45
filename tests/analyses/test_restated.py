"""What past months say now against the last report delivered: by shop and month, step by step of the bridge."""

import datetime
import json

import pandas as pd
import pytest

from shindan import bridge, history, schema, text
from shindan.analyses import data, restated
from shindan.findings import data as findings
from shindan.intake import said

D = datetime.date
LAST = D(2024, 2, 20)


def orders(*rows):
    """Canonical orders of (id, day, yen with tax, status, person[, shop[, more]])."""
    blank = dict.fromkeys(schema.TABLES["orders"])
    numbers = {c: 0 for c, kind in schema.TABLES["orders"].items() if c.endswith("_jpy") and kind == "int64"}
    flags = dict.fromkeys(("is_staff", "is_test", "is_zero_yen"), False)
    return pd.DataFrame([{
        **blank, **numbers, **flags, "order_id": id, "order_date": day, "items_jpy": yen, "billed_jpy": yen,
        "revenue_jpy": yen - yen // 11, "status": status, "customer_key": who, "order_type": "onetime",
        "shop": (more or ("main",))[0], **(more[1] if len(more) > 1 else {})} for id, day, yen, status, who, *more in rows])


def report(table, as_of=LAST):
    """The delivery of `as_of`: what the reader finds in its results.json."""
    rows = json.loads(data.bridge_months(bridge.monthly(restated.as_table(table), as_of).to_dict("records")).to_json(
        orient="records", date_format="iso"))
    rows = [{**r, "order_month": r["order_month"][:10]} for r in rows]
    return history.Delivery(str(as_of), "x", {"data": {"kpis": [], "tables": {"bridge_months": rows}}})


FIRST = [("1", D(2024, 1, 5), 1100, "valid", "a"), ("2", D(2024, 1, 20), 2200, "valid", "b"),
         ("3", D(2024, 2, 20), 3300, "valid", "c"), ("4", D(2024, 2, 10), 4400, "cancelled", "a")]


def change(*rows, before=FIRST):
    return restated.since(orders(*rows), report(orders(*before)))


def steps(found):
    """{month: {step: (orders, yen)}}."""
    told = {}
    for r in found.steps.itertuples():
        told.setdefault(r.order_month.month, {})[r.why] = (r.n_orders, r.change_jpy)
    return told


def test_late_cancels_returns_new_and_repriced_orders_with_their_yen():
    found = change(("1", D(2024, 1, 5), 1100, "cancelled", "a"), ("2", D(2024, 1, 20), 2200, "returned", "b"),
                   ("3", D(2024, 2, 20), 2200, "valid", "c"), ("4", D(2024, 2, 10), 4400, "valid", "a"),
                   ("5", D(2024, 1, 31), 5500, "valid", "d"), ("6", D(2024, 2, 21), 9900, "valid", "e"))
    assert found.last == LAST
    assert steps(found) == {  # the 21st is after the last report: new, not restated
        1: {"gross": (1, 5500), "cancelled": (1, -1100), "returned": (1, -2200), "tax": (0, -200)},
        2: {"gross": (0, -1100), "cancelled": (-1, 4400), "tax": (0, -300)}}
    january, february = found.months.to_dict("records")
    assert {k: january[k] for k in ("n_before", "n_after", "before_jpy", "after_jpy", "change_jpy", "why")} == {
        "n_before": 2, "n_after": 1, "before_jpy": 3000, "after_jpy": 5000, "change_jpy": 2000, "why": "gross"}
    assert (february["people_before"], february["people_after"], february["why"]) == (1, 2, "cancelled")
    assert found.steps.groupby("order_month").change_jpy.sum().tolist() == found.months.change_jpy.tolist()


def test_people_who_turned_out_to_be_one():
    found = change(FIRST[0], ("2", D(2024, 1, 20), 2200, "valid", "a"), *FIRST[2:])
    (month,) = found.months.to_dict("records")
    assert (month["people_before"], month["people_after"], month["change_jpy"], month["why"]) == (2, 1, 0, "people")
    assert steps(found) == {1: {"people": (0, 0)}}


def test_an_order_that_moves_and_one_that_is_gone():
    found = change(("1", D(2024, 2, 5), 1100, "valid", "a"), *FIRST[2:])
    assert {m: s["gross"] for m, s in steps(found).items()} == {1: (-2, -3300), 2: (1, 1100)}


def test_the_same_again_is_unchanged_whatever_came_since():
    found = change(*FIRST, ("5", D(2024, 2, 25), 900, "valid", "z"), ("6", D(2024, 4, 1), 900, "cancelled", "z"))
    assert found.last == LAST and found.months.empty and found.steps.empty


def test_what_the_last_report_set_aside_as_later_is_not_restated():
    """An order behind its as_of was in its bridge, and set aside; now it counts, or was cancelled: no matter."""
    later = [("8", D(2024, 2, 25), 900, "valid", "z"), ("9", D(2024, 3, 2), 800, "cancelled", "z")]
    found = change(*FIRST, ("8", D(2024, 2, 25), 900, "cancelled", "z"), before=[*FIRST, *later])
    assert found.last == LAST and found.months.empty


def test_shops_are_told_apart():
    mall = ("1m", D(2024, 1, 9), 990, "valid", "m", "mall")
    found = change(FIRST[0], *FIRST[2:], ("1m", D(2024, 1, 9), 990, "returned", "m", "mall"), before=[*FIRST, mall])
    assert found.months[["shop", "why", "change_jpy"]].values.tolist() == [
        ["main", "gross", -2000], ["mall", "returned", -900]]


@pytest.mark.parametrize(("previous", "last", "key"), [
    (None, None, "data.withheld.first_run"),
    (history.Delivery("2024-01-31", "x", {"data": {"kpis": [], "tables": {"bridge_months": [{"shop": "main"}]}}}),
     D(2024, 1, 31), "data.withheld.untold_months"),
    (report(orders(*FIRST)), LAST, "data.headline.unchanged")])
def test_why_nothing_is_told(previous, last, key):
    found = restated.since(orders(*FIRST), previous)
    page = findings.restated(found, last, "p")
    assert page.key == key and found.months.empty and found.most().empty
    assert all(text.Text(lang)(page.key, **page.values) for lang in text.LANGUAGES)


def test_the_page_and_the_check_say_it():
    found = change(("1", D(2024, 1, 5), 1100, "cancelled", "a"), *FIRST[1:3])
    page = findings.restated(found, LAST, "p")
    assert page.shown and {k.id: k.value for k in page.kpis} == {"data.restated_months": 1, "data.restated_jpy": -1000}
    assert all(text.Text(lang)(page.key, **page.values) for lang in text.LANGUAGES)
    assert "main 2024-01" in (lines := said.restated(found, text.Text("ja", "JPY"))) and "取消 -1,100円 (+1)" in lines
    assert found.most(1)[["order_month", "why"]].values.tolist() == [[D(2024, 1, 1), "cancelled"]]
