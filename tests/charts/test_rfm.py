"""The RFM charts: what they write, and that small frames do not break them."""

import datetime

import numpy as np
import pandas as pd
import pytest

from shindan import style, text
from shindan.analyses import disclosure, rfm
from shindan.charts import rfm as charts
from shindan.charts import rules
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
    frame.loc[12, ["n", "sales_jpy"]] = [20, 31_000]
    frame.loc[24, ["n", "sales_jpy"]] = [4, 777]
    return frame.assign(hidden=disclosure.hidden(frame["n"]))


def test_rf_heat_prints_limits_people_and_money(words):
    svg = style.to_svg(charts.rf_heat(grid(), words))
    assert all(mark in svg for mark in ("31", "367", "17", "1,234", text.yen_read(50_000_000, words.lang)))
    assert svg.count("n&lt;5<") == 2 and ">777" not in svg  # the money of four people is theirs
    # … and what twenty others spent would tell it: the total less everything printed
    assert text.yen_read(31_000, words.lang) not in svg and ">※<" in svg and words("rfm.chart.hidden").split("n<5")[0] in svg


def test_rf_heat_without_limits(words):
    assert "F4" in style.to_svg(charts.rf_heat(grid(limits=False), words))


def moves(kept, since=datetime.date(2024, 12, 31)):
    rows = [(before, now) for before in (*RANKS, rfm.NOT_YET) for now in RANKS]
    frame = pd.DataFrame(rows, columns=["rank_before", "rank_now"]).assign(n=0, people_share=np.nan)
    frame.loc[:3, "n"], frame.loc[:3, "people_share"] = [kept, 0, 0, 0], [1.0, 0, 0, 0]
    return frame.assign(since=since)


def test_transition_hides_the_shares_of_a_handful(words):
    assert "100.0%" in style.to_svg(charts.transition(moves(50), words))
    few = style.to_svg(charts.transition(moves(4), words))
    assert "100.0%" not in few and "n&lt;5" in few


def test_two_days_give_two_matrices(words):
    days = datetime.date(2024, 12, 31), datetime.date(2025, 6, 30)
    svg = style.to_svg(charts.transition(pd.concat([moves(50), moves(40, days[1])]), words))
    assert all(text.date(day, words.lang) in svg for day in days) and svg.count("100.0%") == 2


def test_pareto_labels_shares_and_running_total(words):
    share = np.array([0.41, *[0.59 / 9] * 9])
    frame = pd.DataFrame({"decile": range(1, 11), "sales_share": share, "cumulative_share": share.cumsum()})
    svg = style.to_svg(charts.pareto(frame, words))
    assert ">41%" in svg and ">48%" in svg and ">100%" in svg


def test_rules_in_words(words):
    own = rfm.Cuts(ranks=(rfm.RankRule("premium", 3, 20_000), rfm.RankRule("semi_premium", 0, 9_000), rfm.RankRule("regular")))
    said = rules.ranks(rfm.rank_rules(own), words).set_index("rank")["rule"]
    assert list(said.index) == list(RANKS) and "365" in said["dormant"]
    assert "3" in said["premium"] and text.yen(20_000, words.lang) in said["premium"]
    assert text.yen(9_000, words.lang) in said["semi_premium"]


def test_cut_points_in_words(words):
    points = pd.DataFrame({"score": rfm.SCORES, "recency_max_days": [30, 90, 180, 365, np.nan],
                           "frequency_min": [10, 5, 3, 2, np.nan], "monetary_min_jpy": [50_000, 30_000, 10_000, 5_000, np.nan]})
    said = rules.scores(points, words)
    assert len(said) == 3 and list(said.columns) == ["score_name", *[f"score_{n}" for n in rfm.SCORES]]
    assert said.loc[0, "score_1"] == words("rfm.cut.days_beyond", limit=365)
    assert said.loc[2, "score_5"] == words("rfm.cut.yen", limit=50_000)
    # quantile mode may leave a score empty
    ties = rules.scores(points.assign(frequency_min=[4, np.nan, 2, np.nan, 1]), words)
    assert ties.loc[1, "score_4"] == text.DASH and ties.loc[1, "score_1"] == words("rfm.cut.times", limit=1)
