"""Randomised campaigns: what sending changed, against the persons left out at random.

Nothing here may be used for a campaign whose control group was not drawn at random. A report looks
at many campaigns: what it says it found is corrected for all of them (Holm), and the joint
intervals hold for all of them at once (Bonferroni), so also for the one picked for its size.
"""

import dataclasses

import numpy as np
import pandas as pd
from scipy import stats

from shindan.analyses import exact, intervals
from shindan.engine import as_table, frame

REFUSE_BELOW = 0.001   # sample-ratio checks
MIN_PEOPLE = 30        # an arm, for a difference to be tested
MIN_BUYERS = 30        # an arm, for yen a person
CELLS = 1_000_000      # drawn counts held at once
ARMS = ["n_buyers", "n", "n_control_buyers", "n_control"]
DIFFERENCES = ["campaign_id", "rank", "n", "n_control", "bought_rate", "control_rate",
               "diff_pt", "diff_pt_lo", "diff_pt_hi", "joint_pt", "joint_pt_lo", "joint_pt_hi",
               "p", "p_holm", "is_found"]


def randomised(ranked):
    """The rows of `campaign.by_rank` whose campaign has a random control group."""
    has_control = ranked.groupby("campaign_id").n_control.transform("sum") > 0
    has_sent = ranked.groupby("campaign_id").n.transform("sum") > 0
    return ranked[(ranked.assignment == "random") & has_control & has_sent]


def differences(ranked, total):
    """One row per accepted campaign (`total`: standardised) x rank (pandas): sent − control.

    Newcombe's interval, the exact test's where buyers are few; p agrees with it (p < 0.05: no 0 inside). Over all campaigns x ranks of the
    report with 30 people in both arms: p_holm, is_found (below 0.05), and joint_pt with the interval
    that holds for all of them at once.
    """
    t = randomised(ranked)
    t = t[t.campaign_id.isin(accepted(total).campaign_id)].reset_index(drop=True)
    level = intervals.joint_level((t[["n", "n_control"]].min(axis=1) >= MIN_PEOPLE).sum())
    for name, at in (("diff_pt", intervals.LEVEL), ("joint_pt", level)):
        parts = [exact.judged(*row, at) for row in t[ARMS].to_numpy(float)]
        t[["p", name, f"{name}_lo", f"{name}_hi"]] = np.array(parts).reshape(-1, 4)
    t["p_holm"], t["is_found"] = _found(t.p, t.n, t.n_control)
    return t[DIFFERENCES]


def _found(p, n, n_control):
    """(p after Holm's correction over the tests that have people enough, whether it is below 0.05)."""
    judged = np.minimum(n, n_control) >= MIN_PEOPLE
    corrected = intervals.holm(np.where(judged, p, np.nan))
    return corrected, np.nan_to_num(corrected, nan=1) < 1 - intervals.LEVEL


def standardised(ranked, planned=None):
    """One row per randomised campaign (pandas): the difference at equal rank shares in both arms.

    `planned`: the share to be left out by campaign_id, where a client states it.
    Columns: n, n_control, bought_rate, control_rate (raw), diff_pt with its interval (weights:
    rank shares of everybody assigned; ranks with an empty arm left out), pooled_pt (raw
    difference), ratio_p (is the control's share the same in all ranks), planned_share and planned_p
    (is it the planned one), is_refused (either p < 0.001: the arms were not drawn as said),
    margin_jpy (contribution of a buyer in the window), and over the campaigns not refused: p, p_holm,
    is_found, joint_pt with the interval that holds for all of them at once, and detectable_pt
    (smallest rise that would be found 8 times in 10 among them).
    """
    planned = planned or {}
    rows = []
    for campaign_id, t in randomised(ranked).groupby("campaign_id"):
        arms = [t[c].to_numpy(float) for c in ARMS]
        k1, n1, k0, n0 = (int(x.sum()) for x in arms)
        value, low, high = exact.judged(*arms)[1:]
        share = planned.get(campaign_id)
        rows.append((campaign_id, n1, n0, k1 / n1, k0 / n0, value, low, high, k1 / n1 - k0 / n0,
                     sample_ratio_p(t.n, t.n_control), share, planned_ratio_p(n1, n0, share),
                     intervals.rate(t.contribution_jpy.sum(min_count=1), k1)))
    table = pd.DataFrame(rows, columns=[
        "campaign_id", "n", "n_control", "bought_rate", "control_rate", "diff_pt", "diff_pt_lo",
        "diff_pt_hi", "pooled_pt", "ratio_p", "planned_share", "planned_p", "margin_jpy"])
    table = table.astype({"planned_share": float, "planned_p": float})
    table["is_refused"] = table[["ratio_p", "planned_p"]].min(axis=1) < REFUSE_BELOW
    return _together(table, ranked)


