"""Shared intervals against published numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from shindan.analyses import intervals

counts = st.integers(0, 60)


@pytest.mark.parametrize("k, n, low, high", [
    (0, 10, 0, .2775), (1, 10, .0179, .4042), (15, 148, .0624, .1605)])
def test_wilson_published(k, n, low, high):
    """Newcombe (1998), Statistics in Medicine 17:857, table I, method 3."""
    assert intervals.wilson(k, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("arms, low, high", [
    ((56, 70, 48, 80), .0524, .3339), ((10, 10, 0, 20), .6791, 1),
    ((3894, 21307, 2262, 21306), .069953, .083227)])
def test_newcombe_published(arms, low, high):
    """Newcombe (1998), Statistics in Medicine 17:873, table II, method 10; the last row:
    visits in MineThatData's e-mail test, men's mail against no mail."""
    assert intervals.newcombe(*arms) == pytest.approx((low, high), abs=5e-5)


def test_holm_is_that_of_statsmodels(monkeypatch):
    monkeypatch.setattr("gc.collect", lambda: 0)  # it collects garbage at every correction
    rng = np.random.default_rng(3)
    for n in range(1, 60):
        p = rng.random(n).round(1 + n % 3)   # some of them equal
        assert intervals.holm(p).tolist() == multipletests(p, method="holm")[1].tolist()
    assert intervals.holm([]).tolist() == [] and np.isnan(intervals.holm([np.nan])).all()


def test_holm_published():
    """Worked example of Holm's (1979) step-down."""
    assert intervals.holm([.01, .04, .03, .005]) == pytest.approx([.03, .06, .06, .02])
    with_missing = intervals.holm([.01, np.nan, .02])
    assert with_missing[[0, 2]] == pytest.approx([.02, .02]) and np.isnan(with_missing[1])


@pytest.mark.parametrize("answers, score, low, high", [
    ((50, 30, 20), 30, 14.05, 44.20), ((7, 2, 1), 60, 7.04, 85.27), ((400, 300, 300), 10, 4.83, 15.11)])
def test_nps_adjusted_wald(answers, score, low, high):
    """Adjusted Wald after Sauro & Lewis (MeasuringU): +¾, +¾, +3."""
    assert intervals.adjusted_wald_nps(*answers) == pytest.approx((score, low, high), abs=.005)


def test_nps_carpentries():
    """The Carpentries' long-term survey of December 2020 (CC BY 4.0): n 87, NPS 47."""
    score, low, high = intervals.adjusted_wald_nps(49, 87 - 49 - 8, 8)
    assert round(score) == 47 and low < 47 < high


def test_simpson_turns_round():
    """Ranks S and C mixed unequally between arms: pooled +14.1 points, within ranks −1.5."""
    k1, n1, k0, n0 = [180, 1], [900, 100], [22, 18], [100, 900]
    assert sum(k1) / sum(n1) - sum(k0) / sum(n0) == pytest.approx(.141)
    value, low, high = intervals.standardised_difference(k1, n1, k0, n0)
    assert value == pytest.approx(-.015) and low < -.015 < high


def test_one_stratum_is_newcombe():
    value, low, high = intervals.standardised_difference([56], [70], [48], [80])
    assert (value, low, high) == pytest.approx((.2, *intervals.newcombe(56, 70, 48, 80)))


def test_stratum_without_a_control_is_left_out():
    alone = intervals.standardised_difference([5], [50], [4], [40])
    assert intervals.standardised_difference([5, 9], [50, 90], [4, 0], [40, 0]) == pytest.approx(alone)
    assert np.isnan(intervals.standardised_difference([1], [5], [0], [0])).all()


def test_mean_is_students_t():
    x = np.array([3., 5, 9, 12, 1])
    expected = stats.t.interval(.95, len(x) - 1, x.mean(), stats.sem(x))
    assert intervals.mean_ci(x.sum(), (x**2).sum(), len(x)) == pytest.approx((x.mean(), *expected))


