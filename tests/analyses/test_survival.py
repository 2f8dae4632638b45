"""Kaplan–Meier from counts, against printed values and against scipy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from shindan.analyses import intervals, survival

# O1 of the methods: eight customers, worked by hand
DAYS, EVENTS = [10, 15, 20, 25, 30, 40, 60, 90], [1, 0, 1, 0, 1, 0, 1, 0]
# Freireich et al. (1963), 6-MP arm: weeks of remission, as in every textbook on survival
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSE = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def counts(days, events):
    rows = pd.DataFrame({"day": days, "event": np.array(events, bool)})
    return rows.groupby(["day", "event"]).size().rename("n").reset_index()


def test_o1_by_hand():
    curve = survival.curve(counts(DAYS, EVENTS))
    at = survival.at(curve, [9, 10, 20, 30, 59, 60]).set_index("day")
    expected = [1, 7 / 8, 35 / 48, 35 / 64, 35 / 64, 35 / 128]
    assert at.survival.tolist() == pytest.approx(expected)
    assert at.loc[30, ["survival_lo", "survival_hi"]].tolist() == pytest.approx([0.1372, 0.8324], abs=5e-5)
    assert at.n_at_risk.tolist() == [8, 8, 6, 4, 2, 2]
    assert survival.median(curve) == 60


def test_o1_events_come_before_censorings_on_a_tie():
    at = survival.at(survival.curve(counts([30, 30, 60], [1, 0, 1])), [30, 60])
    assert at.survival.tolist() == pytest.approx([2 / 3, 0])
    assert at.survival_lo[1] == 0 and 0 < at.survival_hi[1] < 1  # all it can be known of: Wilson's, of two
    assert at.survival_hi[1] == pytest.approx(intervals.wilson(0, 2)[1])


def test_a_group_without_an_event_is_not_certain():
    """Of 40 followed for 90 days nobody: up to Wilson's 0 of 40, and wider where fewer were followed."""
    curve = survival.curve(counts([90] * 40 + [30] * 60, [0] * 100))
    at = survival.at(curve, [10, 30, 60, 90, 91])
    assert at.survival[:4].tolist() == [1] * 4 and at.survival_hi[:4].tolist() == [1] * 4
    assert at.survival_lo[:4].tolist() == pytest.approx([1 - intervals.wilson(0, n)[1] for n in (100, 100, 40, 40)])
    assert at.survival[4:].isna().all() and at.survival_lo[4:].isna().all()
    early = survival.at(survival.curve(counts([50] * 9 + [60], [0] * 9 + [1])), [40])
    assert early.survival_lo[0] == pytest.approx(1 - intervals.wilson(0, 10)[1])


def test_o2_freireich():
    """Kalbfleisch & Prentice, The Statistical Analysis of Failure Time Data, table 1.2."""
    at = survival.at(survival.curve(counts(WEEKS, RELAPSE)), [6, 7, 10, 13, 16, 22, 23])
    assert at.survival.tolist() == pytest.approx(
        [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5)


def test_no_figure_where_too_few_are_at_risk():
    curve = survival.curve(counts(DAYS, EVENTS))
    assert survival.at(curve, [30, 40, 60], min_at_risk=3).survival.isna().tolist() == [False, False, True]
    assert survival.median(curve, min_at_risk=3) is None
    assert survival.at(curve, [91]).survival.isna().all()  # nobody was followed that long


def test_a_half_is_not_yet_the_median():
    curve = survival.curve(counts([1, 2, 3, 3], [1, 1, 0, 0]))
    assert survival.at(curve, [3]).survival.tolist() == pytest.approx([0.5])
    assert survival.median(curve) is None


def test_nobody():
    curve = survival.curve(pd.DataFrame({"day": [], "event": [], "n": []}))
    assert survival.at(curve, [30]).survival.isna().all()
    assert survival.median(curve) is None


people = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=60)


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@settings(max_examples=60, deadline=None)
@given(people)
def test_equals_scipy_on_any_data(rows):
    days, event = np.array([d for d, _ in rows]), np.array([e for _, e in rows])
    data = stats.CensoredData(uncensored=days[event], right=days[~event])
    theirs = stats.ecdf(data).sf
    curve = survival.curve(counts(days, event))
    ours = survival.at(curve, theirs.quantiles.astype(int))
    assert ours.survival.to_numpy() == pytest.approx(theirs.probabilities, abs=1e-12)
    with np.errstate(all="ignore"):
        ends = theirs.confidence_interval(method="log-log")
    inside = (theirs.probabilities > 1e-9) & (theirs.probabilities < 1 - 1e-9)
    assert ours.survival_lo[inside].to_numpy() == pytest.approx(ends.low.probabilities[inside], abs=1e-9)
    assert ours.survival_hi[inside].to_numpy() == pytest.approx(ends.high.probabilities[inside], abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(people, people)
def test_log_rank_of_two_groups_equals_scipy(one, two):
    frames, samples = [], []
    for name, rows in (("one", one), ("two", two)):
        days, event = np.array([d for d, _ in rows]), np.array([e for _, e in rows])
        frames.append(counts(days, event).assign(group=name))
        samples.append(stats.CensoredData(uncensored=days[event], right=days[~event]))
    ours = survival.log_rank(pd.concat(frames), "group", until_day=30)
    with np.errstate(all="ignore"):
        theirs = stats.logrank(*samples).pvalue
    if np.isfinite(theirs):
        assert ours == pytest.approx(theirs, abs=1e-9)


def test_log_rank_of_three_groups():
    """Against statsmodels.duration.survdiff on the same people, one row each."""
    from statsmodels.duration.survfunc import survdiff

    rng = np.random.default_rng(7)
    group = rng.integers(0, 3, 300)
    true, seen = rng.exponential(60 + 40 * group).astype(int), rng.integers(0, 200, 300)
    rows = pd.DataFrame({"day": np.minimum(true, seen), "event": true <= seen, "group": group})
    table = rows.groupby(["group", "day", "event"]).size().rename("n").reset_index()
    _, expected = survdiff(rows.day, rows.event.astype(int), rows.group)
    assert survival.log_rank(table, "group", until_day=200) == pytest.approx(expected)
    cut = rows.assign(event=rows.event & (rows.day <= 30), day=rows.day.clip(upper=31))
    _, expected = survdiff(cut.day, cut.event.astype(int), cut.group)
    assert survival.log_rank(table, "group", until_day=30) == pytest.approx(expected)


def test_log_rank_needs_two_groups_and_an_event():
    one = counts(DAYS, EVENTS).assign(group="a")
    assert np.isnan(survival.log_rank(one, "group", 90))
    two = pd.concat([counts([5], [0]).assign(group=g) for g in "ab"])
    assert np.isnan(survival.log_rank(two, "group", 90))
