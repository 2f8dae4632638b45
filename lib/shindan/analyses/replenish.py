"""切れる頃合い: how long one unit of a product lasts, and whose runs out when.

Most buyers never buy the same product again, so the middle of *all* buyers is usually not reached.
The days printed are those of people who do buy it again within `horizon_days`: the share back by day
t ÷ the share back by `horizon_days`, both Kaplan–Meier, so that gaps still open count for as long as
they were observed. The middle of the gaps seen so far is too short: long gaps have not ended yet.
A person who bought a product five times brings five gaps.
"""

import ibis
import numpy as np
import pandas as pd

from shindan.analyses import survival
from shindan.engine import as_table, days_between, frame, whole_sum

QUARTILES = {"quarter_days": 0.25, "half_days": 0.5, "most_days": 0.75}
COLUMNS = ["sku", "product", "n", "n_ended", "n_open", "n_at_risk", "again_rate", *QUARTILES,
           "naive_half_days", "all_half_days"]


def gaps(items, as_of, products):
    """One row per person x product x day bought, lazy: until the same product was bought again.

    Columns: customer_key, sku, product_name, bought_date, qty, event (bought again), day (days per
    unit: gap ÷ qty, to the nearest whole day; open gaps run to `as_of`). A gap that starts with a
    subscription delivery is left out: the next delivery is nobody's decision.
    """
    i = as_table(items)
    i = i.filter(i.sku.isin(list(products)))
    day = i.group_by("customer_key", "sku", "order_date").agg(
        product_name=i.product_name.max(), qty=whole_sum(i.qty), automatic=i.is_subscription.any())
    following = day.order_date.lead().over(
        ibis.window(group_by=[day.customer_key, day.sku], order_by=day.order_date))
    day = day.mutate(next_date=following).filter(~ibis._.automatic)
    gap = days_between(day.next_date.fill_null(ibis.literal(as_of)), day.order_date)
    return day.select("customer_key", "sku", "product_name", "qty", bought_date="order_date",
                      event=day.next_date.notnull(),
                      day=((2 * gap + day.qty) // (2 * day.qty)).cast("int64"))


def days_per_unit(gaps, horizon_days=365, min_at_risk=10):
    """One row per product, most buyers first: how many days a unit lasts.

    Columns: sku, product, n (buyers), n_ended (gaps that ended with the same product), n_open
    (censored), n_at_risk (gaps followed `horizon_days` per unit), again_rate (share of gaps that end
    within them, Kaplan–Meier), quarter_days, half_days, most_days (by then 25, 50, 75 % of those who
    buy again within `horizon_days` have), naive_half_days (lower median of the gaps that have ended
    within them: too short, for comparison), all_half_days (Kaplan–Meier median of all gaps; missing: not reached).
    Nothing is said where fewer than `min_at_risk` gaps were followed that long.
    """
    g = as_table(gaps)
    counts = frame(g.group_by("sku", "day", "event").agg(n=g.count()))
    people = frame(g.group_by("sku").agg(product=g.product_name.max(), n=g.customer_key.nunique()),
                   by=["sku"])
    rows = [{"sku": sku, **_lasts(table, horizon_days, min_at_risk)} for sku, table in counts.groupby("sku")]
    out = people.merge(pd.DataFrame(rows, columns=[c for c in COLUMNS if c not in ("product", "n")]), on="sku")
    return out.sort_values(["n", "sku"], ascending=[False, True], ignore_index=True)[COLUMNS]


def _lasts(table, horizon_days, min_at_risk):
    curve = survival.curve(table)
    end = survival.at(curve, [horizon_days], min_at_risk).iloc[0]
    again = 1 - end["survival"]
    ended = table[table["event"].astype(bool)]
    total = int(ended["n"].sum())
    short = ended[ended["day"] <= horizon_days].sort_values("day")
    half = short["day"][short["n"].cumsum() >= 0.5 * short["n"].sum()]
    return {
        "n_ended": total, "n_open": int(table["n"].sum()) - total, "n_at_risk": int(end["n_at_risk"]),
        "again_rate": again,
        **{name: _reached(curve, share * again) for name, share in QUARTILES.items()},
        "naive_half_days": float(half.iloc[0]) if len(half) else np.nan,
        "all_half_days": survival.median(curve, min_at_risk) or np.nan,
    }


def _reached(curve, share):
    """The first day by which `share` of the gaps have ended; NaN where there is no such share."""
    if not share > 0:
        return np.nan
    return float(curve["day"][1 - curve["survival"] >= share - 1e-12].iloc[0])


def runs_out(gaps, days_per_unit):
    """One row per person x product they hold, lazy: when it is likely to be used up.

    Columns: customer_key, sku, product_name, last_date (last purchase), qty (bought then), runs_out_date
    (last_date + qty x half_days). Products without half_days have no row; neither has who gets it by subscription.
    """
    known = days_per_unit.dropna(subset="half_days")
    lasts = ibis.memtable(pd.DataFrame({"sku": known["sku"].astype("string"),
                                        "half_days": known["half_days"].astype("int64")}))
    g = as_table(gaps)
    g = g.filter(~g.event).inner_join(lasts, "sku")
    return g.select("customer_key", "sku", "product_name", "qty", last_date="bought_date",
                    runs_out_date=g.bought_date + (g.qty * g.half_days).as_interval("D"))


def due(runs_out, as_of):
    """One row per product, most people first: sku, product, n_people (with a date), n_7, n_30 (run out in the 7, 30 days after
    `as_of`), n_past_30 (in the 30 days up to it, not bought again yet)."""
    r = as_table(runs_out)
    left = days_between(r.runs_out_date, ibis.literal(as_of))
    out = frame(r.group_by("sku").agg(product=r.product_name.max(), n_people=r.count(), **{
        name: left.between(low, high).sum().fill_null(0).cast("int64")
        for name, low, high in (("n_7", 1, 7), ("n_30", 1, 30), ("n_past_30", -29, 0))}))
    return out.sort_values(["n_people", "sku"], ascending=[False, True], ignore_index=True)


def with_due(days_per_unit, due):
    """days_per_unit with n_30 of `due`; missing for products without dates."""
    return days_per_unit.merge(due[["sku", "n_30"]], "left", "sku")
