"""Kaplan–Meier from an aggregated table: however many customers, the work is a few hundred days.

`counts` is always a frame with one row per (day, event) and the columns `day` (whole days since the
start), `event` (True: it happened that day; False: only observed until that day) and `n` (people).
"""

import numpy as np
import pandas as pd
from scipy import stats

from shindan.analyses import intervals

CURVE = ["day", "n_at_risk", "n_events", "n_censored", "survival", "survival_lo", "survival_hi"]
_ROUNDING = 1e-12  # a product of fractions may miss 0.5 by this much


def curve(counts):
    """One row per day on which something happened or an observation ended.

    Columns: day, n_at_risk (people followed that long), n_events, n_censored, survival (share
    without the event after that day), survival_lo, survival_hi. On a tie events come before
    censorings. The interval is log(−log) with Greenwood's variance (Kalbfleisch & Prentice 1980).
    Where survival is 1 or 0 that variance is zero, which is not certainty: the interval is then
    Wilson's for nobody (or everybody) among the people of whom it is known by that day.
    Kaplan & Meier (1958).
    """
    happened = counts["event"].astype(bool)
    days = pd.DataFrame({
        "day": counts["day"].astype("int64"),
        "n_events": counts["n"].where(happened, 0).astype("int64"),
        "n_censored": counts["n"].where(~happened, 0).astype("int64"),
    }).groupby("day", as_index=False).sum()
    days["n_at_risk"] = (days.n_events + days.n_censored)[::-1].cumsum()
    days["survival"] = (1 - days.n_events / days.n_at_risk).cumprod()
    days["survival_lo"], days["survival_hi"] = _log_log(days)
    return days[CURVE]


def _log_log(days):
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = (days.n_events / (days.n_at_risk * (days.n_at_risk - days.n_events))).cumsum()
        error = np.sqrt(greenwood) / np.log(days.survival).abs()
        low = days.survival ** np.exp(intervals.Z * error)
        high = days.survival ** np.exp(-intervals.Z * error)
    flat_low, flat_high = _flat(days.survival, days.n_events.cumsum(), days.n_at_risk - days.n_events)
    known = (days.survival > 0) & (days.survival < 1)
    return low.where(known, flat_low), high.where(known, flat_high)


def _flat(survival, n_events, n_left):
    """The interval where survival is 1 or 0: Wilson's, of those it happened to and those still followed."""
    n = np.asarray(n_events) + np.asarray(n_left)
    return intervals.wilson(np.where(np.asarray(survival) > 0.5, n, 0), n)


def at(curve, days, min_at_risk=1):
    """One row per asked day: day, n_at_risk, survival, survival_lo, survival_hi.

    n_at_risk counts the people followed for at least that many days; where they are fewer than
    `min_at_risk` the estimate is NaN: the curve does not reach that far.
    """
    asked = np.asarray(days, dtype="int64")
    past = np.searchsorted(curve["day"], asked, side="right")  # rows up to and with the day
    ahead = np.searchsorted(curve["day"], asked, side="left")
    at_risk = np.append(curve["n_at_risk"], 0)[ahead]
    out = pd.DataFrame({"day": asked, "n_at_risk": at_risk.astype("int64")})
    nobody = np.append(1.0, curve["survival"])[past] == 1  # to whom it has happened by then
    flat = dict(zip(("survival_lo", "survival_hi"), _flat(np.ones(len(asked)), 0, at_risk), strict=True))
    for column in ("survival", "survival_lo", "survival_hi"):
        steps = np.append(1.0, curve[column].to_numpy(float))[past]
        steps = np.where(nobody & (at_risk > 0), flat.get(column, 1.0), steps)
        out[column] = np.where(at_risk >= min_at_risk, steps, np.nan)
    return out


def median(curve, min_at_risk=1):
    """The first day with survival under one half; None where the curve does not get there."""
    reached = curve[(curve["survival"] < 0.5 - _ROUNDING) & (curve["n_at_risk"] >= min_at_risk)]
    return int(reached["day"].iloc[0]) if len(reached) else None


def log_rank(counts, by, until_day):
    """p-value for "the groups of column `by` have the same curve up to `until_day`".

    Rows without a group are left out. The k-sample log-rank test (Mantel 1966; Peto & Peto 1972). NaN with fewer than two groups or
    without an event.
    """
    group, names = pd.factorize(counts[by], sort=True)
    day, days = np.unique(counts["day"].to_numpy("int64"), return_inverse=True)[::-1]
    known, happened = group >= 0, counts["event"].to_numpy(bool)
    last_seen = _sums(counts, group, day, known, (len(names), len(days)))
    events = _sums(counts, group, day, known & happened, last_seen.shape)
    risk = last_seen[:, ::-1].cumsum(axis=1)[:, ::-1]
    asked = (events.sum(axis=0) > 0) & (days <= until_day)
    if len(names) < 2 or not asked.any():
        return np.nan
    events, risk = events[:, asked], risk[:, asked]
    d, n = events.sum(axis=0), risk.sum(axis=0)
    share = risk / n
    spread = d * (n - d) / np.maximum(n - 1, 1)
    surprise = (events - d * share).sum(axis=1)[:-1]
    covariance = np.diag((spread * share).sum(axis=1)) - (spread * share) @ share.T
    statistic = surprise @ np.linalg.pinv(covariance[:-1, :-1]) @ surprise
    return float(stats.chi2.sf(statistic, len(names) - 1))


def _sums(counts, group, day, chosen, shape):
    """People by group (down) and day (across), of the chosen rows."""
    place = group[chosen] * shape[1] + day[chosen]
    people = np.bincount(place, counts["n"].to_numpy(float)[chosen], minlength=shape[0] * shape[1])
    return people.reshape(shape)
