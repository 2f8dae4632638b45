"""The RFM charts: what they write, and that small frames do not break them."""

import numpy as np
import pandas as pd
import pytest

from shindan import style, text
from shindan.analyses import rfm
from shindan.charts import rfm as charts
from shindan.schema import RANKS


@pytest.fixture(params=text.LANGUAGES)
def words(request):
    style.apply()
    return text.Text(request.param)


def test_rank_bars_name_the_parts_with_room(words):
    frame = pd.DataFrame({"rank": RANKS, "people_share": [0.01, 0.3, 0.4, 0.29],
                          "sales_share": [0.5, 0.3, 0.2, 0.0]})
    svg = style.to_svg(charts.rank_bars(frame, words))
    assert "50.0%" in svg and ">1.0%" not in svg and words("rank.premium") in svg


def test_rank_bars_without_sales(words):
    frame = pd.DataFrame({"rank": RANKS, "people_share": [0, 0, 0, 1.0], "sales_share": np.nan})
    assert "100.0%" in style.to_svg(charts.rank_bars(frame, words))


def grid(limits=True):
    frame = pd.DataFrame([(r, f) for r in rfm.SCORES for f in rfm.SCORES], columns=["r_score", "f_score"])
    frame["recency_max_days"] = frame.r_score.map({5: 31, 4: 92, 3: 183, 2: 367} if limits else {})
    frame["frequency_min"] = frame.f_score.map({5: 17, 4: 5, 3: 3, 2: 2} if limits else {})
    frame["n"], frame["sales_jpy"] = 0, 0
    frame.loc[0, ["n", "sales_jpy"]] = [1234, 50_000_000]
    frame.loc[24, ["n", "sales_jpy"]] = [4, 777]
    return frame


def test_rf_heat_prints_limits_people_and_money(words):
    svg = style.to_svg(charts.rf_heat(grid(), words))
    assert all(mark in svg for mark in ("31", "367", "17", "1,234", text.yen_read(50_000_000, words.lang)))
    assert "n&lt;5" in svg and ">777" not in svg  # the money of four people is theirs


def test_rf_heat_without_limits(words):
    assert "F4" in style.to_svg(charts.rf_heat(grid(limits=False), words))


def moves(kept):
    rows = [(before, now) for before in (*RANKS, rfm.NOT_YET) for now in RANKS]
    frame = pd.DataFrame(rows, columns=["rank_before", "rank_now"]).assign(n=0, people_share=np.nan)
    frame.loc[:3, "n"], frame.loc[:3, "people_share"] = [kept, 0, 0, 0], [1.0, 0, 0, 0]
    return frame


def test_transition_hides_the_shares_of_a_handful(words):
    assert "100.0%" in style.to_svg(charts.transition(moves(50), words))
    assert "100.0%" not in style.to_svg(charts.transition(moves(4), words))


def test_pareto_labels_shares_and_running_total(words):
    share = np.array([0.41, *[0.59 / 9] * 9])
    frame = pd.DataFrame({"decile": range(1, 11), "sales_share": share, "cumulative_share": share.cumsum()})
    svg = style.to_svg(charts.pareto(frame, words))
    assert ">41%" in svg and ">48%" in svg and ">100%" in svg
