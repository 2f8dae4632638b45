"""What the models of a passed Study expect: of a new customer, of each customer, of each rank.

No rows unless every gate has passed.
"""

import ibis
import numpy as np
import pandas as pd

from shindan.analyses import intervals
from shindan.analyses.lifetime_models import alive, expected_if_alive, mean_value, spread
from shindan.analyses.predicted import CELL, cells
from shindan.engine import as_table
from shindan.schema import RANKS

LTV_COLUMNS = ["n", "n_repeaters", "purchases_per_person", "contribution_ltv_jpy", "sales_ltv_jpy"]
ROW = {"customer_key": "string", "p_alive": "float64", "expected_purchases": "float64", "expected_jpy": "float64"}
RANK_COLUMNS = ["rank", "n", "n_repeaters", "alive_share", "purchases_per_person", "expected_jpy"]


def ltv(study, horizon_days, contribution_rate=None):
    """One row: predicted LTV(H) of a new customer = mean first purchase + E[X(H)] × E[value].

    Columns: n, n_repeaters, purchases_per_person (repeats within H), contribution_ltv_jpy,
    sales_ltv_jpy, each with _lo and _hi (95 %, delta method; the errors of first and repeat values
    are added as if they went together). The interval knows of chance, not of a changing shop.
    """
    if not study.passed:
        return pd.DataFrame(columns=LTV_COLUMNS)
    n = int(study.cells["n"].sum())
    first, _, first_high = intervals.mean_ci(study.cells["first_jpy"].sum(), study.cells["first_squares"].sum(), n)
    times, times_error = _with_error(lambda p: expected_if_alive(p, 0, 0, horizon_days), study.purchases)
    value, value_error = _with_error(mean_value, study.values)
    error = np.hypot(value * times_error, (first_high - first) / intervals.Z + times * value_error)
    repeaters = study.cells.loc[study.cells["repeats"] > 0, "n"]
    row = {"n": n, "n_repeaters": int(repeaters.sum()), "purchases_per_person": times}
    for measure, share in (("contribution", contribution_rate or np.nan), ("sales", 1.0)):
        for end, sign in (("", 0), ("_lo", -1), ("_hi", 1)):
            row[f"{measure}_ltv_jpy{end}"] = share * (first + times * value + sign * intervals.Z * error)
    return pd.DataFrame([row])


def _with_error(function, fit):
    return float(function(fit.params)), spread(function, fit)


def customers(study, horizon_days=365):
    """One row per new customer, lazy: what to expect of the next `horizon_days`.

    Columns: customer_key, p_alive (missing for one-time buyers: BG/NBD takes all of them for alive,
    which says nothing), expected_purchases, expected_jpy (sales). Every row's figures come from the
    parameters by arithmetic; only the series of 2F1 is looked up, once per (repeats, observed_days).
    """
    if not study.passed:
        return ibis.memtable(pd.DataFrame(columns=list(ROW)), schema=ROW)
    (r, alpha, a, b), (p, q, v) = study.purchases.params, study.values.params
    grid = study.cells[["repeats", "observed_days"]].drop_duplicates(ignore_index=True)
    grid["if_alive"] = expected_if_alive(study.purchases.params, grid["repeats"], grid["observed_days"], horizon_days)
    h = as_table(study.history).inner_join(ibis.memtable(grid), ["repeats", "observed_days"])
    log_odds = ((a / (b + ibis.greatest(h.repeats, 1) - 1)).ln()
                + (r + h.repeats) * ((alpha + h.observed_days) / (alpha + h.last_days)).ln())
    still = 1 / (1 + ibis.least(log_odds, 700.0).exp())
    times = h.if_alive * ibis.ifelse(h.repeats > 0, still, 1.0)
    return h.select(
        "customer_key", p_alive=ibis.ifelse(h.repeats > 0, still, ibis.null("float64")),
        expected_purchases=times,
        expected_jpy=times * p * (v + h.repeat_jpy) / (p * h.repeats + q - 1))


def by_rank(study, ranked, horizon_days=365):
    """One row per rank, best first: the outlook of its new customers.

    `ranked`: customer_key, rank. Columns: rank, n, n_repeaters, alive_share (mean P(alive) of the
    repeaters), purchases_per_person and expected_jpy (sales a person) in the next `horizon_days`.
    """
    if not study.passed:
        return pd.DataFrame(columns=RANK_COLUMNS)
    rank = as_table(ranked).select("customer_key", "rank")
    counted = cells(as_table(study.history).inner_join(rank, "customer_key"), ["rank"])
    (x, t_x, t), (p, q, v) = counted[CELL].to_numpy(float).T, study.values.params
    still = alive(study.purchases.params, x, t_x, t)
    times = still * expected_if_alive(study.purchases.params, x, t, horizon_days)
    counted["n_repeaters"] = counted["n"].where(x > 0, 0)
    counted["alive"] = still * counted["n_repeaters"]
    counted["times"] = times * counted["n"]
    counted["worth"] = times * p * (counted["n"] * v + counted["repeat_jpy"]) / (p * x + q - 1)
    sums = counted.groupby("rank")[["n", "n_repeaters", "alive", "times", "worth"]].sum()
    sums = sums.reindex(RANKS, fill_value=0).reset_index()
    sums["alive_share"] = intervals.rate(sums["alive"], sums["n_repeaters"])
    sums["purchases_per_person"] = intervals.rate(sums["times"], sums["n"])
    sums["expected_jpy"] = intervals.rate(sums["worth"], sums["n"])
    return sums[RANK_COLUMNS]
