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


def worth(n=100, contribution=4000.0, payback=7, cpa=3000.0, days=365):
    total = frame([("all", n, contribution, 10_000.0)])
    return findings.worth(total, total, payback, cpa, days, PERIOD)


def test_worth_against_cpa():
    statement = worth()
    assert say(statement) == "新規1人は365日で4,000円の貢献利益を生み、CPA 3,000円を7か月目に回収する"
    found = {kpi.id: (kpi.value, kpi.ci) for kpi in statement.kpis}
    assert found["ltv.ltv_cpa"] == (pytest.approx(4 / 3), (pytest.approx(1.2), pytest.approx(22 / 15)))
    assert found["ltv.contribution_ltv"] == (4000, (3600, 4400)) and found["ltv.yearly_ltv"][0] == 10_000
    assert found["ltv.payback_month"] == (7, None)


def test_never_paid_back_has_no_month():
    statement = worth(payback=None, cpa=9000.0)
    assert statement.key.endswith("worth_never") and "期間内未回収" in say(statement)
    assert "ltv.payback_month" not in {kpi.id for kpi in statement.kpis}


def test_without_a_rate_it_is_sales_ltv_and_no_cpa():
    statement = worth(contribution=np.nan, days=730)
    assert statement.key.endswith("worth_sales") and "売上LTV" in say(statement)
    assert {kpi.id for kpi in statement.kpis} == {"ltv.sales_ltv", "ltv.yearly_ltv"}


def test_small_and_missing_groups():
    assert worth(n=29).key.endswith("worth_few") and worth(cpa=None).key.endswith("worth_no_cpa")
    few = worth(n=4)
    assert not few.shown and "365" in say(few)
    none = findings.worth(frame([]), frame([]), None, 3000.0, 365, PERIOD)
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


def gap(n_with=100, yen=7000.0):
    return pd.DataFrame([{"n": n_with + 200, "n_with": n_with, "n_without": 200, "gap_jpy": yen,
                          "f2_rate": 0.3}])


SCENARIOS = pd.DataFrame([{"f2_change_pt": 0.01, "gain_jpy": 340e3, "gain_jpy_lo": 320e3, "gain_jpy_hi": 350e3}])


def test_what_if_is_an_upper_reading_in_yen():
    statement = findings.what_if(SCENARIOS, gap(), 4701, 365, PERIOD)
    assert say(statement) == "2回目購入率が1ポイント上がると、貢献利益は年に最大34万円増える"
    assert statement.yen == (340e3, 320e3, 350e3)


def test_what_if_needs_people_and_a_rate():
    assert findings.what_if(SCENARIOS, gap(n_with=29), 1, 365, PERIOD).key == "ltv.withheld.what_if"
    assert findings.what_if(SCENARIOS, gap(yen=np.nan), 1, 365, PERIOD).key == "ltv.withheld.no_rate"
    assert findings.what_if(SCENARIOS, gap().iloc[:0], 1, 365, PERIOD).key == "ltv.withheld.what_if"
