"""Randomised campaigns: what sending changed, against the persons left out at random.

Nothing here may be used for a campaign whose control group was not drawn at random.
"""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest

from shindan.analyses import intervals
from shindan.engine import as_table, frame

REFUSE_BELOW = 0.001   # sample-ratio check
MIN_BUYERS = 30        # an arm, for yen a person
DIFFERENCES = ["campaign_id", "rank", "n", "n_control", "bought_rate", "control_rate",
               "diff_pt", "diff_pt_lo", "diff_pt_hi", "p", "p_holm", "is_found"]


def randomised(ranked):
    """The rows of `campaign.by_rank` whose campaign has a random control group."""
    has_control = ranked.groupby("campaign_id").n_control.transform("sum") > 0
    has_sent = ranked.groupby("campaign_id").n.transform("sum") > 0
    return ranked[(ranked.assignment == "random") & has_control & has_sent]


def differences(ranked):
    """One row per randomised campaign x rank (pandas): sent − control, Newcombe's interval.

    p from the two-sample score test, p_holm corrected over the ranks of one campaign, is_found
    where that is below 0.05. Campaigns refused by the sample-ratio check are left out.
    """
    t = randomised(ranked)
    t = t[t.campaign_id.isin(accepted(standardised(ranked)).campaign_id)].reset_index(drop=True)
    low, high = intervals.newcombe(t.n_buyers, t.n, t.n_control_buyers, t.n_control)
    t = t.assign(diff_pt=t.bought_rate - t.control_rate, diff_pt_lo=low, diff_pt_hi=high,
                 p=[_p(*row) for row in zip(t.n_buyers, t.n, t.n_control_buyers, t.n_control,
                                            strict=True)])
    t["p_holm"] = t.groupby("campaign_id").p.transform(intervals.holm).astype(float)
    t["is_found"] = t.p_holm < 1 - intervals.LEVEL
    return t[DIFFERENCES]


def _p(k1, n1, k0, n0):
    """Two-sided p of equal rates; 1 where nobody or everybody bought, missing without an arm."""
    if not n1 or not n0:
        return np.nan
    return 1.0 if k1 + k0 in (0, n1 + n0) else proportions_ztest([k1, k0], [n1, n0])[1]


def standardised(ranked):
    """One row per randomised campaign (pandas): the difference at equal rank shares in both arms.

    Columns: n, n_control, bought_rate, control_rate (raw), diff_pt with its interval (weights:
    rank shares of everybody assigned; ranks with an empty arm left out), pooled_pt (raw
    difference), ratio_p (sample-ratio check: is the control's share the same in all ranks),
    is_refused (ratio_p < 0.001: the arms were not drawn alike), detectable_pt (smallest
    difference found 8 times in 10), margin_jpy (contribution of a buyer in the window).
    """
    rows = []
    for campaign_id, t in randomised(ranked).groupby("campaign_id"):
        arms = t.n_buyers, t.n, t.n_control_buyers, t.n_control
        k1, n1, k0, n0 = (int(x.sum()) for x in arms)
        value, low, high = intervals.standardised_difference(*arms)
        ratio_p = sample_ratio_p(t.n, t.n_control)
        rows.append((campaign_id, n1, n0, k1 / n1, k0 / n0, value, low, high, k1 / n1 - k0 / n0,
                     ratio_p, ratio_p < REFUSE_BELOW,
                     intervals.detectable_difference((k1 + k0) / (n1 + n0), n1, n0),
                     intervals.rate(t.contribution_jpy.sum(min_count=1), k1)))
    return pd.DataFrame(rows, columns=[
        "campaign_id", "n", "n_control", "bought_rate", "control_rate", "diff_pt", "diff_pt_lo",
        "diff_pt_hi", "pooled_pt", "ratio_p", "is_refused", "detectable_pt", "margin_jpy"])


def accepted(total):
    """The rows of `standardised` that the sample-ratio check does not refuse."""
    return total[~total.is_refused.astype(bool)].reset_index(drop=True)


def sample_ratio_p(n_sent, n_control):
    """p of one and the same control share in every stratum (χ²); 1 with a single stratum."""
    table = np.array([n_sent, n_control], float)
    table = table[:, table.sum(axis=0) > 0]
    return float(stats.chi2_contingency(table, correction=False)[1]) if table.shape[1] > 1 else 1.0


def sales_differences(outcomes, total, seed=1, draws=999):
    """One row per accepted campaign with at least 30 buyers an arm (pandas): yen a person.

    Columns: campaign_id, n, n_control, sales_diff_jpy with a bootstrap-t interval, and
    no_largest_jpy: the same without the largest single purchase of the campaign.
    """
    o = as_table(outcomes)
    o = o.filter(o.is_observed, o.campaign_id.isin(list(accepted(total).campaign_id)))
    people = frame(o.group_by("campaign_id", "is_control", "revenue_jpy", "largest_jpy").agg(
        n=o.count()))
    rows = []
    for campaign_id, t in people.groupby("campaign_id"):
        buyers = t[t.revenue_jpy > 0].groupby("is_control").n.sum()
        if len(buyers) == 2 and buyers.min() >= MIN_BUYERS:
            sizes = t.groupby("is_control").n.sum()
            with_all, without = (_bootstrap(x, seed, draws) for x in (t, _without_largest(t)))
            rows.append((campaign_id, sizes[False], sizes[True], *with_all, *without))
    return pd.DataFrame(rows, columns=[
        "campaign_id", "n", "n_control", "sales_diff_jpy", "sales_diff_jpy_lo",
        "sales_diff_jpy_hi", "no_largest_jpy", "no_largest_jpy_lo", "no_largest_jpy_hi"])


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


def bootstrap_t(values, weights, seed=1, draws=999):
    """(difference of means, low, high) of two arms by the studentised bootstrap (bootstrap-t).

    `values`, `weights`: for each arm its distinct values and how many persons have them; drawing
    their counts from a multinomial is drawing the persons with replacement.
    """
    rng = np.random.default_rng(seed)
    gap, error = _gap(values, weights)
    drawn = np.array([_gap(values, [rng.multinomial(int(w.sum()), w / w.sum()) for w in weights])
                      for _ in range(draws)])
    drawn = drawn[drawn[:, 1] > 0]
    t = (drawn[:, 0] - gap) / drawn[:, 1]
    above, below = np.quantile(t, [(1 + intervals.LEVEL) / 2, (1 - intervals.LEVEL) / 2])
    return gap, gap - above * error, gap - below * error


def _gap(values, weights):
    """(difference of the two weighted means, its standard error)."""
    n = [w.sum() for w in weights]
    means = [x @ w / k for x, w, k in zip(values, weights, n, strict=True)]
    squares = [(x - m) ** 2 @ w / k / (k - 1)
               for x, m, w, k in zip(values, means, weights, n, strict=True)]
    return float(means[0] - means[1]), float(np.sqrt(sum(squares)))
