"""Two random arms over strata in which few buy: an exact test, and intervals that agree with it.

Sums of normal intervals err where a stratum holds an expected buyer or two: at 5 % they called up to
10 % of simulated campaigns without effect a find. Numbers in, numbers out; one comparison a call,
its strata along the arrays (k1 of n1 sent to bought, k0 of n0 left out).
"""

import numpy as np
from scipy import stats

from shindan.analyses import intervals

FEW = 5          # expected buyers in an arm of a stratum, below which the exact test speaks
FAR_Z = 8.0      # beyond, a level is 1 to the last digit
REACH_SD = 12    # of a stratum's distribution: what is further off has no weight left


def is_sparse(k1, n1, k0, n0):
    """True if a stratum with both arms expects fewer than FEW buyers (at its common rate) in one of them."""
    k1, n1, k0, n0 = _both(k1, n1, k0, n0)
    return bool((np.minimum(n1, n0) * (k1 + k0) / (n1 + n0) < FEW).any())


def p(k1, n1, k0, n0):
    """Two-sided mid-p of no difference in any stratum (twice the smaller tail), given how many bought in each.

    The buyers of a stratum fall into the control like balls of an urn (hypergeometric); over strata
    their numbers add up (convolution). Mid-p counts half of what was seen: Lancaster 1961.
    """
    k1, n1, k0, n0 = _both(k1, n1, k0, n0)
    if not len(n1):
        return np.nan
    weight, first = np.ones(1), 0
    for bought, sent, left in zip(k1 + k0, n1, n0, strict=True):
        low, part = _urn(int(bought), int(sent), int(left))
        weight, first = np.convolve(weight, part), first + low
    at = min(max(int(k0.sum()) - first, 0), len(weight) - 1)
    tails = weight[:at].sum() + weight[at] / 2, weight[at + 1:].sum() + weight[at] / 2
    return float(min(1.0, 2 * min(tails) / weight.sum()))


def _urn(bought, sent, left):
    """(first, probabilities): how many of `bought` buyers are among the `left` by chance."""
    middle = bought * left / (sent + left)
    reach = REACH_SD * np.sqrt(middle * sent / (sent + left)) + REACH_SD
    low, high = max(0, bought - sent, int(middle - reach)), min(bought, left, int(middle + reach))
    return low, stats.hypergeom.pmf(np.arange(low, high + 1), sent + left, bought, left)


def judged(k1, n1, k0, n0, level=intervals.LEVEL):
    """(p, difference, low, high) of one campaign over its strata: p < 1 − level just where 0 is outside.

    `intervals.standardised_difference`, and where buyers are few `difference`.
    """
    arms = [np.atleast_1d(np.asarray(x, float)) for x in (k1, n1, k0, n0)]
    if is_sparse(*arms):
        return difference(*arms, level)
    return float(intervals.standardised_p(*arms)), *map(float, intervals.standardised_difference(*arms, level))


def difference(k1, n1, k0, n0, level=intervals.LEVEL):
    """(p, difference, low, high) of one effect in all strata: Mantel & Haenszel's risk difference.

    Strata weigh n1·n0 ÷ (n1 + n0), so that many small ones add up. Interval: Klingenberg 2014 (score,
    variance of Sato, Greenland & Robins 1989), as much wider (or narrower), in standard deviations, as
    the exact test puts 0 nearer (or further).
    """
    k1, n1, k0, n0 = _both(k1, n1, k0, n0)
    value, squares, own = _mantel_haenszel(k1, n1, k0, n0)
    if np.isnan(value):
        return (np.nan,) * 4
    p_exact = p(k1, n1, k0, n0)
    if not own > 0:   # in every arm nobody bought, or everybody: no variance to go by
        return p_exact, float(value), *map(float, intervals.standardised_difference(k1, n1, k0, n0, level)[1:])
    z = np.clip(_z(1 - level) + min(abs(value) / np.sqrt(own), FAR_Z) - _z(p_exact), 0, FAR_Z)
    middle = value + z**2 / 2 * squares
    half = np.sqrt(max(middle**2 - value**2 + z**2 * own, 0))
    return p_exact, float(value), float(max(middle - half, -1)), float(min(middle + half, 1))


def error(k1, n1, k0, n0):
    """The standard error of the Mantel–Haenszel difference (Sato, Greenland & Robins 1989)."""
    value, squares, own = _mantel_haenszel(*_both(k1, n1, k0, n0))
    return float(np.sqrt(max(value * squares + own, 0)))


def _mantel_haenszel(k1, n1, k0, n0):
    """(difference d, P, Q) with variance d·P + Q."""
    n, weight = n1 + n0, (n1 * n0 / (n1 + n0)).sum()
    if not weight > 0:
        return np.nan, np.nan, np.nan
    value = ((k1 * n0 - k0 * n1) / n).sum() / weight
    squares = ((n1**2 * k0 - n0**2 * k1 + n1 * n0 * (n0 - n1) / 2) / n**2).sum() / weight**2
    own = ((k1 * (n0 - k0) + k0 * (n1 - k1)) / (2 * n)).sum() / weight**2
    return value, squares, own


def _z(p):
    return min(float(stats.norm.isf(p / 2)), FAR_Z)


def _both(k1, n1, k0, n0):
    """The strata that have both arms, as arrays."""
    arms = np.array([np.atleast_1d(np.asarray(x, float)) for x in (k1, n1, k0, n0)])
    return arms[:, (arms[1] > 0) & (arms[3] > 0)]
