"""The data chapter's figures, on orders of a few days typed by hand."""

import datetime

import pandas as pd
import pytest

from shindan import engine, schema, text
from shindan.analyses import data
from shindan.charts import data as charts
from shindan.findings import data as findings

D = datetime.date
AS_OF = D(2024, 3, 20)


def orders(*rows):
    """(day, status, revenue) -> orders."""
    shape = schema.TABLES["orders"]
    frame = pd.DataFrame([{
        **dict.fromkeys(shape), "order_id": f"main:{i}", "customer_key": "k", "order_date": day,
        "ordered_at": pd.Timestamp(day), "status": status, "order_type": "onetime",
        "items_jpy": yen, "shipping_jpy": 500, "fee_jpy": 0, "revenue_jpy": yen,
        "is_staff": False, "is_test": False, "is_zero_yen": False} for i, (day, status, yen) in enumerate(rows)],
        columns=list(shape))
    return engine.as_table(frame).cast(schema.of("orders"))


@pytest.fixture
def three():
    return orders((D(2024, 1, 5), "valid", 1000), (D(2024, 1, 6), "cancelled", 2000),
                  (D(2024, 3, 10), "valid", 3000))


def test_months_hold_every_month_and_its_empty_days(three):
    months = data.months(three, AS_OF)
    assert [str(m) for m in months.order_month] == ["2024-01-01", "2024-02-01", "2024-03-01"]
    assert months.n_orders.tolist() == [1, 0, 1] and months.revenue_jpy.tolist() == [1000, 0, 3000]
    assert months.empty_days.tolist() == [25, 29, 19]


def test_gaps_of_a_week_or_more(three):
    gaps = data.gaps(three, AS_OF)
    assert gaps.values.tolist() == [[D(2024, 1, 7), D(2024, 3, 9), 63], [D(2024, 3, 11), AS_OF, 10]]
    assert data.gaps(three, D(2024, 3, 12)).gap_days.tolist() == [63]


def test_statuses(three):
    found = data.statuses(three)
    assert found.status.tolist() == ["valid", "cancelled"]
    assert found.order_share.tolist() == [2 / 3, 1 / 3] and found.gross_jpy.tolist() == [5000, 2500]


STEPS = [["gross", 1000], ["cancelled", -200], ["returned", 0], ["tax", -80], ["revenue", 720]]


def test_bridge_bars_hang_together():
    steps = data.bridge(STEPS)
    assert steps.step.tolist() == ["gross", "cancelled", "tax", "revenue"]
    assert list(zip(steps.from_jpy, steps.to_jpy, strict=True)) == [(0, 1000), (1000, 800), (800, 720), (0, 720)]


def test_loads_add_up():
    report = pd.DataFrame({"file": ["a", "b"], "sha256": "", "preset": "p", "table": "orders", "encoding": "cp932",
                           "rows_read": [10, 5], "rows_used": [8, 5], "rows_skipped": [1, 0],
                           "rows_rejected": [1, 0], "skipped_why": ["total 1", ""]})
    loads = data.loads(report)
    assert loads.values.tolist() == [["orders", 2, 15, 13, 1, 1]]
    said = findings.load(loads, "2024-01-01/2024-03-20")
    assert said.key == "data.headline.load" and said.kpis[0].value == 13 / 15


def test_empty_tables_give_withheld_pages():
    none = engine.empty("orders")
    assert data.months(none, AS_OF).empty and data.gaps(none, AS_OF).empty and data.statuses(none).empty
    nothing = findings.months(data.months(none, AS_OF), data.gaps(none, AS_OF), "")
    assert not nothing.shown and not findings.statuses(data.statuses(none), "").shown
    assert not findings.load(data.loads(engine.empty("load_report")), "").shown
    assert not findings.references(data.references([]), data.unmapped_codes([]), "").shown


def test_references_and_codes():
    matching = [{"table": "events", "rows": 10, "unmatched": 4}, {"table": "nps_responses", "rows": 0, "unmatched": 0}]
    references = data.references(matching)
    codes = data.unmapped_codes([{"id": "unmapped_ad_code", "code": "X", "orders": 3}, {"id": "other"}])
    said = findings.references(references, codes, "2024-01-01/2024-03-20")
    assert references.values.tolist() == [["events", 10, 4, 0.6]]
    assert said.key.endswith("references_codes") and said.values["orders"] == 3


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_charts_draw_even_one_row(three, lang):
    say = text.Text(lang)
    assert charts.bridge(data.bridge(STEPS), say).axes
    assert charts.bridge(data.bridge([["gross", 0], ["revenue", 0]]), say).axes
    assert charts.months(data.months(three, AS_OF), say).axes
    assert charts.months(data.months(three, AS_OF).head(1), say).axes


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_headline_can_be_said(three, lang):
    period, say = "2024-01-01/2024-03-20", text.Text(lang)
    identity = {"ids": 3, "people": 2, "cart_ids": 2, "emails": 1, "people_with_several_cart_ids": 0,
                "people_without_cart_id": 0}
    for said in (findings.bridge(data.bridge(STEPS), {"orders": 5, "share": 0.0}, 6, period),
                 findings.months(data.months(three, AS_OF), data.gaps(three, AS_OF), period),
                 findings.people(identity, period)):
        assert say(said.key, **said.values)
        assert all(say.has(f"data.kpi.{k.id.split('.')[1]}") and say.has(f"data.definition.{k.id.split('.')[1]}")
                   for k in said.kpis)


def test_the_totals_that_differ_most_in_order_of_time():
    rates = [0.001, -0.004, 0.0, 0.002, -0.003]
    frame = data.totals([{"shop": "", "month": f"2025-0{i}", "measure": "sales", "theirs_jpy": 1000, "ours_jpy": 1000,
                          "difference_jpy": 0, "share": rate} for i, rate in enumerate(rates, 1)])
    assert data.most_different(frame, 3)["difference_rate"].tolist() == [-0.004, 0.002, -0.003]
    assert data.most_different(data.totals([])).empty