def _together(table, ranked):
    """`table` with what depends on how many campaigns are compared."""
    level = intervals.joint_level((~table.is_refused & (table[["n", "n_control"]].min(axis=1) >= MIN_PEOPLE)).sum())
    parts = []
    for row in table.itertuples():
        t = ranked[ranked.campaign_id == row.campaign_id]
        arms = [t[c].to_numpy(float) for c in ARMS]
        rate0 = intervals.rate(arms[0] + arms[2], arms[1] + arms[3])
        parts.append((*exact.judged(*arms, level),
                      intervals.detectable_difference(np.nan_to_num(rate0), arms[1], arms[3], level)))
    more = pd.DataFrame(parts, index=table.index, dtype=float, columns=[
        "p", "joint_pt", "joint_pt_lo", "joint_pt_hi", "detectable_pt"])
    kept = more.assign(p=more.p.where(~table.is_refused))
    more["p_holm"], more["is_found"] = _found(kept.p, table.n, table.n_control)
    return pd.concat([table, more], axis=1)


def accepted(total):
    """The rows of `standardised` that the sample-ratio checks do not refuse."""
    return total[~total.is_refused.astype(bool)].reset_index(drop=True)


def found_first(rows):
    """`rows`, those of campaigns with a confirmed difference before the others; else in the order they had."""
    found = rows.groupby("campaign_id").is_found.transform("any").astype(bool)
    return pd.concat([rows[found], rows[~found]], ignore_index=True)


def sample_ratio_p(n_sent, n_control):
    """p of one and the same control share in every stratum (χ²); 1 with a single stratum."""
    table = np.array([n_sent, n_control], float)
    table = table[:, table.sum(axis=0) > 0]
    return float(stats.chi2_contingency(table, correction=False)[1]) if table.shape[1] > 1 else 1.0


def planned_ratio_p(n_sent, n_control, share):
    """p of the control having been drawn with this share (χ²); missing where none was planned."""
    if share is None or not 0 < share < 1:
        return np.nan
    n = n_sent + n_control
    return float(stats.chisquare([n_sent, n_control], [n * (1 - share), n * share])[1])


def planned_shares(campaigns):
    """{campaign_id: share of the assigned to be left out}, of campaigns that state it."""
    c = as_table(campaigns)
    t = frame(c.filter(c.holdout_rate.notnull()).select("campaign_id", "holdout_rate"), by=["campaign_id"])
    return dict(zip(t.campaign_id, t.holdout_rate, strict=True))


def planned(ranked, shares=(0.1, 0.2, 0.5)):
    """One row per campaign that was not random x share to leave out (pandas): what that would have told.

    Columns: campaign_id, left_out_share, n (all addressed), n_control, bought_rate, detectable_pt:
    the smallest rise that one such campaign would find 8 times in 10, with its people and rates by rank.
    """
    rows = []
    for campaign_id, t in ranked[(ranked.assignment != "random") & (ranked.n > 0)].groupby("campaign_id"):
        n, rate0 = t.n.to_numpy(float), t.bought_rate.to_numpy(float)
        for share in shares:
            rows.append((campaign_id, share, int(n.sum()), int(round(share * n.sum())), t.n_buyers.sum() / n.sum(),
                         float(intervals.detectable_difference(rate0, (1 - share) * n, share * n))))
    return pd.DataFrame(rows, columns=[
        "campaign_id", "left_out_share", "n", "n_control", "bought_rate", "detectable_pt"])


