"""Intervals and corrections that more than one analysis needs; numbers or arrays in, the same out.

All intervals are two-sided 95 % (`LEVEL`). A zero denominator gives NaN, never 0 or infinity.
"""

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

LEVEL = 0.95
Z = stats.norm.ppf((1 + LEVEL) / 2)


def joint_level(comparisons):
    """The level at which each of so many intervals must stand for 95 % of all together (Bonferroni)."""
    return 1 - (1 - LEVEL) / max(int(comparisons), 1)


def z_of(comparisons=1):
    """Standard deviations either side of an estimate at that level."""
    return stats.norm.ppf((1 + joint_level(comparisons)) / 2)


def rate(k, n):
    """k ÷ n; NaN where n is 0."""
    k, n = np.asarray(k, float), np.asarray(n, float)
    return np.divide(k, n, out=np.full(np.broadcast(k, n).shape, np.nan), where=n > 0)[()]


def wilson(k, n, level=LEVEL):
    """Score interval (low, high) of a rate k/n (Wilson 1927)."""
    k, n = np.broadcast_arrays(np.asarray(k, float), np.asarray(n, float))
    safe = np.where(n > 0, n, 1)
    low, high = proportion_confint(np.minimum(k, safe), safe, 1 - level, "wilson")
    low, high = np.where(k > 0, np.clip(low, 0, 1), 0.0), np.where(k < n, np.clip(high, 0, 1), 1.0)
    return np.where(n > 0, low, np.nan)[()], np.where(n > 0, high, np.nan)[()]


def difference(value1, ends1, value0, ends0):
    """Interval (low, high) of value1 − value0 from the two intervals of independent estimates.

    Each side's variance is recovered from its own interval (Zou & Donner 2008, "MOVER").
    """
    gap = np.asarray(value1, float) - value0
    low = gap - np.hypot(value1 - ends1[0], ends0[1] - value0)
    high = gap + np.hypot(ends1[1] - value1, value0 - ends0[0])
    return low[()], high[()]


def newcombe(k1, n1, k0, n0, level=LEVEL):
    """Interval (low, high) of k1/n1 − k0/n0 (Newcombe 1998, method 10: from Wilson's ends)."""
    return difference(rate(k1, n1), wilson(k1, n1, level), rate(k0, n0), wilson(k0, n0, level))


def standardised_difference(k1, n1, k0, n0, level=LEVEL):
    """(difference, low, high) of two rates over strata (last axis), weighted by (n1 + n0).

    Strata with an empty arm cannot be compared and are left out. The interval adds up the strata's
    variances, recovered from Wilson's ends; with one stratum it is Newcombe's.
    """
    k1, n1, k0, n0 = (np.asarray(x, float) for x in (k1, n1, k0, n0))
    weight = np.where((n1 > 0) & (n0 > 0), n1 + n0, 0.0)
    weight = weight * rate(1, weight.sum(axis=-1, keepdims=True))
    ends = wilson(k1, n1, level), wilson(k0, n0, level)
    return weighted_difference(weight, rate(k1, n1), ends[0], rate(k0, n0), ends[1])


def weighted_difference(weight, value1, ends1, value0, ends0):
    """(Σ weight · (value1 − value0), low, high) over the last axis, variances from the values' intervals."""
    def total(values):
        return np.where(weight > 0, values, 0).sum(axis=-1)

    value = total(weight * (value1 - value0))
    value = np.where(np.isnan(weight).any(axis=-1), np.nan, value)
    below = np.sqrt(total(weight**2 * ((value1 - ends1[0]) ** 2 + (ends0[1] - value0) ** 2)))
    above = np.sqrt(total(weight**2 * ((ends1[1] - value1) ** 2 + (value0 - ends0[0]) ** 2)))
    return value[()], (value - below)[()], (value + above)[()]


def standardised_p(k1, n1, k0, n0):
    """Two-sided p of no difference: 1 − the level at which `standardised_difference` reaches 0.

    So p < 0.05 says the same as an interval without 0, also where nobody bought in an arm.
    """
    values = standardised_difference(k1, n1, k0, n0)[0]
    low, high = np.zeros_like(values), np.full_like(values, 8.0)  # beyond 8 a level is 1 to the last digit
    for _ in range(50):  # bisection on the interval's width, in standard deviations
        middle = (low + high) / 2
        level = 1 - 2 * stats.norm.sf(middle)[..., None]
        _, bottom, top = standardised_difference(k1, n1, k0, n0, level)
        apart = (bottom > 0) | (top < 0)
        low, high = np.where(apart, middle, low), np.where(apart, high, middle)
    return np.where(np.isnan(values), np.nan, 2 * stats.norm.sf(low))[()]


