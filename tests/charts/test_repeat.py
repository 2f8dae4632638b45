"""The repeat charts: what they write, and that small frames do not break them."""

import numpy as np
import pandas as pd
import pytest

from shindan import style, text
from shindan.charts import repeat as charts


@pytest.fixture(params=text.LANGUAGES)
def draw(request):
    """Draw a frame and give back the SVG's text."""
    style.apply()
    return lambda chart, frame: style.to_svg(chart(frame, text.Text(request.param)))


def curve(days):
    days = np.array(days)
    return pd.DataFrame({"day": days, "f2_rate": days / 1000, "f2_rate_lo": days / 1100,
                         "f2_rate_hi": days / 900, "naive_rate": days / 2000, "n": 50,
                         "n_repeated": 5, "n_at_risk": 1400 - days})


def test_f2_curve_labels_days_people_and_the_naive_figure(draw):
    svg = draw(charts.f2_curve, curve(range(366)))
    assert all(label in svg for label in ("3.0%", "9.0%", "18.0%", "36.5%", "1,035", "18.2%"))


def test_f2_curve_of_one_day(draw):
    assert "1,400" in draw(charts.f2_curve, curve([0]).assign(f2_rate_lo=np.nan, f2_rate_hi=np.nan))


def test_second_days_marks_the_half_and_the_open_band(draw):
    share = np.array([0.4, 0.3, 0.2, 0.1])
    frame = pd.DataFrame({"from_day": [0, 15, 30, 45], "to_day": [14, 29, 44, np.nan], "n_people": 1,
                          "repeater_share": share, "cumulative_share": share.cumsum()})
    assert draw(charts.second_days, frame).count("url(#") >= 1  # the hatch of the open band
    draw(charts.second_days, frame.iloc[:1].assign(cumulative_share=1.0))


def test_funnel_leaves_out_what_is_not_known(draw):
    frame = pd.DataFrame({"purchase_no": [1, 2, 3], "next_rate": [0.31, 0.52, np.nan],
                          "next_rate_lo": [0.3, np.nan, np.nan], "next_rate_hi": [0.33, np.nan, np.nan],
                          "n": [5000, 1500, 40], "n_next": 1, "n_at_risk": 20})
    svg = draw(charts.funnel, frame)
    assert "31.0%" in svg and "52.0%" in svg and "n=40" not in svg


def months(n):
    frame = pd.DataFrame({"cohort_month": [pd.Timestamp(2025, 1, 1), pd.Timestamp(2025, 2, 1)] * 2,
                          "window_days": [30, 30, 90, 90], "f2_rate": [0.11, 0.12, 0.23, np.nan]})
    return frame.assign(observed=frame.f2_rate.notna(), f2_rate_lo=np.nan, f2_rate_hi=np.nan, n=n)


def test_cohorts_say_which_months_are_still_observed(draw):
    svg = draw(charts.cohorts, months(1234))
    assert all(f">{mark}</text>" in svg for mark in ("11", "12", "23", "…", "1,234"))


def test_cohorts_hide_a_handful_of_people(draw):
    svg = draw(charts.cohorts, months(4))
    assert ">n&lt;5</text>" in svg and ">23</text>" not in svg


def test_groups_hide_a_handful_and_cut_long_names(draw):
    frame = pd.DataFrame({"first_product": ["あ" * 40, "soap", None, "few"], "f2_rate": [0.2, 0.4, 0.1, 0.99],
                          "f2_rate_lo": [0.1, 0.3, np.nan, 0.9], "f2_rate_hi": [0.3, 0.5, np.nan, 1],
                          "n": [300, 200, 29, 4]})
    svg = draw(charts.f2_groups, frame)
    assert "あ" * 14 + "…" + "あ" * 7 in svg and "あ" * 15 not in svg
    assert "40.0%" in svg and "99.0%" not in svg and text.DASH in svg


def test_groups_by_channel_and_price_use_the_readers_words(draw):
    row = {"f2_rate": [0.2], "f2_rate_lo": [0.1], "f2_rate_hi": [0.3], "n": [300]}
    assert "organic<" not in draw(charts.f2_groups, pd.DataFrame({"acq_channel": ["organic"], **row}))
    assert ">sale<" not in draw(charts.f2_groups, pd.DataFrame({"first_price": ["sale"], **row}))
