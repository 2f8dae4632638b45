"""The LTV pages: against CPA only with a contribution rate, apart only where intervals are."""

import datetime

import numpy as np
import pandas as pd
import pytest

from shindan.findings import ltv as findings
from shindan.text import LANGUAGES, Text

PERIOD = "2023-01-01/2025-12-31"


def say(statement, lang="ja"):
    return Text(lang)(statement.key, **statement.values)


def frame(rows, key=None):
    """rows: (key, n, contribution, sales); intervals are ±10 %."""
    out = pd.DataFrame(rows, columns=[key or "key", "n", "contribution_ltv_jpy", "sales_ltv_jpy"])
    for column in ("contribution_ltv_jpy", "sales_ltv_jpy"):
        out[f"{column}_lo"], out[f"{column}_hi"] = 0.9 * out[column], 1.1 * out[column]
    return out


def worth(n=100, contribution=4000.0, payback=7, cpa=3000.0, days=365, ends=(1.2, 1.5)):
    total = frame([("all", n, contribution, 10_000.0)])
    against = pd.DataFrame([{"cpa_jpy": cpa, "payback": payback, "ltv_cpa_rate": contribution / cpa,
                             "ltv_cpa_rate_lo": ends[0], "ltv_cpa_rate_hi": ends[1]}] if cpa else [])
    return findings.worth(total, total, against, days, PERIOD)


def test_worth_against_cpa():
    statement = worth()
    assert say(statement) == "新規1人は365日で4,000円の貢献利益を生み、CPA 3,000円を7か月目に回収する"
    found = {kpi.id: (kpi.value, kpi.ci) for kpi in statement.kpis}
    assert found["ltv.ltv_cpa"] == (pytest.approx(4 / 3), (1.2, 1.5)) and statement.verdict is None
    assert found["ltv.contribution_ltv"] == (4000, (3600, 4400)) and found["ltv.yearly_ltv"][0] == 10_000
    assert found["ltv.payback_month"] == (7, None)


def test_never_paid_back_has_no_month():
    statement = worth(payback=None, cpa=9000.0, ends=(0.4, 0.5))
    assert statement.key.endswith("worth_never") and "期間内未回収" in say(statement)
    assert "ltv.payback_month" not in {kpi.id for kpi in statement.kpis}


def test_a_cpa_within_reach_of_chance_is_no_verdict():
    statement = worth(ends=(0.9, 1.8))
    assert statement.key.endswith("worth_close") and statement.verdict == ""
    assert {"ltv.ltv_cpa", "ltv.payback_month"} <= {kpi.id for kpi in statement.kpis}


def test_no_headline_carries_the_verdict_of_another_figure():
    """The yearly LTV is judged on its card; only where it is what the headline says is its verdict the page's."""
    assert [worth(n=29).verdict, worth(cpa=None).verdict, worth(contribution=np.nan, days=730).verdict] == [""] * 3
    assert worth(contribution=np.nan, days=365).verdict is None


def test_without_a_rate_it_is_sales_ltv_and_no_cpa():
    statement = worth(contribution=np.nan, days=730)
    assert statement.key.endswith("worth_sales") and "売上LTV" in say(statement)
    assert {kpi.id for kpi in statement.kpis} == {"ltv.sales_ltv", "ltv.yearly_ltv"}


def test_small_and_missing_groups():
    assert worth(n=29).key.endswith("worth_few") and worth(cpa=None).key.endswith("worth_no_cpa")
    few = worth(n=4)
    assert not few.shown and "365" in say(few)
    none = findings.worth(frame([]), frame([]), pd.DataFrame(), 365, PERIOD)
    assert not none.shown


@pytest.mark.parametrize(("rows", "key"), [
    ([("G", 50, 5000.0, 1.0), ("M", 50, 3000.0, 1.0), ("few", 29, 9e9, 1.0)], "channels_apart_contribution"),
    ([("G", 50, 5000.0, 1.0), ("M", 50, 4800.0, 1.0)], "channels_alike_contribution"),
    ([("G", 50, np.nan, 9000.0), ("M", 50, np.nan, 3000.0)], "channels_apart_sales"),
])
def test_channels_are_ranked_only_where_their_intervals_are_apart(rows, key):
    statement = findings.channels(frame(rows, "acq_channel"), 365, PERIOD)
    assert statement.key == f"ltv.headline.{key}"
    assert all(say(statement, lang) for lang in LANGUAGES) and "few" not in say(statement)


def test_one_channel_is_not_compared():
    assert not findings.channels(frame([("G", 50, 1.0, 1.0)], "acq_channel"), 365, PERIOD).shown


def cohorts(now, before, n=100, observed=True):
    rows = [(datetime.date(2024, 4, 1), n, before, 1.0), (datetime.date(2025, 4, 1), n, now, 1.0)]
    return frame(rows, "cohort_month").assign(month_of_life=6, observed=observed)


