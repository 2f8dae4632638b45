"""Few buyers: the exact test against scipy and by simulation, the interval that agrees with it."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from shindan.analyses import exact, intervals

# buyers expected: 10 of 18 in the controls' four strata; the same, one arm as large as the other; eight left out a stratum
SPARSE = {"mixed": ([2000, 800, 300, 90], [220, 90, 33, 10], [.01, .03, .08, .2]),
          "halves": ([50] * 4, [50] * 4, [.02] * 4), "eight": ([72] * 12, [8] * 12, [.07] * 12)}


def test_mid_p_of_one_table_is_fishers_less_half_of_what_was_seen():
    low = stats.fisher_exact([[3, 97], [9, 91]], "less")[1]
    seen = stats.hypergeom.pmf(9, 200, 12, 100)
    assert exact.p(3, 100, 9, 100) == pytest.approx(2 * (low - seen / 2), rel=1e-9)
    assert exact.p(9, 100, 3, 100) == pytest.approx(exact.p(3, 100, 9, 100))
    assert exact.p(0, 100, 0, 50) == 1 and np.isnan(exact.p(1, 10, 0, 0))


def test_over_strata_it_agrees_with_the_mantel_haenszel_test_where_buyers_are_many():
    k1, n1, k0, n0 = [120, 60, 30], [1000, 700, 500], [90, 55, 20], [1000, 600, 500]
    tables = [[[a, n - a], [c, m - c]] for a, n, c, m in zip(k1, n1, k0, n0, strict=True)]
    known = StratifiedTable([np.array(t) for t in tables]).test_null_odds().pvalue
    assert exact.p(k1, n1, k0, n0) == pytest.approx(known, rel=.02)


def test_the_difference_is_mantel_and_haenszels():
    """By hand: Σ (k1·n0 − k0·n1)/n ÷ Σ n1·n0/n over strata 10/40 v 2/20 and 5/30 v 4/60."""
    value = ((10 * 20 - 2 * 40) / 60 + (5 * 60 - 4 * 30) / 90) / (40 * 20 / 60 + 30 * 60 / 90)
    assert exact.difference([10, 5], [40, 30], [2, 4], [20, 60])[1] == pytest.approx(value)
    assert exact.difference([10, 5, 7], [40, 30, 9], [2, 4, 0], [20, 60, 0])[1] == pytest.approx(value)


@pytest.mark.parametrize(("name", "rise"), [("mixed", 0), ("mixed", .04), ("halves", 0), ("halves", .05), ("eight", 0)])
def test_the_interval_holds_the_truth_and_says_what_p_says(name, rise):
    """400 campaigns: 95 in 100 intervals hold the rise; 0 is outside just where p < 0.05."""
    rng, (n1, n0, rate) = np.random.default_rng(11), map(np.array, SPARSE[name])
    held = 0
    for _ in range(400):
        k1, k0 = rng.binomial(n1, rate + rise), rng.binomial(n0, rate)
        p, _, low, high = exact.judged(k1, n1, k0, n0)
        assert (p < .05) == (low > 0 or high < 0)
        held += low <= rise <= high
    assert held / 400 >= .92


def test_sums_of_normal_intervals_err_there_and_the_exact_test_does_not():
    """1,000 campaigns without effect: how often each calls it a find at 5 %."""
    rng, (n1, n0, rate) = np.random.default_rng(5), map(np.array, SPARSE["eight"])
    k1, k0 = (rng.binomial(n, rate, (1000, len(rate))) for n in (n1, n0))
    normal = np.mean(intervals.standardised_p(k1.astype(float), n1, k0, n0) < .05)
    mid = np.mean([exact.p(a, n1, c, n0) < .05 for a, c in zip(k1, k0, strict=True)])
    assert normal > .06 > mid


def test_many_buyers_leave_it_to_the_normal_interval():
    arms = [300, 150], [3000, 1000], [30, 15], [300, 100]
    assert exact.judged(*arms)[1:] == tuple(map(float, intervals.standardised_difference(*map(np.array, arms))))


def test_nobody_bought_anywhere_says_nothing_and_a_large_table_is_quick():
    p, value, low, high = exact.judged(0, 450, 0, 50)
    assert (p, value) == (1, 0) and low < 0 < high
    p, _, low, high = exact.judged([900_000, 3], [4_000_000, 60], [99_000, 1], [444_000, 9])
    assert 0 <= p <= 1 and low < high
