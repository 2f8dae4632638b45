"""The acquisition pages: each says what its numbers allow, in both languages, and why not if not."""

import datetime

import numpy as np
import pandas as pd
import pytest

from shindan.analyses.acquisition import Window
from shindan.findings import acquisition as findings
from shindan.text import LANGUAGES, Text

YEAR = Window(datetime.date(2025, 1, 1), datetime.date(2025, 12, 31))
HALF = Window(datetime.date(2025, 7, 1), datetime.date(2025, 12, 31))
MONTHS = pd.DataFrame({"cost_jpy": [100]})
TOTALS = {"n_new": 200, "n_paid": 80, "blended_cpa_jpy": 3000.0, "paid_cpa_jpy": 6250.0,
          "unknown_share": 0.1, "roas_rate": 0.9, "mer_rate": 4.0}


def say(statement, lang="ja"):
    return Text(lang)(statement.key, **statement.values)


def channels(rows):
    return pd.DataFrame(rows, columns=["acq_channel", "status", "cost_jpy", "n", "cpa_jpy"])


def economics(rows):
    columns = ["acq_channel", "n", "cpa_jpy", "n_matured", "contribution_ltv_jpy",
               "contribution_ltv_jpy_lo", "contribution_ltv_jpy_hi"]
    e = pd.DataFrame(rows, columns=columns)
    return e.assign(ltv_cpa_rate=e["contribution_ltv_jpy"] / e["cpa_jpy"])


def test_cpa_names_cheapest_and_dearest_channel_with_enough_people():
    c = channels([("G", "paid", 300_000, 60, 5000.0), ("M", "paid", 400_000, 40, 10_000.0),
                  ("few", "paid", 10, 29, 0.3), ("TV", "spend_only", 100_000, 0, np.nan)])
    statement = findings.cpa(MONTHS, c, TOTALS, YEAR)
    assert say(statement) == "新規1人の獲得に平均3,000円。最も安いGは5,000円、最も高いMは10,000円"
    assert {kpi.id: (kpi.value, kpi.n) for kpi in statement.kpis} == {
        "acquisition.blended_cpa": (3000.0, 200), "acquisition.paid_cpa": (6250.0, 80),
        "acquisition.new_customers": (200, 200), "acquisition.unknown_share": (0.1, 200)}
    assert {kpi.period for kpi in statement.kpis} == {"2025-01-01/2025-12-31"}


def test_a_cpa_of_four_people_is_not_printed():
    c = channels([("G", "paid", 300, 4, 75.0)])
    kpis = {kpi.id: kpi.value for kpi in findings.cpa(MONTHS, c, TOTALS | {"n_new": 4, "n_paid": 4}, YEAR).kpis}
    assert kpis["acquisition.blended_cpa"] is None and kpis["acquisition.new_customers"] == 4


@pytest.mark.parametrize(("cost", "why"), [(0, "no_cost"), (100, "no_month")])
def test_without_a_window_every_page_says_why(cost, why):
    months = pd.DataFrame({"cost_jpy": [cost]})
    pages = [findings.cpa(months, None, {}, None), findings.returns(months, None, {}, None, 365),
             findings.trend(months, None, None), findings.ledger(months, None, None)]
    assert len({page.id for page in pages}) == 4
    for page in pages:
        assert not page.shown and page.key == f"acquisition.withheld.{why}"
        assert all(say(page, lang) for lang in LANGUAGES)


def test_nobody_new_in_months_with_cost():
    page = findings.cpa(MONTHS, channels([]), {"n_new": 0}, YEAR)
    assert not page.shown and "12" in say(page)


def test_a_channel_falls_short_only_when_its_whole_interval_does():
    e = economics([("TV", 100, 8000.0, 100, 4000.0, 3000.0, 5000.0),
                   ("A", 100, 3700.0, 100, 3600.0, 3200.0, 4000.0),   # cannot be told
                   ("G", 100, 3000.0, 100, 4000.0, 3500.0, 4500.0),
                   ("few", 10, 9999.0, 100, 1.0, 1.0, 1.0), ("free", 100, np.nan, 100, 1.0, 1.0, 1.0)])
    statement = findings.returns(MONTHS, e, TOTALS, YEAR, 365)
    assert say(statement) == "3チャネル中1つ(TV)は、365日で広告費を取り戻せていない"
    assert statement.yen == (400_000, 300_000, 500_000)
    half = findings.returns(MONTHS, e, TOTALS, HALF, 365)
    assert half.yen == (800_000, 600_000, 1_000_000)  # a year's worth


def test_all_some_or_too_few_channels_earn_back():
    good = ("G", 100, 3000.0, 100, 4000.0, 3500.0, 4500.0)
    unsure = ("A", 100, 3700.0, 100, 3600.0, 3200.0, 4000.0)
    keys = [findings.returns(MONTHS, economics(rows), TOTALS, YEAR, 365).key.rsplit(".", 1)[1]
            for rows in ([good], [good, unsure], [("few", 9, *good[2:])])]
    assert keys == ["returns_all", "returns_some", "returns_few"]


def test_without_a_contribution_rate_ltv_is_not_set_against_cpa():
    e = economics([("G", 100, 3000.0, 100, np.nan, np.nan, np.nan)])
    statement = findings.returns(MONTHS, e, TOTALS, YEAR, 365)
    assert statement.key.endswith("returns_sales") and statement.yen is None
    assert "90%" in say(statement) and "LTV÷CPA" in say(statement)


def trend(n_months):
    return pd.DataFrame({"cost_jpy": [1000.0 * (1 + (m >= n_months - 3)) for m in range(n_months)],
                         "n": [10] * n_months})


def test_trend_compares_with_the_same_months_a_year_before():
    assert "前年同期(100円)の200%" in say(findings.trend(MONTHS, trend(15), YEAR))
    assert findings.trend(MONTHS, trend(14), YEAR).key.endswith("trend_now")


@pytest.mark.parametrize(("rows", "key"), [
    ([("TV", "spend_only", 10, 0, np.nan)], "ledger_spend"),
    ([("X", "customers_only", 0, 7, np.nan)], "ledger_orphans"),
    ([("TV", "spend_only", 10, 0, np.nan), ("X", "customers_only", 0, 7, np.nan)], "ledger_spend_orphans"),
])
def test_ledger_names_what_has_only_one_side(rows, key):
    statement = findings.ledger(MONTHS, channels(rows), YEAR)
    assert statement.key == f"acquisition.headline.{key}"
    for lang in LANGUAGES:
        assert all(row[0] in say(statement, lang) for row in rows if row[1] != "paid")


def test_a_ledger_that_matches_needs_no_page():
    statement = findings.ledger(MONTHS, channels([("G", "paid", 10, 5, 2.0)]), YEAR)
    assert not statement.shown and statement.key == "acquisition.withheld.ledger_matches"
    assert all("5" in say(statement, lang) for lang in LANGUAGES)
