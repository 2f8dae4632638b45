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
TOTALS = {"n_new": 200, "n_blended": 190, "n_paid": 80, "blended_cpa_jpy": 3000.0, "paid_cpa_jpy": 6250.0,
          "unknown_share": 0.1, "roas_rate": 0.9, "mer_rate": 4.0, "n_first_orders": 85, "n_purchases": 700,
          "shortfall": (400_000, 300_000, 500_000)}
CODES = pd.DataFrame({"ad_code": ["G1"], "listing": ["listed"], "n": [9], "n_orders": [12]})
NO_CROSSING = pd.DataFrame(columns=["acq_channel", "crossed_month", "always"])


def say(statement, lang="ja"):
    return Text(lang)(statement.key, **statement.values)


def channels(rows):
    return pd.DataFrame(rows, columns=["acq_channel", "status", "cost_jpy", "n", "cpa_jpy"])


def economics(rows):
    """rows: (channel, LTV, LTV ÷ CPA, verdict)."""
    columns = ["acq_channel", "contribution_ltv_jpy", "ltv_cpa_rate", "verdict"]
    return pd.DataFrame(rows, columns=columns).assign(n=100)


def test_cpa_names_cheapest_and_dearest_channel_with_enough_people():
    c = channels([("G", "paid", 300_000, 60, 5000.0), ("M", "paid", 400_000, 40, 10_000.0),
                  ("few", "paid", 10, 29, 0.3), ("TV", "spend_only", 100_000, 0, np.nan)])
    statement = findings.cpa(MONTHS, c, TOTALS, YEAR)
    assert say(statement) == "新規1人の獲得に平均3,000円。最も安いGは5,000円、最も高いMは10,000円"
    assert {kpi.id: (kpi.value, kpi.n) for kpi in statement.kpis} == {
        "acquisition.blended_cpa": (3000.0, 190), "acquisition.paid_cpa": (6250.0, 80),
        "acquisition.new_customers": (200, 200), "acquisition.unknown_share": (0.1, 200)}
    assert {kpi.period for kpi in statement.kpis} == {"2025-01-01/2025-12-31"}


def test_a_cpa_of_four_people_is_not_printed():
    c = channels([("G", "paid", 300, 4, 75.0)])
    kpis = {kpi.id: kpi.value for kpi in findings.cpa(MONTHS, c, TOTALS | {"n_new": 4, "n_blended": 4, "n_paid": 4}, YEAR).kpis}
    assert kpis["acquisition.blended_cpa"] is None and kpis["acquisition.new_customers"] == 4


@pytest.mark.parametrize(("cost", "why"), [(0, "no_cost"), (100, "no_month")])
def test_without_a_window_every_page_says_why(cost, why):
    months = pd.DataFrame({"cost_jpy": [cost]})
    pages = [findings.cpa(months, None, {}, None), findings.returns(months, None, {}, None, 365),
             findings.trend(months, None, None, NO_CROSSING), *findings.unmatched(months, None, None, None)]
    assert len({page.id for page in pages}) == 4
    for page in pages:
        assert not page.shown and page.key == f"acquisition.withheld.{why}"
        assert all(say(page, lang) for lang in LANGUAGES)


def test_nobody_new_in_months_with_cost():
    page = findings.cpa(MONTHS, channels([]), {"n_new": 0}, YEAR)
    assert not page.shown and "12" in say(page)


SHORT = [("TV", 4000.0, 0.5, "short"), ("A", 3600.0, 0.97, "unsure"), ("G", 4000.0, 1.3, "back"),
         ("few", 1.0, 0.1, "few"), ("gap", 9.0, 0.2, "missing"), ("free", 1.0, np.nan, "none")]


def test_only_a_sure_verdict_is_named():
    statement = findings.returns(MONTHS, economics(SHORT), TOTALS, YEAR, 365)
    assert say(statement) == "3チャネル中1つ(TV)は、365日で広告費を取り戻せていない"
    assert statement.yen == (400_000, 300_000, 500_000)
    half = findings.returns(MONTHS, economics(SHORT), TOTALS, HALF, 365)
    assert half.yen == (800_000, 600_000, 1_000_000)  # a year's worth


