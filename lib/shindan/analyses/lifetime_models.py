"""BG/NBD (how often, for how long) and Gamma-Gamma (how much): maximum likelihood on counted cells.

BG/NBD: Fader, Hardie & Lee (2005), "Counting your customers the easy way". Gamma-Gamma: Fader &
Hardie (2013), "The Gamma-Gamma model of monetary value". A customer is x repeat purchases, t_x (time
from the first purchase to the last) and T (time observed); alike customers are one cell with a count.
Parameters are searched on the log scale with analytic gradients.
"""

import dataclasses

import numpy as np
from scipy import optimize, special

FAR = 1e4  # a parameter this many times its start, or one over it, has no end: the fit ran to a bound
FLAT = 1e-5  # largest slope (per customer and unit of ln parameter) of a finished search
STEP = 1e-4  # of ln parameters, for numeric derivatives


@dataclasses.dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model: its parameters, and the robust (sandwich) covariance of their logarithms."""

    params: tuple[float, ...]
    covariance: np.ndarray
    log_likelihood: float
    converged: bool
    at_bound: bool

    @property
    def problem(self):
        """None, "at_bound" or "not_converged"."""
        return "at_bound" if self.at_bound else None if self.converged else "not_converged"


def fit_purchases(x, t_x, t, n):
    """BG/NBD (r, alpha, a, b) of cells (x, t_x, T) with n customers each; alpha in the unit of time.

    At least one repeat purchase is needed: ValueError without.
    """
    x, t_x, t, n = (np.asarray(column, float) for column in (x, t_x, t, n))
    if not (n * x).sum() > 0:
        raise ValueError("no repeat purchase to fit")
    start = (1.0, (n * t).sum() / (n * x).sum(), 1.0, 2.0)
    counts, where = np.unique(x, return_inverse=True)
    return _maximise(lambda p: _purchase_scores(p, (counts, where), (x, t_x, t)), n, start)


def _purchase_scores(params, repeats, cells):
    """(log-likelihood, its slopes in the parameters) of every cell."""
    r, alpha, a, b = params
    (counts, where), (x, t_x, t) = repeats, cells
    shape = (special.gammaln(r + counts) - special.gammaln(r) + special.betaln(a, b + counts) - special.betaln(a, b))
    observed, last = np.log(alpha + t), np.log(alpha + t_x)
    gone = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * last, -np.inf)
    ends = np.logaddexp(-(r + x) * observed, gone)
    w = np.exp(gone - ends)  # share of "dropped out after the last purchase"
    both = special.digamma(a + b) - special.digamma(a + b + counts)
    slopes = np.column_stack([
        (special.digamma(r + counts) - special.digamma(r))[where] + np.log(alpha) - (1 - w) * observed - w * last,
        r / alpha - (r + x) * ((1 - w) / (alpha + t) + w / (alpha + t_x)),
        both[where] + w / a,
        (both + special.digamma(b + counts) - special.digamma(b))[where] - w / (b + np.maximum(x, 1) - 1),
    ])
    return shape[where] + r * np.log(alpha) + ends, slopes


def fit_values(x, mean_value, n):
    """Gamma-Gamma (p, q, v) of cells (x, mean value of the repeat purchases), both > 0; v in money."""
    x, m, n = (np.asarray(column, float) for column in (x, mean_value, n))
    if not n.sum() > 0:
        raise ValueError("no repeat purchase to fit")
    return _maximise(lambda p: _value_scores(p, x, m), n, (2.0, 3.0, (n * m).sum() / n.sum()))


def _value_scores(params, x, m):
    p, q, v = params
    spent = np.log(x * m + v)
    likelihood = (special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q) + q * np.log(v)
                  - np.log(m) + p * x * np.log(x * m) - (p * x + q) * spent)
    more = special.digamma(p * x + q)
    slopes = np.column_stack([
        x * (more - special.digamma(p * x) + np.log(x * m) - spent),
        more - special.digamma(q) + np.log(v) - spent,
        q / v - (p * x + q) / (x * m + v),
    ])
    return likelihood, slopes


def _maximise(scores, n, start):
    """The Fit of `scores(params) -> (log-likelihood, slopes)` per cell, weighted by the counts n."""
    people = n.sum()

    def cost(log_params):
        params = np.exp(log_params)
        likelihood, slopes = scores(params)
        return -(n @ likelihood) / people, -(n @ slopes) * params / people

    middle = np.log(start)
    bounds = [(value - np.log(FAR), value + np.log(FAR)) for value in middle]
    found = optimize.minimize(cost, middle, jac=True, method="L-BFGS-B", bounds=bounds,
                              options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-8})
    curvature = np.array([(cost(found.x + step)[1] - cost(found.x - step)[1]) / (2 * STEP)
                          for step in STEP * np.eye(len(start))])
    curvature = (curvature + curvature.T) / 2
    peak = bool(np.all(np.linalg.eigvalsh(curvature) > 0))
    likelihood, slopes = scores(np.exp(found.x))
    slopes = slopes * np.exp(found.x)
    bread = np.linalg.pinv(curvature)
    return Fit(
        params=tuple(np.exp(found.x).tolist()),
        covariance=bread @ (slopes.T * n @ slopes) @ bread / people**2,
        log_likelihood=float(n @ likelihood),
        converged=peak and bool(np.abs(cost(found.x)[1]).max() < FLAT),
        at_bound=bool(np.any(np.abs(found.x - middle) > np.log(FAR) - 0.01)))


def alive(params, x, t_x, t):
    """P(still a customer at T). 1 for x = 0: in BG/NBD only a purchase can be followed by leaving."""
    r, alpha, a, b = params
    x = np.asarray(x, float)
    log_odds = np.log(a / (b + np.maximum(x, 1) - 1)) + (r + x) * np.log((alpha + t) / (alpha + np.asarray(t_x)))
    return np.where(x > 0, special.expit(-log_odds), 1.0)[()]


def expected_if_alive(params, x, t, horizon):
    """E[purchases in (T, T + horizon]] of a customer alive at T with x repeats; times P(alive): of any.

    With x = 0 and T = 0 it is E[X(horizon)] of a new customer. The paper's 2F1 after Euler's
    transformation, whose arguments stay small however often somebody has bought.
    """
    r, alpha, a, b = params
    a = a if abs(a - 1) > 1e-6 else 1 + 1e-6  # gaps of the formula, not of what it says
    c = a + b + np.asarray(x, float) - 1
    c, later = np.where(np.abs(c) > 1e-9, c, 1e-9), alpha + np.asarray(t) + horizon
    series = special.hyp2f1(a - 1, a + b - 1 - r, c, horizon / later)
    return (c / (a - 1) * (1 - ((later - horizon) / later) ** (a - 1) * series))[()]


def mean_value(params):
    """E[money of a purchase] over all customers; NaN where the fitted spread has no mean (q ≤ 1)."""
    p, q, v = params
    return p * v / (q - 1) if q > 1 else np.nan


def spread(function, fit):
    """Standard error of function(params) by the delta method."""
    middle = np.log(fit.params)
    slope = np.array([(function(np.exp(middle + step)) - function(np.exp(middle - step))) / (2 * STEP)
                      for step in STEP * np.eye(len(middle))])
    return float(np.sqrt(slope @ fit.covariance @ slope))