def sales_differences(outcomes, total, seed=1, draws=1999):
    """One row per accepted campaign with at least 30 buyers an arm (pandas): yen a person.

    Columns: campaign_id, n, n_control, sales_diff_jpy with a bootstrap-t interval, joint_jpy with
    the interval that holds for all these campaigns at once, and no_largest_jpy: the same (joint)
    without the largest single purchase of the campaign.
    """
    o = as_table(outcomes)
    o = o.filter(o.is_observed, o.campaign_id.isin(list(accepted(total).campaign_id)))
    people = frame(o.group_by("campaign_id", "is_control", "revenue_jpy", "largest_jpy").agg(
        n=o.count()))
    kept = [(campaign_id, t) for campaign_id, t in people.groupby("campaign_id") if _enough_buyers(t)]
    level, rows = intervals.joint_level(len(kept)), []
    for campaign_id, t in kept:
        sizes = t.groupby("is_control").n.sum()
        spread = _bootstrap(t, seed, draws)
        ends = (spread.interval(at) for at in (intervals.LEVEL, level))
        without = _bootstrap(_without_largest(t), seed, draws).interval(level)
        rows.append((campaign_id, sizes[False], sizes[True], *(x for end in ends for x in end), *without))
    return pd.DataFrame(rows, columns=["campaign_id", "n", "n_control", *(
        f"{name}_jpy{end}" for name in ("sales_diff", "joint", "no_largest") for end in ("", "_lo", "_hi"))])


def _enough_buyers(people):
    buyers = people[people.revenue_jpy > 0].groupby("is_control").n.sum()
    return len(buyers) == 2 and buyers.min() >= MIN_BUYERS


def _without_largest(people):
    """`people` with the largest single purchase taken out of its buyer's sales."""
    row = people.sort_values("largest_jpy").iloc[-1]
    rest = row.to_frame().T.assign(revenue_jpy=row.revenue_jpy - row.largest_jpy, n=1)
    fewer = people.assign(n=people.n - (people.index == row.name))
    return pd.concat([fewer, rest], ignore_index=True)


def _bootstrap(people, seed, draws):
    arms = [people[people.is_control == arm] for arm in (False, True)]
    values = [arm.revenue_jpy.to_numpy(float) for arm in arms]
    weights = [arm.n.to_numpy(float) for arm in arms]
    return bootstrap_t(values, weights, seed, draws)


def bootstrap_t(values, weights, seed=1, draws=1999):
    """The Spread of the difference of two arms' means by the studentised bootstrap (bootstrap-t).

    `values`, `weights`: for each arm its distinct values and how many persons have them; drawing
    their counts from a multinomial is drawing the persons with replacement.
    """
    rng = np.random.default_rng(seed)
    gap, error = _gap(values, weights)
    at_once = max(1, CELLS // max(map(len, values)))
    parts = [_gap(values, [rng.multinomial(int(w.sum()), w / w.sum(), size=min(at_once, draws - done))
                           for w in weights]) for done in range(0, draws, at_once)]
    gaps, errors = (np.concatenate(part) for part in zip(*parts, strict=True))
    drawn = errors > 0
    return Spread(gap, error, (gaps[drawn] - gap) / errors[drawn])


@dataclasses.dataclass(frozen=True)
class Spread:
    """A difference, its standard error, and the studentised differences of the drawn samples."""

    gap: float
    error: float
    drawn: np.ndarray

    def interval(self, level=intervals.LEVEL):
        """(difference, low, high)."""
        above, below = np.quantile(self.drawn, [(1 + level) / 2, (1 - level) / 2])
        return self.gap, float(self.gap - above * self.error), float(self.gap - below * self.error)


def _gap(values, weights):
    """(difference of the two weighted means, its standard error), over the last axis of the weights."""
    n = [w.sum(axis=-1) for w in weights]
    means = [w @ x / k for x, w, k in zip(values, weights, n, strict=True)]
    squares = [((x - np.asarray(m)[..., None]) ** 2 * w).sum(axis=-1) / k / (k - 1)
               for x, m, w, k in zip(values, means, weights, n, strict=True)]
    return (means[0] - means[1])[()], np.sqrt(sum(squares))[()]
