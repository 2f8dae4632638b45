"""LTV(H): what a newly acquired customer brings in the first H days, observed, never predicted.

Every acquired customer who has been observed H days counts, the one-time buyers too. Sales and
contribution stand side by side; contribution is null throughout without a contribution rate.
A month of life is 1/12 of 365 days, so that month 12 ends with day 365.
"""

import ibis
import numpy as np
import pandas as pd

from shindan.analyses import intervals
from shindan.engine import as_table, days_between, frame

MEASURES = ("contribution", "sales")


def month_end_day(month_of_life):
    """Days a customer must have been observed for the month of life to be whole (12 -> 365)."""
    return -(-month_of_life * 365 // 12)


def acquired(buyers, as_of, observed_days=0):
    """One row per new customer (is_new) first seen at least `observed_days` before `as_of`."""
    b = as_table(buyers).filter(ibis._.is_new)
    return b.filter(days_between(ibis.literal(as_of), b.first_date) >= observed_days)


def lifetimes(acquired, purchases, as_of):
    """One row per purchase of an acquired customer up to `as_of`, with its day and month of life.

    Columns: customer_key, acq_channel, first_date, second_date, day (0 = first purchase),
    month_of_life (1 = the first), sales_jpy, contribution_jpy.
    """
    a = as_table(acquired).select(
        "customer_key", "acq_channel", "first_date", second_date=ibis._.second_date.cast("date"))
    p = as_table(purchases).select(
        "customer_key", "purchase_date", "contribution_jpy", sales_jpy=ibis._.revenue_jpy)
    p = p.filter(p.purchase_date <= as_of).inner_join(a, "customer_key")
    p = p.mutate(day=days_between(p.purchase_date, p.first_date))
    return p.mutate(month_of_life=p.day * 12 // 365 + 1).drop("purchase_date")


def values(buyers, purchases, as_of, horizon_days):
    """One row per acquired customer observed at least `horizon_days`: Σ in [first, first + H).

    Columns: customer_key, acq_channel, second_in_time (a 2nd purchase before H), sales_jpy,
    contribution_jpy.
    """
    life = lifetimes(acquired(buyers, as_of, horizon_days), purchases, as_of)
    second = days_between(life.second_date, life.first_date) < horizon_days
    life = life.mutate(second_in_time=second.fill_null(False)).filter(life.day < horizon_days)
    return life.group_by(["customer_key", "acq_channel", "second_in_time"]).agg(
        sales_jpy=life.sales_jpy.sum(), contribution_jpy=life.contribution_jpy.sum())


def ltv(values, by=()):
    """One row per group of `by` (none: one row): LTV(H) a customer with its 95 % interval.

    Columns: `by`, n, contribution_ltv_jpy, sales_ltv_jpy, each with _lo and _hi (Student's t).
    """
    sums = _sums(values, by)
    out = sums[[*by, "n"]].copy()
    for measure in MEASURES:
        ends = intervals.mean_ci(sums[f"{measure}_total"], sums[f"{measure}_squares"], sums["n"])
        for name, end in zip(("", "_lo", "_hi"), ends, strict=True):
            out[f"{measure}_ltv_jpy{name}"] = np.asarray(end, float)
    return out


def _sums(values, by):
    """n, Σx and Σx² per group and measure; exact sums, so that no order of adding shows."""
    v = as_table(values)
    wide = {}
    for measure in MEASURES:
        amount = v[f"{measure}_jpy"]
        wide[f"{measure}_total"] = amount.sum()
        wide[f"{measure}_squares"] = (amount * amount).cast("decimal(38, 0)").sum()
    sums = frame(v.agg(by=list(by), n=v.count(), **wide), by=list(by) or ["n"])
    sums = sums[sums["n"] > 0].reset_index(drop=True)
    return sums.astype(dict.fromkeys(wide, float))


def curve(buyers, purchases, as_of, horizon_days, by=()):
    """One row per group of `by` × month of life up to H: the running LTV a customer.

    The same people throughout: acquired customers observed at least `horizon_days`.
    Columns: `by`, month_of_life, n, contribution_ltv_jpy, sales_ltv_jpy.
    """
    people = acquired(buyers, as_of, horizon_days)
    life = lifetimes(people, purchases, as_of).filter(ibis._.day < horizon_days)
    size = frame(people.agg(by=list(by), n=people.count()), by=list(by) or ["n"])
    return _running(_monthly(life, by), size[size["n"] > 0], by, horizon_days * 12 // 365)


def cohorts(buyers, purchases, as_of, months_of_life=(1, 3, 6, 12, 24)):
    """One row per quarter of first purchase × month of life: LTV a customer up to that month.

    A cell is missing (観測中) until every member of the quarter has been observed that long.
    Columns: cohort_month (the quarter's first), month_of_life, n, observed, contribution_ltv_jpy,
    sales_ltv_jpy, each with _lo and _hi.
    """
    people = _with_quarter(acquired(buyers, as_of))
    size = frame(people.group_by("cohort_month").agg(n=people.count()), by=["cohort_month"])
    return pd.concat([_cohorts_at(month, size, buyers, purchases, as_of) for month in months_of_life]
                     ).sort_values(["cohort_month", "month_of_life"], ignore_index=True)


def _cohorts_at(month, size, buyers, purchases, as_of):
    people = acquired(buyers, as_of, month_end_day(month))
    quarter = _with_quarter(people).select("customer_key", "cohort_month")
    value = values(buyers, purchases, as_of, month_end_day(month)).inner_join(quarter, "customer_key")
    seen = ltv(value, ["cohort_month"]).set_index("cohort_month").reindex(size["cohort_month"]).reset_index()
    whole = (seen.pop("n") == size["n"]).to_numpy()
    figures = seen.drop(columns="cohort_month").astype(float)
    figures.loc[~whole] = np.nan
    return pd.concat([size.assign(month_of_life=month, observed=whole), figures], axis=1)


def _with_quarter(people):
    return people.mutate(cohort_month=people.first_date.truncate("Q").cast("date"))


def _monthly(life, by):
    """One row per group × month of life with purchases: Σ of both measures."""
    keys = [*by, "month_of_life"]
    return frame(life.group_by(keys).agg(
        contribution_jpy=life.contribution_jpy.sum(), sales_jpy=life.sales_jpy.sum()), by=keys)


def _running(sums, size, by, last_month):
    """Running totals a customer over months 1..last_month; months without a purchase add nothing."""
    months = pd.DataFrame({"month_of_life": range(1, last_month + 1)})
    grid = size.merge(months, how="cross").merge(sums, on=[*by, "month_of_life"], how="left")
    known = sums["contribution_jpy"].notna().any()
    groups = [grid[column] for column in by] or [pd.Series(0, index=grid.index)]
    for measure in MEASURES:
        added = grid[f"{measure}_jpy"].astype(float).fillna(0)
        total = added.groupby(groups).cumsum()
        grid[f"{measure}_ltv_jpy"] = total / grid["n"] if known or measure == "sales" else np.nan
    return grid.drop(columns=[f"{m}_jpy" for m in MEASURES])


def payback(running, cpa):
    """First month of life in which the running contribution a customer reaches `cpa`, or None.

    `running`: contribution a customer by month of life, mature cohorts only. None: 期間内未回収,
    or no `cpa` to reach.
    """
    if cpa is None:
        return None
    for month_of_life, value in enumerate(running, start=1):
        if value >= cpa:
            return month_of_life
    return None


def second_purchase_gap(values, measure="contribution"):
    """One row: LTV(H) of acquired customers with and without a 2nd purchase in time.

    Columns: n, f2_rate, n_with, n_without, with_jpy, without_jpy, gap_jpy with _lo and _hi
    (Welch). No rows unless both kinds exist. `measure`: contribution or sales.
    """
    sums = _sums(values, ["second_in_time"]).set_index("second_in_time")
    if len(sums) < 2:
        return pd.DataFrame(columns=["n", "f2_rate", "n_with", "n_without", "with_jpy",
                                     "without_jpy", "gap_jpy", "gap_jpy_lo", "gap_jpy_hi"])
    parts = [f"{measure}_total", f"{measure}_squares", "n"]
    yes, no = sums.loc[True, parts], sums.loc[False, parts]
    gap, low, high = intervals.mean_difference(*yes, *no)
    n = int(yes["n"] + no["n"])
    return pd.DataFrame([{
        "n": n, "f2_rate": yes["n"] / n, "n_with": int(yes["n"]), "n_without": int(no["n"]),
        "with_jpy": yes.iloc[0] / yes["n"], "without_jpy": no.iloc[0] / no["n"],
        "gap_jpy": float(gap), "gap_jpy_lo": float(low), "gap_jpy_hi": float(high)}])


def new_customers(buyers, as_of, days=365):
    """Number of new customers whose first purchase lies in the `days` up to `as_of`."""
    people = acquired(buyers, as_of)
    return int(people.filter(days_between(ibis.literal(as_of), people.first_date) < days).count().to_pandas())