def test_n_is_what_a_figure_divides_or_counts():
    """ROAS counts first orders of paid channels, MER the purchases its sales are made of."""
    kpis = findings.returns(MONTHS, economics(SHORT), TOTALS, YEAR, 365).kpis
    assert {kpi.id: kpi.n for kpi in kpis} == {"acquisition.roas": 85, "acquisition.mer": 700}


def test_all_some_or_too_few_channels_earn_back():
    good, unsure, few = ("G", 4000.0, 1.3, "back"), ("A", 3600.0, 0.97, "unsure"), ("few", 9.0, 2.0, "few")
    keys = [findings.returns(MONTHS, economics(rows), TOTALS, YEAR, 365).key.rsplit(".", 1)[1]
            for rows in ([good], [good, unsure], [unsure], [few])]
    assert keys == ["returns_all", "returns_some", "returns_unsure", "returns_few"]


def test_without_a_contribution_rate_ltv_is_not_set_against_cpa():
    statement = findings.returns(MONTHS, economics([("G", np.nan, np.nan, "none")]), TOTALS, YEAR, 365)
    assert statement.key.endswith("returns_sales") and statement.yen is None
    assert "90%" in say(statement) and "LTV÷CPA" in say(statement)


def trend(n_months):
    return pd.DataFrame({"counted_jpy": [1000.0 * (1 + (m >= n_months - 3)) for m in range(n_months)],
                         "n_counted": [10] * n_months})


def crossing(side="below", since=None, always=False, channel="all"):
    return pd.DataFrame([{"acq_channel": channel, "limit_cpo_jpy": 150.0, "cpa_jpy": 200.0, "cpa_jpy_lo": 180.0,
                          "cpa_jpy_hi": 220.0, "n": 30, "side": side, "crossed_month": since, "always": always}])


def test_trend_compares_with_the_same_months_a_year_before():
    assert "前年同期(100円)の200%" in say(findings.trend(MONTHS, trend(15), YEAR, NO_CROSSING))
    assert findings.trend(MONTHS, trend(14), YEAR, NO_CROSSING).key.endswith("trend_now")


@pytest.mark.parametrize(("row", "key"), [
    (crossing(), "below"), (crossing("unsure"), "unsure"), (crossing("above"), "unsure"),
    (crossing("above", datetime.date(2025, 6, 1)), "crossed"), (crossing("above", datetime.date(2023, 3, 1), True), "always")])
def test_trend_against_the_limit(row, key):
    statement = findings.trend(MONTHS, trend(15), YEAR, row)
    assert statement.key == f"acquisition.headline.trend_{key}"
    assert all("150" in say(statement, lang) for lang in LANGUAGES)
    assert ("2025年6月から" in say(statement)) == (key == "crossed")


def test_advice_follows_what_the_data_shows():
    june = crossing("above", datetime.date(2025, 6, 1), channel="TV")
    e = economics(SHORT)
    assert findings.advice(june, e)[0].endswith("crossed") and findings.advice(june, e)[1]["channel"] == "TV"
    assert findings.advice(june, e.iloc[1:])[0].endswith("room")  # TV is not surely short
    assert findings.advice(NO_CROSSING, e)[0].endswith("above")
    assert findings.advice(NO_CROSSING, e.assign(contribution_ltv_jpy=np.nan))[0].endswith("no_limit")
    for key, values in (findings.advice(june, e), findings.advice(NO_CROSSING, e)):
        assert all(Text(lang)(key, **values) for lang in LANGUAGES)


def doors(rows, kind="ad_code"):
    """rows: (door, matured, LTV, half its interval)."""
    out = pd.DataFrame(rows, columns=["door", "n_matured", "contribution_ltv_jpy", "half"])
    return out.assign(kind=kind, contribution_ltv_jpy_lo=out["contribution_ltv_jpy"] - out["half"], sales_ltv_jpy=1.0,
                      contribution_ltv_jpy_hi=out["contribution_ltv_jpy"] + out["half"])


