"""鮮度: how the chance to come back falls with the days since the last purchase.

For somebody silent for d days: the share that buys again within the next `horizon_days`, from all
gaps between purchases observed so far (Kaplan–Meier restarted at d: 1 − S(d + horizon) ÷ S(d)).
"""

import ibis
import pandas as pd

from shindan.analyses import survival
from shindan.engine import as_table, days_between, frame

HORIZON_DAYS = 365
BANDS = (1, 2, 3)  # after the first, the second, the third or a later purchase
SILENT_DAYS = (0, 30, 60, 90, 180, 270, 365)
CURVE_DAYS = (*range(0, 361, 15), 365)
COLUMNS = ["purchase_no", "silent_days", "return_rate", "return_rate_lo", "return_rate_hi", "n", "n_at_risk"]


def gaps(purchases, buyers, as_of):
    """One row per purchase of a new customer, lazy: customer_key, purchase_no (1, 2, 3 = third or
    later), event (they decided to buy again), day (until then, else until `as_of`). Subscription deliveries
    start no silence and are left out: the next one comes by itself; one that came by itself ends none."""
    new = as_table(buyers).filter(ibis._.is_new)
    p = as_table(purchases).semi_join(new, "customer_key").filter(ibis._.purchase_date <= as_of)
    p = p.filter(~p.is_automatic.fill_null(False))
    following = p.purchase_date.lead().over(
        ibis.window(group_by=p.customer_key, order_by=p.purchase_no))
    p = p.mutate(next_date=following).filter(~p.is_subscription.fill_null(False))
    end = p.next_date.fill_null(ibis.literal(as_of))
    return p.select("customer_key", purchase_no=ibis.least(p.purchase_no, BANDS[-1]),
                    event=p.next_date.notnull(), day=days_between(end, p.purchase_date))


def return_rate(gaps, silent_days=SILENT_DAYS, horizon_days=HORIZON_DAYS, min_at_risk=10):
    """One row per number of purchases (1, 2, 3 or more) x days since the last one.

    Columns: purchase_no, silent_days, return_rate (bought again within the `horizon_days` that follow
    ÷ all silent that long), return_rate_lo, return_rate_hi, n (purchases after which somebody was
    silent for that many days; one a person but for the third and later), n_at_risk (of them followed
    to the end of the horizon). Missing where those are fewer than `min_at_risk`.
    """
    g = as_table(gaps)
    counts = frame(g.group_by("purchase_no", "day", "event").agg(n=g.count()))
    rows = [{"purchase_no": band, "silent_days": d,
             **_chance(counts[(counts["purchase_no"] == band) & (counts["day"] > d)], d, horizon_days, min_at_risk)}
            for band in BANDS for d in silent_days]
    out = pd.DataFrame(rows, columns=COLUMNS)
    return out[out["n"] > 0].reset_index(drop=True)


def _chance(silent, d, horizon_days, min_at_risk):
    curve = survival.curve(silent.assign(day=silent["day"] - d))
    end = survival.at(curve, [horizon_days], min_at_risk).iloc[0]
    return {"return_rate": 1 - end["survival"], "return_rate_lo": 1 - end["survival_hi"],
            "return_rate_hi": 1 - end["survival_lo"], "n": int(silent["n"].sum()),
            "n_at_risk": int(end["n_at_risk"])}


def side_by_side(rates):
    """One row per silent_days: first_rate, n_first, second_rate, n_second, later_rate, n_later (after the
    first, the second, the third or a later purchase). From return_rate."""
    out = pd.DataFrame({"silent_days": sorted(rates["silent_days"].unique())})
    for band, name in zip(BANDS, ("first", "second", "later"), strict=True):
        of_band = rates[rates["purchase_no"] == band].set_index("silent_days")
        out[f"{name}_rate"] = out["silent_days"].map(of_band["return_rate"])
        out[f"n_{name}"] = out["silent_days"].map(of_band["n"]).fillna(0).astype("int64")
    return out