@pytest.mark.parametrize(("now", "key"), [(5000.0, "up"), (2000.0, "down"), (3100.0, "same")])
def test_cohorts_against_the_year_before(now, key):
    statement = findings.cohorts(cohorts(now, 3000.0), PERIOD)
    assert statement.key == f"ltv.headline.cohorts_{key}" and "2025年4月" in say(statement)


def test_cohorts_not_yet_observed_or_without_a_year_before():
    assert not findings.cohorts(cohorts(1.0, 1.0, observed=False), PERIOD).shown
    assert not findings.cohorts(cohorts(1.0, 1.0, n=29), PERIOD).shown
    half_a_year = cohorts(1.0, 1.0).assign(cohort_month=[datetime.date(2025, 1, 1), datetime.date(2025, 4, 1)])
    assert findings.cohorts(half_a_year, PERIOD).key.endswith("cohorts_now")
    assert findings.cohorts(half_a_year.iloc[1:], PERIOD).key == "ltv.withheld.one_cohort"


LEVERS = pd.DataFrame([
    {"lever": "f2", "change_share": 0.01, "n_base": 4700, "n_more": 47.0, "each_jpy": 7600.0, "gain_jpy": 340e3,
     "gain_jpy_lo": 320e3, "gain_jpy_hi": 350e3, "n": 4460},
    {"lever": "cpa", "change_share": 0.1, "n_base": 4700, "n_more": 0.0, "each_jpy": 366.0, "gain_jpy": 1.7e6,
     "gain_jpy_lo": 1.6e6, "gain_jpy_hi": 1.8e6, "n": 4700},
    {"lever": "win_back", "change_share": 0.05, "n_base": 3600, "n_more": 180.0, "each_jpy": 2400.0, "gain_jpy": 430e3,
     "gain_jpy_lo": 390e3, "gain_jpy_hi": 480e3, "n": 147}])


def test_what_if_says_the_yen_it_counts_for():
    """A larger figure of another lever in the sentence would not be the one its place in the summary rests on."""
    statement = findings.what_if(LEVERS, 365, PERIOD)
    assert statement.yen == (340e3, 320e3, 350e3)
    for lang in LANGUAGES:
        assert "最大" not in say(statement, lang) and "at most" not in say(statement, lang)  # the middle of a range
    assert "34万円" in say(statement) and "170万円" not in say(statement)


def test_what_if_needs_people():
    few = LEVERS.assign(n=[29, 4700, 147])
    assert findings.what_if(few, 365, PERIOD).key == "ltv.withheld.what_if"
    assert findings.what_if(LEVERS.assign(n=[90, 29, 29]), 365, PERIOD).key == "ltv.headline.what_if"
    assert findings.what_if(LEVERS.iloc[:0], 365, PERIOD).key == "ltv.withheld.what_if"


def goal(sales, without, with_it):
    """Yearly LTV and the gap behind it, in sales."""
    gap = pd.DataFrame([{"n": 300, "n_with": 100, "n_without": 200, "f2_rate": 1 / 3, "without_jpy": without,
                         "gap_jpy": with_it - without}])
    return frame([("all", 300, 1.0, sales)]), gap


def test_what_the_yearly_benchmark_asks():
    """18,000 = 6,000 + f2 × 20,000 → f2 = 60 %; and 18,000 ÷ 12,667 = 1.42 times the amount."""
    statement = findings.to_reach(*goal(12_667.0, 6000.0, 26_000.0), {}, "JPY", PERIOD)
    assert say(statement) == "年間LTV 18,000円(いま12,667円)には、2回目購入率33.3%→60.0%か、購入額1.42倍が要る"
    assert findings.to_reach(*goal(8000.0, 5000.0, 14_000.0), {}, "JPY", PERIOD).key.endswith("to_reach_beyond")
    assert findings.to_reach(*goal(19_000.0, 9000.0, 30_000.0), {}, "JPY", PERIOD).key.endswith("to_reach_done")
    assert not findings.to_reach(*goal(8000.0, 5000.0, 14_000.0), {}, "USD", PERIOD).shown  # no benchmark in dollars
    assert not findings.to_reach(frame([]), pd.DataFrame(), {}, "JPY", PERIOD).shown


def test_how_many_must_buy_twice():
    year = pd.DataFrame([{"n": 1000, "n_twice": 300, "yearly_repeat_rate": 0.3}])
    statement = findings.repeat_to_reach(year, {}, PERIOD)
    assert say(statement) == "年間リピート率60%(いま30.0%)には、年に2回以上買う人があと300人要る"
    assert findings.repeat_to_reach(year.assign(n_twice=700, yearly_repeat_rate=0.7), {}, PERIOD).key.endswith("_done")
    assert not findings.repeat_to_reach(year.iloc[:0], {}, PERIOD).shown
    assert all(say(statement, lang) for lang in LANGUAGES)
