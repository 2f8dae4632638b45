"""Intervals and corrections that more than one analysis needs; numbers or arrays in, the same out.

All intervals are two-sided 95 % (`LEVEL`). A zero denominator gives NaN, never 0 or infinity.
"""

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

LEVEL = 0.95
Z = stats.norm.ppf((1 + LEVEL) / 2)


def rate(k, n):
    """k ÷ n; NaN where n is 0."""
    k, n = np.asarray(k, float), np.asarray(n, float)
    return np.divide(k, n, out=np.full(np.broadcast(k, n).shape, np.nan), where=n > 0)[()]


def wilson(k, n):
    """Score interval (low, high) of a rate k/n (Wilson 1927)."""
    k, n = np.broadcast_arrays(np.asarray(k, float), np.asarray(n, float))
    safe = np.where(n > 0, n, 1)
    low, high = proportion_confint(np.minimum(k, safe), safe, 1 - LEVEL, "wilson")
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    return np.where(n > 0, low, np.nan)[()], np.where(n > 0, high, np.nan)[()]


def difference(value1, ends1, value0, ends0):
    """Interval (low, high) of value1 − value0 from the two intervals of independent estimates.

    Each side's variance is recovered from its own interval (Zou & Donner 2008, "MOVER").
    """
    gap = np.asarray(value1, float) - value0
    low = gap - np.hypot(value1 - ends1[0], ends0[1] - value0)
    high = gap + np.hypot(ends1[1] - value1, value0 - ends0[0])
    return low[()], high[()]


def newcombe(k1, n1, k0, n0):
    """Interval (low, high) of k1/n1 − k0/n0 (Newcombe 1998, method 10: from Wilson's ends)."""
    return difference(rate(k1, n1), wilson(k1, n1), rate(k0, n0), wilson(k0, n0))


def standardised_difference(k1, n1, k0, n0):
    """(difference, low, high) of two rates over strata (last axis), weighted by (n1 + n0).

    Strata with an empty arm cannot be compared and are left out. The interval adds up the strata's
    variances, recovered from Wilson's ends; with one stratum it is Newcombe's.
    """
    k1, n1, k0, n0 = (np.asarray(x, float) for x in (k1, n1, k0, n0))
    weight = np.where((n1 > 0) & (n0 > 0), n1 + n0, 0.0)
    weight = weight * rate(1, weight.sum(axis=-1, keepdims=True))

    def total(values):
        return np.where(weight > 0, values, 0).sum(axis=-1)

    p1, p0 = rate(k1, n1), rate(k0, n0)
    (low1, high1), (low0, high0) = wilson(k1, n1), wilson(k0, n0)
    value = total(weight * (p1 - p0))
    value = np.where(np.isnan(weight).any(axis=-1), np.nan, value)
    below = np.sqrt(total(weight**2 * ((p1 - low1) ** 2 + (high0 - p0) ** 2)))
    above = np.sqrt(total(weight**2 * ((high1 - p1) ** 2 + (p0 - low0) ** 2)))
    return value[()], (value - below)[()], (value + above)[()]


def adjusted_wald_nps(promoters, passives, detractors):
    """(NPS, low, high) on −100…100; adjusted Wald: +¾ promoters, +¾ detractors, +3 answers.

    Source: Sauro & Lewis, "Confidence intervals for Net Promoter Scores" (MeasuringU).
    """
    promoters, detractors = np.asarray(promoters, float), np.asarray(detractors, float)
    n = promoters + passives + detractors
    p, d = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    half = Z * np.sqrt((p + d - (p - d) ** 2) / (n + 3))
    low, high = np.clip(100 * (p - d - half), -100, 100), np.clip(100 * (p - d + half), -100, 100)
    known = n > 0
    return tuple(np.where(known, x, np.nan)[()]
                 for x in (100 * rate(promoters - detractors, n), low, high))


def alike_p(values, low, high):
    """p of one true value behind several estimates (Cochran's Q), spreads taken from their intervals."""
    values, error = np.asarray(values, float), (np.asarray(high, float) - low) / (2 * Z)
    weight = 1 / error**2
    middle = (weight * values).sum() / weight.sum()
    return float(stats.chi2.sf((weight * (values - middle) ** 2).sum(), len(values) - 1))


def holm(pvalues):
    """p values corrected over a family (Holm 1979); missing ones stay missing and do not count."""
    p = np.asarray(pvalues, float)
    out, known = np.full(p.shape, np.nan), ~np.isnan(p)
    if known.any():
        out[known] = multipletests(p[known], method="holm")[1]
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


def detectable_difference(rate0, n1, n0, power=0.8):
    """Smallest difference of two rates found with `power` at 5 % (normal approximation)."""
    reach = Z + stats.norm.ppf(power)
    return reach * np.sqrt(rate0 * (1 - rate0) * (rate(1, n1) + rate(1, n0)))