def test_mean_difference_is_welchs_t():
    x, y = np.array([3., 5, 9, 12, 1]), np.array([2., 2, 7, 1])
    ends = stats.ttest_ind(x, y, equal_var=False).confidence_interval()
    got = intervals.mean_difference(x.sum(), (x**2).sum(), 5, y.sum(), (y**2).sum(), 4)
    assert got == pytest.approx((3, ends.low, ends.high))


def test_alike_holds_its_level():
    """Groups of one and the same NPS are called different about 5 times in 100 (simulation)."""
    rng = np.random.default_rng(3)
    counts = rng.multinomial(120, [.4, .35, .25], (1500, 4))
    kinds = np.moveaxis(counts, -1, 0)
    scores, errors = intervals.adjusted_wald_nps(*kinds)[0], intervals.nps_error(*kinds)
    p = np.array([intervals.alike_p(*row) for row in zip(scores, errors, strict=True)])
    assert .03 < (p < .05).mean() < .075
    assert intervals.alike_p([0, 60], [5, 5]) < 1e-6
    assert intervals.nps_error(40, 0, 0) > 1  # everybody a promoter: not certain all the same


def test_nothing_observed_gives_no_number():
    assert np.isnan(intervals.wilson(0, 0)).all()
    assert np.isnan(intervals.newcombe(0, 0, 1, 2)).all()
    assert np.isnan(intervals.adjusted_wald_nps(0, 0, 0)).all()
    assert np.isnan(intervals.mean_ci(0, 0, 0)).all()
    assert np.isnan(intervals.mean_ci(5, 25, 1)[1:]).all()


@pytest.mark.parametrize("p, n1, n0", [(.1, 4000, 1000), (.05, 300, 100), (.02, 200, 50), (.3, 60, 60)])
def test_detectable_difference_has_its_power(p, n1, n0):
    """At the printed difference the interval lies above 0 about 8 times in 10 (simulation)."""
    gap = intervals.detectable_difference(p, n1, n0)
    rng = np.random.default_rng(1)
    k1, k0 = rng.binomial(n1, p + gap, 4000), rng.binomial(n0, p, 4000)
    assert .76 < (intervals.newcombe(k1, n1, k0, n0)[0] > 0).mean() < .84


def test_p_says_what_the_interval_says():
    rng = np.random.default_rng(5)
    n1, n0 = rng.integers(0, 40, (300, 3)), rng.integers(0, 40, (300, 3))
    k1, k0 = rng.binomial(n1, .3), rng.binomial(n0, .15)
    value, low, high = intervals.standardised_difference(k1, n1, k0, n0)
    p = intervals.standardised_p(k1, n1, k0, n0)
    assert (np.isnan(p) == np.isnan(value)).all() and 20 < (p < .05).sum() < 280
    known = ~np.isnan(p)
    assert ((p < .05) == ((low > 0) | (high < 0)))[known].all()
    assert intervals.standardised_p([56], [70], [48], [80]) == pytest.approx(.008, abs=.003)


def test_joint_intervals_are_wider():
    assert intervals.joint_level(1) == intervals.joint_level(0) == .95
    assert intervals.joint_level(10) == pytest.approx(.995) and intervals.z_of() == pytest.approx(1.96, abs=1e-3)
    assert intervals.newcombe(5, 50, 2, 40, .995)[0] < intervals.newcombe(5, 50, 2, 40)[0]


@given(counts, counts, counts, counts)
def test_newcombe_mirrors_and_holds_the_difference(a, b, c, d):
    k1, n1, k0, n0 = a, a + b + 1, c, c + d + 1
    low, high = intervals.newcombe(k1, n1, k0, n0)
    assert -1 - 1e-9 <= low <= k1 / n1 - k0 / n0 + 1e-9 and k1 / n1 - k0 / n0 <= high + 1e-9 <= 1 + 2e-9
    assert intervals.newcombe(k0, n0, k1, n1) == pytest.approx((-high, -low))


@given(counts, counts, counts)
def test_nps_stays_on_its_scale(promoters, passives, detractors):
    score, low, high = intervals.adjusted_wald_nps(promoters, passives, detractors)
    if promoters + passives + detractors:
        assert -100 <= low <= high <= 100 and -100 <= score <= 100
