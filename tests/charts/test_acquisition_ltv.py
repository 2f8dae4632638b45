"""Charts of acquisition and LTV draw one row, missing values and both languages, and say the number."""

import datetime

import numpy as np
import pandas as pd
import pytest

from shindan import style
from shindan.charts import acquisition, ltv
from shindan.text import LANGUAGES, Text

NONE = float("nan")


def svg(draw, frame, lang="ja"):
    style.apply()
    return style.to_svg(draw(frame, Text(lang)))


CHANNELS = pd.DataFrame({
    "acq_channel": ["G", "TV", "organic"], "cost_jpy": [300_000, 100_000, 0], "n": [60, 0, 100],
    "cpa_jpy": [5000.0, NONE, NONE], "cpa_min_jpy": [3750.0, 5000.0, NONE], "blended_cpa_jpy": 3000.0,
    "paid_cpa_jpy": 5000.0})
TREND = pd.DataFrame({"calendar_month": [datetime.date(2025, m, 1) for m in (1, 2, 3)], "n": [10, 0, 12],
                      "cpa_jpy": [3000.0, NONE, 2950.0], "cpa_jpy_lo": [2000.0, NONE, 2400.0],
                      "cpa_jpy_hi": [4000.0, NONE, 3600.0], "limit_cpo_jpy": 4400.0})
DOORS = pd.DataFrame({"kind": "ad_code", "door": ["G1", "M1"], "acq_channel": ["organic", None], "n_matured": [80, 12],
                      "cpa_jpy": [1234.0, NONE], "contribution_ltv_jpy": [4100.0, 3000.0], "sales_ltv_jpy": 1.0,
                      "contribution_ltv_jpy_lo": [3500.0, NONE], "contribution_ltv_jpy_hi": [4500.0, NONE], "horizon_days": 365})
RUNNING = pd.DataFrame({"month_of_life": [1, 2, 3], "n": 40, "contribution_ltv_jpy": [1000.0, 2000.0, 2600.0],
                        "sales_ltv_jpy": [2500.0, 5000.0, 6500.0], "cpa_jpy": 1500.0, "payback": 2})
LTV = pd.DataFrame({"acq_channel": ["G", "M"], "n": [100, 12], "contribution_ltv_jpy": [4000.0, 3000.0],
                    "contribution_ltv_jpy_lo": [3500.0, NONE], "contribution_ltv_jpy_hi": [4500.0, NONE],
                    "sales_ltv_jpy": 1.0})
COHORTS = pd.DataFrame({"cohort_month": [datetime.date(2025, 1, 1)] * 2, "month_of_life": [1, 3], "n": 100,
                        "observed": [True, False], "contribution_ltv_jpy": [2100.0, NONE], "sales_ltv_jpy": 1.0})
GAINS = pd.DataFrame({"lever": ["f2", "cpa", "win_back"], "change_share": [0.01, 0.1, 0.05], "n_base": [4700, 4700, 3600],
                      "n_more": [47.0, 0.0, 180.0], "each_jpy": [7600.0, 366.0, 2400.0], "gain_jpy": [340e3, 1.7e6, -2e3],
                      "gain_jpy_lo": [-1e5, 1.5e6, -9e3], "gain_jpy_hi": [5e5, 1.9e6, 1e3], "n": [900, 4700, 147]})
BACK = pd.DataFrame({
    "acq_channel": ["G", "M", "few", "free"], "n": [60, 80, 4, 90], "n_matured": [50, 70, 3, 90],
    "cpa_jpy": [5000.0, 4000.0, 100.0, NONE], "contribution_ltv_jpy": [6000.0, 2000.0, 900.0, 1.0],
    "contribution_ltv_jpy_lo": [5500.0, 1500.0, 1.0, 1.0], "contribution_ltv_jpy_hi": [6500.0, 2500.0, 9000.0, 1.0],
    "cpa_jpy_lo": [4500.0, 3500.0, 30.0, NONE], "cpa_jpy_hi": [5600.0, 4600.0, 900.0, NONE],
    "verdict": ["back", "short", "few", "none"], "ltv_cpa_rate": [1.2, 0.5, 9.0, NONE], "payback": [7, "never", 1, None]})
ALL = [(acquisition.cpa_by_channel, CHANNELS, "5,000円"), (acquisition.monthly_trend, TREND, "2,950円"),
       (ltv.running, RUNNING, "2,600円"), (ltv.by_channel, LTV, "4,000円"), (ltv.cohort_grid, COHORTS, "2,100円"),
       (ltv.gains, GAINS, "34万円"), (acquisition.doors, DOORS, "4,100円"), (acquisition.earned_back, BACK, "120%")]


@pytest.mark.parametrize(("draw", "frame", "figure"), ALL, ids=lambda x: getattr(x, "__name__", ""))
def test_the_number_is_written_in_the_chart(draw, frame, figure):
    assert figure in svg(draw, frame)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("draw", "frame", "figure"), ALL, ids=lambda x: getattr(x, "__name__", ""))
def test_one_row_is_enough(draw, frame, figure, lang):
    for row in range(len(frame)):
        assert "<svg" in svg(draw, frame.iloc[[row]].reset_index(drop=True), lang)


def test_a_channel_without_customers_has_a_dash_and_its_cost():
    assert "— 新規顧客の記録なし(費用 10万円)" in svg(acquisition.cpa_by_channel, CHANNELS)


def test_cells_not_yet_whole_say_so():
    drawn = svg(ltv.cohort_grid, COHORTS)
    assert "観測中" in drawn and "2025年Q1" in drawn


def test_without_a_contribution_rate_sales_are_drawn_and_no_cpa():
    drawn = svg(ltv.running, RUNNING.assign(contribution_ltv_jpy=np.nan, payback=None))
    assert "6,500円" in drawn and "CPA" not in drawn


def test_not_paid_back_draws_no_month():
    assert "か月目に回収" in svg(ltv.running, RUNNING)
    assert "か月目に回収" not in svg(ltv.running, RUNNING.assign(payback=None, cpa_jpy=9000.0))


def test_the_limit_is_drawn_where_there_is_one():
    assert "限界CPO 4,400円" in svg(acquisition.monthly_trend, TREND)
    assert "限界CPO" not in svg(acquisition.monthly_trend, TREND.assign(limit_cpo_jpy=NONE))


def test_a_code_is_shown_with_its_channel_and_its_cost_if_known():
    drawn = svg(acquisition.doors, DOORS)
    assert "G1 自然検索" in drawn and "1,234円" in drawn
    assert "CPA" not in svg(acquisition.doors, DOORS.assign(cpa_jpy=NONE))


def test_only_a_channel_that_surely_falls_short_is_red():
    drawn = svg(acquisition.earned_back, BACK)
    assert "期間内未回収" in drawn and "7か月目" in drawn and ">free<" not in drawn
    assert style.WARN.lower() in drawn
    assert style.WARN.lower() not in svg(acquisition.earned_back, BACK.drop(index=1))