def adjusted_wald_nps(promoters, passives, detractors, design=1):
    """(NPS, low, high) on −100…100; adjusted Wald: +¾ promoters, +¾ detractors, +3 answers.

    `design`: the design effect of answers that belong together.

    Source: Sauro & Lewis, "Confidence intervals for Net Promoter Scores" (MeasuringU).
    """
    promoters, detractors = np.asarray(promoters, float), np.asarray(detractors, float)
    n = promoters + passives + detractors
    middle, half = 100 * (promoters - detractors) / (n + 3), Z * nps_error(promoters, passives, detractors, design)
    low, high = np.clip(middle - half, -100, 100), np.clip(middle + half, -100, 100)
    known = n > 0
    return tuple(np.where(known, x, np.nan)[()]
                 for x in (100 * rate(promoters - detractors, n), low, high))


def nps_error(promoters, passives, detractors, design=1):
    """The standard error behind `adjusted_wald_nps`: never 0, and not cut off at ±100."""
    promoters, passives, detractors = (np.asarray(x, float) for x in (promoters, passives, detractors))
    n = promoters + passives + detractors + 3
    p, d = (promoters + 0.75) / n, (detractors + 0.75) / n
    return (100 * np.sqrt(np.asarray(design, float) * (p + d - (p - d) ** 2) / n))[()]


def alike_p(values, errors):
    """p of one true value behind several estimates (Cochran's Q) with these standard errors."""
    values, weight = np.asarray(values, float), 1 / np.asarray(errors, float) ** 2
    middle = (weight * values).sum() / weight.sum()
    return float(stats.chi2.sf((weight * (values - middle) ** 2).sum(), len(values) - 1))


def holm(pvalues):
    """p values corrected over a family (Holm 1979); missing ones stay missing and do not count."""
    p = np.asarray(pvalues, float)
    out, known = np.full(p.shape, np.nan), ~np.isnan(p)
    several = p[known]
    order = several.argsort()
    raised = np.maximum.accumulate(several[order] * np.arange(len(several), 0, -1))
    several[order] = np.minimum(raised, 1)
    out[known] = several
    return out


def mean_ci(total, squares, n):
    """(mean, low, high) by Student's t from Σx, Σx² and n; no interval below n = 2."""
    total, squares, n = (np.asarray(x, float) for x in (total, squares, n))
    middle, error = rate(total, n), np.sqrt(_mean_variance(total, squares, n))
    half = stats.t.ppf((1 + LEVEL) / 2, np.maximum(n - 1, 1)) * error
    return middle, (middle - half)[()], (middle + half)[()]


def mean_difference(total1, squares1, n1, total0, squares0, n0):
    """(difference of means, low, high) by Welch's t from Σx, Σx² and n of two groups."""
    var1, var0 = _mean_variance(total1, squares1, n1), _mean_variance(total0, squares0, n0)
    gap = rate(total1, n1) - rate(total0, n0)
    spread = rate(var1**2, np.asarray(n1) - 1) + rate(var0**2, np.asarray(n0) - 1)
    freedom = rate((var1 + var0) ** 2, spread)
    half = stats.t.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(var1 + var0)
    return gap, gap - half, gap + half


def _mean_variance(total, squares, n):
    """Variance of the mean; NaN below n = 2."""
    n = np.asarray(n, float)
    scatter = np.maximum(np.asarray(squares, float) - rate(np.asarray(total, float) ** 2, n), 0)
    return rate(scatter, np.maximum(n - 1, 0) * n)


def detectable_difference(rate0, n1, n0, level=LEVEL, power=0.8):
    """Smallest rise over `rate0`, alike in all strata (last axis), that is found with `power`.

    Found: the interval `standardised_difference` of that level lies above 0.
    """
    rate0, n1, n0 = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, float)) for x in (rate0, n1, n0)))
    both = (n1 > 0) & (n0 > 0)
    weight = np.where(both, n1 + n0, 0) * rate(1, np.where(both, n1 + n0, 0).sum(axis=-1, keepdims=True))
    low, high = np.zeros(weight.shape[:-1]), np.ones(weight.shape[:-1])
    for _ in range(30):
        middle = (low + high) / 2
        rate1 = np.minimum(rate0 + middle[..., None], 1)
        gap, bottom, _ = standardised_difference(n1 * rate1, n1, n0 * rate0, n0, level)
        spread = rate(rate1 * (1 - rate1), n1) + rate(rate0 * (1 - rate0), n0)
        error = np.sqrt(np.where(weight > 0, weight**2 * spread, 0).sum(axis=-1))
        enough = bottom > stats.norm.ppf(power) * error
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(both.any(axis=-1), high, np.nan)[()]