@pytest.mark.parametrize("kind", ["ad_code", "landing_page", "ad_campaign", "offer", "first_product"])
def test_doors_are_ranked_only_where_they_surely_differ(kind):
    apart = findings.doors(doors([("A", 90, 5000.0, 300.0), ("B", 90, 3000.0, 300.0), ("few", 9, 9e9, 1.0)], kind), "x", 365)
    assert apart.key.endswith(f"{kind}_apart") and apart.n == 180 and "few" not in say(apart)
    alike = findings.doors(doors([("A", 90, 5000.0, 900.0), ("B", 90, 4500.0, 900.0)], kind), "x", 365)
    assert alike.key.endswith(f"{kind}_alike")
    assert all(say(statement, lang) for statement in (apart, alike) for lang in LANGUAGES)
    assert not findings.doors(doors([("A", 90, 5.0, 1.0)], kind), "x", 365).shown
    assert not findings.doors(doors([]), "x", 365).shown


def ledger(rows):
    return channels(rows).assign(missing_months=0, n_missing=0)


@pytest.mark.parametrize(("rows", "key"), [
    ([("TV", "spend_only", 10, 0, np.nan)], "ledger_spend"),
    ([("X", "customers_only", 0, 7, np.nan)], "ledger_orphans"),
    ([("TV", "spend_only", 10, 0, np.nan), ("X", "customers_only", 0, 7, np.nan)], "ledger_spend_orphans"),
])
def test_ledger_names_what_has_only_one_side(rows, key):
    statement, = findings.unmatched(MONTHS, ledger(rows), CODES, YEAR)
    assert statement.key == f"acquisition.headline.{key}"
    for lang in LANGUAGES:
        assert all(row[0] in say(statement, lang) for row in rows if row[1] != "paid")


def test_months_without_a_cost_and_unknown_codes_are_named():
    rows = ledger([("G", "paid", 10, 50, 2.0)]).assign(missing_months=4, n_missing=40)
    codes = pd.concat([CODES, CODES.assign(ad_code="OLD07", listing="unlisted")])
    missing, unlisted = findings.unmatched(MONTHS, rows, codes, YEAR)
    assert say(missing) == "Gは費用の記録がない月があり、その間の新規40人はCPAに入れていない"
    assert say(unlisted) == "広告コードOLD07は対応表になく、新規9人を流入不明と数えた"
    many = pd.concat([codes.iloc[1:].assign(ad_code=f"X{i}") for i in range(5)])
    assert "ほか計5件" in say(findings.unmatched(MONTHS, ledger([]), many, YEAR)[0])


def test_without_any_channel_no_spend_is_said_to_have_brought_nobody():
    statement, = findings.unmatched(MONTHS, ledger([("flyer", "spend_only", 100, 0, None), ("不明", "unknown", 0, 50, None)]), CODES, YEAR)
    assert not statement.shown and statement.key == "acquisition.withheld.no_channel" and "50" in say(statement)


def test_without_any_channel_no_sentence_has_a_hole():
    nothing = TOTALS | {"paid_cpa_jpy": None, "roas_rate": None, "n_paid": 0}
    rows = channels([("flyer", "spend_only", 100, 0, np.nan), ("不明", "unknown", 0, 50, np.nan)])
    cpa = findings.cpa(MONTHS, rows, nothing, YEAR)
    earned = findings.returns(MONTHS, economics([("G", np.nan, np.nan, "none")]), nothing, YEAR, 365)
    assert cpa.shown and not earned.shown
    for lang in LANGUAGES:
        assert "—" not in say(cpa, lang) + say(earned, lang)


def test_a_ledger_that_matches_needs_no_page():
    statement, = findings.unmatched(MONTHS, ledger([("G", "paid", 10, 5, 2.0)]), CODES, YEAR)
    assert not statement.shown and statement.key == "acquisition.withheld.ledger_matches"
    assert all("5" in say(statement, lang) for lang in LANGUAGES)
